"""Disks that are full, fail, or cannot be written, under the real binary."""

import signal
import sqlite3
import subprocess

import httpx
import pytest

from api import Api, eventually
from cancelling import deferred
from conftest import needs
from subject import Room, cut_at

SMALL = 3 << 20


def is_sound(data) -> bool:
    with sqlite3.connect(data / "heddle.db") as db:
        return db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture
def small_disk(tmp_path, needs_root):
    """A file system of 3 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "none", folder],
        capture_output=True, text=True,
    )
    if made.returncode != 0:
        pytest.skip(f"mount is not permitted: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder) -> None:
    """Leaves not one free byte."""
    with open(folder / "ballast", "ab", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass


def write_until_refused(api, tries=3000):
    """@returns the first answer that is not a success"""
    body = {"metadata": {"filling": "x" * 2000}}
    for _ in range(tries):
        answer = api.post("/threads", json=body)
        if not answer.is_success:
            return answer
    raise AssertionError("the disk never fills up")


def test_a_full_disk_refuses_writes_and_nothing_else(
    make_server, small_disk, marks, slow
):
    server = make_server(data=small_disk / "data").start()
    with Api(server.url) as api:
        thread = api.thread()
        api.wait(thread, "stepper", {"total": 3})
        before = api.state(thread)
        later, pending = deferred(api, marks)
        busy = api.thread()
        running = api.run(busy, "slow", slow)
        marks.await_("work")
        assert api.cancel(busy, running).status_code == 202
        accepted = [(busy, running)]
        fill(small_disk)
        answer = write_until_refused(api)
        assert answer.status_code in (503, 507), answer.text
        # Reads, and what was accepted before, go on.
        assert api.state(thread) == before
        assert api.status(later, pending) == "pending"
        assert api.status(busy, running) in ("running", "interrupted")
        assert api.get("/ok").status_code == 200
        # A cancel that cannot be kept is not accepted either.
        answer = api.cancel(later, pending)
        assert answer.status_code in (202, 503, 507)
        if answer.status_code == 202:
            accepted.append((later, pending))
        else:
            assert api.status(later, pending) == "pending"
        (small_disk / "ballast").unlink()
        for where, run in accepted:
            assert api.ended(where, run, 30) == "interrupted"
        assert api.wait(api.thread(), "noop", {}) == {"log": ["noop"]}
    assert server.stop() == 0
    assert is_sound(server.data)


def test_a_server_that_dies_on_a_full_disk_recovers_with_space(
    make_server, small_disk, marks, slow
):
    server = make_server(data=small_disk / "data").start()
    with Api(server.url) as api:
        thread = api.thread()
        run = api.run(thread, "swallow", slow)
        marks.await_("work")
        assert api.cancel(thread, run, action="rollback").status_code == 202
        fill(small_disk)
        write_until_refused(api)
    server.kill()
    (small_disk / "ballast").unlink()
    server.start(warm=False)
    with Api(server.url) as api:
        assert api.status(thread, run) is None
        assert api.history(thread) == []
    assert server.stop() == 0
    assert is_sound(server.data)


def inject(server, rule):
    """Makes system calls of a running server fail."""
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(server.pid),
         "-e", f"inject={rule}"],
        stderr=subprocess.PIPE,
    )
    traced = f"/proc/{server.pid}/status"
    eventually(lambda: "TracerPid:\t0\n" not in open(traced).read(), 10)
    return tracer


@needs("strace")
@pytest.mark.parametrize("call", ["fdatasync", "pwrite64"])
def test_a_disk_that_fails_ends_the_server_without_an_answer(
    own, marks, call
):
    with Api(own.url) as api:
        thread = api.thread()
        kept, pending = deferred(api, marks)
        tracer = inject(own, f"{call}:error=EIO")
        try:
            # What is on the disk nobody knows now, so nothing is promised.
            try:
                answer = api.cancel(kept, pending)
                assert answer.status_code >= 500, "acknowledged all the same"
            except httpx.TransportError:
                pass
            eventually(lambda: own.process.poll() is not None, 20)
            assert own.process.returncode == 70
        finally:
            tracer.terminate()
            tracer.wait(10)
    own.start(warm=False)
    with Api(own.url) as api:
        assert api.get_thread(thread)
        # Never half: it holds, or it has not happened.
        assert api.status(kept, pending) in ("pending", "interrupted")
    assert own.stop() == 0
    assert is_sound(own.data)


@needs("strace")
def test_a_read_that_fails_is_one_failed_request(own):
    """It once ended the server: a reader met the end of its transaction."""
    with Api(own.url) as api:
        threads = [api.thread(metadata={"pad": "x" * 9000}) for _ in range(40)]
    own.kill()
    own.start(warm=False)
    with Api(own.url) as api:
        tracer = inject(own, "pread64:error=EIO")
        try:
            answers = [api.get(f"/threads/{thread}") for thread in threads]
            assert {a.status_code for a in answers} <= {200, 500, 503}
            assert any(a.status_code >= 500 for a in answers)
        finally:
            tracer.terminate()
            tracer.wait(10)
        for thread in threads:
            assert api.get_thread(thread)
    assert own.stop() == 0


def start_refused(server) -> str:
    """Its reason, on one line."""
    server.spawn()
    assert server.process.wait(20) not in (0, -signal.SIGSEGV)
    lines = server.err.read_text().strip().splitlines()
    assert len(lines) == 1, server.log()
    return lines[0]


def test_a_data_directory_that_cannot_be_written_is_refused(
    make_server, tmp_path, needs_root
):
    server = make_server().start(warm=False)
    with Api(server.url) as api:
        thread = api.thread()
    assert server.stop() == 0
    before = {p.name: p.read_bytes() for p in server.data.iterdir()}
    made = subprocess.run(
        ["mount", "--bind", "-o", "ro", server.data, server.data],
        capture_output=True, text=True,
    )
    if made.returncode != 0:
        pytest.skip(f"mount is not permitted: {made.stderr.strip()}")
    try:
        assert str(server.data) in start_refused(server)
        assert before == {p.name: p.read_bytes() for p in server.data.iterdir()}
    finally:
        subprocess.run(["umount", "-l", server.data], check=True)
    server.start(warm=False)
    with Api(server.url) as api:
        assert api.get_thread(thread)


def test_a_second_server_is_refused_and_the_first_goes_on(
    own, make_server, marks
):
    with Api(own.url) as api:
        thread = api.thread()
        steps = {"total": 40, "pause": 0.05, "mark": str(marks)}
        run = api.run(thread, "stepper", steps)
        marks.await_("step 2")
        for i in range(3):
            other = make_server(f"other-{i}", data=own.data)
            text = start_refused(other)
            assert "is used by another heddle server" in text
            other.data = other.folder / "none"
        assert api.ended(thread, run, 60) == "success"
        assert len(marks.all()) == 40
    own.kill()
    # A dead one's lock is nobody's.
    own.start(warm=False)
    assert own.stop() == 0


@pytest.mark.parametrize("at", [250, 300, 350])
def test_the_name_of_a_new_data_directory_survives_a_power_loss(tmp_path, at):
    """Nothing that was not synced survives here. The store once synced only
    what is in its directory, and this took the directory as a whole."""
    room = Room(tmp_path / "room")
    room.clear()
    room.run("play", 4, **cut_at(room, at, 1), POWER_LOSS_KEEP="0")
    assert room.ledger.stat().st_size > 0, "nothing was promised yet"
    assert room.verify() == ""
