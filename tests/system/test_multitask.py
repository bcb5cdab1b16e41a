"""Multitask strategies: a new run meets runs in flight on its thread."""

import threading
import time

import pytest

from api import Api, detail
from cancelling import deferred, executing
from process import GRACE

BUSY = (
    "Thread is already running a task. Wait for it to finish or choose a "
    "different multitask strategy."
)


def next_run(marks, **extra):
    return {"secs": 0.1, "tag": "next", "mark": str(marks)} | extra


def test_enqueue_is_the_default_and_runs_follow_in_order(api, marks):
    thread = api.thread()
    runs = [
        api.run(
            thread, "stepper", {"total": n, "mark": str(marks), "pause": 0.05}
        )
        for n in (3, 6, 9)
    ]
    made = api.runs(thread)
    assert {r["multitask_strategy"] for r in made} == {"enqueue"}
    for run in runs:
        assert api.ended(thread, run) == "success"
    names = [m.what for m in marks.all()]
    assert names == [f"step {n}" for n in range(1, 10)]


@pytest.mark.parametrize("how", ["", "/stream", "/wait"])
def test_reject_is_409_and_leaves_no_row(api, marks, slow, how):
    thread, run = executing(api, marks, slow)
    body = {"assistant_id": "slow", "multitask_strategy": "reject"}
    answer = api.post(f"/threads/{thread}/runs{how}", json=body)
    assert (answer.status_code, detail(answer)) == (409, BUSY)
    assert [r["run_id"] for r in api.runs(thread)] == [run]
    assert api.status(thread, run) == "running"
    api.cancel(thread, run, wait=1)


def test_reject_meets_a_scheduled_run_too(api, marks):
    thread, run = deferred(api, marks)
    body = {"assistant_id": "slow", "multitask_strategy": "reject"}
    answer = api.post(f"/threads/{thread}/runs", json=body)
    assert answer.status_code == 409
    api.cancel(thread, run)
    body["input"] = {"secs": 0}
    assert api.ok("POST", f"/threads/{thread}/runs", json=body)["run_id"]


@pytest.mark.parametrize("graph", ["slow", "swallow"])
def test_interrupt_stops_what_is_in_flight_and_then_runs(
    api, marks, slow, graph
):
    thread, old = executing(api, marks, slow, graph=graph)
    queued = api.run(thread, "slow", slow)
    new = api.run(
        thread, "slow", next_run(marks), multitask_strategy="interrupt"
    )
    assert api.status(thread, queued) == "interrupted"
    assert api.ended(thread, new, GRACE + 10) == "success"
    assert api.status(thread, old) == "interrupted"
    names = marks.names()
    assert names.count("pre") == 2
    second = len(names) - 1 - names[::-1].index("pre")
    assert "after" not in names[:second]
    assert names[second:] == ["pre", "work", "done", "after"]
    log = api.state(thread)["values"]["log"]
    assert log == ["pre", "pre", "work", "after"]


def test_the_node_is_told_what_superseded_it(api, marks, slow):
    thread, old = executing(api, marks, slow)
    new = api.run(
        thread, "slow", next_run(marks), multitask_strategy="interrupt"
    )
    assert api.ended(thread, new) == "success"
    cause = f"superseded by run {new} (multitask_strategy=interrupt)"
    assert api.get_run(thread, old)["cancel_reason"] == cause
    assert marks.has(f"cancelled {cause}")


@pytest.mark.parametrize("graph", ["slow", "swallow"])
def test_rollback_removes_what_is_in_flight_and_then_runs(
    api, marks, slow, graph
):
    thread = api.thread()
    api.wait(thread, "slow", {"secs": 0, "tag": "before"})
    before = api.history(thread)
    _, old = executing(api, marks, slow, graph=graph, thread=thread)
    queued = api.run(thread, "slow", slow)
    new = api.run(
        thread, "slow", next_run(marks), multitask_strategy="rollback"
    )
    assert api.status(thread, queued) is None
    assert api.ended(thread, new, GRACE + 10) == "success"
    assert api.status(thread, old) is None
    log = api.state(thread)["values"]["log"]
    assert log == ["pre", "work", "after"] * 2
    assert api.history(thread)[-len(before) :] == before


