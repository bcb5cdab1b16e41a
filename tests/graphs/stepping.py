"""Small graphs: nothing, many checkpoints, a large state, what is given."""

import asyncio
import operator
import os
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore

from marks import mark


class State(TypedDict, total=False):
    x: Any
    log: Annotated[list[str], operator.add]


class Steps(TypedDict, total=False):
    total: int
    pause: float
    tag: str
    mark: str
    n: int
    log: Annotated[list[int], operator.add]


class Large(TypedDict, total=False):
    size: int
    blob: str


class Given(TypedDict, total=False):
    given: dict


@dataclass
class Context:
    tone: str = "plain"
    depth: int = 0


class Remembering(TypedDict, total=False):
    user: str
    say: str
    secs: float
    mark: str
    known: list


async def nothing(state: State) -> dict:
    return {"log": ["noop"]}


async def tick(state: Steps) -> dict:
    n = state.get("n", 0) + 1
    mark(state, f"step {n}")
    await asyncio.sleep(state.get("pause", 0))
    return {"n": n, "log": [n]}


def more(state: Steps) -> str:
    return "tick" if state["n"] < state.get("total", 5) else END


async def grow(state: Large) -> dict:
    return {"blob": "x" * state.get("size", 1000)}


def plain(value: Any) -> Any:
    """What JSON can say of `value`."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(type(value).__name__)


async def tell(
    state: Given, config: RunnableConfig, runtime: Runtime[Context]
) -> dict:
    context = runtime.context
    given = {
        "configurable": {
            k: plain(v)
            for k, v in config["configurable"].items()
            if not k.startswith("__pregel")
        },
        "metadata": plain(config.get("metadata", {})),
        "context": plain(vars(context)) if context else {},
        "tags": list(config.get("tags") or []),
        "environment": os.environ.get("GRAPHS_MARK"),
    }
    return {"given": given}


async def remember(state: Remembering, *, store: BaseStore) -> dict:
    ns = ("memories", state["user"])
    if state.get("say"):
        await store.aput(ns, state["say"], {"said": state["say"]})
        mark(state, "said")
    await asyncio.sleep(state.get("secs", 0))
    found = await store.asearch(ns, limit=100)
    return {"known": sorted(item.value["said"] for item in found)}


def single(schema, name, node, **kwargs):
    graph = StateGraph(schema, **kwargs)
    graph.add_node(name, node)
    graph.add_edge(START, name)
    graph.add_edge(name, END)
    return graph.compile()


def counting():
    graph = StateGraph(Steps)
    graph.add_node("tick", tick)
    graph.add_edge(START, "tick")
    graph.add_conditional_edges("tick", more, ["tick", END])
    return graph.compile()


def made_with(config: RunnableConfig):
    """A factory: the graph is made for each access, with its config."""

    async def node(state: State) -> dict:
        return {"log": [str(config["configurable"].get("flavour", "none"))]}

    return single(State, "node", node)


noop = single(State, "noop", nothing)
stepper = counting()
big = single(Large, "grow", grow)
echo = single(Given, "tell", tell, context_schema=Context)
memory = single(Remembering, "remember", remember)
