"""Receipts of a bulk cancel, its dry run, and its wait."""

import time

import pytest

from api import NO_MATCH, NO_RUNS, detail, unknown
from cancelling import counted, deferred, executing, finished
from process import GRACE

WANTED = {"prefer": "return=representation"}
ACTIONS = pytest.mark.parametrize("action", ["interrupt", "rollback"])


def by_run(receipt):
    assert set(receipt) == {"matched", "runs", "truncated"}
    for row in receipt["runs"]:
        assert set(row) == {"run_id", "thread_id", "was", "outcome"}
    return {r["run_id"]: (r["was"], r["outcome"]) for r in receipt["runs"]}


@ACTIONS
def test_a_receipt_says_what_became_of_each_run(api, marks, slow, action):
    thread, over = finished(api)
    _, running = executing(api, marks, slow, thread=thread)
    queued = api.run(thread, "slow", slow)
    none = unknown()
    answer = api.cancel_many(
        counted(thread, over, running, queued, none), WANTED, action=action
    )
    assert answer.status_code == 200
    receipt = answer.json()
    ended = "rolled_back" if action == "rollback" else "interrupted"
    assert by_run(receipt) == {
        over: ("success", "finished"),
        running: ("running", "stopping"),
        queued: ("pending", ended),
        none: (None, "not_found"),
    }
    assert receipt["matched"] == 2
    assert receipt["truncated"] is False
    assert {r["thread_id"] for r in receipt["runs"]} == {thread}
    api.ended(thread, running)


@ACTIONS
def test_with_wait_a_receipt_says_how_each_run_ended(api, marks, slow, action):
    thread, running = executing(api, marks, slow, graph="swallow")
    answer = api.cancel_many(
        counted(thread, running), WANTED, action=action, wait="true"
    )
    ended = "rolled_back" if action == "rollback" else "interrupted"
    assert by_run(answer.json()) == {running: ("running", ended)}
    end = None if action == "rollback" else "interrupted"
    assert api.status(thread, running) == end


@ACTIONS
def test_a_bulk_that_waits_answers_204_after_the_last_effect(
    idle, marks, slow, action
):
    quick = idle.thread()
    first = idle.run(quick, "slow", {"secs": 30})
    idle.running(quick, first)
    thread, run = executing(idle, marks, slow, graph="swallow")
    asked = time.monotonic()
    answer = idle.cancel_many({"status": "all"}, action=action, wait="1")
    assert answer.status_code == 204
    assert time.monotonic() - asked < GRACE + 3
    end = None if action == "rollback" else "interrupted"
    assert idle.status(thread, run) == end
    assert idle.status(quick, first) == end


@pytest.mark.parametrize("wait", ["0", "1"])
def test_a_dry_run_tells_and_does_nothing(idle, marks, slow, wait):
    thread, running = executing(idle, marks, slow)
    later, pending = deferred(idle, marks)
    answer = idle.cancel_many({"status": "all"}, dry_run="true", wait=wait)
    assert answer.status_code == 200
    receipt = answer.json()
    assert receipt["matched"] == 2
    told = by_run(receipt)
    assert told[running][0] == "running"
    assert told[pending][0] == "pending"
    time.sleep(0.2)
    assert idle.status(thread, running) == "running"
    assert idle.status(later, pending) == "pending"
    assert idle.get_run(thread, running).get("cancel_reason") is None


def test_a_receipt_by_status_lists_what_matched(idle, marks, slow):
    thread, running = executing(idle, marks, slow)
    runs = [deferred(idle, marks)[1] for _ in range(5)]
    answer = idle.cancel_many({"status": "pending"}, WANTED)
    told = by_run(answer.json())
    assert told == {run: ("pending", "interrupted") for run in runs}
    assert idle.status(thread, running) == "running"


def test_nothing_matched_stays_404_with_a_receipt_wanted(idle):
    thread, run = finished(idle)
    for query in ({}, {"dry_run": "true"}):
        answer = idle.cancel_many({"status": "all"}, WANTED, **query)
        assert (answer.status_code, detail(answer)) == (404, NO_RUNS)
        answer = idle.cancel_many(counted(thread, run), WANTED, **query)
        assert (answer.status_code, detail(answer)) == (404, NO_MATCH)


def test_without_preference_the_answer_stays_204(api, marks):
    thread, run = deferred(api, marks)
    answer = api.cancel_many(counted(thread, run), wait="1")
    assert answer.status_code == 204
    assert answer.content == b""