@pytest.mark.parametrize("strategy", ["interrupt", "rollback"])
def test_a_scheduled_run_is_superseded_too(api, marks, strategy):
    thread, old = deferred(api, marks)
    new = api.run(thread, "slow", next_run(marks), multitask_strategy=strategy)
    end = "interrupted" if strategy == "interrupt" else None
    assert api.status(thread, old) == end
    assert api.ended(thread, new) == "success"
    assert marks.count("pre") == 1


@pytest.mark.parametrize("strategy", ["interrupt", "rollback"])
def test_superseding_answers_at_once_and_the_new_run_waits(
    api, marks, slow, strategy
):
    thread, old = executing(api, marks, slow, graph="swallow")
    asked = time.monotonic()
    new = api.run(thread, "slow", next_run(marks), multitask_strategy=strategy)
    assert time.monotonic() - asked < 0.3
    assert api.status(thread, new) == "pending"
    assert api.ended(thread, new, GRACE + 10) == "success"


def test_only_the_last_of_many_superseding_runs_executes_to_its_end(
    api, marks, slow
):
    thread, first = executing(api, marks, slow)
    runs = [
        api.run(
            thread,
            "slow",
            next_run(marks, tag=str(i)),
            multitask_strategy="interrupt",
        )
        for i in range(8)
    ]
    assert api.ended(thread, runs[-1], 20) == "success"
    for run in [first, *runs[:-1]]:
        assert api.status(thread, run) == "interrupted"
    assert marks.count("after") == 1


def test_cancelling_a_queued_run_skips_none_of_the_others(api, marks, slow):
    thread, running = executing(api, marks, slow | {"secs": 0.5})
    queued = [
        api.run(thread, "slow", next_run(marks, secs=0, tag=str(i)))
        for i in range(4)
    ]
    assert api.cancel(thread, queued[1]).status_code == 202
    assert api.cancel(thread, queued[2], action="rollback").status_code == 202
    assert api.ended(thread, queued[3]) == "success"
    assert api.status(thread, running) == "success"
    assert api.status(thread, queued[0]) == "success"
    assert marks.count("after") == 3


def test_cancelling_the_executing_run_starts_the_next_once(api, marks, slow):
    thread, running = executing(api, marks, slow)
    queued = api.run(thread, "slow", next_run(marks))
    assert api.cancel(thread, running).status_code == 202
    assert api.ended(thread, queued) == "success"
    assert marks.count("pre") == 2
    assert marks.count("after") == 1


def test_of_concurrent_rejecting_creates_exactly_one_wins(api):
    def create(thread, answers):
        with Api(str(api.base_url)) as mine:
            body = {
                "assistant_id": "slow",
                "input": {"secs": 30},
                "multitask_strategy": "reject",
            }
            answer = mine.post(f"/threads/{thread}/runs", json=body)
            answers.append(answer.status_code)

    for _ in range(10):
        thread, answers = api.thread(), []
        racing = [
            threading.Thread(target=create, args=(thread, answers))
            for _ in range(6)
        ]
        for one in racing:
            one.start()
        for one in racing:
            one.join()
        assert sorted(answers) == [200] + [409] * 5
        assert len(api.runs(thread)) == 1
        api.delete(f"/threads/{thread}")


def test_an_unknown_strategy_is_422(api):
    body = {"assistant_id": "slow", "multitask_strategy": "bogus"}
    answer = api.post(f"/threads/{api.thread()}/runs", json=body)
    assert answer.status_code == 422
    text = '"bogus" is not one of "reject", "rollback" or 2 other candidates'
    assert detail(answer).startswith(f"{text}\n\n")


def test_one_thread_never_executes_two_runs_at_once(api, marks):
    """By the spans between `pre` and `after` of what really ran."""
    thread = api.thread()
    strategies = ["enqueue", "interrupt", "enqueue", "rollback", "enqueue"]
    for i, strategy in enumerate(strategies * 2):
        run = api.run(
            thread,
            "sync_cpu",
            {"secs": 0.05, "tag": str(i), "mark": str(marks)},
            multitask_strategy=strategy,
        )
        time.sleep(0.03 * (i % 3))
    assert api.ended(thread, run, 20) == "success"
    inside = 0
    for mark in marks.all():
        if mark.what == "pre":
            inside = 0  # The one before was stopped, or is over.
        if mark.what in ("work", "tick", "done"):
            inside += mark.what == "work"
            assert inside == 1, marks.names()
