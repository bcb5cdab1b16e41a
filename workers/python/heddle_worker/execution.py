"""What a run's task does: opens the graph, streams it, writes the events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
import dataclasses
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from uuid import UUID

from langgraph.types import Command, Send

from heddle_worker import serialise
from heddle_worker.draining import control_options, stop_if_drained
from heddle_worker.streams import EventMapper, library_modes, requested_modes
from heddle_worker.versions import LANGGRAPH

if TYPE_CHECKING:
    from heddle_worker.runs import Run

_HIDDEN_TAG = "langsmith:hidden"


async def execute(run: Run) -> None:
    """Runs the graph to its end, an interrupt, or the run's."""
    entry = run.worker.graphs.entry(run.order["graph"])
    config = await _config(run)
    context = run.kwargs.get("context")
    async with entry.open("threads.create_run", config, run.store, context) as opened:
        run.graph = graph = opened.graph.copy(
            update={"checkpointer": run.saver, "store": run.store}
        )
        requested = requested_modes(run.kwargs.get("stream_mode"))
        asked = bool(run.kwargs.get("subgraphs"))
        hidden = frozenset() if asked or run.temporary else opened.subgraph_nodes
        mapper = EventMapper(requested, subgraphs=asked, hidden=hidden)
        options = _options(run, graph, requested, subgraphs=asked or bool(hidden))
        await run.tell_start()
        await _stream(run, graph, config, options, mapper, requested)


async def _stream(
    run: Run,
    graph: Any,
    config: dict[str, Any],
    options: dict[str, Any],
    mapper: EventMapper,
    requested: set[str],
) -> None:
    given = _input(run)
    if "events" in requested:
        chunks = _from_events(run, graph, given, config, options, mapper)
    else:
        chunks = graph.astream(given, config, **options)
    subgraphs = options["subgraphs"]
    write = run.events.write
    async with aclosing(chunks) as stream:
        async for chunk in stream:
            ns, mode, data = chunk if subgraphs else ((), *chunk)
            if mode == "checkpoints" and run.views is not None:
                run.views.seen(data)
            stop_if_drained(run, ns, mode)
            for name, text in mapper.events(ns, mode, data):
                await write(name, text)


async def _from_events(
    run: Run,
    graph: Any,
    given: Any,
    config: dict[str, Any],
    options: dict[str, Any],
    mapper: EventMapper,
) -> AsyncGenerator[tuple[Any, ...], None]:
    """The chunks of the root graph out of `astream_events`, whose own events
    are written on the way."""
    root = str(config["run_id"])
    events = graph.astream_events(given, config, version="v2", **options)
    async with aclosing(events) as stream:
        async for event in stream:
            chunk = None
            if event["event"] == "on_chain_stream" and event["run_id"] == root:
                chunk = event["data"]["chunk"]
            if _HIDDEN_TAG not in (event.get("tags") or ()) and (
                chunk is None or mapper.wants(chunk)
            ):
                await run.events.write("events", serialise.dumps(event))
            if chunk is not None:
                yield chunk


def _options(
    run: Run, graph: Any, requested: set[str], *, subgraphs: bool
) -> dict[str, Any]:
    kwargs = run.kwargs
    options: dict[str, Any] = {
        "stream_mode": library_modes(requested, views=run.views is not None),
        "subgraphs": subgraphs,
        **control_options(run),
    }
    for name in ("interrupt_before", "interrupt_after"):
        if kwargs.get(name):
            options[name] = kwargs[name]
    if not run.temporary:
        options["durability"] = kwargs.get("durability") or "async"
    context = _context(graph, kwargs.get("context"), kwargs.get("config"))
    if context is not None:
        options["context"] = context
    return options


def _context(graph: Any, given: Any, config: Any) -> Any:
    """The context that a graph takes.

    An empty context is none for a schema that has required fields. The API
    mirrors `config.configurable` into the context: of what came that way, only
    the fields that the schema knows are handed on.
    """
    schema = getattr(graph, "context_schema", None)
    mirrored = (config or {}).get("configurable") or {}
    known = _fields(schema)
    if isinstance(given, dict) and known is not None:
        given = {
            name: value
            for name, value in given.items()
            if name in known or name not in mirrored or mirrored[name] != value
        }
    if given == {}:
        try:
            return schema() if schema is not None else None
        except Exception:
            return None
    return given


def _fields(schema: Any) -> set[str] | None:
    """The names of a dataclass's or model's fields; None if any name will do."""
    if dataclasses.is_dataclass(schema):
        return {field.name for field in dataclasses.fields(schema)}
    fields = getattr(schema, "model_fields", None)
    return set(fields) if isinstance(fields, dict) else None


def _input(run: Run) -> Any:
    """None to go on from what is stored of this run, else the command or input."""
    if run.order.get("resume"):
        return None
    if command := run.kwargs.get("command"):
        return command_of(command)
    return run.kwargs.get("input")


def command_of(given: dict[str, Any]) -> Command[Any]:
    """A Command as the API writes it: `{update, resume, goto}`."""
    goto = given.get("goto")
    goto = goto if isinstance(goto, list) else [goto] if goto else []
    update = given.get("update")
    if isinstance(update, list):
        update = [tuple(pair) if isinstance(pair, list) else pair for pair in update]
    return Command(
        update=update,
        resume=given.get("resume"),
        goto=[
            Send(to["node"], to.get("input")) if isinstance(to, dict) else to
            for to in goto
        ],
    )


async def _config(run: Run) -> dict[str, Any]:
    given = run.kwargs.get("config") or {}
    order = run.order
    configurable = {
        **(given.get("configurable") or {}),
        "run_id": order["run_id"],
        "thread_id": run.thread_id,
    }
    configurable.setdefault("graph_id", order["graph"])
    configurable.setdefault("assistant_id", order["assistant_id"])
    if order.get("resume") and configurable.get("checkpoint_id"):
        await _drop_fork_point(run, configurable)
    metadata = {
        "graph_id": order["graph"],
        "assistant_id": order["assistant_id"],
        **(given.get("metadata") or {}),
        "run_id": order["run_id"],
        "thread_id": run.thread_id,
        "run_attempt": order["attempt"],
        "langgraph_version": LANGGRAPH,
    }
    config = {**given, "configurable": configurable, "metadata": metadata}
    config["run_id"] = UUID(order["run_id"])
    return config


async def _drop_fork_point(run: Run, configurable: dict[str, Any]) -> None:
    """A second attempt goes on from the first one's last checkpoint, if it got
    as far as one, and not once more from the checkpoint it was forked from."""
    if run.saver is None:
        return
    latest = await run.saver.aget_tuple(
        {"configurable": {"thread_id": run.thread_id, "checkpoint_ns": ""}}
    )
    if latest is not None and latest.metadata.get("run_id") == run.order["run_id"]:
        for key in ("checkpoint_id", "checkpoint_ns", "checkpoint_map"):
            configurable.pop(key, None)
