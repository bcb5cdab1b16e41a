"""What a run and an ask have in common: a number on the wire, answers that are
waited for, tasks and threads, and the `clean` that says all of it is over."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from heddle_worker.children import ChildBook
from heddle_worker.threads import ThreadBook, current_job

if TYPE_CHECKING:
    from heddle_worker.loop import Worker


class JobIsOver(RuntimeError):
    """Something of a finished or stopped run still wanted to talk to the server."""


class Refused(RuntimeError):
    """The server refused to keep a checkpoint or write."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text or code)
        self.code = code

    @property
    def stops(self) -> bool:
        """Whether the run is no longer this worker's to go on with."""
        return self.code in ("stopping", "fenced")


class Job:
    """A run or an ask. Loop thread only, but for `threads`."""

    def __init__(self, worker: Worker, number: int, thread_id: str) -> None:
        self.worker = worker
        self.connection = worker.connection
        self.loop = worker.loop
        self.number = number
        self.thread_id = thread_id
        self.tasks: set[asyncio.Task[Any]] = set()
        self.threads = ThreadBook(self._threads_idle)
        self.own_threads = ThreadBook(self._threads_idle)
        self.children = ChildBook(self.loop, self.check_clean)
        self.reason: str | None = None  # Of a cancel, for the nodes to see.
        self.closed = False
        self._clean_sent = False
        self._next = 0
        self._saves: dict[int, asyncio.Future[None]] = {}
        self._questions: dict[int, asyncio.Future[Any]] = {}
        self._parts: dict[int, list[Any]] = {}

    def spawn(self, coro: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Starts a task that counts as this job's, and all that it starts."""
        context = contextvars.copy_context()
        context.run(current_job.set, self)
        return self.loop.create_task(coro, context=context)

    @property
    def stopped(self) -> bool:
        """Whether it was cancelled: then what its own code started is to end."""
        return False

    def send(self, kind: str, body: Any) -> int:
        """Sends a frame of this job. Raises `JobIsOver` after its end."""
        if self.closed:
            raise JobIsOver(f"run is over: `{kind}` came too late")
        return self.connection.send(kind, self.number, body)

    def save(self, kind: str, body: dict[str, Any]) -> asyncio.Future[None]:
        """Sends a `put` or `writes`; the future is its `done`.

        Await it shielded: the end of the job waits for the answer even if the
        caller is cancelled."""
        self._next = seq = self._next + 1
        self.send(kind, {"seq": seq, **body})
        future = self._saves[seq] = self.loop.create_future()
        future.add_done_callback(_retrieve)
        return future

    async def ask_server(self, kind: str, body: dict[str, Any]) -> Any:
        """Sends a question and waits for the answer's body."""
        self._next = req = self._next + 1
        self.send(kind, {"req": req, **body})
        future = self._questions[req] = self.loop.create_future()
        try:
            return await future
        finally:
            self._questions.pop(req, None)
            self._parts.pop(req, None)

    async def saves_settled(self) -> None:
        """Returns when no saver call is in flight."""
        turns = 0
        while turns < 3:
            turns += 1
            if self._saves:
                await asyncio.wait(list(self._saves.values()))
                turns = 0
            await asyncio.sleep(0)

    def on_frame(self, kind: str, body: Any) -> None:
        """A frame of this job that is an answer."""
        if kind == "done":
            self._settle_save(body["seq"], None)
        elif kind == "refused":
            error = Refused(body["code"], body.get("text", ""))
            self._settle_save(body["seq"], error)
        elif kind == "tuple":
            self._answer(body["req"], body if body["found"] else None)
        elif kind == "tuples":
            parts = self._parts.setdefault(body["req"], [])
            parts.extend(body["items"])
            if body["last"]:
                self._answer(body["req"], parts)
        elif kind == "stored":
            self._answer(body["req"], body["results"])
        else:
            raise ValueError(f"unknown frame `{kind}`")

    def on_save_failed(self, error: Exception) -> None:
        """Something could not be kept, by us or by the server. A run stops."""

    def task_done(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if self.closed and not self.tasks:
            self.check_clean()

    def close(self) -> None:
        """Nothing but `clean` may be sent any more."""
        self.closed = True
        if self.stopped:
            self.children.end()
        for future in self._questions.values():
            if not future.done():
                future.set_exception(JobIsOver("run is over"))
        self.check_clean()

    def check_clean(self) -> None:
        """Sends `clean` once the job is closed and nothing of it lives."""
        if not self.closed or self._clean_sent or self.tasks or self.threads.busy:
            return
        if self.stopped and (self.own_threads.busy or self.children.busy):
            return
        self._clean_sent = True
        self.children.release()
        self.connection.send("clean", self.number, {})
        self.worker.forget(self)

    def _settle_save(self, seq: int, error: Refused | None) -> None:
        future = self._saves.pop(seq)
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
            self.on_save_failed(error)

    def _answer(self, req: int, value: Any) -> None:
        future = self._questions.get(req)
        if future is not None and not future.done():
            future.set_result(value)

    def _threads_idle(self) -> None:
        if self.closed:
            self.loop.call_soon_threadsafe(self.check_clean)


def _retrieve(future: asyncio.Future[None]) -> None:
    # Nobody may be waiting any more; its error is not "never retrieved" then.
    if not future.cancelled():
        future.exception()
