"""Which tasks and threads belong to which job (a run or an ask).

A context variable names the job. Tasks are seen by the loop's task factory,
pool threads by the loop's default executor and by the library's own one, all
of which pass the context on. So "nothing of this run lives" can be known.

What the graph's own code starts, threads and the work of its own executors, is
counted apart: it matters only to a job that was cancelled.
"""

from __future__ import annotations

import asyncio
import ctypes
import functools
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import thread as pools
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from langchain_core.runnables.config import ContextThreadPoolExecutor
from langgraph.pregel._executor import AsyncBackgroundExecutor

if TYPE_CHECKING:
    from heddle_worker.jobs import Job

current_job: ContextVar[Job | None] = ContextVar("heddle_job", default=None)

_POOL_THREADS_MAX = 128


class StoppedByServer(BaseException):
    """Raised inside a pool thread whose run was cancelled. Not an `Exception`,
    so that `except Exception` in a node does not eat it."""


class ThreadBook:
    """The threads that work for one job. Safe from any thread."""

    def __init__(self, on_idle: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._on_idle = on_idle
        self._idents: set[int] = set()
        self._pending = 0

    @property
    def busy(self) -> int:
        return self._pending

    def queued(self) -> None:
        with self._lock:
            self._pending += 1

    def finished(self, _future: Future[Any] | None = None) -> None:
        with self._lock:
            self._pending -= 1
            idle = not self._pending
        if idle:
            self._on_idle()

    def call(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Runs `fn` on this thread, which can be stopped meanwhile."""
        ident = threading.get_ident()
        with self._lock:
            outer = ident in self._idents
            self._idents.add(ident)
        try:
            return fn(*args, **kwargs)
        finally:
            if not outer:
                self._leave(ident)

    def stop(self) -> int:
        """Raises `StoppedByServer` in every thread; returns how many."""
        with self._lock:
            for ident in self._idents:
                _set_async_exception(ident, StoppedByServer)
            return len(self._idents)

    def _leave(self, ident: int) -> None:
        # The exception may arrive anywhere up to the line that clears it; the
        # thread goes back to the pool and must take none along.
        try:
            self._forget(ident)
        except StoppedByServer:
            self._forget(ident)

    def _forget(self, ident: int) -> None:
        with self._lock:
            self._idents.discard(ident)
            _set_async_exception(ident, None)


def _set_async_exception(ident: int, kind: type[BaseException] | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(ident), ctypes.py_object(kind) if kind else None
    )


class TrackingExecutor(ThreadPoolExecutor):
    """The loop's default executor: sync nodes and tools run here."""

    def __init__(self) -> None:
        super().__init__(_POOL_THREADS_MAX, "heddle-pool")
        self.busy = 0
        self._busy_lock = threading.Lock()

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        with self._busy_lock:
            self.busy += 1
        future = _submit_tracked(
            super().submit, lambda job: job.threads, fn, args, kwargs
        )
        future.add_done_callback(self._done)
        return future

    def _done(self, _future: Future[Any]) -> None:
        with self._busy_lock:
            self.busy -= 1


def _submit_tracked(
    submit: Callable[..., Future[Any]],
    book_of: Callable[[Job], ThreadBook],
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Future[Any]:
    job = current_job.get()
    if job is None:
        return submit(fn, *args, **kwargs)
    book = book_of(job)
    book.queued()
    try:
        future = submit(book.call, fn, *args, **kwargs)
    except BaseException:
        book.finished()
        raise
    future.add_done_callback(book.finished)
    return future


def _track_library_pools() -> None:
    """The library's sync runners use pools of their own, inside a node."""
    submit = ContextThreadPoolExecutor.submit
    if getattr(submit, "heddle", False):
        return

    @functools.wraps(submit)
    def tracked(self: Any, func: Any, *args: Any, **kwargs: Any) -> Future[Any]:
        bound = functools.partial(submit, self)
        return _submit_tracked(bound, lambda job: job.threads, func, args, kwargs)

    tracked.heddle = True  # type: ignore[attr-defined]
    ContextThreadPoolExecutor.submit = tracked  # type: ignore[method-assign]


def _track_own_pools() -> None:
    submit = ThreadPoolExecutor.submit

    @functools.wraps(submit)
    def tracked(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        bound = functools.partial(submit, self)
        if isinstance(self, (TrackingExecutor, ContextThreadPoolExecutor)):
            return bound(fn, *args, **kwargs)
        return _submit_tracked(bound, lambda job: job.own_threads, fn, args, kwargs)

    ThreadPoolExecutor.submit = tracked  # type: ignore[method-assign]


def _track_own_threads() -> None:
    """A daemon is made to outlive its maker, and the threads of a pool live as
    long as the pool: neither is work of one run."""
    start = threading.Thread.start

    @functools.wraps(start)
    def tracked(self: Any) -> None:
        job = current_job.get()
        in_pool = getattr(self, "_target", None) is pools._worker
        if job is None or self.daemon or in_pool:
            start(self)
            return
        book, run = job.own_threads, self.run

        def counted() -> None:
            current_job.set(job)
            try:
                book.call(run)
            except StoppedByServer:
                pass
            finally:
                book.finished()

        book.queued()
        self.run = counted
        try:
            start(self)
        except BaseException:
            book.finished()
            raise

    threading.Thread.start = tracked  # type: ignore[method-assign]


def _tell_reasons() -> None:
    """Nodes that the library runs as tasks of their own are cancelled by its
    executor, with a marker for a reason; they are to see the run's."""
    if hasattr(AsyncBackgroundExecutor, "sentinel"):
        return

    def reason(self: Any) -> Any:
        job = current_job.get()
        told = job.reason if job is not None else None
        return self.__dict__["sentinel"] if told is None else told

    def keep(self: Any, marker: Any) -> None:
        self.__dict__["sentinel"] = marker

    AsyncBackgroundExecutor.sentinel = property(reason, keep)


def _task_factory(
    loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any
) -> asyncio.Task[Any]:
    task = asyncio.Task(coro, loop=loop, **kwargs)
    context = kwargs.get("context")
    job = current_job.get() if context is None else context.get(current_job)
    if job is not None:
        job.tasks.add(task)
        task.add_done_callback(job.task_done)
    return task


def install(loop: asyncio.AbstractEventLoop) -> TrackingExecutor:
    """Watches every task and thread of the jobs of `loop` from now on. Once per
    process, before the graphs are loaded."""
    executor = TrackingExecutor()
    loop.set_default_executor(executor)
    loop.set_task_factory(_task_factory)
    _track_library_pools()
    _track_own_pools()
    _track_own_threads()
    _tell_reasons()
    return executor
