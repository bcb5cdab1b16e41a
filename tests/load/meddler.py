"""Servers that are wrong: before a real one, each spoils one thing of it."""

import asyncio
import threading
from dataclasses import dataclass

FRAME = b"\r\n\r\n"


@dataclass
class Reply:
    """What a meddler says itself."""

    status: int
    body: bytes = b""

    def text(self) -> bytes:
        return (
            f"HTTP/1.1 {self.status} Meddled\r\ncontent-type: application/json"
            f"\r\ncontent-length: {len(self.body)}\r\n\r\n"
        ).encode() + self.body


class Meddler:
    """Passes requests on to a port, and their answers back. To be derived
    from: each method may spoil something."""

    def __init__(self, port: int):
        self.behind = port
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run)

    # -- what can be spoiled

    async def asked(self, method: str, path: str) -> Reply | None:
        """Instead of passing the request on, a reply."""

    def head(self, head: bytes) -> bytes:
        """Of a request."""
        return head

    def body(self, method: str, path: str, body: bytes) -> bytes:
        """Of an answer."""
        return body

    def frame(self, path: str, frame: bytes) -> list[bytes]:
        """The frames of a stream to send for this one."""
        return [frame]

    def last(self, path: str) -> bytes:
        """What is sent at the end of a stream; nothing: no end at all."""
        return b"0\r\n\r\n"

    # -- how it works

    def __enter__(self):
        self.thread.start()
        assert self.ready.wait(10)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self.stop = asyncio.Event()
        door = await asyncio.start_server(self._client, "127.0.0.1", 0)
        self.port = door.sockets[0].getsockname()[1]
        self.ready.set()
        await self.stop.wait()
        door.close()
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task():
                task.cancel()

    async def _client(self, reader, writer) -> None:
        there = None
        try:
            if self.behind:
                there = await asyncio.open_connection("127.0.0.1", self.behind)
            while True:
                head = await reader.readuntil(FRAME)
                body = await reader.readexactly(length_of(head))
                method, path, _ = head.decode().split(" ", 2)
                reply = await self.asked(method, path)
                if reply:
                    writer.write(reply.text())
                else:
                    there[1].write(self.head(head) + body)
                    await self._answer(method, path, there[0], writer)
                await writer.drain()
        except (EOFError, OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            if there:
                there[1].close()

    async def _answer(self, method, path, there, writer) -> None:
        head = await there.readuntil(FRAME)
        if b"transfer-encoding: chunked" in head.lower():
            writer.write(head)
            return await self._stream(path, there, writer)
        body = b""
        if b" 204 " not in head[:16]:
            body = await there.readexactly(length_of(head))
        body = self.body(method, path, body)
        lines = [
            f"content-length: {len(body)}".encode()
            if line.lower().startswith(b"content-length:")
            else line
            for line in head.split(b"\r\n")
        ]
        writer.write(b"\r\n".join(lines) + body)

    async def _stream(self, path, there, writer) -> None:
        text = b""
        while size := int(await there.readline(), 16):
            text += await there.readexactly(size)
            await there.readexactly(2)
            *frames, text = text.split(FRAME)
            for frame in frames:
                for each in self.frame(path, frame + FRAME):
                    writer.write(b"%x\r\n%b\r\n" % (len(each), each))
            await writer.drain()
        await there.readexactly(2)
        if text:
            writer.write(b"%x\r\n%b\r\n" % (len(text), text))
        end = self.last(path)
        if not end:
            await asyncio.sleep(3600)
        writer.write(end)


def length_of(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


class SaysYes(Meddler):
    """Answers 200 to everything, and has nothing behind it."""

    def __init__(self):
        super().__init__(0)

    async def asked(self, method, path):
        return Reply(200, b"{}")


class LosesAnEvent(Meddler):
    def frame(self, path, frame):
        return [] if b'"token":7,' in frame else [frame]


class DoublesAnEvent(Meddler):
    def frame(self, path, frame):
        return [frame] * (2 if b'"token":7,' in frame else 1)


class HasNoEnd(Meddler):
    def last(self, path):
        return b""


class CutsStreams(Meddler):
    """Ends the connection instead of the stream."""

    def last(self, path):
        raise EOFError


class NeverStops(Meddler):
    """Accepts every cancel of a run, and does nothing about it."""

    async def asked(self, method, path):
        return Reply(202) if path.endswith("/cancel") and "runs/" in path else None


class ForgetsBulk(Meddler):
    async def asked(self, method, path):
        return Reply(204) if path == "/runs/cancel" else None


class HasNoBulk(Meddler):
    async def asked(self, method, path):
        if path == "/runs/cancel":
            return Reply(501, b'{"detail":"not built"}')


class MixesRunsUp(Meddler):
    """Shows another run than the one that was asked for."""

    def body(self, method, path, body):
        if method == "GET" and "/runs/" in path:
            return body.replace(b'"run_id":"0', b'"run_id":"1')
        return body


class RollsNothingBack(Meddler):
    """Interrupts the run instead."""

    def head(self, head):
        return head.replace(b"action=rollback", b"action=interrupt")


class Stalls(Meddler):
    """Once, a while after its first request, it answers nobody for a second."""

    after = 0.7
    begun: float | None = None

    async def asked(self, method, path):
        now = self.loop.time()
        if path != "/ok":
            return None
        self.begun = self.begun or now
        held = self.begun + self.after + 1 - now
        if 0 < held < 1:
            await asyncio.sleep(held)
        return None
