"""POST /threads/{thread_id}/runs/{run_id}/cancel, row by row."""

import time

import pytest

from api import INTERRUPT_ONE, NO_MATCH, NO_RUNS, detail, unknown
from cancelling import deferred, executing
from process import GRACE


@pytest.mark.parametrize("query", [{}, {"wait": "0"}, {"wait": "false"}])
def test_an_interrupt_of_a_running_run_answers_202_without_a_body(
    api, marks, slow, query
):
    thread, run = executing(api, marks, slow)
    answer = api.cancel(thread, run, **query)
    assert answer.status_code == 202
    assert answer.content == b""
    assert answer.headers["content-length"] == "0"
    assert answer.headers["vary"] == "Origin"
    assert api.ended(thread, run) == "interrupted"


@pytest.mark.parametrize("wait", ["1", "true", "yes", "TRUE", "Yes"])
def test_an_interrupt_that_waits_answers_200_with_an_empty_object(
    api, marks, slow, wait
):
    thread, run = executing(api, marks, slow)
    answer = api.cancel(thread, run, wait=wait)
    assert answer.status_code == 200
    assert answer.content.strip() == b"{}"
    headers = answer.headers
    assert headers["content-type"] == "application/json"
    assert headers["location"] == f"/threads/{thread}/runs/{run}/join"
    assert headers["content-location"] == f"/threads/{thread}/runs/{run}"
    assert api.status(thread, run) == "interrupted"


@pytest.mark.parametrize("wait", ["0", "1"])
def test_an_interrupt_leaves_thread_and_checkpoints_as_the_last_step_left_them(
    api, marks, slow, wait
):
    thread, run = executing(api, marks, slow)
    api.cancel(thread, run, wait=wait)
    assert api.ended(thread, run) == "interrupted"
    row = api.get_thread(thread)
    assert row["status"] == "interrupted"
    assert row["values"] == slow | {"log": ["pre"]}
    assert row["interrupts"] == {}
    assert row["error"] == {"error": "UserInterrupt", "message": INTERRUPT_ONE}
    state = api.state(thread)
    assert state["next"] == ["work"]
    assert state["values"] == slow | {"log": ["pre"]}
    steps = [c["metadata"]["step"] for c in api.history(thread)]
    assert steps == [1, 0, -1]


def test_the_node_sees_the_cancel_at_once_and_nothing_runs_after_it(
    api, marks, slow
):
    thread, run = executing(api, marks, slow)
    asked = time.monotonic()
    assert api.cancel(thread, run, wait=1).status_code == 200
    answered = time.monotonic()
    cancelled = next(m for m in marks.all() if m.what.startswith("cancelled"))
    assert cancelled.at - asked < GRACE
    time.sleep(0.3)
    assert marks.last().at < answered
    assert not marks.has("after")


def test_a_running_run_reads_running_until_it_has_stopped(api, marks, slow):
    thread, run = executing(api, marks, slow, graph="swallow")
    assert api.cancel(thread, run).status_code == 202
    row = api.get_run(thread, run)
    assert row["status"] == "running"
    assert row["cancel_reason"] == INTERRUPT_ONE
    assert api.get_thread(thread)["status"] == "busy"
    assert api.ended(thread, run) == "interrupted"
    assert api.get_thread(thread)["status"] == "interrupted"


@pytest.mark.parametrize("action", ["interrupt", "bogus", "", "ROLLBACK"])
def test_any_action_but_rollback_is_an_interrupt(api, marks, slow, action):
    thread, run = executing(api, marks, slow)
    assert api.cancel(thread, run, action=action).status_code == 202
    assert api.ended(thread, run) == "interrupted"


@pytest.mark.parametrize("wait, status", [("0", 202), ("1", 200)])
def test_a_rollback_of_a_running_run_leaves_nothing_of_it(
    api, marks, slow, wait, status
):
    thread = api.thread()
    before = api.picture(thread)
    executing(api, marks, slow, thread=thread)
    run = api.runs(thread)[0]["run_id"]
    answer = api.cancel(thread, run, action="rollback", wait=wait)
    assert answer.status_code == status
    assert answer.content.strip() == (b"{}" if status == 200 else b"")
    assert api.ended(thread, run) == "gone"
    after = api.picture(thread)
    assert after["state"] == before["state"]
    assert after["history"] == before["history"] == []
    assert after["runs"] == []
    row = api.get_thread(thread)
    assert row["status"] == "idle"
    assert not row.get("error")
    assert not row.get("interrupts")


