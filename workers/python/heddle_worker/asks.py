"""Questions that need graph code: state, history, update, drawing, schemas."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from langgraph.errors import EmptyInputError, InvalidUpdateError
from langgraph.types import StateUpdate

from heddle_worker import serialise
from heddle_worker.execution import command_of
from heddle_worker.jobs import Job, JobIsOver, Refused
from heddle_worker.loading import UnknownGraph
from heddle_worker.memory import Memory
from heddle_worker.saver import Saver
from heddle_worker.schemas import graph_schemas
from heddle_worker.views import checkpoint_of, tell_unviewed, thread_state, view_of

if TYPE_CHECKING:
    from heddle_worker.loop import Worker

Arguments = dict[str, Any]

_BAD_REQUEST = (ValueError, InvalidUpdateError, EmptyInputError)


class BadAsk(Exception):
    """An ask that cannot be answered, with the code to say so."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Ask(Job):
    """One question of the server. Loop thread only."""

    def __init__(self, worker: Worker, number: int, body: dict[str, Any]) -> None:
        super().__init__(worker, number, body.get("thread_id") or "")
        self._body = body
        self.graph_id = body["graph"]
        self.saver = Saver(self)
        self.store = Memory(self)

    def start(self) -> None:
        """Starts to look for the answer."""
        self._task = self.spawn(self._result())
        self._task.add_done_callback(self._supervise, context=self.worker.context)

    def on_frame(self, kind: str, body: Any) -> None:
        if kind == "cancel":
            self._task.cancel(body["reason"])
        elif kind == "raise":
            self.threads.stop()
        else:
            super().on_frame(kind, body)

    def _supervise(self, task: asyncio.Task[bytes]) -> None:
        self.loop.create_task(self._finish(task))

    async def _finish(self, task: asyncio.Task[bytes]) -> None:
        try:
            await self.saves_settled()
            try:
                answer: dict[str, Any] = {"ok": True, "result": task.result()}
            except BaseException as error:
                answer = {"ok": False, "error": self._told(error)}
            self.send("answer", answer)
        finally:
            self.close()

    def _told(self, error: BaseException) -> dict[str, str]:
        if isinstance(error, BadAsk):
            return {"code": error.code, "text": str(error)}
        if isinstance(error, UnknownGraph):
            return {"code": "not_found", "text": str(error)}
        if isinstance(error, _BAD_REQUEST) and not isinstance(
            error, (Refused, JobIsOver)
        ):
            return {"code": "bad_request", "text": str(error)}
        lines = traceback.format_exception(type(error), error, error.__traceback__)
        text = f"ask `{self._body['kind']}` failed\n{''.join(lines)}"
        self.worker.log("error", text)
        return {"code": "internal", "text": serialise.told_error(error)["message"]}

    async def _result(self) -> bytes:
        kind = self._body["kind"]
        if kind not in _ANSWERS:
            raise BadAsk("bad_request", f"unknown ask `{kind}`")
        access, answer = _ANSWERS[kind]
        args = serialise.loads(self._body["args"] or b"{}") or {}
        entry = self.worker.graphs.entry(self._body["graph"])
        config = _config(self, args)
        async with entry.open(access, config, self.store) as opened:
            graph = opened.graph.copy(
                update={"checkpointer": self.saver, "store": self.store}
            )
            return serialise.dumps(await answer(self, graph, config, args))


def _config(ask: Ask, args: Arguments) -> dict[str, Any]:
    given = args.get("config") or {}
    configurable = {
        **(given.get("configurable") or {}),
        "thread_id": ask.thread_id,
        "graph_id": ask.graph_id,
    }
    for key in ("checkpoint_id", "checkpoint_ns", "checkpoint_map"):
        configurable.pop(key, None)
        if args.get(key) is not None:
            configurable[key] = args[key]
    return {**given, "configurable": configurable}


async def _update(ask: Ask, graph: Any, config: Any, args: Arguments) -> Any:
    if "supersteps" in args:
        steps = [
            [_state_update(update) for update in step["updates"]]
            for step in args["supersteps"]
        ]
        written = await graph.abulk_update_state(config, steps)
    else:
        config["configurable"].setdefault("checkpoint_ns", "")
        written = await graph.aupdate_state(
            config, args.get("values"), as_node=args.get("as_node")
        )
    await ask.saves_settled()
    for ns, checkpoint_id in ask.saver.put_ids:
        at = {"checkpoint_ns": ns, "checkpoint_id": checkpoint_id}
        view_config = {"configurable": {"thread_id": ask.thread_id, **at}}
        snapshot = await graph.aget_state(view_config)
        ask.send("view", view_of(ns, checkpoint_id, snapshot))
    return {"checkpoint": checkpoint_of(written)}


def _state_update(given: Arguments) -> StateUpdate:
    command = given.get("command")
    values = command_of(command) if command else given.get("values")
    return StateUpdate(values, given.get("as_node"))


async def _state(ask: Ask, graph: Any, config: Any, args: Arguments) -> Any:
    found = await graph.aget_state(config, subgraphs=bool(args.get("subgraphs")))
    await tell_unviewed(ask, ask.saver, graph, ask.graph_id, config)
    return thread_state(found)


async def _history(ask: Ask, graph: Any, config: Any, args: Arguments) -> Any:
    before = args.get("before")
    if isinstance(before, str):
        before = {"checkpoint_id": before}
    if before:
        before = {"configurable": {"thread_id": ask.thread_id, **before}}
    found = graph.aget_state_history(
        config, limit=args.get("limit"), before=before, filter=args.get("filter")
    )
    states = [thread_state(snapshot) async for snapshot in found]
    await tell_unviewed(ask, ask.saver, graph, ask.graph_id, config)
    return states


async def _draw(_ask: Ask, graph: Any, config: Any, args: Arguments) -> Any:
    try:
        drawn = await graph.aget_graph(config, xray=args.get("xray") or False)
    except NotImplementedError:
        text = "The graph does not support visualization"
        raise BadAsk("invalid", text) from None
    shown = drawn.to_json()
    for node in shown.get("nodes", []):
        if isinstance(data := node.get("data"), dict):
            data.pop("id", None)
    return shown


async def _schemas(_ask: Ask, graph: Any, _config: Any, _args: Arguments) -> Any:
    return graph_schemas(graph)


async def _subgraphs(_ask: Ask, graph: Any, _config: Any, args: Arguments) -> Any:
    found = graph.aget_subgraphs(
        namespace=args.get("namespace"), recurse=bool(args.get("recurse"))
    )
    return {ns: graph_schemas(subgraph) async for ns, subgraph in found}


_Answer = Callable[[Ask, Any, Any, Arguments], Awaitable[Any]]

_ANSWERS: dict[str, tuple[str, _Answer]] = {
    "update": ("threads.update", _update),
    "state": ("threads.read", _state),
    "history": ("threads.read", _history),
    "draw": ("assistants.read", _draw),
    "schemas": ("assistants.read", _schemas),
    "subgraphs": ("assistants.read", _subgraphs),
}
