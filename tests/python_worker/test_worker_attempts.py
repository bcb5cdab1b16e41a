"""Second attempts: what another worker makes of a run that lost its first one."""

from __future__ import annotations

import time

import pytest


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_a_run_goes_on_in_another_worker(start, thread, durability):
    first = start()
    order = {"input": {"n": 1}, "durability": durability, "stream_mode": ["values"]}
    number = first.server.order("sleeping", thread, **order)
    log = first.server.logs[number]
    first.server.until(lambda: len(log.named("values")) == 2)
    time.sleep(0.1)
    first.child.kill()
    first.server.until(lambda: first.server.gone)
    assert len(log.of("put")) == (0 if durability == "exit" else 3)

    second = start()
    second.server.checkpoints = first.server.checkpoints
    kept = bool(log.of("put"))
    again = second.server.run("sleeping", thread, resume=kept, attempt=2, **order)
    assert again.end["outcome"] == "success"
    assert again.named("values")[-1] == {"log": ["pre", "after"], "n": 1}
    pres = [put for put in again.of("put") if not put["ns"]]
    assert len(pres) == (1 if durability == "exit" else 2)


def test_async_runs_do_not_wait_for_the_disk_and_sync_ones_do(server, thread):
    server.hold_saves = True
    ahead = server.order("steps", thread, input={}, durability="async")
    server.until(lambda: len(server.logs[ahead].named("values")) == 2)
    assert "end" not in server.logs[ahead].kinds()
    server.release_saves()
    assert server.finished(ahead).end["outcome"] == "success"
    server.hold_saves = True
    behind = server.order("steps", thread + "2", input={}, durability="sync")
    server.until(lambda: server.logs[behind].of("put"))
    time.sleep(0.3)
    assert len(server.logs[behind].named("values")) <= 1
    server.release_saves()
    assert server.finished(behind).end["outcome"] == "success"


def test_an_interrupt_without_a_checkpointer(server, thread):
    log = server.run("asking", thread, input={}, temporary=True)
    assert log.end["outcome"] == "success", server.logged()
    assert log.named("values")[-1]["__interrupt__"][0]["value"] == {"q": "ok?"}


def untell_last(server, thread) -> str:
    """As if the worker had died before it told of its last checkpoint."""
    last = max(server.checkpoints.rows[thread, ""])
    del server.checkpoints.views[thread, "", last]
    return last


def test_a_second_attempt_tells_what_the_first_one_could_not(server, thread):
    order = {"input": {"n": 1}, "stream_mode": ["values"]}
    server.run("sleeping", thread, **order)
    last = untell_last(server, thread)
    again = server.run("sleeping", thread, resume=True, attempt=2, **order)
    assert again.end["outcome"] == "success"
    assert [view["id"] for view in again.of("view")] == [last]
    shown = server.checkpoints.shown(thread, "", last)
    assert shown == {"log": ["pre", "after"], "n": 1}


def test_a_second_attempt_does_not_repeat_what_is_known(server, thread):
    order = {"input": {"n": 1}, "stream_mode": ["values"]}
    server.run("sleeping", thread, **order)
    again = server.run("sleeping", thread, resume=True, attempt=2, **order)
    assert again.of("view") == []


@pytest.mark.parametrize("kind", ["state", "history"])
def test_a_question_tells_what_a_dead_worker_could_not(server, thread, kind):
    server.run("steps", thread, input={})
    assert not tells(server, thread, kind)
    last = untell_last(server, thread)
    assert tells(server, thread, kind) == [last]
    assert not tells(server, thread, kind)


def tells(server, thread, kind):
    args = {"limit": 10} if kind == "history" else {}
    server.ask(kind, "steps", thread, **args)
    log = server.logs[max(server.logs)]
    return [view["id"] for view in log.of("view")]
