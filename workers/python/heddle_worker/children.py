"""The processes that a job's own code starts. They go on as they like, unless
the job is cancelled: then it is over when they are."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import subprocess
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from heddle_worker.threads import current_job


class ChildBook:
    """The living processes that one job started. `add` is safe from any thread,
    all else is for the loop's. Each is held by a descriptor, so that no signal
    meets another process that has got its number."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, on_idle: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._on_idle = on_idle
        self._held: dict[int, int] = {}  # Descriptor -> process.
        self._ending = False
        self._released = False

    @property
    def busy(self) -> int:
        return len(self._held)

    def add(self, pid: int) -> None:
        try:
            fd = os.pidfd_open(pid)
        except OSError:  # It is over already, or no descriptor is left.
            return
        self._loop.call_soon_threadsafe(self._hold, fd, pid)

    def end(self) -> None:
        """Asks all of them to end, with SIGTERM."""
        self._ending = True
        for fd in self._held:
            _send(fd, signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to all, and to what they have started in turn."""
        for fd, pid in self._held.items():
            offspring = _offspring(pid)
            _send(fd, signal.SIGKILL)
            for each in offspring:
                _kill(each)

    def release(self) -> None:
        """Forgets them: they may outlive their job."""
        self._released = True
        for fd in list(self._held):
            self._drop(fd)

    def _hold(self, fd: int, pid: int) -> None:
        if self._released or pid in self._held.values():
            os.close(fd)
            return
        self._held[fd] = pid
        self._loop.add_reader(fd, self._ended, fd)
        if self._ending:
            _send(fd, signal.SIGTERM)

    def _ended(self, fd: int) -> None:
        self._drop(fd)
        if not self._held:
            self._on_idle()

    def _drop(self, fd: int) -> None:
        self._loop.remove_reader(fd)
        del self._held[fd]
        os.close(fd)


def _send(fd: int, number: signal.Signals) -> None:
    try:
        signal.pidfd_send_signal(fd, number)
    except OSError:  # It has ended; its reader will say so.
        pass


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:  # It went with its parent, or is no longer ours to kill.
        pass


def _offspring(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for listed in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, listed.read_text().split()):
                found += [child, *_offspring(child)]
    except OSError:  # It ended meanwhile.
        pass
    return found


def _note(pid: int | None) -> None:
    job = current_job.get()
    if job is not None and pid is not None:
        job.children.add(pid)


def _noting(start: Callable[..., Any]) -> Callable[..., Any]:
    """`start` is a method after which its object has a `pid`."""

    @functools.wraps(start)
    def started(self: Any, *args: Any, **kwargs: Any) -> None:
        start(self, *args, **kwargs)
        _note(self.pid)

    return started


def _noting_result(start: Callable[..., Any]) -> Callable[..., Any]:
    """`start` gives an object that has a `pid`."""

    @functools.wraps(start)
    async def started(*args: Any, **kwargs: Any) -> Any:
        process = await start(*args, **kwargs)
        _note(process.pid)
        return process

    return started


def install() -> None:
    """Watches from now on what jobs start. Once per process, before the graphs
    are loaded."""
    subprocess.Popen.__init__ = _noting(subprocess.Popen.__init__)  # type: ignore
    BaseProcess.start = _noting(BaseProcess.start)  # type: ignore
    # uvloop starts processes without `Popen`.
    for name in ("create_subprocess_exec", "create_subprocess_shell"):
        start = _noting_result(getattr(asyncio.subprocess, name))
        setattr(asyncio.subprocess, name, start)
        setattr(asyncio, name, start)
