"""Graphs that the tests run."""

import asyncio
import operator
import threading
import time
from typing import Annotated, Any

from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.config import get_store, get_stream_writer
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import Command, Send, interrupt
from typing_extensions import TypedDict


class State(TypedDict, total=False):
    log: Annotated[list, operator.add]
    n: int
    given: Any


def chain(*nodes, **options):
    builder = StateGraph(State)
    before = START
    for node in nodes:
        builder.add_node(node.__name__, node)
        builder.add_edge(before, node.__name__)
        before = node.__name__
    builder.add_edge(before, END)
    return builder.compile(**options)


async def pre(state):
    return {"log": ["pre"]}


async def after(state):
    return {"log": ["after"]}


async def hello(state):
    return {"log": ["hello"], "n": state.get("n", 0) + 1}


trivial = chain(hello)
builder = StateGraph(State).add_node("hello", hello).add_edge(START, "hello")


async def wait(state):
    get_stream_writer()("waiting")
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError as error:
        print("cancelled with", error.args, flush=True)
        raise


async def swallow(state):
    get_stream_writer()("waiting")
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        return {"log": ["swallowed"]}


async def shielded(state):
    get_stream_writer()("waiting")
    await asyncio.shield(asyncio.sleep(0.6))


def sleeper(state):
    get_stream_writer()("waiting")
    time.sleep(0.6)


def spinner(state):
    get_stream_writer()("waiting")
    while True:
        sum(range(100))


async def blocker(state):
    get_stream_writer()("waiting")
    await asyncio.sleep(0.05)
    end = time.monotonic() + 1.0
    while time.monotonic() < end:  # BLOCKED HERE
        pass


async def leaver(state):
    asyncio.get_running_loop().leaving = asyncio.create_task(asyncio.sleep(60))


def exits(state):
    raise SystemExit(3)


async def exits_async(state):
    raise SystemExit(3)


class Secret(Exception):
    pass


async def secret(state):
    raise Secret("password")


async def told(state):
    raise ValueError("you may read this")


async def question(state):
    return {"log": [f"answer {interrupt({'q': 'ok?'})}"]}


async def child_work(state):
    get_stream_writer()("child")
    return {"log": ["child"]}


async def nested_question(state):
    return {"log": [f"nested {interrupt('nested?')}"]}


child = chain(child_work)
asking_child = chain(nested_question)


async def huge(state):
    return {"given": "x" * state["n"]}


async def unstorable(state):
    return {"given": state["n"] and (lambda: None)}


async def big_integer(state):
    return {"given": 2**70}


async def not_a_number(state):
    return {"given": [float("nan"), float("inf"), "a\x00b", {1: 2}, {3}]}


async def chatty(state):
    write = get_stream_writer()
    for i in range(state["n"]):
        write({"i": i, "pad": "x" * 1000})


async def remembers(state):
    store = get_store()
    await store.aput(("users", "a"), "k", {"v": 1, "color": "red"})
    await store.aput(("users", "b"), "k", {"v": 2, "color": "blue"})
    found = await store.aget(("users", "a"), "k")
    red = await store.asearch(("users",), filter={"color": "red"})
    spaces = await store.alist_namespaces(prefix=("users",), max_depth=2)
    await store.adelete(("users", "b"), "k")
    gone = await store.aget(("users", "b"), "k")
    return {"log": [found.value, [i.key for i in red], [list(s) for s in spaces], gone]}


def remembers_sync(state):
    store = get_store()
    store.put(("sync",), "k", {"thread": threading.current_thread().name[:6]})
    return {"log": [store.get(("sync",), "k").value]}


async def wrongly_sync(state):
    get_store().get(("sync",), "k")


async def sees(state, config, runtime):
    return {
        "given": {
            "configurable": config["configurable"]["run_id"],
            "thread": config["configurable"]["thread_id"],
            "context": runtime.context,
            "assistant": runtime.server_info.assistant_id,
        }
    }


def fan_out(state):
    return [Send("leaf", {"n": i}) for i in range(3)]


async def leaf(state):
    if state["n"] == 1:
        await asyncio.sleep(0.2)
        raise ValueError("leaf 1")
    return {"log": [state["n"]]}


