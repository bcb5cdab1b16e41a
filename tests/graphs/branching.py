"""Graphs that are not a line: a subgraph, parallel branches."""

import operator
from typing import Annotated, TypedDict

from langgraph.graph import END, START, StateGraph

from marks import mark
from stopping import doze


class State(TypedDict, total=False):
    secs: float
    tag: str
    mark: str
    log: Annotated[list[str], operator.add]


class Inner(TypedDict, total=False):
    """Shares the inputs with `State`, and keeps a log of its own."""

    secs: float
    mark: str
    inner: Annotated[list[str], operator.add]


def step(name: str, key: str = "log", sleeps: bool = False):
    async def node(state: dict) -> dict:
        mark(state, name)
        if sleeps:
            await doze(state)
            mark(state, f"{name} done")
        return {key: [name]}

    return node


def line(schema, *nodes) -> StateGraph:
    graph = StateGraph(schema)
    before = START
    for name, node in nodes:
        graph.add_node(name, node)
        graph.add_edge(before, name)
        before = name
    graph.add_edge(before, END)
    return graph


child = line(
    Inner,
    ("first", step("first", "inner")),
    ("work", step("work", "inner", sleeps=True)),
    ("last", step("last", "inner")),
).compile()

nested = line(
    State, ("pre", step("pre")), ("child", child), ("after", step("after"))
).compile()


def fan_out() -> StateGraph:
    graph = StateGraph(State)
    graph.add_node("pre", step("pre"))
    graph.add_node("quick", step("quick"))
    graph.add_node("slow_a", step("slow_a", sleeps=True))
    graph.add_node("slow_b", step("slow_b", sleeps=True))
    graph.add_node("after", step("after"))
    graph.add_edge(START, "pre")
    for branch in ("quick", "slow_a", "slow_b"):
        graph.add_edge("pre", branch)
    graph.add_edge(["quick", "slow_a", "slow_b"], "after")
    graph.add_edge("after", END)
    return graph


parallel = fan_out().compile()
