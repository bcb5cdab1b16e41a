"""Checkpoints and writes as the frames carry them, within the server's limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    get_checkpoint_metadata,
)
from langgraph.checkpoint.serde.base import SerializerProtocol

from heddle_worker import serialise
from heddle_worker.views import is_shown


class TooLarge(ValueError):
    """A value or checkpoint over the limits that the server set."""


class Encoder:
    """Makes the bodies of `put` and `writes`, but for their `seq`.

    Raises `TooLarge`, and whatever the serialiser raises for what it cannot
    store.
    """

    def __init__(self, serde: SerializerProtocol, limits: dict[str, int]) -> None:
        self._serde = serde
        self._limits = limits

    def put(
        self,
        ns: str,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> dict[str, Any]:
        """A checkpoint, with the values that are new in it."""
        values = checkpoint["channel_values"]
        head: dict[str, Any] = {**checkpoint}
        del head["channel_values"]
        body: dict[str, Any] = {
            "ns": ns,
            "id": checkpoint["id"],
            "parent": config["configurable"].get("checkpoint_id"),
            "head": list(self._serde.dumps_typed(head)),
            "metadata": serialise.dumps(get_checkpoint_metadata(config, metadata)),
            "values": [
                [channel, str(version), *self._value(channel, values[channel])]
                for channel, version in new_versions.items()
                if channel in values
            ],
            "versions": [
                [channel, str(version)]
                for channel, version in checkpoint["channel_versions"].items()
            ],
        }
        size = _size_of(body["values"]) + len(body["head"][1]) + len(body["metadata"])
        self._check_total(size)
        return body

    def writes(
        self,
        ns: str,
        checkpoint_id: str,
        task_id: str,
        task_path: str,
        writes: Sequence[tuple[str, Any]],
    ) -> dict[str, Any]:
        """Pending writes of a task."""
        items = [
            [WRITES_IDX_MAP.get(channel, i), channel, *self._value(channel, value)]
            for i, (channel, value) in enumerate(writes)
        ]
        self._check_total(_size_of(items))
        return {
            "ns": ns,
            "id": checkpoint_id,
            "task": task_id,
            "path": task_path,
            "items": items,
        }

    def _value(self, channel: str, value: Any) -> tuple[str, bytes, bytes | None]:
        kind, data = self._serde.dumps_typed(value)
        text = serialise.dumps(value) if is_shown(channel) else None
        size = max(len(data), len(text or b""))
        limit = self._limits["value"]
        if size > limit:
            raise TooLarge(
                f"the value of `{channel}` has {size} bytes, over the limit of "
                f"{limit} bytes for one value"
            )
        return kind, bytes(data), text

    def _check_total(self, size: int) -> None:
        limit = self._limits["checkpoint"]
        if size > limit:
            raise TooLarge(
                f"the checkpoint has {size} bytes of new values, over the limit of "
                f"{limit} bytes for one checkpoint"
            )


def _size_of(items: list[list[Any]]) -> int:
    return sum(len(data) + len(text or b"") for *_, data, text in items)
