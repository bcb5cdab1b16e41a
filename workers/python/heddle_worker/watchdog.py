"""Tells the server where user code blocks the event loop.

The loop leaves a time stamp every 100 ms while jobs live; a thread looks at it
every 50 ms, and at the loop's stack when it is 200 ms old. Without jobs both
rest.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from types import FrameType

from heddle_worker.frames import Connection
from heddle_worker.loading import is_users

_TICK_SECONDS = 0.1
_LOOK_SECONDS = 0.05
_BLOCKED_SECONDS = 0.2
_REPEAT_SECONDS = 1.0


class Watchdog:
    """Watches the loop from a thread of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop, connection: Connection) -> None:
        self._loop = loop
        self._connection = connection
        self._loop_thread = threading.get_ident()
        self._awake = threading.Event()
        self._ticked = time.monotonic()
        self._lag = 0.0
        self._timer: asyncio.TimerHandle | None = None
        threading.Thread(
            target=self._watch, name="heddle-watchdog", daemon=True
        ).start()

    def watch(self) -> None:
        """A job lives. Loop thread."""
        if self._timer is None:
            self._ticked = time.monotonic()
            self._timer = self._loop.call_later(_TICK_SECONDS, self._tick)
            self._awake.set()

    def rest(self) -> None:
        """No job lives. Loop thread."""
        self._awake.clear()
        self._lag = 0.0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def take_lag_ms(self) -> int:
        """The longest a tick was late since the last call. Loop thread."""
        lag, self._lag = self._lag, 0.0
        return round(max(lag, time.monotonic() - self._ticked - _TICK_SECONDS) * 1000)

    def _tick(self) -> None:
        now = time.monotonic()
        self._lag = max(self._lag, now - self._ticked - _TICK_SECONDS)
        self._ticked = now
        self._timer = self._loop.call_later(_TICK_SECONDS, self._tick)

    def _watch(self) -> None:
        pause = threading.Event()
        told = 0.0
        while True:
            self._awake.wait()
            pause.wait(_LOOK_SECONDS)
            now = time.monotonic()
            if not self._awake.is_set() or now - self._ticked < _BLOCKED_SECONDS:
                told = 0.0
                continue
            if self._connection.peer_is_gone():
                os._exit(0)
            if now - told >= _REPEAT_SECONDS:
                told = now
                self._beat()

    def _beat(self) -> None:
        frame = sys._current_frames().get(self._loop_thread)
        if frame is None:
            return
        self._connection.send("beat", 0, {"where": _where(frame)})
        self._connection.write_now()


def _where(frame: FrameType) -> str:
    """The innermost line of the user's, or the innermost line at all."""
    innermost = f"{frame.f_code.co_filename}:{frame.f_lineno}"
    walk: FrameType | None = frame
    while walk is not None:
        if is_users(walk.f_code.co_filename):
            return f"{walk.f_code.co_filename}:{walk.f_lineno}"
        walk = walk.f_back
    return innermost
