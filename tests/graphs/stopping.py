"""Graphs whose middle node, `work`, can be stopped in different ways.

All are `pre` -> `work` -> `after`. `work` lasts `secs`.
"""

import asyncio
import operator
import sys
import threading
import time
from pathlib import Path
from typing import Annotated, TypedDict

from langgraph.graph import END, START, StateGraph

from marks import mark


class State(TypedDict, total=False):
    secs: float
    tag: str
    mark: str
    log: Annotated[list[str], operator.add]


async def pre(state: State) -> dict:
    mark(state, "pre")
    return {"log": ["pre"]}


async def after(state: State) -> dict:
    mark(state, "after")
    return {"log": ["after"]}


def three_steps(work):
    graph = StateGraph(State)
    graph.add_node("pre", pre)
    graph.add_node("work", work)
    graph.add_node("after", after)
    graph.add_edge(START, "pre")
    graph.add_edge("pre", "work")
    graph.add_edge("work", "after")
    graph.add_edge("after", END)
    return graph.compile()


async def doze(state: State) -> None:
    """Sleeps in steps of 0.1 s, each with a mark."""
    for _ in range(round(state.get("secs", 1) * 10)):
        await asyncio.sleep(0.1)
        mark(state, "tick")


async def work_awaiting(state: State) -> dict:
    mark(state, "work")
    try:
        await doze(state)
    except asyncio.CancelledError as cause:
        mark(state, f"cancelled {cause}")
        raise
    mark(state, "done")
    return {"log": ["work"]}


def work_sleeping(state: State) -> dict:
    """One call into C that no exception can interrupt."""
    mark(state, "work")
    time.sleep(state.get("secs", 1))
    mark(state, "done")
    return {"log": ["work"]}


def spin(state: State) -> None:
    until = time.monotonic() + state.get("secs", 1)
    ticked = 0.0
    while (now := time.monotonic()) < until:
        if now - ticked > 0.05:
            ticked = now
            mark(state, "tick")


def work_spinning(state: State) -> dict:
    mark(state, "work")
    spin(state)
    mark(state, "done")
    return {"log": ["work"]}


async def work_blocking(state: State) -> dict:
    """Blocks the event loop of its process: nothing else in it goes on."""
    mark(state, "work")
    spin(state)
    mark(state, "done")
    return {"log": ["work"]}


async def work_swallowing(state: State) -> dict:
    """Takes every CancelledError for its own business and goes on."""
    mark(state, "work")
    until = time.monotonic() + state.get("secs", 1)
    while time.monotonic() < until:
        try:
            await asyncio.sleep(0.1)
            mark(state, "tick")
        except asyncio.CancelledError:
            mark(state, "swallowed")
    mark(state, "done")
    return {"log": ["work"]}


async def work_returning(state: State) -> dict:
    """Ends as if all were well when it is cancelled."""
    mark(state, "work")
    try:
        await doze(state)
    except asyncio.CancelledError:
        mark(state, "swallowed")
    return {"log": ["work"]}


async def work_hanging_finally(state: State) -> dict:
    mark(state, "work")
    try:
        await doze(state)
    finally:
        mark(state, "finally")
        await asyncio.sleep(state.get("secs", 1))
        mark(state, "finally done")
    return {"log": ["work"]}


async def work_shielding(state: State) -> dict:
    """Leaves a task behind that its own cancel does not reach."""
    mark(state, "work")
    await asyncio.shield(asyncio.create_task(doze(state)))
    mark(state, "done")
    return {"log": ["work"]}


async def work_in_a_process(state: State) -> dict:
    """Lets a process of its own do the work."""
    mark(state, "work")
    ticking = "import stopping, sys; stopping.spin({'mark': sys.argv[1], 'secs': 30})"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ticking, state["mark"], cwd=Path(__file__).parent
    )
    await process.wait()
    return {"log": ["work"]}


async def work_in_a_thread(state: State) -> dict:
    """Lets a thread of its own do the work."""
    mark(state, "work")
    threading.Thread(target=spin, args=(state,)).start()
    await asyncio.sleep(state.get("secs", 1))
    return {"log": ["work"]}


slow = three_steps(work_awaiting)
sync_sleep = three_steps(work_sleeping)
sync_cpu = three_steps(work_spinning)
async_cpu = three_steps(work_blocking)
swallow = three_steps(work_swallowing)
swallow_once = three_steps(work_returning)
hang_finally = three_steps(work_hanging_finally)
shield = three_steps(work_shielding)
own_process = three_steps(work_in_a_process)
own_thread = three_steps(work_in_a_thread)
