"""How the API shows states and checkpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from langgraph.types import StateSnapshot

from heddle_worker import serialise
from heddle_worker.jobs import Job

if TYPE_CHECKING:
    from heddle_worker.saver import Saver

_HIDDEN = ("__", "branch:", "join:")
_SENT = "__pregel_tasks"  # The channel of what nodes sent to others.
_UNVIEWED_MAX = 100  # Told of one job: each costs a read.


def is_shown(channel: str) -> bool:
    """Whether a channel may be part of a state, so its JSON is worth keeping."""
    return channel == "__root__" or not channel.startswith(_HIDDEN)


def interrupts(found: Sequence[Any] | None) -> list[dict[str, Any]]:
    """Interrupts as states show them: `{id, value}`."""
    return [
        {"id": i["id"], "value": i["value"]}
        if isinstance(i, Mapping)
        else {"id": i.id, "value": i.value}
        for i in found or ()
    ]


def named(config: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What of a config names a checkpoint or, without an id, a namespace."""
    if not config or not (conf := config.get("configurable")):
        return None
    keys = ("checkpoint_id", "thread_id", "checkpoint_ns", "checkpoint_map")
    return {key: conf[key] for key in keys if conf.get(key) is not None}


def checkpoint_of(config: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The checkpoint that a config names, or None if it names none."""
    found = named(config)
    return found if found and "checkpoint_id" in found else None


def _error(error: Any) -> str | None:
    if error is None or isinstance(error, str):
        return error
    return repr(error)


def _path(name: str, index: int, sends: int) -> list[Any]:
    """Where the library found a task: what was sent comes first, in order."""
    pushed = index < sends
    return ["__pregel_push", index] if pushed else ["__pregel_pull", name]


def _tasks_of_payload(
    tasks: Sequence[Mapping[str, Any]], sends: int
) -> list[dict[str, Any]]:
    return [
        {
            "id": task["id"],
            "name": task["name"],
            "path": _path(task["name"], index, sends),
            "error": _error(task.get("error")),
            "interrupts": interrupts(task.get("interrupts")),
            "checkpoint": named(task.get("state")),
            "state": None,
            "result": task.get("result"),
        }
        for index, task in enumerate(tasks)
    ]


def tasks_of(snapshot: StateSnapshot) -> list[dict[str, Any]]:
    """A snapshot's tasks as in a ThreadState."""
    return [
        {
            "id": task.id,
            "name": task.name,
            "path": task.path,
            "error": _error(task.error),
            "interrupts": interrupts(task.interrupts),
            "checkpoint": None
            if isinstance(task.state, StateSnapshot)
            else named(task.state),
            "state": thread_state(task.state)
            if isinstance(task.state, StateSnapshot)
            else None,
            "result": task.result,
        }
        for task in snapshot.tasks
    ]


def thread_state(snapshot: StateSnapshot) -> dict[str, Any]:
    """A snapshot as the API's ThreadState."""
    checkpoint = checkpoint_of(snapshot.config)
    parent = checkpoint_of(snapshot.parent_config)
    return {
        "values": snapshot.values,
        "next": list(snapshot.next),
        "tasks": tasks_of(snapshot),
        "metadata": snapshot.metadata,
        "created_at": snapshot.created_at,
        "checkpoint": checkpoint,
        "parent_checkpoint": parent,
        "interrupts": interrupts(snapshot.interrupts),
        "checkpoint_id": checkpoint and checkpoint.get("checkpoint_id"),
        "parent_checkpoint_id": parent and parent.get("checkpoint_id"),
    }


def latest_state(snapshot: StateSnapshot) -> dict[str, bytes]:
    """The body of a `state` frame."""
    return {
        "values": serialise.dumps(snapshot.values),
        "next": serialise.dumps(list(snapshot.next)),
        "tasks": serialise.dumps(tasks_of(snapshot)),
        "interrupts": serialise.dumps(interrupts(snapshot.interrupts)),
    }


def view_of(ns: str, checkpoint_id: str, snapshot: StateSnapshot) -> dict[str, Any]:
    """The body of a `view` frame made from a snapshot."""
    return {
        "ns": ns,
        "id": checkpoint_id,
        "shape": None,
        "values": serialise.dumps(snapshot.values),
        "next": list(snapshot.next),
        "tasks": serialise.dumps(tasks_of(snapshot)),
    }


async def tell_unviewed(
    job: Job, saver: Saver, graph: Any, graph_id: str, config: Any
) -> None:
    """Views of what was read and what a killed worker left untold. Of the root
    namespace: those of subgraphs are asked for. And of this graph: another one
    does not know what comes next."""
    told = [name for ns, name in saver.unviewed if not ns][:_UNVIEWED_MAX]
    for checkpoint_id in told:
        at = {**config["configurable"], "checkpoint_ns": ""}
        at.pop("checkpoint_map", None)
        at["checkpoint_id"] = checkpoint_id
        snapshot = await graph.aget_state({**config, "configurable": at})
        if (snapshot.metadata or {}).get("graph_id", graph_id) != graph_id:
            continue
        job.send("view", view_of("", checkpoint_id, snapshot))
    saver.unviewed.clear()


class Views:
    """Sends a `view` for each checkpoint that is put.

    The library tells both halves in either order, and of checkpoints that are
    never put as well; a view goes out when the put has gone.
    """

    def __init__(self, job: Job, *, only_last: bool) -> None:
        self._job = job
        self._only_last = only_last
        self._put: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._seen: dict[tuple[str, str], Mapping[str, Any]] = {}

    @property
    def missing(self) -> list[tuple[str, str]]:
        """Checkpoints that were put and whose view never came."""
        return list(self._put)

    def put(self, ns: str, checkpoint_id: str, values: Mapping[str, Any]) -> None:
        """The `put` of a checkpoint has been queued."""
        payload = self._seen.pop((ns, checkpoint_id), None)
        if payload is None:
            self._put[ns, checkpoint_id] = values
        else:
            self._send(ns, checkpoint_id, payload, values)

    def seen(self, payload: Mapping[str, Any]) -> None:
        """A payload of the `checkpoints` stream mode."""
        conf = payload["config"]["configurable"]
        ns, checkpoint_id = conf.get("checkpoint_ns", ""), conf["checkpoint_id"]
        values = self._put.pop((ns, checkpoint_id), None)
        if values is not None:
            self._send(ns, checkpoint_id, payload, values)
            return
        if self._only_last:
            for key in [key for key in self._seen if key[0] == ns]:
                del self._seen[key]
        self._seen[ns, checkpoint_id] = payload

    def _send(
        self,
        ns: str,
        checkpoint_id: str,
        payload: Mapping[str, Any],
        kept: Mapping[str, Any],
    ) -> None:
        values = payload["values"]
        by_channel = isinstance(values, dict) and all(
            is_shown(channel) and channel in kept and kept[channel] is value
            for channel, value in values.items()
        )
        sends = len(kept.get(_SENT) or ())
        body = {
            "ns": ns,
            "id": checkpoint_id,
            "shape": list(values) if by_channel else None,
            "values": None if by_channel else serialise.dumps(values),
            "next": list(payload["next"]),
            "tasks": serialise.dumps(_tasks_of_payload(payload["tasks"], sends)),
        }
        self._job.send("view", body)