parallel_builder = StateGraph(State).add_node("leaf", leaf)
parallel_builder.add_conditional_edges(START, fan_out, ["leaf"])
parallel = parallel_builder.compile()


sending_builder = StateGraph(State).add_node("leaf", leaf).add_node("hello", hello)
sending = sending_builder.add_edge(START, "hello").compile()


async def jump(state):
    return Command(goto="after", update={"log": ["jumped"]})


jumping_builder = StateGraph(State)
jumping_builder.add_node("jump", jump, destinations=("after",))
jumping_builder.add_node("after", after)
jumping_builder.add_edge(START, "jump")
jumping = jumping_builder.compile()

waiting = chain(pre, wait, after)
swallowing = chain(pre, swallow, after)
shielding = chain(pre, shielded, after)
sleeping = chain(pre, sleeper, after)
spinning = chain(pre, spinner, after)
blocking = chain(pre, blocker, after)
leaving = chain(leaver)
exiting = chain(exits)
exiting_async = chain(exits_async)
secretive = chain(secret)
telling = chain(told)
asking = chain(pre, question, after)
steps = chain(pre, hello, after)
sized = chain(huge)
odd = chain(unstorable)
big = chain(big_integer)
nan = chain(not_a_number)
talking = chain(chatty)
remembering = chain(remembers)
remembering_sync = chain(remembers_sync)
wrong = chain(wrongly_sync)
seeing = chain(sees)

nesting_builder = StateGraph(State).add_node("child", child).add_node("after", after)
nesting_builder.add_edge(START, "child").add_edge("child", "after")
nesting = nesting_builder.compile()

nested_asking_builder = StateGraph(State).add_node("child", asking_child)
nested_asking_builder.add_edge(START, "child")
nested_asking = nested_asking_builder.compile()


async def waits_inside(state):
    get_stream_writer()("waiting")
    await asyncio.sleep(60)


nested_waiting_builder = StateGraph(State).add_node("child", chain(waits_inside))
nested_waiting_builder.add_node("after", after)
nested_waiting_builder.add_edge(START, "child").add_edge("child", "after")
nested_waiting = nested_waiting_builder.compile()


async def speak(state):
    model = GenericFakeChatModel(messages=iter([AIMessage("one two three", id="m1")]))
    return {"messages": [await model.ainvoke(state["messages"])]}


async def add_whole(state):
    return {"messages": [AIMessage("whole", id="m2")]}


speaking_builder = StateGraph(MessagesState)
speaking_builder.add_node("speak", speak).add_node("add_whole", add_whole)
speaking_builder.add_edge(START, "speak").add_edge("speak", "add_whole")
speaking = speaking_builder.compile()

outer_builder = StateGraph(MessagesState).add_node("inner", speaking)
outer_speaking = outer_builder.add_edge(START, "inner").compile()


@task
async def noted(n):
    get_stream_writer()({"noted": n})
    return n + 1


@entrypoint()
async def functional(n):
    return await noted(n)


async def slow_tokens(state):
    write = get_stream_writer()
    for i in range(100):
        write(i)
        await asyncio.sleep(0.01)


tokens = chain(slow_tokens)


def spins_below(state):
    chain(spinner).invoke({})


spinning_below = chain(pre, spins_below)


def late_writer(state):
    get_stream_writer()("waiting")
    store = get_store()
    time.sleep(0.4)
    store.put(("late",), "k", {"v": 1})


def late_nested(state):
    get_stream_writer()("waiting")
    time.sleep(0.4)
    chain(hello).invoke({})


writing_late = chain(pre, late_writer)
nesting_late = chain(pre, late_nested)


async def naps(state):
    await asyncio.sleep(0.003)
    return {"log": [state.get("n", 0)], "n": state.get("n", 0) + 1}


def naps_sync(state):
    time.sleep(0.003)
    return {"log": ["s"]}


builder_of_many = StateGraph(State)
builder_of_many.add_node("first", naps).add_node("left", naps_sync)
builder_of_many.add_node("right", chain(naps_sync, pre)).add_node("last", after)
builder_of_many.add_edge(START, "first").add_edge("first", "left")
builder_of_many.add_edge("first", "right").add_edge(["left", "right"], "last")
many = builder_of_many.compile()
