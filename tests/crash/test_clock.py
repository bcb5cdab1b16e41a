"""Wall clocks that jump, and processes that sleep."""

import os
import signal
import struct
import time
from datetime import datetime
from pathlib import Path

import pytest

from api import Api, eventually
from process import binary, is_running

HOUR = 3600
SHIM = binary().parent / "tests" / "libheddle_wall_clock.so"


class Clock:
    """The wall clock of processes that are started from now on. Monotonic
    clocks go on as they are."""

    def __init__(self, file: Path, monkeypatch):
        file.write_bytes(bytes(8))
        self.file = file
        monkeypatch.setenv("LD_PRELOAD", str(SHIM))
        monkeypatch.setenv("WALL_CLOCK", str(file))

    def jump(self, seconds: int) -> None:
        """To so far from the true time."""
        with self.file.open("r+b", buffering=0) as out:
            out.write(struct.pack("=q", seconds))


def seconds_ahead(api: Api) -> float:
    """So far is the server's clock from the true one."""
    created = api.get_thread(api.thread())["created_at"]
    return datetime.fromisoformat(created).timestamp() - time.time()


@pytest.fixture
def clock(tmp_path, monkeypatch):
    return Clock(tmp_path / "clock", monkeypatch)


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_no_limit_of_a_run_goes_by_the_wall_clock(
    clock, make_server, marks, slow, by
):
    server = make_server(run_timeout="15s", workers="2").start()
    with Api(server.url) as api:
        thread, other = api.thread(), api.thread()
        steps = {"total": 8, "pause": 0.1, "mark": str(marks)}
        run = api.run(thread, "stepper", steps)
        late = api.run(other, "slow", slow | {"tag": "late"})
        marks.await_("step 2")
        marks.await_("work")
        began = time.monotonic()
        clock.jump(by)
        assert seconds_ahead(api) == pytest.approx(by, abs=60)
        assert api.ended(thread, run, 30) == "success"
        # Its time is up after 15 s of execution, no sooner and not never.
        assert api.ended(other, late, 60) == "timeout"
        assert time.monotonic() - began > 5
        # A cancel's deadline neither.
        busy = api.thread()
        stuck = api.run(busy, "swallow", slow)
        eventually(lambda: marks.count("work") == 2, 20)
        clock.jump(-by)
        answer = api.cancel(busy, stuck, wait=1)
        assert answer.status_code == 200
        assert api.status(busy, stuck) == "interrupted"
    assert server.stop() == 0


@pytest.mark.long
def test_a_deferred_run_that_a_jump_made_due_starts(clock, make_server, marks):
    server = make_server().start()
    with Api(server.url) as api:
        thread = api.thread()
        run = api.run(thread, "noop", {}, after_seconds=HOUR)
        queued = api.run(thread, "noop", {}, after_seconds=2 * HOUR + 600)
        clock.jump(HOUR + 60)
        assert api.ended(thread, run, 90) == "success"
        assert api.status(thread, queued) == "pending"
        assert api.cancel(thread, queued).status_code == 202
    assert server.stop() == 0


def test_a_crash_beside_a_jump_loses_nothing(clock, make_server, marks, slow):
    server = make_server().start(warm=False)
    with Api(server.url) as api:
        done = api.thread()
        api.wait(done, "stepper", {"total": 3})
        before = api.picture(done)
        thread = api.thread()
        run = api.run(thread, "swallow", slow)
        marks.await_("work")
        assert api.cancel(thread, run, action="rollback").status_code == 202
    clock.jump(-HOUR)
    server.kill()
    server.start(warm=False)
    with Api(server.url) as api:
        assert api.status(thread, run) is None
        assert api.history(thread) == []
        assert api.picture(done) == before
    assert server.stop() == 0


@pytest.mark.long
def test_a_clock_that_is_set_back_and_right_again(clock, make_server):
    """A store that waited for the time it once saw would wait an hour."""
    server = make_server().start(warm=False)
    with Api(server.url) as api:
        thread = api.thread()
        run = api.run(thread, "noop", {}, after_seconds=5)
    clock.jump(-HOUR)
    server.kill()
    server.start(warm=False)
    with Api(server.url) as api:
        assert api.status(thread, run) == "pending"
        clock.jump(0)
        assert api.ended(thread, run, 90) == "success"
    assert server.stop() == 0


def test_a_stopped_worker_that_wakes_after_a_rollback_writes_nothing(
    make_server, marks
):
    """It cannot even be told; it is killed. If it could not be: its slot is
    fenced."""
    server = make_server(stop_grace="1s").start()
    with Api(server.url) as api:
        thread = api.thread()
        api.wait(thread, "stepper", {"total": 2})
        before = api.picture(thread)
        steps = {"total": 400, "pause": 0.02, "mark": str(marks)}
        run = api.run(thread, "stepper", steps | {"n": 2})
        marks.await_("step 6")
        worker = marks.last().pid
        os.kill(worker, signal.SIGSTOP)
        try:
            answer = api.cancel(thread, run, action="rollback", wait=1)
            assert answer.status_code == 200
        finally:
            try:
                os.kill(worker, signal.SIGCONT)
            except ProcessLookupError:
                pass
        eventually(lambda: not is_running(worker), 10)
        seen = len(marks.all())
        assert api.wait(api.thread(), "noop", {}) == {"log": ["noop"]}
        after = api.picture(thread)
        for shown in (before, after):
            shown["thread"].pop("metadata"), shown["thread"].pop("config")
        assert after == before
        assert api.status(thread, run) is None
        assert len(marks.all()) == seen
    assert server.stop() == 0


def test_a_stopped_server_that_wakes_goes_on(own, marks):
    with Api(own.url) as api:
        thread = api.thread()
        steps = {"total": 60, "pause": 0.05, "mark": str(marks)}
        run = api.run(thread, "stepper", steps)
        marks.await_("step 3")
        os.kill(own.pid, signal.SIGSTOP)
        time.sleep(2)
        os.kill(own.pid, signal.SIGCONT)
        assert api.ended(thread, run, 60) == "success"
        assert api.state(thread)["values"]["log"] == list(range(1, 61))
    assert own.stop() == 0
