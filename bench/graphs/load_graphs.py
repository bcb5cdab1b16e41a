"""What ./bench/load lets any Agent Server execute: nothing, for long, tokens."""

import asyncio
import operator
from typing import Annotated, TypedDict

from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph


class State(TypedDict, total=False):
    secs: float
    count: int
    text: str
    log: Annotated[list[str], operator.add]


async def nothing(state: State) -> dict:
    return {"log": ["noop"]}


async def work(state: State) -> dict:
    await asyncio.sleep(state.get("secs", 60))
    return {"log": ["work"]}


async def talk(state: State) -> dict:
    write = get_stream_writer()
    for i in range(state.get("count", 3)):
        write({"token": i, "text": state.get("text", "")})
        await asyncio.sleep(0)
    return {"log": ["talk"]}


def single(name, node):
    graph = StateGraph(State)
    graph.add_node(name, node)
    graph.add_edge(START, name)
    graph.add_edge(name, END)
    return graph.compile()


noop = single("noop", nothing)
slow = single("work", work)
tokens = single("talk", talk)
