"""From the library's stream to the API's events."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from langchain_core.messages import (
    BaseMessageChunk,
    convert_to_messages,
    message_chunk_to_message,
)

from heddle_worker import serialise
from heddle_worker.views import checkpoint_of, named

_PLAIN = frozenset({"values", "updates", "custom", "debug", "tasks", "checkpoints"})
_MESSAGES = frozenset({"messages", "messages-tuple"})

Event = tuple[str, bytes]


def requested_modes(given: Any) -> set[str]:
    """`stream_mode` of a run: one name, a list, or nothing (values)."""
    if not given:
        return {"values"}
    return {given} if isinstance(given, str) else set(given)


def library_modes(requested: Collection[str], *, views: bool) -> list[str]:
    """What to ask of the library: also what we need to show states, and the
    interrupts that the API surfaces whatever was requested."""
    modes = set(requested) & _PLAIN
    if _MESSAGES & set(requested):
        modes.add("messages")
    if views:
        modes.add("checkpoints")
    if not modes & {"values", "updates"}:
        modes.add("updates")
    return sorted(modes)


class EventMapper:
    """Names and data of one run's events.

    `hidden` are the nodes whose subgraphs' events were not asked for.
    """

    def __init__(
        self, requested: Collection[str], *, subgraphs: bool, hidden: Collection[str]
    ) -> None:
        self._requested = frozenset(requested)
        self._subgraphs = subgraphs
        self._hidden = hidden
        self._messages: dict[str | None, Any] = {}

    def events(self, ns: tuple[str, ...], mode: str, data: Any) -> Iterator[Event]:
        """The events that one chunk of the library makes."""
        if ns and not self._subgraphs and ns[0].partition(":")[0] in self._hidden:
            return
        if mode == "messages":
            yield from self._message(ns, data)
        elif mode in self._requested:
            if mode == "debug":
                data = _debug(data)
            yield self._name(mode, ns), serialise.dumps(data)
        elif mode == "updates" and self._surfaces(data):
            yield self._name("values", ns), serialise.dumps(data)

    def wants(self, chunk: tuple[Any, ...]) -> bool:
        """Whether a chunk's mode was asked for, not only needed by us."""
        mode = chunk[-2]
        return mode in self._requested or (
            mode == "messages" and bool(_MESSAGES & self._requested)
        )

    def _surfaces(self, data: Any) -> bool:
        # Only asked for to see interrupts; a breakpoint's carries nothing.
        return (
            "values" not in self._requested
            and isinstance(data, dict)
            and bool(data.get("__interrupt__"))
        )

    def _name(self, mode: str, ns: tuple[str, ...]) -> str:
        return "|".join((mode, *ns)) if self._subgraphs and ns else mode

    def _message(self, ns: tuple[str, ...], data: Any) -> Iterator[Event]:
        if "messages-tuple" in self._requested:
            yield self._name("messages", ns), serialise.dumps(data)
            return
        message, metadata = data
        if isinstance(message, dict):
            message = convert_to_messages([message])[0]
        known = self._messages.get(message.id)
        if known is None:
            self._messages[message.id] = message
            about = {message.id: {"metadata": metadata}}
            yield "messages/metadata", serialise.dumps(about)
        elif isinstance(message, BaseMessageChunk):
            self._messages[message.id] = known + message
        else:
            self._messages[message.id] = message
        partial = isinstance(message, BaseMessageChunk)
        whole = message_chunk_to_message(self._messages[message.id])
        name = "messages/partial" if partial else "messages/complete"
        yield name, serialise.dumps([whole])


def _debug(chunk: Mapping[str, Any]) -> Mapping[str, Any]:
    if chunk["type"] != "checkpoint":
        return chunk
    payload = chunk["payload"]
    return {
        **chunk,
        "payload": {
            **payload,
            "checkpoint": checkpoint_of(payload["config"]),
            "parent_checkpoint": checkpoint_of(payload.get("parent_config")),
            "tasks": [_debug_task(task) for task in payload["tasks"]],
        },
    }


def _debug_task(task: Mapping[str, Any]) -> Mapping[str, Any]:
    if not (checkpoint := named(task.get("state"))):
        return task
    rest = {key: value for key, value in task.items() if key != "state"}
    return {**rest, "checkpoint": checkpoint}
