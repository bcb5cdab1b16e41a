"""A worker process dies alone: its runs are retried, nobody else notices."""

import os
import signal
import time

import pytest

from api import eventually
from cancelling import executing
from process import is_running
from sse import Stream

BOUND = 3  # Strikes, after which a run ends as an error.


def kill(pid):
    os.kill(pid, signal.SIGKILL)


def test_the_runs_of_a_killed_worker_go_on_elsewhere(api, marks):
    thread = api.thread()
    steps = {"total": 40, "pause": 0.05, "mark": str(marks)}
    run = api.run(thread, "stepper", steps)
    marks.await_("step 10")
    first = marks.last().pid
    kill(first)
    assert api.ended(thread, run, 30) == "success"
    assert api.state(thread)["values"]["log"] == list(range(1, 41))
    assert len(marks.all()) <= 42
    assert marks.last().pid != first


def test_runs_of_other_workers_and_the_server_do_not_notice(
    api, marks, tmp_path
):
    """Two runs in two processes; the one of the first is killed."""
    others = []
    for i in range(8):
        mine = type(marks)(tmp_path / f"m{i}")
        thread = api.thread()
        steps = {"total": 30, "pause": 0.05, "mark": str(mine)}
        others.append((thread, api.run(thread, "stepper", steps), mine))
    for _, _, mine in others:
        mine.await_("step 1")
    victim = others[0][2].last().pid
    kill(victim)
    assert api.get("/ok").status_code == 200
    for thread, run, mine in others:
        assert api.ended(thread, run, 30) == "success"
        assert api.state(thread)["values"]["log"] == list(range(1, 31))
        pids = {mark.pid for mark in mine.all()}
        if victim not in pids:
            assert len(mine.all()) == 30, "an innocent was disturbed"


def test_the_pool_is_filled_again(api, marks, tmp_path):
    for i in range(3):
        mine = type(marks)(tmp_path / f"m{i}")
        thread = api.thread()
        run = api.run(thread, "slow", {"secs": 0.5, "mark": str(mine)})
        mine.await_("work")
        kill(mine.last().pid)
        assert api.ended(thread, run, 30) == "success"


def test_the_second_attempt_is_announced_on_the_same_stream(api, tmp_path):
    thread = api.thread()
    body = {
        "assistant_id": "poison",
        "input": {"deaths": 1, "died": str(tmp_path / "died")},
    }
    stream = Stream(api, "POST", f"/threads/{thread}/runs/stream", json=body)
    events = stream.end(30)
    attempts = [e.data["attempt"] for e in events if e.name == "metadata"]
    assert attempts == [1, 2]
    assert events[-1].data["log"] == ["pre", "survived"]


def test_a_run_that_kills_its_worker_each_time_ends_as_an_error(api, tmp_path):
    thread = api.thread()
    died = tmp_path / "died"
    run = api.run(thread, "poison", {"deaths": 100, "died": str(died)})
    assert api.ended(thread, run, 40) == "error"
    assert died.stat().st_size == BOUND
    row = api.get_thread(thread)
    assert row["status"] == "error"
    assert "attempts" in row["error"]["message"]
    assert api.wait(api.thread(), "noop", {}) == {"log": ["noop"]}


@pytest.mark.parametrize("action", ["interrupt", "rollback"])
def test_a_run_between_two_attempts_can_be_cancelled(api, tmp_path, action):
    thread = api.thread()
    died = tmp_path / "died"
    given = {"deaths": 100, "died": str(died)}
    run = api.run(thread, "poison", given)
    # The second retry waits for a second.
    eventually(lambda: died.exists() and died.stat().st_size == 2, 20)
    eventually(lambda: api.status(thread, run) == "pending")
    assert api.cancel(thread, run, action=action).status_code == 202
    end = None if action == "rollback" else "interrupted"
    assert api.status(thread, run) == end
    row = api.get_thread(thread)
    if action == "rollback":
        assert row["status"] == "idle"
        assert api.history(thread) == []
        assert not row.get("error")
    else:
        assert row["status"] == "interrupted"
        assert row["error"]["error"] == "UserInterrupt"
        assert row["values"]["log"] == ["pre"]
        assert api.state(thread)["next"] == ["work"]
    time.sleep(1.5)
    assert died.stat().st_size == 2


def test_a_cancelled_run_whose_worker_dies_ends_as_cancelled(api, marks, slow):
    thread, run = executing(api, marks, slow, graph="swallow")
    assert api.cancel(thread, run).status_code == 202
    kill(marks.last().pid)
    assert api.ended(thread, run) == "interrupted"
    time.sleep(0.3)
    assert marks.count("work") == 1


def test_a_stopped_worker_does_not_hold_up_a_cancel(api, marks, slow):
    thread, run = executing(api, marks, slow)
    pid = marks.last().pid
    os.kill(pid, signal.SIGSTOP)
    try:
        asked = time.monotonic()
        assert api.cancel(thread, run, wait=1).status_code == 200
        assert time.monotonic() - asked < 4
        assert api.status(thread, run) == "interrupted"
    finally:
        if is_running(pid):
            os.kill(pid, signal.SIGCONT)
    ticks = len(marks.all())
    time.sleep(0.3)
    assert len(marks.all()) == ticks
