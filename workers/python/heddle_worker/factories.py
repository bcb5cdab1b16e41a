"""A graph, or what makes one: opened for each access, closed after it."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.pregel import Pregel
from langgraph.store.base import BaseStore


_NAME_BY_DEFAULT = "LangGraph"  # The library's, for a graph without one.


class NotAGraph(TypeError):
    """What the configuration names is no graph and makes none."""


class OwnCheckpointer(ValueError):
    """The graph brings its own checkpointer, which no cancel could undo."""


@dataclass(frozen=True)
class OpenGraph:
    """A graph ready for use, and its nodes that are subgraphs."""

    graph: Pregel[Any, Any, Any, Any]
    subgraph_nodes: frozenset[str]


class GraphEntry:
    """One graph of the configuration."""

    def __init__(self, graph_id: str, source: Any) -> None:
        """Raises `NotAGraph` and `OwnCheckpointer`."""
        self.id = graph_id
        self._fixed: OpenGraph | None = None
        self._factory: Callable[..., Any] | None = None
        if isinstance(source, (Pregel, StateGraph)):
            self._fixed = _checked(graph_id, source)
        elif callable(source):
            self._factory = source
        else:
            raise NotAGraph(
                f"graph `{graph_id}` is a {type(source).__name__}, neither a graph "
                "nor a function that makes one"
            )

    @property
    def depends_on_request(self) -> bool:
        """Whether it is a factory that is told who asks for what."""
        return self._factory is not None and bool(
            inspect.signature(self._factory).parameters
        )

    @contextlib.asynccontextmanager
    async def open(
        self,
        access: str,
        config: dict[str, Any],
        store: BaseStore,
        context: Any = None,
    ) -> AsyncIterator[OpenGraph]:
        """The graph for one access, as `ServerRuntime.access_context` names it."""
        if self._fixed is not None:
            yield self._fixed
            return
        assert self._factory is not None
        made = self._call(self._factory, access, config, store, context)
        if inspect.isawaitable(made):
            made = await made
        async with contextlib.AsyncExitStack() as stack:
            if not isinstance(made, (Pregel, StateGraph)):
                if hasattr(made, "__aenter__"):
                    made = await stack.enter_async_context(made)
                elif hasattr(made, "__enter__"):
                    made = stack.enter_context(made)
            yield _checked(self.id, made)

    def _call(
        self,
        factory: Callable[..., Any],
        access: str,
        config: dict[str, Any],
        store: BaseStore,
        context: Any,
    ) -> Any:
        if inspect.isasyncgenfunction(factory):
            factory = contextlib.asynccontextmanager(factory)
        elif inspect.isgeneratorfunction(factory):
            factory = contextlib.contextmanager(factory)
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for parameter in inspect.signature(factory).parameters.values():
            wants = _wants(parameter)
            if wants is None:
                continue
            value = (
                _server_runtime(access, store, context)
                if wants == "runtime"
                else config
            )
            if parameter.kind is parameter.KEYWORD_ONLY:
                named[parameter.name] = value
            else:
                positional.append(value)
        return factory(*positional, **named)


def _wants(parameter: inspect.Parameter) -> str | None:
    """What a factory's parameter is for: config or runtime."""
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        return None
    annotation = parameter.annotation
    text = annotation if isinstance(annotation, str) else repr(annotation)
    if "Runtime" in text:
        return "runtime"
    if "Config" in text or parameter.name == "config":
        return "config"
    if parameter.name in ("runtime", "server_runtime"):
        return "runtime"
    return "config" if parameter.default is parameter.empty else None


def _server_runtime(access: str, store: BaseStore, context: Any) -> Any:
    from langgraph_sdk import runtime

    if access == "threads.create_run":
        return runtime._ExecutionRuntime(
            access_context=access, store=store, context=context
        )
    return runtime._ReadRuntime(access_context=access, store=store)


def _checked(graph_id: str, made: Any) -> OpenGraph:
    if isinstance(made, StateGraph):
        made = made.compile()
    if not isinstance(made, Pregel):
        raise NotAGraph(
            f"graph `{graph_id}`: the function made a {type(made).__name__}, which "
            "is no graph"
        )
    if isinstance(made.checkpointer, BaseCheckpointSaver):
        raise OwnCheckpointer(
            f"graph `{graph_id}` is compiled with its own checkpointer "
            f"({type(made.checkpointer).__name__}): compile it without one, the "
            "server keeps its checkpoints"
        )
    if made.name == _NAME_BY_DEFAULT:
        made = made.copy(update={"name": graph_id})
    nodes = frozenset[str]()
    if isinstance(made, CompiledStateGraph):
        nodes = frozenset(name for name, _ in made.get_subgraphs())
    return OpenGraph(made, nodes)
