"""HTTP for the recorder: one connection, one request at a time, no retries."""

import asyncio
import json
from typing import Any, NamedTuple


class Answer(NamedTuple):
    status: int
    headers: dict
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Lost(Exception):
    """The connection ended before the answer; `sent`: perhaps after the
    server had the request."""

    def __init__(self, sent: bool):
        super().__init__(f"sent: {sent}")
        self.sent = sent


class Wire:
    """A keep-alive connection, made anew when it was lost."""

    def __init__(self, port: int):
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def call(self, method: str, path: str, body: Any = None) -> Answer:
        sent = False
        try:
            if self.writer is None:
                self.reader, self.writer = await asyncio.open_connection(
                    "127.0.0.1", self.port, limit=1 << 24
                )
            sent = True
            self.writer.write(request(method, path, body))
            return await self._answer()
        except (OSError, EOFError) as lost:
            self.close()
            raise Lost(sent) from lost
        except asyncio.CancelledError:
            self.close()
            raise

    def close(self) -> None:
        if self.writer is not None:
            self.writer.transport.abort()
        self.reader = self.writer = None

    async def _answer(self) -> Answer:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head[:-4].split("\r\n")
        status = int(first.split(" ")[1])
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return Answer(status, headers, await self._body(status, headers))

    async def _body(self, status: int, headers: dict) -> bytes:
        if status == 204:
            return b""
        if headers.get("transfer-encoding") != "chunked":
            length = int(headers.get("content-length", 0))
            return await self.reader.readexactly(length)
        body = b""
        while True:
            line = await self.reader.readuntil(b"\r\n")
            size = int(line.split(b";")[0], 16)
            body += await self.reader.readexactly(size)
            await self.reader.readexactly(2)
            if size == 0:
                return body


def request(method: str, path: str, body: Any) -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    if body is None:
        data = b""
    head = f"{method} {path} HTTP/1.1\r\nHost: test\r\n"
    if data or method == "POST":
        head += f"Content-Length: {len(data)}\r\n"
    return head.encode() + b"\r\n" + data
