"""A graph that ends when it is told to, and says when it executes."""

import asyncio
import operator
import os
import time
from typing import Annotated, TypedDict

from langgraph.graph import END, START, StateGraph


class State(TypedDict, total=False):
    tag: str
    gate: str
    mark: str
    stubborn: bool
    log: Annotated[list[str], operator.add]


def mark(state: State) -> None:
    """One whole line: when, by the machine's monotonic clock, and who."""
    line = f"{time.monotonic_ns()} {state['tag']}\n"
    fd = os.open(state["mark"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(fd, line.encode())
    finally:
        os.close(fd)


async def stay() -> None:
    """Longer than any grace, whoever cancels."""
    until = time.monotonic() + 3
    while time.monotonic() < until:
        try:
            await asyncio.sleep(0.1)
        except asyncio.CancelledError:
            pass


async def opened(state: State) -> None:
    while not os.path.exists(state["gate"]):
        try:
            await asyncio.sleep(0.005)
        except asyncio.CancelledError:
            if not state.get("stubborn"):
                raise
            await stay()


async def wait(state: State) -> dict:
    mark(state)
    try:
        if state.get("gate"):
            await opened(state)
    finally:
        mark(state)
    return {"log": [state["tag"]]}


async def nothing(state: State) -> dict:
    return {"log": ["noop"]}


def single(name, node):
    graph = StateGraph(State)
    graph.add_node(name, node)
    graph.add_edge(START, name)
    graph.add_edge(name, END)
    return graph.compile()


gated = single("wait", wait)
noop = single("noop", nothing)
