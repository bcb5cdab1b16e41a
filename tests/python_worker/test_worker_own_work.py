"""What a node starts by itself, threads and processes: it ends with a cancelled
run, and goes on as it likes beside any other."""

from __future__ import annotations

import os
import signal

import pytest

ASLEEP = "sleep 60 & echo $!; wait"
STUBBORN = "trap '' TERM; sleep 60 & echo $!; while true; do wait; done"


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")")[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def begin(server, graph, thread, **given):
    number = server.order(graph, thread, stream_mode=["custom"], input=given)
    told = []

    def said():
        told[:] = [d for n, d in server.logs[number].events if "custom" in n]
        return told

    server.until(said)
    return number, told[0]["said"]


@pytest.fixture
def tidy():
    pids = []
    yield pids
    for pid in filter(lives, pids):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("graph", ["keeping_process", "keeping_process_sync"])
def test_a_process_ends_with_its_cancelled_run(server, thread, tidy, graph):
    number, (shell, child) = begin(server, graph, thread, given=ASLEEP)
    tidy += [shell, child]
    assert lives(shell)
    server.cancel(number)
    assert server.finished(number).end["outcome"] == "cancelled"
    assert not lives(shell)


@pytest.mark.parametrize("graph", ["keeping_process", "keeping_process_sync"])
def test_a_process_that_ignores_it_is_killed_with_its_own(
    server, thread, tidy, graph
):
    number, (shell, child) = begin(server, graph, thread, given=STUBBORN)
    tidy += [shell, child]
    server.cancel(number)
    log = server.logs[number]
    server.until(lambda: "end" in log.kinds())
    assert "clean" not in log.kinds()
    assert lives(shell)
    server.send("raise", number, {})
    server.finished(number)
    assert not lives(shell)
    server.until(lambda: not lives(child))


def test_a_process_of_multiprocessing_ends_too(server, thread, tidy):
    number, (process,) = begin(server, "keeping_process_forked", thread)
    tidy.append(process)
    server.cancel(number)
    server.finished(number)
    assert not lives(process)


def test_a_process_outlives_a_run_that_was_not_cancelled(server, thread, tidy):
    number, (process,) = begin(server, "leaving_process", thread)
    tidy.append(process)
    assert server.finished(number).end["outcome"] == "success"
    assert lives(process)


@pytest.mark.parametrize("graph", ["keeping_thread", "keeping_pool"])
def test_a_thread_is_stopped_with_its_cancelled_run(server, thread, graph):
    number, _ = begin(server, graph, thread)
    server.cancel(number)
    log = server.logs[number]
    server.until(lambda: "end" in log.kinds())
    assert "clean" not in log.kinds()
    server.send("raise", number, {})
    server.finished(number)


def test_threads_outlive_a_run_that_was_not_cancelled(server, thread):
    number = server.order("leaving_threads", thread, input={})
    assert server.finished(number).end["outcome"] == "success"


def test_idle_pools_and_daemons_are_no_work_of_a_run(server, thread):
    number, _ = begin(server, "leaving_idle_threads", thread)
    server.cancel(number)
    server.finished(number)