@pytest.mark.parametrize("wait, status", [("0", 202), ("1", 200)])
def test_an_interrupt_of_a_pending_run_is_over_when_it_answers(
    api, marks, wait, status
):
    thread, run = deferred(api, marks)
    answer = api.cancel(thread, run, wait=wait)
    assert answer.status_code == status
    assert api.status(thread, run) == "interrupted"
    row = api.get_thread(thread)
    assert row["status"] == "idle"
    assert not row.get("error")
    assert marks.all() == []


@pytest.mark.parametrize("wait, status", [("0", 202), ("1", 200)])
def test_a_rollback_of_a_pending_run_deletes_it_before_it_answers(
    api, marks, wait, status
):
    thread, run = deferred(api, marks)
    answer = api.cancel(thread, run, action="rollback", wait=wait)
    assert answer.status_code == status
    assert api.status(thread, run) is None
    assert api.get_thread(thread)["status"] == "idle"
    assert api.runs(thread) == []


def test_cancel_of_a_pending_run_that_waits_does_not_poll(api, marks):
    thread, run = deferred(api, marks)
    asked = time.monotonic()
    assert api.cancel(thread, run, wait=1).status_code == 200
    assert time.monotonic() - asked < 0.3


@pytest.mark.parametrize("action", ["interrupt", "rollback"])
def test_cancel_of_a_queued_run_leaves_the_executing_one_alone(
    api, marks, slow, action
):
    thread, first = executing(api, marks, slow | {"secs": 1})
    second = api.run(thread, "slow", {"secs": 9, "tag": "queued"})
    assert api.cancel(thread, second, action=action).status_code == 202
    gone = None if action == "rollback" else "interrupted"
    assert api.status(thread, second) == gone
    assert api.status(thread, first) == "running"
    assert api.get_thread(thread)["status"] == "busy"
    assert api.ended(thread, first) == "success"
    assert api.get_thread(thread)["status"] == "idle"


@pytest.mark.parametrize("action", ["interrupt", "rollback"])
@pytest.mark.parametrize("wait", ["0", "1"])
def test_a_finished_run_is_404_with_the_second_text_and_untouched(
    api, action, wait
):
    thread = api.thread()
    api.wait(thread, "noop", {})
    run = api.runs(thread)[0]["run_id"]
    before = api.picture(thread)
    answer = api.cancel(thread, run, action=action, wait=wait)
    assert answer.status_code == 404
    assert detail(answer) == NO_MATCH
    assert api.picture(thread) == before


def test_failed_and_interrupted_runs_are_404_with_the_second_text(
    api, marks, slow
):
    thread = api.thread()
    api.wait(thread, "fails", {})
    run = api.runs(thread)[0]["run_id"]
    assert api.status(thread, run) == "error"
    answer = api.cancel(thread, run)
    assert (answer.status_code, detail(answer)) == (404, NO_MATCH)
    thread, run = executing(api, marks, slow)
    assert api.cancel(thread, run, wait=1).status_code == 200
    for action in ("interrupt", "rollback"):
        answer = api.cancel(thread, run, action=action)
        assert (answer.status_code, detail(answer)) == (404, NO_MATCH)
    assert api.status(thread, run) == "interrupted"


def test_a_run_paused_at_an_interrupt_is_404_and_can_still_be_resumed(api):
    thread = api.thread()
    api.wait(thread, "human", {})
    run = api.runs(thread)[0]["run_id"]
    answer = api.cancel(thread, run)
    assert (answer.status_code, detail(answer)) == (404, NO_MATCH)
    done = api.wait(thread, "human", command={"resume": "yes"})
    assert done["log"] == ["answer:yes", "work"]


