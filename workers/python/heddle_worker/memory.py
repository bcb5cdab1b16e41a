"""The long-term store inside graphs: a client of the server.

For async nodes on the loop, and for sync ones in pool threads.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Sequence
from typing import Any

from langgraph.store.base import (
    BaseStore,
    GetOp,
    Item,
    ListNamespacesOp,
    Op,
    PutOp,
    Result,
    SearchItem,
    SearchOp,
)
from langgraph.store.memory import InMemoryStore

from heddle_worker import serialise
from heddle_worker.jobs import Job


class Memory(BaseStore):
    """The server's store as one job sees it."""

    supports_ttl = True

    def __init__(self, job: Job) -> None:
        self._job = job

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        asked = list(ops)
        if not asked:
            return []
        body = {"ops": serialise.dumps([_wire(op) for op in asked])}
        results = serialise.loads(await self._job.ask_server("store", body))
        return [_result(op, found) for op, found in zip(asked, results, strict=True)]

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        if threading.get_ident() == self._job.worker.thread:
            raise asyncio.InvalidStateError(
                "synchronous store call on the event loop's thread; "
                "use the async one (aget, aput, asearch, ...)"
            )
        coro = self.abatch(ops)
        return asyncio.run_coroutine_threadsafe(coro, self._job.loop).result()


def no_store() -> BaseStore:
    """For factories that are called before the server can be asked anything."""
    return InMemoryStore()


def _wire(op: Op) -> dict[str, Any]:
    if isinstance(op, GetOp):
        return {"op": "get", "namespace": op.namespace, "key": op.key}
    if isinstance(op, PutOp):
        return {
            "op": "put",
            "namespace": op.namespace,
            "key": op.key,
            "value": None if op.value is None else dict(op.value),
            "ttl": op.ttl,
        }
    if isinstance(op, SearchOp):
        if op.query:
            raise NotImplementedError(
                "search by `query` needs a store index, which this server has not; "
                "use `filter`"
            )
        return {
            "op": "search",
            "namespace_prefix": op.namespace_prefix,
            "filter": op.filter,
            "limit": op.limit,
            "offset": op.offset,
        }
    if isinstance(op, ListNamespacesOp):
        return {
            "op": "namespaces",
            "prefix": _condition(op, "prefix"),
            "suffix": _condition(op, "suffix"),
            "max_depth": op.max_depth,
            "limit": op.limit,
            "offset": op.offset,
        }
    raise ValueError(f"unknown store operation {type(op).__name__}")


def _condition(op: ListNamespacesOp, kind: str) -> Sequence[str] | None:
    found = [c.path for c in op.match_conditions or () if c.match_type == kind]
    if len(found) > 1:
        raise ValueError(f"more than one {kind} condition for namespaces")
    return found[0] if found else None


def _result(op: Op, found: Any) -> Result:
    if isinstance(op, GetOp):
        return None if found is None else Item(**_fields(found))
    if isinstance(op, SearchOp):
        return [SearchItem(**_fields(item)) for item in found]
    if isinstance(op, ListNamespacesOp):
        return [tuple(namespace) for namespace in found]
    return None


def _fields(found: dict[str, Any]) -> dict[str, Any]:
    names = ("namespace", "key", "value", "created_at", "updated_at")
    return {
        **{name: found[name] for name in names},
        "namespace": tuple(found["namespace"]),
    }
