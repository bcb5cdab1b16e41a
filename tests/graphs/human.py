"""A graph that asks a human, works on the answer, and ends."""

import operator
from typing import Annotated, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from marks import mark
from stopping import doze


class State(TypedDict, total=False):
    secs: float
    tag: str
    mark: str
    log: Annotated[list[str], operator.add]


async def ask(state: State) -> dict:
    mark(state, "ask")
    answer = interrupt({"q": "ok?"})
    mark(state, f"answered {answer}")
    return {"log": [f"answer:{answer}"]}


async def work(state: State) -> dict:
    mark(state, "work")
    if state.get("secs"):
        await doze(state)
    return {"log": ["work"]}


async def route(state: State) -> Command:
    """Goes where the tag says, without an edge."""
    where = "left" if state.get("tag") == "left" else "right"
    return Command(goto=where, update={"log": ["route"]})


async def left(state: State) -> dict:
    return {"log": ["left"]}


async def right(state: State) -> dict:
    return {"log": ["right"]}


def asking():
    graph = StateGraph(State)
    graph.add_node("ask", ask)
    graph.add_node("work", work)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "work")
    graph.add_edge("work", END)
    return graph.compile()


def routing():
    graph = StateGraph(State)
    graph.add_node("route", route, destinations=("left", "right"))
    graph.add_node("left", left)
    graph.add_node("right", right)
    graph.add_edge(START, "route")
    graph.add_edge("left", END)
    graph.add_edge("right", END)
    return graph.compile()


human = asking()
router = routing()