@pytest.mark.parametrize("query", [{}, {"wait": 1}, {"action": "rollback"}])
def test_unknown_run_unknown_thread_and_foreign_run_are_404_with_the_first_text(
    api, marks, slow, query
):
    thread, run = executing(api, marks, slow)
    for at, which in [
        (thread, unknown()),
        (unknown(), run),
        (api.thread(), run),
    ]:
        answer = api.cancel(at, which, **query)
        assert (answer.status_code, detail(answer)) == (404, NO_RUNS)
    assert api.status(thread, run) == "running"
    api.cancel(thread, run, wait=1)


def test_malformed_ids_are_422(api):
    answer = api.cancel(api.thread(), "x")
    assert answer.status_code == 422
    assert detail(answer) == "Invalid run ID: must be a UUID"
    answer = api.cancel("x", unknown())
    assert answer.status_code == 422
    assert detail(answer) == "Invalid thread ID: must be a UUID"


def test_ids_without_hyphens_and_in_upper_case_are_accepted(api, marks, slow):
    thread, run = executing(api, marks, slow)
    bare = [text.replace("-", "").upper() for text in (thread, run)]
    assert api.cancel(*bare).status_code == 202
    assert api.ended(thread, run) == "interrupted"


def test_get_on_the_path_is_405(api):
    path = f"/threads/{unknown()}/runs/{unknown()}/cancel"
    answer = api.get(path)
    assert answer.status_code == 405
    assert answer.json() == {"detail": "Method Not Allowed"}
    assert answer.headers["allow"] == "POST"


def test_the_body_is_ignored(api, marks, slow):
    thread, run = executing(api, marks, slow)
    path = f"/threads/{thread}/runs/{run}/cancel"
    assert api.post(path, content=b"{garbage\xff").status_code == 202
    assert api.ended(thread, run) == "interrupted"


def test_reason_taken_is_the_prefix_of_the_cancel_reason(api, marks, slow):
    thread, run = executing(api, marks, slow)
    assert api.cancel(thread, run, reason="taken").status_code == 202
    assert api.ended(thread, run) == "interrupted"
    assert api.get_run(thread, run)["cancel_reason"].startswith("taken:")


def test_create_and_cancel_at_once_is_always_an_interrupted_run(api, marks):
    made = []
    for _ in range(20):
        thread = api.thread()
        run = api.run(thread, "slow", {"secs": 30, "mark": str(marks)})
        assert api.cancel(thread, run).status_code == 202
        made.append((thread, run))
    for thread, run in made:
        assert api.ended(thread, run) == "interrupted"
    assert not marks.has("after")


@pytest.mark.parametrize(
    "first, second, end",
    [
        ("interrupt", "interrupt", "interrupted"),
        ("interrupt", "rollback", "gone"),
        ("rollback", "interrupt", "gone"),
        ("rollback", "rollback", "gone"),
    ],
)
def test_the_intent_of_a_stopping_run_only_rises(
    api, marks, slow, first, second, end
):
    thread, run = executing(api, marks, slow, graph="swallow")
    assert api.cancel(thread, run, action=first).status_code == 202
    assert api.status(thread, run) == "running"
    assert api.cancel(thread, run, action=second).status_code == 202
    assert api.ended(thread, run) == end


def test_a_second_cancel_that_waits_answers_with_the_first_effect(
    api, marks, slow
):
    thread, run = executing(api, marks, slow, graph="swallow")
    asked = time.monotonic()
    assert api.cancel(thread, run).status_code == 202
    assert api.cancel(thread, run, wait=1).status_code == 200
    assert time.monotonic() - asked < GRACE + 3
    assert api.status(thread, run) == "interrupted"


def test_a_cancel_of_a_stopping_run_does_not_move_its_deadline(
    api, marks, slow
):
    thread, run = executing(api, marks, slow, graph="swallow")
    asked = time.monotonic()
    while api.cancel(thread, run).status_code == 202:
        time.sleep(0.05)
        assert time.monotonic() - asked < GRACE + 5
    assert api.status(thread, run) == "interrupted"
    assert marks.last().at - asked < GRACE + 0.5
