"""Frames on the socket: length, MessagePack, one write per loop turn.

Sending is safe from any thread; everything else belongs to the loop's thread.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import ormsgpack

_READ_BYTES = 1 << 20


class FrameTooLarge(ValueError):
    """A frame over the protocol's limit. The run that made it ends with this."""


class Connection:
    """The worker's end of the socket pair."""

    def __init__(
        self, sock: socket.socket, on_frame: Callable[[str, int, Any], None]
    ) -> None:
        self.frame_bytes_max = 64 << 20
        self._sock = sock
        self._fd = sock.fileno()
        self._on_frame = on_frame
        self._lock = threading.Lock()
        self._out: list[bytes] = []
        self._rest: memoryview | None = None
        self._in = bytearray()
        self._scheduled = False
        self._writing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._before_flush: list[Callable[[], None]] = []

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Starts to read. Called once, on the loop's thread."""
        self._loop = loop
        self._thread = threading.get_ident()
        loop.add_reader(self._fd, self._readable)
        if self._out:
            self._schedule()

    def send(self, kind: str, run: int, body: Any) -> int:
        """Queues a frame for the end of this loop turn; returns its length.

        Raises `FrameTooLarge`, and `TypeError` for what MessagePack cannot say.
        """
        data = ormsgpack.packb([kind, run, body])
        size = len(data)
        if size > self.frame_bytes_max:
            raise FrameTooLarge(
                f"a `{kind}` frame of {size} bytes is over the limit of "
                f"{self.frame_bytes_max} bytes"
            )
        with self._lock:
            self._out.append(size.to_bytes(4, "little"))
            self._out.append(data)
        if not self._scheduled:
            self._schedule()
        return size

    def before_flush(self, pack: Callable[[], None]) -> None:
        """Calls `pack` once before this turn's write. Loop thread only."""
        self._before_flush.append(pack)
        if not self._scheduled:
            self._schedule()

    def write_now(self) -> None:
        """Writes what the socket takes, from any thread, also beside a
        blocked loop."""
        with self._lock:
            self._write()

    def drain(self, seconds: float) -> None:
        """Blocks until everything is written: for the moment of leaving."""
        self._pack()
        while True:
            with self._lock:
                if self._write():
                    return
            if not select.select([], [self._fd], [], seconds)[1]:
                return

    def peer_is_gone(self) -> bool:
        """Whether the server has closed its end, data pending or not."""
        poll = select.poll()
        poll.register(self._fd, select.POLLRDHUP)
        return any(
            event & (select.POLLRDHUP | select.POLLHUP | select.POLLERR)
            for _, event in poll.poll(0)
        )

    def _schedule(self) -> None:
        if self._loop is None:
            return
        self._scheduled = True
        if threading.get_ident() == self._thread:
            self._loop.call_soon(self._flush)
        else:
            self._loop.call_soon_threadsafe(self._flush)

    def _pack(self) -> None:
        packs, self._before_flush = self._before_flush, []
        for pack in packs:
            pack()

    def _flush(self) -> None:
        self._scheduled = True
        self._pack()
        self._scheduled = False
        self._writable()

    def _writable(self) -> None:
        with self._lock:
            done = self._write()
        assert self._loop is not None
        if done and self._writing:
            self._writing = False
            self._loop.remove_writer(self._fd)
        elif not done and not self._writing:
            self._writing = True
            self._loop.add_writer(self._fd, self._writable)

    def _write(self) -> bool:
        """Under the lock. Returns whether nothing is left."""
        try:
            while self._rest is not None or self._out:
                if self._rest is None:
                    self._rest = memoryview(b"".join(self._out))
                    self._out.clear()
                sent = self._sock.send(self._rest)
                self._rest = self._rest[sent:] if sent < len(self._rest) else None
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            os._exit(0)  # The server is gone, and every run with it.
        return True

    def _readable(self) -> None:
        try:
            data = self._sock.recv(_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            os._exit(0)
        buffer = self._in
        buffer += data
        start = 0
        while len(buffer) - start >= 4:
            end = start + 4 + int.from_bytes(buffer[start : start + 4], "little")
            if end > len(buffer):
                break
            kind, run, body = ormsgpack.unpackb(bytes(buffer[start + 4 : end]))
            start = end
            try:
                self._on_frame(kind, run, body)
            except Exception as error:
                print(f"heddle worker: bad `{kind}` frame: {error!r}", file=sys.stderr)
                os._exit(70)
        if start:
            del buffer[:start]
