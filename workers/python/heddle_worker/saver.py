"""The checkpointer of a run: a client of the server.

Writes go out as `put` and `writes`, reads as `get` and `list`. One saver serves
one job and so one thread of the API; the server adds the run to every row. The
sync methods are for pool threads; on the loop's thread they would deadlock and
raise instead.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
)

from heddle_worker import serialise
from heddle_worker.encoding import Encoder
from heddle_worker.jobs import Job, JobIsOver, Refused
from heddle_worker.views import Views


class OtherThread(ValueError):
    """A graph inside a run asked for a thread that is not the run's."""


class Progress:
    """How far a job has come in its root namespace."""

    def __init__(self) -> None:
        self.latest = ""
        self.written_on = ""

    @property
    def half_done(self) -> bool:
        """Whether the latest checkpoint has writes of a step that is not over."""
        return bool(self.latest) and self.latest == self.written_on


class Saver(BaseCheckpointSaver[str]):
    """Keeps the checkpoints of one job with the server."""

    def __init__(self, job: Job, views: Views | None = None) -> None:
        super().__init__()
        self._job = job
        self._views = views
        # Shared with the clones that the library makes of a saver.
        self.put_ids: list[tuple[str, str]] = []
        # Checkpoints that were read, and that the server cannot show.
        self.unviewed: dict[tuple[str, str], None] = {}
        self.progress = Progress()

    def get_next_version(self, current: Any, channel: None) -> str:
        """A number that grows, and 64 random bits: a fork, or a run after a
        rollback, never meets an old version with another value."""
        if current is None:
            number = 0
        elif isinstance(current, str):
            number = int(current.split(".", 1)[0])
        else:
            number = int(current)
        return f"{number + 1:020d}.{os.urandom(8).hex()}"

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        conf = self._conf(config)
        ns = conf.get("checkpoint_ns", "")
        body = {"ns": ns, "id": get_checkpoint_id(config) or None}
        found = await self._job.ask_server("get", body)
        if found is None:
            return None
        if not ns and not self.progress.latest:
            self.progress.latest = found["id"]
        return self._tuple(found)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        conf = self._conf(config) if config else {}
        if checkpoint_id := conf.get("checkpoint_id"):
            found = await self.aget_tuple(config)  # type: ignore[arg-type]
            if found is not None and _matches(found, checkpoint_id, filter, before):
                yield found
            return
        if limit is not None and limit <= 0:
            return
        body = {
            "ns": conf.get("checkpoint_ns"),
            "before": get_checkpoint_id(before) if before else None,
            "limit": limit,
            "filter": serialise.dumps(filter) if filter else None,
        }
        for item in await self._job.ask_server("list", body):
            yield self._tuple(item)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        conf = self._conf(config)
        ns = conf.get("checkpoint_ns", "")
        try:
            encoder = self._encoder()
            body = encoder.put(ns, config, checkpoint, metadata, new_versions)
            done = self._job.save("put", body)
            if not ns:
                self.progress.latest = checkpoint["id"]
            self.put_ids.append((ns, checkpoint["id"]))
            if self._views is not None:
                self._views.put(ns, checkpoint["id"], checkpoint["channel_values"])
            await asyncio.shield(done)
        except Exception as error:
            self._failed(error)
            raise
        return self._config(ns, checkpoint["id"])

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        conf = self._conf(config)
        ns, checkpoint_id = conf.get("checkpoint_ns", ""), conf["checkpoint_id"]
        if not ns:
            self.progress.written_on = checkpoint_id
        try:
            encoder = self._encoder()
            body = encoder.writes(ns, checkpoint_id, task_id, task_path, writes)
            await asyncio.shield(self._job.save("writes", body))
        except Exception as error:
            self._failed(error)
            raise

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        return self._wait(self.aget_tuple(config))

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        async def collect() -> Sequence[CheckpointTuple]:
            found = self.alist(config, filter=filter, before=before, limit=limit)
            return [item async for item in found]

        yield from self._wait(collect())

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        return self._wait(self.aput(config, checkpoint, metadata, new_versions))

    def put_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        self._wait(self.aput_writes(config, writes, task_id, task_path))

    def _encoder(self) -> Encoder:
        return Encoder(self.serde, self._job.worker.limits)

    def _wait(self, coro: Coroutine[Any, Any, Any]) -> Any:
        if threading.get_ident() == self._job.worker.thread:
            coro.close()
            raise RuntimeError(
                "synchronous checkpointer call on the event loop's thread; "
                "use the async one"
            )
        return asyncio.run_coroutine_threadsafe(coro, self._job.loop).result()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, (Refused, JobIsOver)):
            self._job.on_save_failed(error)

    def _conf(self, config: RunnableConfig) -> dict[str, Any]:
        conf = config["configurable"]
        if str(conf["thread_id"]) != self._job.thread_id:
            raise OtherThread(
                f"thread {conf['thread_id']} is not this run's: inside a run a "
                "graph can only keep state in the run's own thread"
            )
        return conf

    def _tuple(self, found: dict[str, Any]) -> CheckpointTuple:
        loads = self.serde.loads_typed
        checkpoint = loads(tuple(found["head"]))
        checkpoint["channel_values"] = {
            channel: loads((kind, data)) for channel, _, kind, data in found["values"]
        }
        writes = sorted(found["writes"], key=lambda w: (w[1], w[0], w[2]))
        ns, parent = found["ns"], found["parent"]
        if not found["viewed"]:
            self.unviewed[ns, found["id"]] = None
        return CheckpointTuple(
            config=self._config(ns, found["id"]),
            checkpoint=checkpoint,
            metadata=serialise.loads(found["metadata"]),
            parent_config=self._config(ns, parent) if parent else None,
            pending_writes=[(w[0], w[3], loads((w[4], w[5]))) for w in writes],
        )

    def _config(self, ns: str, checkpoint_id: str) -> RunnableConfig:
        return {
            "configurable": {
                "thread_id": self._job.thread_id,
                "checkpoint_ns": ns,
                "checkpoint_id": checkpoint_id,
            }
        }


def _matches(
    found: CheckpointTuple,
    checkpoint_id: str,
    filter: dict[str, Any] | None,
    before: RunnableConfig | None,
) -> bool:
    if before and checkpoint_id >= (get_checkpoint_id(before) or ""):
        return False
    return all(found.metadata.get(k) == v for k, v in (filter or {}).items())
