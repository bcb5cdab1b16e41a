"""A run: started, stopped, and ended exactly once.

Cancel is the library's drain and then one `cancel()` of the run's task, never
two: a second one breaks the library's wait for its saves. `end` is sent from
outside that task, since a task cancelled before its first step runs nothing.
"""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, Any

from heddle_worker import serialise
from heddle_worker.draining import GraphDrained, RunControl
from heddle_worker.execution import execute
from heddle_worker.flow import EventWriter
from heddle_worker.jobs import Job, Refused
from heddle_worker.memory import Memory
from heddle_worker.saver import Saver
from heddle_worker.views import Views, latest_state, tell_unviewed, view_of

if TYPE_CHECKING:
    from heddle_worker.loop import Worker

# A task that a finished run left behind (a connection pool's, say) holds the
# slot no longer than this, unless the run was to be stopped.
_LEFT_BEHIND_SECONDS = 5.0


class Run(Job):
    """One run of a graph. Loop thread only."""

    def __init__(self, worker: Worker, number: int, order: dict[str, Any]) -> None:
        super().__init__(worker, number, order["thread_id"])
        self.order = order
        self.kwargs: dict[str, Any] = serialise.loads(order["kwargs"]) or {}
        self.temporary = bool(order.get("temporary"))
        self.control = RunControl()
        self.events = EventWriter(self, worker.credit, worker.credit_run)
        self.views: Views | None = None
        self.saver: Saver | None = None
        if not self.temporary:
            only_last = self.kwargs.get("durability") == "exit"
            self.views = Views(self, only_last=only_last)
            self.saver = Saver(self, self.views)
        self.store = Memory(self)
        self.graph: Any = None
        self._task: asyncio.Task[None] | None = None
        self._action: str | None = None
        self._failure: Exception | None = None
        self._cancelled_task = False

    def start(self) -> None:
        """Creates the run's task, and the supervisor that outlives it."""
        self._task = self.spawn(execute(self))
        self._task.add_done_callback(self._supervise, context=self.worker.context)
        self.send("started", {})

    def on_frame(self, kind: str, body: Any) -> None:
        if kind == "credit":
            self.events.credit(body["bytes"])
        elif kind == "cancel":
            self.cancel(body["action"], body["reason"])
        elif kind == "drain":
            self.control.request_drain("drain")
        elif kind == "raise":
            self.threads.stop()
            self.own_threads.stop()
            self.children.kill()
        else:
            super().on_frame(kind, body)

    def cancel(self, action: str, reason: str) -> None:
        """Stops the run. Comes at most once; after the end it is too late."""
        if self.closed or self._action is not None:
            return
        self._action = action
        self.send("cancelling", {})
        self.reason = reason
        self._stop("cancelled", reason)

    def drain(self) -> None:
        """Asks the library to stop at the next checkpoint."""
        self.control.request_drain("drain")

    def on_save_failed(self, error: Exception) -> None:
        """A run whose state cannot be kept goes no further."""
        if self._failure is None:
            self._failure = error
            self._stop("save failed", str(error))

    @property
    def stopped(self) -> bool:
        return self._action is not None

    def close(self) -> None:
        self.events.give_back()
        super().close()
        if self.tasks and not self.stopped:
            self.loop.call_later(_LEFT_BEHIND_SECONDS, self._leave_behind)

    def _stop(self, why: str, reason: str) -> None:
        self.control.request_drain(why)
        if not self._cancelled_task and self._task is not None:
            self._cancelled_task = True
            self._task.cancel(reason)

    def _supervise(self, task: asyncio.Task[None]) -> None:
        self.loop.create_task(self._finish(task))

    async def _finish(self, task: asyncio.Task[None]) -> None:
        error = _error_of(task)
        try:
            await self.saves_settled()
            await self._tell_state()
        except Exception as problem:
            self._log_error("the last state could not be told", problem)
        try:
            self.events.flush()
            outcome, error = self._outcome(error)
            body: dict[str, Any] = {"outcome": outcome, "events": self.events.sent}
            if outcome == "error" and error is not None:
                body["error"] = serialise.told_error(error)
                self._log_error("run failed", error)
            self.send("end", body)
        finally:
            self.close()

    def _outcome(self, error: BaseException | None) -> tuple[str, BaseException | None]:
        if self._action is not None:
            return "cancelled", None
        if self._failure is not None:
            if isinstance(self._failure, Refused) and self._failure.stops:
                return "cancelled", None
            return "error", self._failure
        if error is None:
            return "success", None
        if isinstance(error, GraphDrained) and self.control.drain_requested:
            return "drained", None
        return "error", error

    async def tell_start(self) -> None:
        """How the API shows what an attempt before this one has put, if its
        worker died before it could tell that."""
        if self.saver is None or not self.order.get("resume"):
            return
        config = self._state_config()
        try:
            await self.graph.aget_state(config)
            graph_id = self.order["graph"]
            await tell_unviewed(self, self.saver, self.graph, graph_id, config)
        except Exception as problem:
            self._log_error("how the last checkpoint looks could not be told", problem)

    async def _tell_state(self) -> None:
        """What the library's stream did not tell: views that a cancel swallowed,
        and the state after a super-step that was left half done."""
        if self.saver is None or self.views is None or self.graph is None:
            return
        if self._action == "rollback" or self._failure is not None:
            return
        for ns, checkpoint_id in self.views.missing:
            if not ns:
                config = self._state_config(checkpoint_id=checkpoint_id)
                snapshot = await self.graph.aget_state(config)
                self.send("view", view_of(ns, checkpoint_id, snapshot))
        if self.saver.progress.half_done:
            snapshot = await self.graph.aget_state(self._state_config())
            self.send("state", latest_state(snapshot))

    def _state_config(self, **more: str) -> dict[str, Any]:
        # Without a checkpoint id the library tells the live state.
        given = (self.kwargs.get("config") or {}).get("configurable") or {}
        rest = {k: v for k, v in given.items() if not k.startswith("checkpoint_")}
        return {
            "configurable": {
                **rest,
                "thread_id": self.thread_id,
                "checkpoint_ns": "",
                **more,
            }
        }

    def _leave_behind(self) -> None:
        if not self.tasks:
            return
        names = ", ".join(sorted(_name(task) for task in self.tasks))
        self.log("warning", f"tasks outlive their run: {names}")
        self.tasks.clear()
        self.check_clean()

    def log(self, level: str, text: str) -> None:
        """A line for the server's log, of this run also after its end."""
        self.worker.log(level, f"run {self.order['run_id']}: {text}")

    def _log_error(self, what: str, error: BaseException) -> None:
        lines = traceback.format_exception(type(error), error, error.__traceback__)
        self.log("error", f"{what}\n{''.join(lines)}")


def _name(task: asyncio.Task[Any]) -> str:
    coro = task.get_coro()
    return getattr(coro, "__qualname__", None) or task.get_name()


def _error_of(task: asyncio.Task[None]) -> BaseException | None:
    try:
        return task.exception()
    except asyncio.CancelledError as error:
        return error
