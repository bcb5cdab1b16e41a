"""kill -9 of the server, and what must hold when it is back."""

import random
import threading
import time

import httpx
import pytest

from api import Api, eventually
from cancelling import counted
from process import Server, is_running, parents
from sse import Stream

ACTIONS = pytest.mark.parametrize("action", ["interrupt", "rollback"])


@pytest.fixture
def own(tmp_path):
    server = Server(tmp_path / "server", workers="1")
    try:
        yield server.start(warm=False)
    finally:
        server.remove()


def client(server):
    return Api(server.url)


def family(pid):
    """All descendants of a process."""
    table = parents()
    found, new = set(), {pid}
    while new:
        new = {p for p, parent in table.items() if parent in new} - found
        found |= new
    return found


def crash(server):
    """kill -9, restart. @returns a client of the restarted server"""
    server.kill()
    server.start(warm=False)
    return client(server)


def test_no_process_outlives_a_killed_server(own, marks, slow):
    with client(own) as api:
        api.run(api.thread(), "sync_cpu", slow)
        marks.await_("work")
    workers = family(own.pid)
    assert marks.last().pid in workers
    own.kill()
    eventually(lambda: not any(is_running(pid) for pid in workers), 5)
    ticks = len(marks.all())
    time.sleep(0.3)
    assert len(marks.all()) == ticks


@ACTIONS
def test_an_accepted_cancel_of_a_running_run_holds(own, marks, slow, action):
    with client(own) as api:
        thread = api.thread()
        api.wait(thread, "noop", {})
        before = api.picture(thread)
        run = api.run(thread, "swallow", slow)
        marks.await_("work")
        answer = api.cancel(thread, run, action=action)
        assert answer.status_code == 202
    with crash(own) as api:
        end = "gone" if action == "rollback" else "interrupted"
        assert api.ended(thread, run) == end
        after = api.picture(thread)
        if action == "rollback":
            for shown in (before, after):
                shown["thread"].pop("metadata"), shown["thread"].pop("config")
            assert after == before
        else:
            assert api.get_thread(thread)["status"] == "interrupted"
        assert marks.count("work") == 1


def test_accepted_cancels_are_applied_before_the_socket_opens(
    own, marks, slow
):
    with client(own) as api:
        thread = api.thread()
        run = api.run(thread, "swallow", slow)
        marks.await_("work")
        assert api.cancel(thread, run).status_code == 202
    own.kill()
    own.start(warm=False)
    with client(own) as api:
        assert api.status(thread, run) == "interrupted"


@ACTIONS
def test_a_pending_run_that_was_cancelled_never_executes(
    own, marks, slow, action
):
    with client(own) as api:
        thread = api.thread()
        first = api.run(thread, "slow", slow | {"secs": 1})
        marks.await_("work")
        body = slow | {"secs": 0, "tag": "queued"}
        queued = api.run(thread, "human", body)
        api.cancel(thread, queued, action=action)
    with crash(own) as api:
        end = None if action == "rollback" else "interrupted"
        assert api.status(thread, queued) == end
        assert api.ended(thread, first, 20) == "success"
        assert not marks.has("ask")


@ACTIONS
def test_a_bulk_that_was_answered_holds_for_every_run(own, marks, action):
    body = {
        "assistant_id": "slow",
        "input": {"mark": str(marks)},
        "after_seconds": 3600,
        "on_completion": "keep",
    }
    with client(own) as api:
        runs = [
            run
            for _ in range(4)
            for run in api.ok("POST", "/runs/batch", json=[body] * 250)
        ]
        answer = api.cancel_many({"status": "pending"}, action=action)
        assert answer.status_code == 204
    with crash(own) as api:
        end = None if action == "rollback" else "interrupted"
        for run in runs[::50]:
            assert api.status(run["thread_id"], run["run_id"]) == end
        counts = api.ok("GET", "/metrics?format=json")["queue"]
        assert counts["n_pending"] + counts["n_running"] == 0
        assert api.cancel_many({"status": "all"}).status_code == 404


def test_a_running_run_goes_on_from_its_last_checkpoint(own, marks):
    with client(own) as api:
        thread = api.thread()
        steps = {"total": 40, "pause": 0.05, "mark": str(marks)}
        run = api.run(thread, "stepper", steps)
        marks.await_("step 10")
    with crash(own) as api:
        assert api.ended(thread, run, 30) == "success"
        values = api.state(thread)["values"]
        assert values["log"] == list(range(1, 41))
        names = [m.what for m in marks.all()]
        assert len(names) <= 43, "more than a step or two was done again"
        steps = [c["metadata"]["step"] for c in api.history(thread)]
        assert steps == list(range(40, -2, -1))
        assert api.get_thread(thread)["status"] == "idle"


def test_created_runs_are_found_and_finish(own):
    with client(own) as api:
        made = [(t := api.thread(), api.run(t, "noop", {})) for _ in range(30)]
        later = api.thread()
        due = api.run(later, "noop", {}, after_seconds=2)
    with crash(own) as api:
        for thread, run in [*made, (later, due)]:
            assert api.ended(thread, run, 20) == "success"
            assert api.state(thread)["values"]["log"] == ["noop"]


def test_queued_runs_keep_their_order(own, marks):
    with client(own) as api:
        thread = api.thread()
        steps = {"pause": 0.1, "mark": str(marks)}
        runs = [
            api.run(thread, "stepper", steps | {"total": n})
            for n in (4, 6, 8, 10)
        ]
        marks.await_("step 2")
    with crash(own) as api:
        for run in runs:
            assert api.ended(thread, run, 30) == "success"
        assert api.state(thread)["values"]["log"] == list(range(1, 11))


