"""The process: credit, the watchdog, the store inside nodes, leaving."""

from __future__ import annotations

import json
import os
import signal
import time


def test_the_store_in_an_async_node(server, thread):
    log = server.run("remembering", thread, input={})
    assert log.end["outcome"] == "success", server.logged()
    assert log.named("values")[-1]["log"] == [
        {"v": 1, "color": "red"},
        ["k"],
        [["users", "a"], ["users", "b"]],
        None,
    ]
    assert server.items.items[("users", "a"), "k"]["value"]["v"] == 1


def test_the_store_in_a_sync_node(server, thread):
    log = server.run("remembering_sync", thread, input={})
    assert log.named("values")[-1]["log"] == [{"thread": "heddle"}]


def test_a_sync_store_call_on_the_loop_is_refused(server, thread):
    log = server.run("wrong", thread, input={})
    assert log.end["outcome"] == "error"
    assert "event loop" in server.logged()


def test_events_wait_for_credit(start, thread):
    server = start(credit_run=20_000, credit_process=30_000).server
    server.give_credit = False
    number = server.order("talking", thread, input={"n": 100}, stream_mode=["custom"])
    log = server.logs[number]
    server.until(lambda: len(log.events) >= 15)
    time.sleep(0.3)
    assert len(log.events) < 20
    assert "end" not in log.kinds()
    server.give_credit = True
    server.send("credit", number, {"bytes": 20_000})
    server.finished(number)
    assert [d["i"] for d in log.named("custom")] == list(range(100))
    assert log.event_frames < 100


def test_a_run_that_waits_for_credit_can_be_cancelled(start, thread):
    server = start(credit_run=20_000, credit_process=30_000).server
    server.give_credit = False
    number = server.order("talking", thread, input={"n": 100}, stream_mode=["custom"])
    server.until(lambda: len(server.logs[number].events) >= 15)
    server.cancel(number)
    assert server.finished(number).end["outcome"] == "cancelled"
    log = server.run("talking", thread + "2", input={"n": 5}, stream_mode=["custom"])
    assert len(log.events) == 5


def test_an_event_larger_than_the_credit_passes_when_it_is_full(start, thread):
    server = start(credit_run=20_000, credit_process=30_000).server
    log = server.run("sized", thread, input={"n": 100_000})
    assert log.end["outcome"] == "success"


def test_one_frame_per_loop_turn(server, thread):
    log = server.run("talking", thread, input={"n": 50}, stream_mode=["custom"])
    assert len(log.events) == 50
    assert log.event_frames < 10


def test_a_blocked_loop_is_told_with_the_users_line(shared, server, thread):
    before = len(server.process)
    number = server.order("blocking", thread, input={}, stream_mode=["custom"])
    server.event(number, "custom")
    at = time.monotonic()
    server.until(lambda: any(k == "beat" for k, _ in server.process[before:]))
    assert time.monotonic() - at < 0.7  # It blocks for 1 s; a quiet machine: 0.3.
    beat = next(body for kind, body in server.process[before:] if kind == "beat")
    path, _, line = beat["where"].rpartition(":")
    assert path == str(shared.config.parent / "graphs.py")
    text = open(path).read().splitlines()
    blocked = next(i for i, t in enumerate(text, 1) if "BLOCKED HERE" in t)
    assert int(line) in (blocked, blocked + 1)
    server.finished(number)


def test_pong_tells_lag_and_busy_threads(server, thread):
    number = server.order("sleeping", thread, input={}, stream_mode=["custom"])
    server.event(number, "custom")
    server.send("ping", 0, {"n": 77})
    server.until(lambda: any(b.get("n") == 77 for _, b in server.process))
    pong = next(b for k, b in server.process if k == "pong" and b["n"] == 77)
    assert pong["busy_threads"] == 1 and pong["lag_ms"] < 500
    server.finished(number)


def test_end_of_file_ends_the_process_whatever_runs(start, thread):
    for graph in ("waiting", "spinning", "blocking"):
        process = start()
        number = process.server.order(graph, thread, input={}, stream_mode=["custom"])
        process.server.event(number, "custom")
        time.sleep(0.1)
        at = time.monotonic()
        process.hang_up()
        process.child.wait(5)
        assert time.monotonic() - at < 2, graph


def test_exit_drains_and_leaves(start, thread):
    process = start()
    number = process.server.order("sleeping", thread, input={}, stream_mode=["custom"])
    process.server.event(number, "custom")
    process.server.send("exit", 0, {"deadline_ms": 5000})
    assert process.server.finished(number).end["outcome"] == "drained"
    assert process.child.wait(5) == 0


def test_exit_keeps_its_deadline(start, thread):
    process = start()
    number = process.server.order("waiting", thread, input={}, stream_mode=["custom"])
    process.server.event(number, "custom")
    at = time.monotonic()
    process.server.send("exit", 0, {"deadline_ms": 300})
    assert process.child.wait(5) == 0
    assert time.monotonic() - at < 3


def test_exit_of_an_idle_worker(start):
    process = start()
    process.server.send("exit", 0, {"deadline_ms": 5000})
    assert process.child.wait(5) == 0


def test_an_unknown_frame_ends_the_process(start):
    process = start()
    process.server.send("nonsense", 0, {})
    assert process.child.wait(5) == 70


def test_ctrl_c_does_not_end_a_run(start, thread):
    process = start()
    number = process.server.order("waiting", thread, input={}, stream_mode=["custom"])
    process.server.event(number, "custom")
    for _ in range(100):  # Wherever it is in its code.
        os.kill(process.child.pid, signal.SIGINT)
        time.sleep(0.002)
    process.server.cancel(number)
    assert process.server.finished(number).end["outcome"] == "cancelled"


def test_a_child_of_user_code_does_not_hold_the_socket(project, start):
    code = """
import os, subprocess, sys
from typing_extensions import TypedDict
from langgraph.graph import START, StateGraph

class State(TypedDict, total=False):
    fds: list

def look(state):
    code = "import os; print(sorted(os.listdir('/proc/self/fd')))"
    print("to stdout", flush=True)
    assert "HEDDLE_WORKER_FD" not in os.environ
    return {"fds": subprocess.check_output([sys.executable, "-c", code]).decode()}

graph = StateGraph(State).add_node("look", look).add_edge(START, "look")
"""
    process = start(project({"g.py": code}, graphs={"g": "./g.py:graph"}))
    log = process.server.run("g", "t", input={})
    assert log.end["outcome"] == "success", process.server.logged()
    fds = json.loads(log.named("values")[-1]["fds"].replace("'", '"'))
    assert set(fds) <= {"0", "1", "2", "3"}
