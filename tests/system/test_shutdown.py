"""SIGTERM is not a cancel: runs are put back, and go on after a restart."""

import signal
import time

import pytest

from api import Api, eventually
from process import Server, is_running
from sse import Stream


@pytest.fixture
def own(tmp_path):
    server = Server(tmp_path / "server", shutdown_grace="1s", workers="1")
    try:
        yield server.start(warm=False)
    finally:
        server.remove()


def test_an_idle_server_stops_at_once_and_in_order(own):
    asked = time.monotonic()
    assert own.stop() == 0
    assert time.monotonic() - asked < 2


def test_a_running_run_is_requeued_and_finishes_after_a_restart(own, marks):
    with Api(own.url) as api:
        thread = api.thread()
        steps = {"total": 30, "pause": 0.05, "mark": str(marks)}
        run = api.run(thread, "stepper", steps)
        queued = api.run(thread, "stepper", steps | {"total": 32})
        marks.await_("step 10")
    assert own.stop() == 0
    pid = marks.last().pid
    assert not is_running(pid)
    done = len(marks.all())
    own.start(warm=False)
    with Api(own.url) as api:
        assert api.ended(thread, run, 30) == "success"
        assert api.ended(thread, queued, 30) == "success"
        assert api.state(thread)["values"]["log"] == list(range(1, 33))
        assert not api.get_thread(thread)["error"]
    # It stopped at a checkpoint: no step was done twice.
    assert len(marks.all()) == 32
    assert done < 32


@pytest.mark.parametrize("graph", ["swallow", "sync_sleep", "async_cpu"])
def test_a_run_that_does_not_stop_is_requeued_within_the_grace(
    own, marks, slow, graph
):
    with Api(own.url) as api:
        thread = api.thread()
        run = api.run(thread, graph, slow | {"secs": 3})
        marks.await_("work")
    asked = time.monotonic()
    assert own.stop() == 0
    assert time.monotonic() - asked < 4
    own.start(warm=False)
    with Api(own.url) as api:
        assert api.ended(thread, run, 30) == "success"
        assert api.state(thread)["values"]["log"] == ["pre", "work", "after"]


def test_a_shutdown_is_no_strike(own, marks, slow):
    with Api(own.url) as api:
        thread = api.thread()
        run = api.run(thread, "swallow", slow)
        marks.await_("work")
    own.stop()
    for life in range(2, 5):
        own.start(warm=False)
        eventually(lambda: marks.count("work") == life, 20)
        own.stop()
    own.start(warm=False)
    with Api(own.url) as api:
        assert api.status(thread, run) in ("pending", "running")
        api.cancel(thread, run, wait=1)


def test_a_stopping_run_keeps_its_ladder(own, marks, slow):
    with Api(own.url) as api:
        thread = api.thread()
        run = api.run(thread, "swallow", slow)
        marks.await_("work")
        assert api.cancel(thread, run).status_code == 202
    assert own.stop() == 0
    own.start(warm=False)
    with Api(own.url) as api:
        assert api.status(thread, run) == "interrupted"


def test_streams_end_and_waiters_are_told_that_it_goes(own, marks, slow):
    api = Api(own.url)
    thread = api.thread()
    run = api.run(thread, "slow", slow)
    marks.await_("work")
    path = f"/threads/{thread}/runs/{run}"
    stream = Stream(api, "GET", f"{path}/stream")
    own.process.send_signal(signal.SIGTERM)
    stream.reader.join(10)
    assert not stream.reader.is_alive()
    assert "error" not in stream.names()
    assert own.process.wait(10) == 0
    own.start(warm=False)
    with Api(own.url) as again:
        assert again.status(thread, run) in ("pending", "running")
        again.cancel(thread, run, wait=1)


def test_leaving_a_cancelling_stream_at_shutdown_cancels_nothing(
    own, marks, slow
):
    api = Api(own.url)
    thread = api.thread()
    body = {
        "assistant_id": "slow",
        "input": slow | {"secs": 2},
        "on_disconnect": "cancel",
    }
    stream = Stream(api, "POST", f"/threads/{thread}/runs/stream", json=body)
    run = stream.await_event("metadata").data["run_id"]
    marks.await_("work")
    assert own.stop() == 0
    own.start(warm=False)
    with Api(own.url) as again:
        assert again.ended(thread, run, 20) == "success"


def test_a_second_sigterm_ends_it_at_once(own, marks, slow):
    own.stop()
    own.options["shutdown-grace"] = "60s"
    own.start()
    with Api(own.url) as api:
        api.run(api.thread(), "swallow", slow)
        marks.await_("work")
    own.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    asked = time.monotonic()
    assert own.stop() == 0
    assert time.monotonic() - asked < 4
