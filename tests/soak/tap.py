"""A stream as a client of the soak reads it: as far as it likes."""

import asyncio
import json
from typing import Any, NamedTuple

import wire


SILENT_MAX = 90  # Seconds between two events.


class Event(NamedTuple):
    name: str
    data: Any
    id: str | None


class Tap:
    """One request whose answer is read event by event."""

    def __init__(self, port: int):
        self.port = port
        self.status = 0
        self.writer: asyncio.StreamWriter | None = None
        self.ended = False
        self.buffer = b""

    async def open(self, method, path, body=None, last_id=None) -> "Tap":
        """@raises Lost, TimeoutError"""
        try:
            async with asyncio.timeout(SILENT_MAX):
                await self._open(method, path, body, last_id)
        except (ConnectionError, EOFError) as lost:
            raise wire.Lost(True) from lost
        return self

    async def _open(self, method, path, body, last_id) -> None:
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self.port, limit=1 << 24
        )
        data = wire.request(method, path, body)
        head, _, rest = data.partition(b"\r\n\r\n")
        if last_id is not None:
            head += b"\r\nLast-Event-ID: " + last_id.encode()
        self.writer.write(head + b"\r\n\r\n" + rest)
        raw = await self.reader.readuntil(b"\r\n\r\n")
        self.status = int(raw.split(b" ")[1])

    async def next(self) -> Event | None:
        """The next event; None at the end of the stream.
        @raises Lost, TimeoutError"""
        try:
            async with asyncio.timeout(SILENT_MAX):
                return await self._next()
        except (ConnectionError, EOFError) as lost:
            raise wire.Lost(True) from lost

    async def _next(self) -> Event | None:
        while True:
            frame, found, rest = self.buffer.partition(b"\r\n\r\n")
            if found:
                self.buffer = rest
                event = parsed(frame)
                if event:
                    return event
            elif self.ended:
                if self.buffer:
                    raise ValueError(f"half a frame: {self.buffer!r}")
                return None
            else:
                await self.fill()

    async def fill(self) -> None:
        line = await self.reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        self.buffer += (await self.reader.readexactly(size + 2))[:-2]
        self.ended = size == 0

    def cut(self) -> None:
        """Goes away without a word."""
        if self.writer is not None:
            self.writer.transport.abort()


def parsed(frame: bytes) -> Event | None:
    """None for a comment."""
    fields = dict(
        line.partition(b": ")[::2]
        for line in frame.split(b"\r\n")
        if line and not line.startswith(b":")
    )
    if not fields:
        return None
    number = fields.get(b"id")
    return Event(
        fields[b"event"].decode(),
        json.loads(fields[b"data"]),
        number and number.decode(),
    )
