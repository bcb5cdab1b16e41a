"""Rollback is exact: the thread reads as it did before the run.

Pictures are compared as JSON: the thread (without `updated_at`; its metadata
and config are merged when a run is created, and that stays), state, history
and the list of runs.
"""

import threading
import time

import pytest

from api import Api, eventually
from cancelling import executing

GRAPHS = ["slow", "nested", "parallel", "sync_cpu", "swallow", "sync_sleep"]


def make_finished(api, thread, marks):
    api.wait(thread, "slow", {"secs": 0, "tag": "before"})


def make_interrupted(api, thread, marks):
    run = api.run(thread, "slow", {"secs": 30, "mark": str(marks)})
    marks.await_("work")
    api.cancel(thread, run, wait=1)
    marks.path.unlink()


def make_failed(api, thread, marks):
    api.wait(thread, "fails", {"how": "value"})


def make_paused(api, thread, marks):
    api.wait(thread, "human", {"tag": "asked"})


def make_updated(api, thread, marks):
    make_finished(api, thread, marks)
    body = {"values": {"log": ["by hand"]}, "as_node": "pre"}
    api.ok("POST", f"/threads/{thread}/state", json=body)


BEFORE = [
    make_finished,
    make_interrupted,
    make_failed,
    make_paused,
    make_updated,
]


def start(api, thread, marks, graph):
    """A run of `graph` that is in the middle of its work."""
    run = api.run(thread, graph, {"secs": 30, "mark": str(marks)})
    marks.await_("slow_a" if graph == "parallel" else "work")
    return run


def picture(api, thread):
    shown = api.picture(thread)
    for merged in ("metadata", "config"):
        shown["thread"].pop(merged)
    return shown


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("graph", ["slow", "swallow"])
def test_a_rollback_restores_the_thread_whatever_it_was(
    api, marks, before, graph
):
    thread = api.thread(metadata={"mine": 1})
    before(api, thread, marks)
    shown = picture(api, thread)
    run = start(api, thread, marks, graph)
    assert api.get_thread(thread)["status"] == "busy"
    answer = api.cancel(thread, run, action="rollback", wait=1)
    assert answer.status_code == 200
    assert picture(api, thread) == shown
    assert api.get_thread(thread)["metadata"]["mine"] == 1


@pytest.mark.parametrize("graph", GRAPHS)
def test_a_rollback_of_any_graph_restores_the_thread(api, marks, graph):
    thread = api.thread()
    make_finished(api, thread, marks)
    shown = picture(api, thread)
    run = start(api, thread, marks, graph)
    assert api.cancel(thread, run, action="rollback", wait=1).is_success
    assert picture(api, thread) == shown


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_a_rollback_restores_the_thread_under_each_durability(
    api, marks, durability
):
    thread = api.thread()
    make_finished(api, thread, marks)
    shown = picture(api, thread)
    steps = {"total": 1000, "pause": 0.01, "mark": str(marks)}
    run = api.run(thread, "stepper", steps, durability=durability)
    marks.await_("step 20")
    assert api.cancel(thread, run, action="rollback", wait=1).is_success
    assert picture(api, thread) == shown


def test_a_rolled_back_resume_uncovers_the_question_again(api, marks):
    thread = api.thread()
    api.wait(thread, "human", {"secs": 30, "mark": str(marks)})
    shown = picture(api, thread)
    assert shown["thread"]["interrupts"]
    run = api.run(thread, "human", command={"resume": "wrong"})
    marks.await_("work")
    assert api.cancel(thread, run, action="rollback", wait=1).is_success
    assert picture(api, thread) == shown
    update = {"resume": "right", "update": {"secs": 0}}
    done = api.wait(thread, "human", command=update)
    assert done["log"] == ["answer:right", "work"]


def test_after_a_rollback_the_thread_goes_on_as_if_the_run_never_was(
    api, marks
):
    thread = api.thread()
    api.wait(thread, "stepper", {"total": 3})
    run = api.run(
        thread, "stepper", {"total": 1000, "pause": 0.01, "mark": str(marks)}
    )
    marks.await_("step 10")
    assert api.cancel(thread, run, action="rollback", wait=1).is_success
    done = api.wait(thread, "stepper", {"total": 5})
    assert done["log"] == [1, 2, 3, 4, 5]


def test_input_null_after_a_rollback_of_the_only_run_is_an_empty_input(
    api, marks, slow
):
    thread, run = executing(api, marks, slow)
    assert api.cancel(thread, run, action="rollback", wait=1).is_success
    assert api.wait(thread, "slow") == {
        "__error__": {
            "error": "EmptyInputError",
            "message": "Received no input for __start__",
        }
    }


def test_a_rolled_back_run_is_in_no_list(api, marks, slow):
    thread, run = executing(api, marks, slow)
    assert api.cancel(thread, run, action="rollback", wait=1).is_success
    assert api.runs(thread) == []
    for status in ("pending", "running", "interrupted", "error"):
        found = api.ok("GET", f"/threads/{thread}/runs?status={status}")
        assert found == []


def test_the_long_term_store_is_not_rolled_back(api, marks, tmp_path):
    user = tmp_path.name
    thread = api.thread()
    run = api.run(
        thread,
        "memory",
        {"user": user, "say": "a", "secs": 30, "mark": str(marks)},
    )
    marks.await_("said")
    assert api.cancel(thread, run, action="rollback", wait=1).is_success
    told = api.wait(thread, "memory", {"user": user})
    assert told["known"] == ["a"]


def test_no_reader_sees_half_of_a_rollback(api, marks):
    """While runs come and go, either all of a run is there or nothing."""
    thread = api.thread()
    make_finished(api, thread, marks)
    calm = api.history(thread)
    torn, stop = [], threading.Event()

    def read():
        with Api(str(api.base_url)) as mine:
            while not stop.is_set():
                history = mine.history(thread)
                known = {r["run_id"] for r in mine.runs(thread)}
                seen = {c["metadata"]["run_id"] for c in history}
                # The history was read first: its runs may be gone since, but
                # then they are gone from the next history too.
                if seen - known:
                    again = mine.history(thread)
                    ids = {c["metadata"]["run_id"] for c in again}
                    if (seen - known) & ids:
                        torn.append((seen, known))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(10):
            run = api.run(thread, "stepper", {"total": 1000, "pause": 0.005})
            eventually(lambda: len(api.history(thread)) > len(calm) + 5)
            assert api.cancel(thread, run, action="rollback").is_success
            assert api.ended(thread, run) == "gone"
            assert api.history(thread) == calm
    finally:
        stop.set()
        reader.join()
    assert not torn


def test_checkpoints_of_other_runs_and_updates_by_hand_stay(api, marks):
    thread = api.thread()
    make_updated(api, thread, marks)
    first = api.history(thread)
    api.wait(thread, "stepper", {"total": 2})
    second = api.history(thread)
    run = start(api, thread, marks, "slow")
    assert api.cancel(thread, run, action="rollback", wait=1).is_success
    assert api.history(thread) == second
    assert api.history(thread)[-len(first) :] == first


def test_late_checkpoints_of_a_rolled_back_run_do_not_come_back(api, marks):
    thread = api.thread()
    run = api.run(
        thread, "stepper", {"total": 10000, "pause": 0, "mark": str(marks)}
    )
    marks.await_("step 50")
    assert api.cancel(thread, run, action="rollback", wait=1).is_success
    assert api.history(thread) == []
    time.sleep(0.5)
    assert api.history(thread) == []
    assert api.get_thread(thread)["status"] == "idle"
