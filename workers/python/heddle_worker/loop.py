"""The worker's life: load, say hello, execute what the server orders, leave."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import logging
import os
import signal
import socket
import sys
import threading
import traceback
from typing import Any

from heddle_worker import PROTOCOL, children, serialise, settings, threads
from heddle_worker.asks import Ask
from heddle_worker.factories import NotAGraph, OwnCheckpointer
from heddle_worker.flow import Credit
from heddle_worker.frames import Connection
from heddle_worker.jobs import Job
from heddle_worker.loading import Graphs, load_error
from heddle_worker.logs import FrameHandler, send_log
from heddle_worker.memory import no_store
from heddle_worker.runs import Run
from heddle_worker.schemas import graph_schemas
from heddle_worker.settings import GraphSource
from heddle_worker.versions import all_versions
from heddle_worker.watchdog import Watchdog

_FEATURES = ["asks", "beat", "drain", "events", "raise", "store", "subgraphs"]
# A factory that waits for something must not keep the other graphs from serving.
_OPEN_SECONDS = 30.0

# What may cross an end on the wire.
_LATE = frozenset(
    {
        "credit",
        "cancel",
        "drain",
        "raise",
        "done",
        "refused",
        "tuple",
        "tuples",
        "stored",
    }
)


class Worker:
    """Everything of this process. Loop thread only."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, sock: socket.socket, graphs: Graphs
    ) -> None:
        self.loop = loop
        self.thread = threading.get_ident()
        self.context = contextvars.copy_context()
        self.graphs = graphs
        self.limits = {"frame": 64 << 20, "value": 16 << 20, "checkpoint": 32 << 20}
        self.credit = Credit(16 << 20)
        self.credit_run = 1 << 20
        self.waiting_for_credit: set[asyncio.Event] = set()
        self.connection = Connection(sock, self._on_frame)
        self.executor = threads.install(loop)
        children.install()
        self.watchdog = Watchdog(loop, self.connection)
        self._jobs: dict[int, Job] = {}
        self._leaving = False

    async def begin(self) -> None:
        """Says hello. From then on frames drive everything."""
        hello = {
            "protocol": PROTOCOL,
            "language": "python",
            "pid": os.getpid(),
            "versions": all_versions(),
            "features": _FEATURES,
            "graphs": await self._describe(),
        }
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 50, 50)
        self.connection.attach(self.loop)
        logging.getLogger().addHandler(FrameHandler(self.connection))
        self.connection.send("hello", 0, hello)

    def forget(self, job: Job) -> None:
        """A job is clean: its number means nothing any more."""
        self._jobs.pop(job.number, None)
        if not self._jobs:
            self.watchdog.rest()
            if self._leaving:
                self._leave()

    def log(self, level: str, text: str) -> None:
        """A line for the server's log."""
        send_log(self.connection, level, text)

    async def _describe(self) -> list[dict[str, Any]]:
        return await asyncio.gather(*map(self._about, self.graphs.sources))

    async def _about(self, source: GraphSource) -> dict[str, Any]:
        about: dict[str, Any] = {"id": source.id}
        if source.description is not None:
            about["description"] = source.description
        if source.id not in self.graphs.errors:
            schemas = await self._schemas(source.id)
            if schemas is not None:
                about["schemas"] = schemas
        if error := self.graphs.errors.get(source.id):
            about["error"] = vars(error)
        return about

    async def _schemas(self, graph: str) -> bytes | None:
        """A graph's schemas. One that cannot be opened is refused, unless an
        actual request may give its factory what it misses."""
        entry = self.graphs.entry(graph)
        opening = entry.open("assistants.read", {"configurable": {}}, no_store())
        try:
            async with asyncio.timeout(_OPEN_SECONDS), opening as opened:
                return serialise.dumps(graph_schemas(opened.graph))
        except (NotAGraph, OwnCheckpointer) as error:
            self.graphs.refuse(graph, error)
        except BaseException as error:
            if not entry.depends_on_request:
                self.graphs.refuse(graph, error)
            else:
                text = load_error(error).text
                self.log("warning", f"graph `{graph}` not opened at start\n{text}")
        return None

    def _on_frame(self, kind: str, number: int, body: Any) -> None:
        if kind == "start":
            self._begin_job(Run(self, number, body))
        elif kind == "ask":
            self._begin_job(Ask(self, number, body))
        elif kind == "ping":
            self._pong(body["n"])
        elif kind == "welcome":
            self._welcome(body)
        elif kind == "exit":
            self._exit(body["deadline_ms"])
        elif job := self._jobs.get(number):
            job.on_frame(kind, body)
        elif kind not in _LATE:
            raise ValueError(f"unknown frame `{kind}`")

    def _begin_job(self, job: Run | Ask) -> None:
        self._jobs[job.number] = job
        self.watchdog.watch()
        job.start()
        if self._leaving and isinstance(job, Run):
            job.drain()

    def _welcome(self, body: dict[str, Any]) -> None:
        self.limits = body["limits"]
        self.connection.frame_bytes_max = body["limits"]["frame"]
        self.credit = Credit(body["credit_process"])
        self.credit_run = body["credit_run"]

    def _pong(self, n: int) -> None:
        self.connection.send(
            "pong",
            0,
            {
                "n": n,
                "lag_ms": self.watchdog.take_lag_ms(),
                "busy_threads": self.executor.busy,
            },
        )

    def _exit(self, deadline_ms: int) -> None:
        self._leaving = True
        for job in list(self._jobs.values()):
            if isinstance(job, Run):
                job.drain()
        if not self._jobs:
            self._leave()
        self.loop.call_later(deadline_ms / 1000, self._leave)

    def _leave(self) -> None:
        # Not sys.exit: a stuck pool thread would hold it up for ever.
        self.connection.drain(1.0)
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        os._exit(0)

    def on_loop_error(
        self, _loop: asyncio.AbstractEventLoop, about: dict[str, Any]
    ) -> None:
        """What no task took: for the log, since nobody waits for it."""
        error = about.get("exception")
        trace = "".join(traceback.format_exception(error)) if error else ""
        self.log("warning", f"{about.get('message', 'loop error')}\n{trace}".rstrip())


def serve(config: str, sock: socket.socket) -> None:
    """Loads the graphs of `config` and serves `sock` until it closes."""
    # A Ctrl-C is the server's, which ends its workers by itself. Not SIG_IGN:
    # that would be left to the processes that nodes start.
    signal.signal(signal.SIGINT, lambda *_: None)
    found = settings.read(config)
    settings.apply(found)
    graphs = Graphs(found)
    loop = _new_loop()
    asyncio.set_event_loop(loop)
    worker = Worker(loop, sock, graphs)
    loop.set_exception_handler(worker.on_loop_error)
    loop.run_until_complete(worker.begin())
    while True:
        try:
            loop.run_forever()
        except (SystemExit, KeyboardInterrupt) as error:
            # A node's sys.exit() is that run's error, not the process's end.
            worker.log("warning", f"{type(error).__name__} in user code")


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