def test_what_was_acknowledged_is_there(own):
    with client(own) as api:
        thread = api.thread(metadata={"a": 1})
        api.wait(thread, "stepper", {"total": 3})
        api.ok("PATCH", f"/threads/{thread}", json={"metadata": {"b": 2}})
        body = {"values": {"n": 7}, "as_node": "tick"}
        api.ok("POST", f"/threads/{thread}/state", json=body)
        made = api.ok("POST", "/assistants", json={"graph_id": "noop"})
        gone = api.thread()
        api.wait(gone, "noop", {})
        api.delete(f"/threads/{gone}")
        before = api.picture(thread)
    with crash(own) as api:
        assert api.picture(thread) == before
        assert api.state(thread)["values"]["n"] == 7
        path = f"/assistants/{made['assistant_id']}"
        assert api.ok("GET", path) == made
        assert api.get(f"/threads/{gone}").status_code == 404


def test_events_with_ids_can_be_replayed_after_a_crash(own, marks):
    with client(own) as api:
        thread = api.thread()
        talk = {"count": 40, "pause": 0.05, "mark": str(marks)}
        run = api.run(
            thread,
            "tokens",
            talk,
            stream_mode=["custom"],
            stream_resumable=True,
        )
        path = f"/threads/{thread}/runs/{run}/stream"
        stream = Stream(api, "GET", path, headers={"last-event-id": "-1"})
        stream.await_event(
            lambda e: e.name == "custom" and e.data["token"] > 9
        )
        seen = stream.events()
        own.kill()
    own.start(warm=False)
    with client(own) as api:
        headers = {"last-event-id": "-1"}
        replay = Stream(api, "GET", path, headers=headers).end(30)
        assert [e.raw for e in replay[: len(seen)]] == [e.raw for e in seen]
        ids = [tuple(map(int, e.id.split("-"))) for e in replay]
        assert ids == sorted(set(ids))
        metadata = [e.data for e in replay if e.name == "metadata"]
        assert [m["attempt"] for m in metadata] == [1, 2]
        tokens = [e.data["token"] for e in replay if e.name == "custom"]
        assert tokens[-40:] == list(range(40))


def test_a_run_that_met_three_crashes_ends_as_an_error(own, marks, slow):
    with client(own) as api:
        thread = api.thread()
        run = api.run(thread, "slow", slow)
        marks.await_("work")
    for life in (2, 3):
        own.kill()
        own.start(warm=False)
        eventually(lambda: marks.count("work") == life, 20)
    with crash(own) as api:
        assert api.ended(thread, run, 20) == "error"
        assert api.get_thread(thread)["status"] == "error"
        assert "attempts" in api.get_thread(thread)["error"]["message"]
        assert marks.count("work") == 3


def check_all(server, api, told, at):
    """Every promise made before the crash, against what is there."""
    for thread, run, promise in told:
        try:
            status = api.ended(thread, run, 40)
        except AssertionError as late:
            row = api.get_run(thread, run)
            raise AssertionError(f"{at}: {row}\n{server.log()}") from late
        if promise is None:
            assert status in ("success", "interrupted", "gone"), at
        else:
            assert status == promise, (at, thread, run)
        state = api.state(thread)
        history = api.history(thread)
        if status == "gone":
            assert history == [] and state["values"] == {}, at
        if status == "success":
            log = state["values"]["log"]
            assert log == list(range(1, len(log) + 1)), at
            assert len(log) == 20, at
        assert api.get_thread(thread)["status"] != "busy"


def traffic(url, rng, told, stop):
    """Creates and cancels until the server is gone. `told`: its promises."""
    with Api(url) as api:
        while not stop.is_set():
            try:
                thread = api.thread()
                steps = {"total": 20, "pause": rng.choice([0, 0.01, 0.03])}
                run = api.run(thread, "stepper", steps)
            except (httpx.TransportError, AssertionError):
                return
            entry = [thread, run, "success"]
            told.append(entry)
            if rng.random() < 0.3:
                continue
            time.sleep(rng.random() * 0.2)
            action = rng.choice(["interrupt", "rollback"])
            entry[2] = None  # Unknown until it is answered.
            try:
                if rng.random() < 0.5:
                    answer = api.cancel(
                        thread, run, action=action, wait=rng.randint(0, 1)
                    )
                else:
                    body = counted(thread, run)
                    answer = api.cancel_many(body, action=action)
            except httpx.TransportError:
                return
            if answer.is_success:
                gone = action == "rollback"
                entry[2] = "gone" if gone else "interrupted"
            elif answer.status_code == 404:
                entry[2] = "success"


def run_traffic(server, seed, while_it_runs):
    """@returns what was promised to six clients"""
    told, stop = [], threading.Event()
    clients = [
        threading.Thread(
            target=traffic,
            args=(server.url, random.Random(f"{seed}-{i}"), told, stop),
        )
        for i in range(6)
    ]
    for one in clients:
        one.start()
    try:
        while_it_runs()
    finally:
        stop.set()
        for one in clients:
            one.join()
    assert len(told) > 3
    return told


@pytest.mark.parametrize("seed", range(3))
def test_no_promise_is_broken_by_a_crash_at_any_moment(own, seed):
    rng = random.Random(seed)

    def kill():
        time.sleep(0.5 + rng.random() * 1.5)
        own.kill()

    told = run_traffic(own, seed, kill)
    assert len(told) > 5
    # Crashing while it recovers changes nothing.
    for _ in range(rng.randint(0, 2)):
        own.spawn()
        time.sleep(rng.random() * 0.5)
        own.kill()
    own.start(warm=False)
    with client(own) as api:
        check_all(own, api, told, f"seed {seed}")
