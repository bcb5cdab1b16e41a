"""The server's side of the protocol for tests: a thread that keeps checkpoints,
writes and items in memory and answers as the document says."""

from __future__ import annotations

import itertools
import json
import socket
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import ormsgpack

LIMITS = {"frame": 64 << 20, "value": 16 << 20, "checkpoint": 32 << 20}


@dataclass
class Log:
    """What the worker sent for one run or ask."""

    thread_id: str
    frames: list[tuple[str, Any]] = field(default_factory=list)
    events: list[tuple[str, Any]] = field(default_factory=list)
    event_frames: int = 0
    refuse: str | None = None

    def of(self, kind: str) -> list[Any]:
        return [body for name, body in self.frames if name == kind]

    def kinds(self) -> list[str]:
        return [name for name, _ in self.frames]

    @property
    def end(self) -> Any:
        return self.of("end")[0]

    def named(self, name: str) -> list[Any]:
        return [data for event, data in self.events if event == name]


class Checkpoints:
    """What the store keeps, per thread."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
        self.values: dict[tuple[str, str, str, str], list[Any]] = {}
        self.writes: dict[tuple[str, str, str], dict[Any, list[Any]]] = defaultdict(
            dict
        )
        self.views: dict[tuple[str, str, str], Any] = {}

    def put(self, thread: str, body: Any) -> None:
        self.rows[thread, body["ns"]][body["id"]] = body
        for channel, version, kind, data, text in body["values"]:
            self.values[thread, body["ns"], channel, version] = [kind, data, text]

    def write(self, thread: str, body: Any) -> None:
        rows = self.writes[thread, body["ns"], body["id"]]
        for idx, channel, kind, data, text in body["items"]:
            key = (body["task"], idx)
            if idx < 0 or key not in rows:
                rows[key] = [body["task"], body["path"], idx, channel, kind, data, text]

    def tuple(self, thread: str, ns: str, row: Any) -> dict[str, Any]:
        writes = self.writes[thread, ns, row["id"]].values()
        return {
            "ns": ns,
            "id": row["id"],
            "parent": row["parent"],
            "head": row["head"],
            "metadata": row["metadata"],
            "values": [
                [channel, version, *found[:2]]
                for channel, version in row["versions"]
                if (found := self.values.get((thread, ns, channel, version)))
            ],
            "writes": [w[:6] for w in sorted(writes, key=lambda w: (w[1], w[0], w[2]))],
            "viewed": (thread, ns, row["id"]) in self.views,
        }

    def get(self, thread: str, ns: str, checkpoint_id: str | None) -> Any:
        rows = self.rows[thread, ns]
        if checkpoint_id is None and rows:
            checkpoint_id = max(rows)
        row = rows.get(checkpoint_id or "")
        return self.tuple(thread, ns, row) if row else None

    def list(self, thread: str, body: Any) -> list[Any]:
        want = json.loads(body["filter"]) if body["filter"] else {}
        found = [
            (ns, row)
            for (of, ns), rows in list(self.rows.items())
            if of == thread and body["ns"] in (None, ns)
            for row in rows.values()
            if not body["before"] or row["id"] < body["before"]
            if want.items() <= json.loads(row["metadata"]).items()
        ]
        found.sort(key=lambda pair: pair[1]["id"], reverse=True)
        return [self.tuple(thread, ns, row) for ns, row in found[: body["limit"]]]

    def shown(self, thread: str, ns: str, checkpoint_id: str) -> Any:
        """`values` of a view, put together as the server does it."""
        view = self.views[thread, ns, checkpoint_id]
        if view["shape"] is None:
            return json.loads(view["values"])
        versions = dict(self.rows[thread, ns][checkpoint_id]["versions"])
        return {
            channel: json.loads(self.values[thread, ns, channel, versions[channel]][2])
            for channel in view["shape"]
        }

    def delete_thread(self, thread: str) -> None:
        for table in (self.rows, self.values, self.writes):
            for key in [key for key in table if key[0] == thread]:
                del table[key]


class Items:
    """The long-term store: equality filters only."""

    def __init__(self) -> None:
        self.items: dict[tuple[tuple[str, ...], str], Any] = {}

    def apply(self, op: Any) -> Any:
        return getattr(self, op["op"])(op)

    def get(self, op: Any) -> Any:
        return self.items.get((tuple(op["namespace"]), op["key"]))

    def put(self, op: Any) -> None:
        key = (tuple(op["namespace"]), op["key"])
        if op["value"] is None:
            self.items.pop(key, None)
            return
        now = "2026-11-22T12:00:00+00:00"
        times = {"created_at": now, "updated_at": now}
        names = {"namespace": op["namespace"], "key": op["key"]}
        self.items[key] = {**names, "value": op["value"], **times}

    def search(self, op: Any) -> list[Any]:
        prefix = tuple(op["namespace_prefix"])
        want = (op["filter"] or {}).items()
        found = [
            item
            for (ns, _), item in sorted(self.items.items())
            if ns[: len(prefix)] == prefix and want <= item["value"].items()
        ]
        return found[op["offset"] :][: op["limit"]]

    def namespaces(self, op: Any) -> list[Any]:
        prefix, suffix = tuple(op["prefix"] or ()), tuple(op["suffix"] or ())
        found = sorted(
            {
                ns[: op["max_depth"]]
                for ns, _ in self.items
                if ns[: len(prefix)] == prefix
                and (not suffix or ns[-len(suffix) :] == suffix)
            }
        )
        return [list(ns) for ns in found[op["offset"] :][: op["limit"]]]


class ServerSide:
    """Answers a worker; tests order runs and look at what came."""

    def __init__(self, sock: socket.socket, **welcome: Any) -> None:
        self.checkpoints = Checkpoints()
        self.items = Items()
        self.logs: dict[int, Log] = {}
        self.process: list[tuple[str, Any]] = []
        self.hello: Any = None
        self.give_credit = True
        self.hold_saves = False
        self.gone = False
        self.broken: str | None = None
        self._held: list[tuple[int, int]] = []
        self._sock = sock
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._welcome = {
            "protocol": 1,
            "limits": LIMITS,
            "credit_process": 16 << 20,
            "credit_run": 1 << 20,
            **welcome,
        }
        self._send_lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, kind: str, run: int, body: Any) -> None:
        data = ormsgpack.packb([kind, run, body])
        with self._send_lock:
            self._sock.sendall(len(data).to_bytes(4, "little") + data)

    def order(self, graph: str, thread_id: str = "t", **given: Any) -> int:
        """Starts a run with `kwargs` as given; returns its number."""
        number = next(self._numbers)
        self.logs[number] = Log(thread_id)
        names = ("run_id", "attempt", "resume", "temporary", "epoch")
        order = {name: given.pop(name) for name in names if name in given}
        body = {
            "run_id": f"00000000-0000-4000-8000-{number:012d}",
            "thread_id": thread_id,
            "assistant_id": "10000000-0000-4000-8000-000000000000",
            "epoch": 0,
            "attempt": 1,
            "graph": graph,
            "kwargs": json.dumps(given).encode(),
            "resume": False,
            "temporary": False,
            **order,
        }
        self.send("start", number, body)
        return number

    def run(self, graph: str, thread_id: str = "t", **given: Any) -> Log:
        """A run from its start to its `clean`."""
        number = self.order(graph, thread_id, **given)
        return self.finished(number)

    def ask(self, kind: str, graph: str, thread_id: str = "t", **args: Any) -> Any:
        number = next(self._numbers)
        self.logs[number] = Log(thread_id)
        body = {"kind": kind, "graph": graph, "thread_id": thread_id}
        self.send("ask", number, {**body, "args": json.dumps(args).encode()})
        answer = self.finished(number).of("answer")[0]
        return json.loads(answer["result"]) if answer["ok"] else answer["error"]

    def cancel(
        self, number: int, action: str = "interrupt", reason: str = "why"
    ) -> None:
        body = {"action": action, "reason": reason, "deadline_ms": 5000}
        self.send("cancel", number, body)

    def finished(self, number: int, seconds: float = 20) -> Log:
        log = self.logs[number]
        self.until(lambda: "clean" in log.kinds(), seconds, lambda: log.kinds())
        return log

    def until(self, true: Any, seconds: float = 20, about: Any = lambda: "") -> None:
        """Waits for a condition over what the worker sent."""
        end = time.monotonic() + seconds
        with self._changed:
            while not true():
                left = end - time.monotonic()
                assert left > 0, f"waited too long: {about()} {self.logged()}"
                assert self.broken is None, self.broken
                assert not self.gone or true(), f"the worker left: {about()}"
                self._changed.wait(left)

    def event(self, number: int, name: str, seconds: float = 20) -> Any:
        """The first event of that name, once it is there."""
        log = self.logs[number]
        self.until(lambda: log.named(name), seconds, lambda: log.frames)
        return log.named(name)[0]

    def release_saves(self) -> None:
        self.hold_saves = False
        held, self._held = self._held, []
        for number, seq in held:
            self.send("done", number, {"seq": seq})

    def logged(self) -> str:
        return "\n".join(b["text"] for kind, b in self.process if kind == "log")

    def _read(self) -> None:
        stream = self._sock.makefile("rb")
        try:
            while head := stream.read(4):
                frame = stream.read(int.from_bytes(head, "little"))
                kind, number, body = ormsgpack.unpackb(frame)
                with self._changed:
                    self._on_frame(kind, number, body, len(frame))
                    self._changed.notify_all()
        except OSError:
            pass
        except Exception as error:
            self.broken = repr(error)
        with self._changed:
            self.gone = True
            self._changed.notify_all()

    def _on_frame(self, kind: str, number: int, body: Any, size: int) -> None:
        if number == 0:
            self.process.append((kind, body))
            if kind == "hello":
                self.hello = body
                self.send("welcome", 0, self._welcome)
            return
        log = self.logs[number]
        assert "clean" not in log.kinds(), f"{kind} after clean"
        assert kind == "clean" or not {"end", "answer"} & set(log.kinds()), (
            f"{kind} after the end"
        )
        log.frames.append((kind, body))
        handler = getattr(self, f"_on_{kind}", None)
        if handler is not None:
            handler(number, log, body, size)

    def _on_events(self, number: int, log: Log, body: Any, size: int) -> None:
        log.event_frames += 1
        log.events += [(name, json.loads(data)) for name, data in body]
        if self.give_credit:
            self.send("credit", number, {"bytes": size})

    def _on_put(self, number: int, log: Log, body: Any, _size: int) -> None:
        if log.refuse:
            refusal = {"seq": body["seq"], "code": log.refuse, "text": "no"}
            return self.send("refused", number, refusal)
        self.checkpoints.put(log.thread_id, body)
        self._done(number, body["seq"])

    def _on_writes(self, number: int, log: Log, body: Any, _size: int) -> None:
        if not log.refuse:
            self.checkpoints.write(log.thread_id, body)
        self._done(number, body["seq"])

    def _on_view(self, _number: int, log: Log, body: Any, _size: int) -> None:
        if log.refuse:
            return
        assert body["id"] in self.checkpoints.rows[log.thread_id, body["ns"]]
        self.checkpoints.views[log.thread_id, body["ns"], body["id"]] = body

    def _on_get(self, number: int, log: Log, body: Any, _size: int) -> None:
        found = self.checkpoints.get(log.thread_id, body["ns"], body["id"])
        answer = {"req": body["req"], "found": found is not None, **(found or {})}
        self.send("tuple", number, answer)

    def _on_list(self, number: int, log: Log, body: Any, _size: int) -> None:
        found = self.checkpoints.list(log.thread_id, body)
        for item in found:
            part = {"req": body["req"], "items": [item], "last": False}
            self.send("tuples", number, part)
        self.send("tuples", number, {"req": body["req"], "items": [], "last": True})

    def _on_store(self, number: int, _log: Log, body: Any, _size: int) -> None:
        results = [self.items.apply(op) for op in json.loads(body["ops"])]
        answer = {"req": body["req"], "results": json.dumps(results).encode()}
        self.send("stored", number, answer)

    def _done(self, number: int, seq: int) -> None:
        if self.hold_saves:
            self._held.append((number, seq))
        else:
            self.send("done", number, {"seq": seq})
