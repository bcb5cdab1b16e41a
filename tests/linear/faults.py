"""Proxies that make a good server a bad one, so that a checker can be tested.

Each stands between the clients and the real server, and lies now and then.
"""

import asyncio
import random

from wire import Answer, Wire


class Proxy:
    """Forwards; `forward` is what a fault changes."""

    def __init__(self, port: int, seed: int = 0):
        self.upstream = port
        self.rng = random.Random(seed)
        self.lies = 0
        self.port = 0

    async def __aenter__(self) -> "Proxy":
        self.server = await asyncio.start_server(
            self.serve, "127.0.0.1", 0, limit=1 << 24
        )
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_) -> None:
        self.server.close()

    async def serve(self, reader, writer) -> None:
        wire = Wire(self.upstream)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                method, path, _ = head.decode("latin-1").split(" ", 2)
                body = await reader.readexactly(length_of(head))
                answer = await self.forward(wire, method, path, body)
                writer.write(as_bytes(answer))
                await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            wire.close()
            writer.close()

    async def forward(self, wire, method, path, body) -> Answer:
        return await wire.call(method, path, body)


class StaleReads(Proxy):
    """Answers some reads with what it read before."""

    def __init__(self, port: int, seed: int = 0):
        super().__init__(port, seed)
        self.seen: dict[str, Answer] = {}

    async def forward(self, wire, method, path, body):
        fresh = await super().forward(wire, method, path, body)
        if method != "GET":
            return fresh
        old = self.seen.get(path)
        if old and old.body != fresh.body and self.rng.random() < 0.3:
            self.lies += 1
            return old
        self.seen[path] = fresh
        return fresh


class LostCancels(Proxy):
    """Accepts some cancels by id and does nothing."""

    async def forward(self, wire, method, path, body):
        if "/cancel?" in path and "wait" not in path and "/threads" in path:
            row = await wire.call("GET", path.split("/cancel?")[0], b"")
            live = row.status == 200 and row.json()["status"] in (
                "pending",
                "running",
            )
            if live and self.rng.random() < 0.3:
                self.lies += 1
                return Answer(202, {}, b"")
        return await super().forward(wire, method, path, body)


class CheckThenAct(Proxy):
    """Looks, and a little later answers by what it had seen: that all was over
    already, or that something was there to cancel."""

    async def forward(self, wire, method, path, body):
        if not ("/cancel?" in path and "/threads" in path):
            return await super().forward(wire, method, path, body)
        row = await wire.call("GET", path.split("/cancel?")[0], b"")
        live = row.status == 200 and row.json()["status"] in (
            "pending",
            "running",
        )
        await asyncio.sleep(0.01)
        answer = await super().forward(wire, method, path, body)
        if live and answer.status == 404:
            self.lies += 1
            return Answer(202, {}, b"")
        return answer


def length_of(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def as_bytes(answer: Answer) -> bytes:
    head = f"HTTP/1.1 {answer.status} -\r\n"
    if answer.status != 204:
        head += f"Content-Length: {len(answer.body)}\r\n"
    return head.encode() + b"\r\n" + answer.body
