"""POST /runs/cancel, row by row: what is cancelled, and what is answered."""

import time

import pytest

from api import INTERRUPT_MANY, NO_MATCH, NO_RUNS, detail, unknown
from cancelling import counted, deferred, executing, finished


def test_ids_with_one_live_run_are_204_and_the_others_are_ignored(
    api, marks, slow
):
    thread, over = finished(api)
    _, run = executing(api, marks, slow, thread=thread)
    answer = api.cancel_many(counted(thread, run, over, unknown(), run))
    assert answer.status_code == 204
    assert answer.content == b""
    assert "content-type" not in answer.headers
    assert api.ended(thread, run) == "interrupted"
    assert api.status(thread, over) == "success"
    row = api.get_thread(thread)
    assert row["error"] == {
        "error": "UserInterrupt",
        "message": INTERRUPT_MANY,
    }


def test_ids_of_pending_and_running_runs_are_both_stopped(api, marks, slow):
    thread, running = executing(api, marks, slow)
    queued = api.run(thread, "slow", slow)
    answer = api.cancel_many(counted(thread, running, queued))
    assert answer.status_code == 204
    assert api.status(thread, queued) == "interrupted"
    assert api.ended(thread, running) == "interrupted"
    assert api.get_thread(thread)["status"] == "interrupted"
    assert marks.count("work") == 1


def test_rollback_by_ids_leaves_the_thread_as_before(api, marks, slow):
    thread, _ = finished(api)
    before = api.picture(thread)
    _, first = executing(api, marks, slow, thread=thread)
    second = api.run(thread, "slow", slow)
    answer = api.cancel_many(counted(thread, first, second), action="rollback")
    assert answer.status_code == 204
    assert api.ended(thread, first) == "gone"
    assert api.status(thread, second) is None
    after = api.picture(thread)
    for row in (before, after):
        row["thread"].pop("metadata"), row["thread"].pop("config")
    assert after == before


@pytest.mark.parametrize("action", ["interrupt", "rollback"])
def test_ids_that_name_no_run_of_the_thread_are_404_with_the_first_text(
    api, marks, slow, action
):
    thread, run = executing(api, marks, slow)
    for body in (
        counted(thread, unknown()),
        counted(api.thread(), run),
        counted(unknown(), run),
        counted(thread),
    ):
        answer = api.cancel_many(body, action=action)
        assert (answer.status_code, detail(answer)) == (404, NO_RUNS), body
    assert api.status(thread, run) == "running"
    api.cancel(thread, run, wait=1)


def test_ids_of_finished_runs_are_404_with_the_second_text(api):
    thread, run = finished(api)
    for ids in ([run], [unknown(), run]):
        answer = api.cancel_many(counted(thread, *ids))
        assert (answer.status_code, detail(answer)) == (404, NO_MATCH)


@pytest.mark.parametrize("many", [150, 1500])
def test_there_is_no_limit_on_the_number_of_ids(api, marks, many):
    thread, run = deferred(api, marks)
    ids = [unknown() for _ in range(many - 1)] + [run]
    asked = time.monotonic()
    assert api.cancel_many(counted(thread, *ids)).status_code == 204
    assert time.monotonic() - asked < 2
    assert api.status(thread, run) == "interrupted"


@pytest.mark.parametrize("action", ["bogus", "ROLLBACK", "", "interrupt"])
def test_any_action_but_rollback_is_an_interrupt(api, marks, action):
    thread, run = deferred(api, marks)
    answer = api.cancel_many(counted(thread, run), action=action)
    assert answer.status_code == 204
    assert api.status(thread, run) == "interrupted"


def test_the_last_of_two_actions_wins(api, marks):
    thread, run = deferred(api, marks)
    path = "/runs/cancel?action=interrupt&action=rollback"
    assert api.post(path, json=counted(thread, run)).status_code == 204
    assert api.status(thread, run) is None
    thread, run = deferred(api, marks)
    path = "/runs/cancel?action=rollback&action=interrupt"
    assert api.post(path, json=counted(thread, run)).status_code == 204
    assert api.status(thread, run) == "interrupted"


def test_an_action_in_the_body_is_ignored(api, marks):
    thread, run = deferred(api, marks)
    body = counted(thread, run) | {"action": "rollback", "extra": {"a": 1}}
    assert api.cancel_many(body).status_code == 204
    assert api.status(thread, run) == "interrupted"


def test_of_duplicate_keys_the_last_wins(api, marks):
    thread, run = deferred(api, marks)
    body = f'{{"thread_id":"{thread}","run_ids":[],"run_ids":["{run}"]}}'
    assert api.post("/runs/cancel", content=body).status_code == 204
    assert api.status(thread, run) == "interrupted"


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded"]
)
def test_any_content_type_is_accepted(api, marks, kind):
    thread, run = deferred(api, marks)
    body = f'{{"thread_id":"{thread}","run_ids":["{run}"]}}'
    headers = {"content-type": kind} if kind else {}
    answer = api.post("/runs/cancel", content=body, headers=headers)
    assert answer.status_code == 204


