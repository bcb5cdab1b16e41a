"""Graphs that fail, and one that takes its worker down with it."""

import operator
import os
import signal
import time
from typing import Annotated, TypedDict

from langgraph.graph import END, START, StateGraph

from marks import mark


class State(TypedDict, total=False):
    how: str
    mark: str
    deaths: int
    died: str
    log: Annotated[list[str], operator.add]


class Secret(Exception):
    """A class that the API masks the message of."""


class Special(ValueError):
    """Derived from a class that the API shows the message of."""


FAULTS = {
    "value": ValueError("a bad value"),
    "key": KeyError("a-key"),
    "runtime": RuntimeError("it broke"),
    "timeout": TimeoutError("too late"),
    "secret": Secret("the password is 1234"),
    "special": Special("a special value"),
}


async def pre(state: State) -> dict:
    mark(state, "pre")
    return {"log": ["pre"]}


async def fail(state: State) -> dict:
    mark(state, "fail")
    raise FAULTS[state.get("how", "value")]


async def unprintable(state: State) -> dict:
    return {"log": [2**70]}


def die(state: State) -> dict:
    """Kills its process until `died` has `deaths` bytes."""
    mark(state, "work")
    path = state["died"]
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(fd, b"x")
    so_far = os.fstat(fd).st_size
    os.close(fd)
    if so_far <= state.get("deaths", 1):
        time.sleep(0.1)  # Meanwhile the server is told what `pre` did.
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(10)
    return {"log": ["survived"]}


def line(**nodes):
    graph = StateGraph(State)
    before = START
    for name, node in nodes.items():
        graph.add_node(name, node)
        graph.add_edge(before, name)
        before = name
    graph.add_edge(before, END)
    return graph.compile()


fails = line(pre=pre, fail=fail)
huge_int = line(work=unprintable)
poison = line(pre=pre, work=die)
