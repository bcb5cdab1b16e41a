"""Server-sent events, read as bytes, so that tests can be exact about them."""

import json
import threading
import time
from typing import Any, NamedTuple

import httpx


class Event(NamedTuple):
    name: str
    data: Any
    id: str | None
    raw: bytes


def parse_frame(raw: bytes) -> Event | None:
    """One frame without its blank line; None for a comment."""
    fields = {}
    for line in raw.split(b"\r\n"):
        if line.startswith(b":"):
            continue
        name, _, value = line.partition(b": ")
        assert name not in fields, f"two {name} lines in {raw!r}"
        fields[name] = value
    if not fields:
        return None
    assert list(fields) in ([b"event", b"data"], [b"event", b"data", b"id"])
    data = json.loads(fields[b"data"])
    run_id = fields.get(b"id")
    return Event(
        fields[b"event"].decode(), data, run_id and run_id.decode(), raw
    )


def parse(body: bytes) -> list[Event]:
    """Every frame of a whole body, which must end with one."""
    if not body:
        return []
    assert body.endswith(b"\r\n\r\n"), body[-80:]
    frames = body[:-4].split(b"\r\n\r\n")
    return [event for event in map(parse_frame, frames) if event]


class Stream:
    """A stream read by a thread of its own, until EOF or `close`."""

    def __init__(self, client: httpx.Client, method: str, path: str, **kwargs):
        self.body = b""
        self.failure: Exception | None = None
        self.ended_at: float | None = None
        self.context = client.stream(method, path, **kwargs)
        self.response = self.context.__enter__()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        try:
            for chunk in self.response.iter_raw():
                self.body += chunk
        except Exception as failure:
            self.failure = failure
        self.ended_at = time.monotonic()

    def events(self) -> list[Event]:
        """The whole frames so far."""
        whole = self.body.rfind(b"\r\n\r\n")
        return parse(self.body[: whole + 4]) if whole >= 0 else []

    def names(self) -> list[str]:
        return [event.name for event in self.events()]

    def await_event(self, test, within: float = 10) -> Event:
        """The first event for which `test` is true (or of that name)."""
        if isinstance(test, str):
            name = test
            test = lambda event: event.name == name  # noqa: E731
        until = time.monotonic() + within
        while time.monotonic() < until:
            for event in self.events():
                if test(event):
                    return event
            time.sleep(0.01)
        raise AssertionError(f"not within {within} s, but {self.body!r}")

    def end(self, within: float = 10) -> list[Event]:
        """Waits for EOF. @returns all events."""
        self.reader.join(within)
        assert not self.reader.is_alive(), f"no EOF after {self.body!r}"
        assert self.failure is None, self.failure
        self.context.__exit__(None, None, None)
        return parse(self.body)

    def close(self) -> None:
        """Leaves, as a client that has seen enough."""
        self.context.__exit__(None, None, None)
        self.reader.join(5)
