"""A cancel touches what it names and nothing else, however often it comes."""

import os
import threading
import time

import pytest

from api import Api, eventually
from cancelling import counted, executing
from sse import Stream

ACTIONS = pytest.mark.parametrize("action", ["interrupt", "rollback"])


def others(api, count=5):
    """Threads in every state that does not move."""
    threads = [api.thread() for _ in range(count)]
    api.wait(threads[0], "stepper", {"total": 3})
    api.wait(threads[1], "human", {"tag": "t"})
    api.wait(threads[2], "fails", {})
    api.run(threads[3], "slow", {}, after_seconds=3600)
    return threads


@ACTIONS
def test_other_threads_are_untouched(api, marks, slow, action):
    threads = others(api)
    before = [api.picture(thread) for thread in threads]
    thread, run = executing(api, marks, slow, graph="swallow")
    queued = api.run(thread, "slow", slow)
    body = counted(thread, run, queued)
    assert api.cancel_many(body, action=action, wait="1").status_code == 204
    assert [api.picture(thread) for thread in threads] == before
    api.delete(f"/threads/{threads[3]}")


def test_an_executing_run_beside_a_cancelled_one_loses_no_event(
    api, marks, tmp_path
):
    thread = api.thread()
    body = {
        "assistant_id": "tokens",
        "input": {"count": 150, "pause": 0.01},
        "stream_mode": "custom",
    }
    live = Stream(api, "POST", f"/threads/{thread}/runs/stream", json=body)
    live.await_event("custom")
    for i in range(10):
        mine = type(marks)(tmp_path / f"m{i}")
        slow = {"secs": 30, "mark": str(mine)}
        at, run = executing(api, mine, slow)
        assert api.cancel(at, run, wait=1).status_code == 200
    tokens = [e.data["token"] for e in live.end() if e.name == "custom"]
    assert tokens == list(range(150))


def test_a_storm_of_cancels_of_one_run_is_one_cancel(api, marks, slow):
    thread, run = executing(api, marks, slow, graph="swallow")
    answers, lock = [], threading.Lock()

    def storm():
        with Api(str(api.base_url)) as mine:
            for _ in range(60):
                status = mine.cancel(thread, run).status_code
                with lock:
                    answers.append(status)

    clients = [threading.Thread(target=storm) for _ in range(8)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    assert api.ended(thread, run) == "interrupted"
    assert set(answers) <= {202, 404}
    assert answers[0] == 202
    assert sum(m.what == "swallowed" for m in marks.all()) <= 1


def test_of_a_finish_and_a_cancel_at_once_exactly_one_wins(api):
    """Whatever was answered is what the run ended as."""
    ends = set()
    for i in range(60):
        thread = api.thread()
        run = api.run(thread, "slow", {"secs": 0})
        time.sleep(0.0005 * (i % 20))
        answer = api.cancel(thread, run)
        end = api.ended(thread, run)
        if answer.status_code == 202:
            assert end == "interrupted"
        else:
            assert answer.status_code == 404
            assert end == "success"
        ends.add(end)
        assert api.status(thread, run) == end
    assert ends


def test_reads_beside_a_cancel_never_go_back(api, marks, tmp_path):
    """running -> interrupted, seen by readers on connections of their own."""
    rank = {"pending": 0, "running": 1, "interrupted": 2}
    for i in range(5):
        mine = type(marks)(tmp_path / f"m{i}")
        thread, run = executing(api, mine, {"secs": 30, "mark": str(mine)})
        seen, stop = [[] for _ in range(4)], threading.Event()

        def read(into, thread=thread, run=run):
            with Api(str(api.base_url)) as client:
                while not stop.is_set():
                    into.append(rank[client.status(thread, run)])

        readers = [
            threading.Thread(target=read, args=(into,)) for into in seen
        ]
        for one in readers:
            one.start()
        assert api.cancel(thread, run, wait=1).status_code == 200
        assert api.status(thread, run) == "interrupted"
        time.sleep(0.05)
        stop.set()
        for one in readers:
            one.join()
        for statuses in seen:
            assert statuses == sorted(statuses)


def test_nothing_leaks_from_a_thousand_cancels(server, api):
    """Descriptors and threads of the server, before and after."""

    def held():
        base = f"/proc/{server.pid}"
        return len(os.listdir(f"{base}/fd")), len(os.listdir(f"{base}/task"))

    def many(count):
        for _ in range(count):
            thread = api.thread()
            run = api.run(thread, "slow", {"secs": 30})
            answer = api.cancel(thread, run, action="rollback")
            assert answer.status_code == 202

    many(50)
    before = held()
    many(500)

    def calm():
        now = held()
        return now[0] <= before[0] + 3 and now[1] <= before[1] + 2

    eventually(calm)

    def nothing_in_flight():
        queue = api.ok("GET", "/metrics?format=json")["queue"]
        return queue["n_running"] + queue["n_pending"] == 0

    eventually(nothing_in_flight)