def test_get_is_405_and_a_trailing_slash_is_redirected(api, server):
    for method in ("GET", "DELETE"):
        answer = api.request(method, "/runs/cancel")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "POST"
    answer = api.post("/runs/cancel/", json={"status": "all"})
    assert answer.status_code == 307
    assert answer.headers["location"] == f"{server.url}/runs/cancel"


@pytest.mark.parametrize("status", ["pending", "running", "all"])
@pytest.mark.parametrize("action", ["interrupt", "rollback"])
def test_a_status_that_nothing_has_is_404_with_the_first_text(
    idle, status, action
):
    finished(idle)
    answer = idle.cancel_many({"status": status}, action=action)
    assert (answer.status_code, detail(answer)) == (404, NO_RUNS)


@pytest.mark.parametrize("action", ["interrupt", "rollback"])
@pytest.mark.parametrize("status", ["pending", "running", "all"])
def test_a_cancel_by_status_stops_what_matches_and_nothing_else(
    idle, marks, slow, action, status
):
    running = executing(idle, marks, slow)
    queued = running[0], idle.run(running[0], "slow", slow)
    later = deferred(idle, marks)
    over = finished(idle)
    answer = idle.cancel_many({"status": status}, action=action)
    assert answer.status_code == 204
    assert answer.content == b""
    end = "gone" if action == "rollback" else "interrupted"
    if status != "running":
        now = None if action == "rollback" else "interrupted"
        assert idle.status(*queued) == now
        assert idle.status(*later) == now
    else:
        assert idle.status(*later) == "pending"
    if status != "pending":
        assert idle.ended(*running) == end
    else:
        assert idle.status(*running) == "running"
        assert idle.get_thread(running[0])["status"] == "busy"
    assert idle.status(*over) == "success"


def test_a_run_cancelled_by_status_stays_cancelled_and_silent(
    idle, marks, slow
):
    thread, run = executing(idle, marks, slow | {"secs": 1})
    assert idle.cancel_many({"status": "running"}).status_code == 204
    assert idle.ended(thread, run) == "interrupted"
    time.sleep(1.2)
    assert idle.status(thread, run) == "interrupted"
    assert not marks.has("after")
    assert [c["metadata"]["step"] for c in idle.history(thread)] == [1, 0, -1]
    row = idle.get_thread(thread)
    assert row["status"] == "interrupted"
    assert row["error"] == {
        "error": "UserInterrupt",
        "message": INTERRUPT_MANY,
    }


def test_a_rollback_by_status_leaves_no_checkpoint_and_no_busy_thread(
    idle, marks, slow
):
    thread, _ = finished(idle)
    before = idle.picture(thread)
    run = idle.run(thread, "slow", slow | {"secs": 1})
    marks.await_("work")
    answer = idle.cancel_many({"status": "all"}, action="rollback")
    assert answer.status_code == 204
    assert idle.ended(thread, run) == "gone"
    time.sleep(1.2)
    after = idle.picture(thread)
    for row in (before, after):
        row["thread"].pop("metadata"), row["thread"].pop("config")
    assert after == before


def test_a_cancel_by_status_of_what_is_stopping_already_is_204(
    idle, marks, slow
):
    thread, run = executing(idle, marks, slow, graph="swallow")
    assert idle.cancel_many({"status": "running"}).status_code == 204
    assert idle.cancel_many({"status": "running"}).status_code == 204
    assert idle.ended(thread, run) == "interrupted"
    assert idle.cancel_many({"status": "running"}).status_code == 404


def test_a_run_created_after_a_cancel_by_status_is_not_affected(idle, marks):
    deferred(idle, marks)
    assert idle.cancel_many({"status": "all"}).status_code == 204
    thread, run = deferred(idle, marks)
    time.sleep(0.2)
    assert idle.status(thread, run) == "pending"


def test_a_thousand_pending_runs_are_over_when_the_cancel_answers(idle, marks):
    thread = idle.thread()
    body = {
        "assistant_id": "slow",
        "input": {"mark": str(marks)},
        "after_seconds": 3600,
        "on_completion": "keep",
    }
    for _ in range(4):
        idle.ok("POST", "/runs/batch", json=[body] * 250)
    _, run = deferred(idle, marks, thread=thread)
    asked = time.monotonic()
    assert idle.cancel_many({"status": "pending"}).status_code == 204
    assert time.monotonic() - asked < 2
    assert idle.status(thread, run) == "interrupted"
    counts = idle.ok("GET", "/metrics?format=json")["queue"]
    assert counts["n_pending"] == 0
    assert idle.ok("POST", "/threads/count", json={"status": "busy"}) == 0
    assert idle.cancel_many({"status": "pending"}).status_code == 404
    assert marks.all() == []


@pytest.mark.parametrize("extra", [{"thread_id": ""}, {"run_ids": []}])
def test_a_status_with_an_empty_extra_is_a_status_alone(idle, marks, extra):
    thread, run = deferred(idle, marks)
    assert idle.cancel_many({"status": "all"} | extra).status_code == 204
    assert idle.status(thread, run) == "interrupted"
