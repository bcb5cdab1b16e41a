"""Five graphs that tests/graphs/cpp/compared.cpp has in C++."""

import operator
from typing import Annotated, TypedDict

from langchain_core.language_models.fake_chat_models import (
    GenericFakeChatModel,
)
from langchain_core.messages import AIMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    topic: str
    draft: str
    log: Annotated[list[str], operator.add]


def line(name):
    return lambda state: {"log": [name]}


def make_chain():
    graph = StateGraph(State)
    graph.add_node("plan", lambda s: {"draft": f"plan {s['topic']}", "log": ["plan"]})
    graph.add_node("write", lambda s: {"draft": f"{s['draft']}!", "log": ["write"]})
    graph.add_node("quiet", lambda s: None)
    graph.add_edge(START, "plan")
    graph.add_edge("plan", "write")
    graph.add_edge("write", "quiet")
    graph.add_edge("quiet", END)
    return graph.compile()


def make_branch():
    graph = StateGraph(State)
    graph.add_node("left", line("left"))
    graph.add_node("right", line("right"))
    graph.add_conditional_edges(START, lambda s: s["topic"], ["left", "right"])
    graph.add_edge("left", END)
    graph.add_edge("right", END)
    return graph.compile()


def make_parallel():
    graph = StateGraph(State)
    for name in "abc":
        graph.add_node(name, line(name))
        graph.add_edge(START, name)
    graph.add_node("join", lambda s: {"draft": "+".join(s["log"])})
    graph.add_edge(["a", "b", "c"], "join")
    graph.add_edge("join", END)
    return graph.compile()


def make_human():
    graph = StateGraph(State)
    graph.add_node("ask", lambda s: {"draft": interrupt({"q": "ok?"})})
    graph.add_node("work", line("work"))
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "work")
    graph.add_edge("work", END)
    return graph.compile()


async def answer(state):
    reply = AIMessage(content="one two three", id="ai-1")
    model = GenericFakeChatModel(messages=iter([reply]))
    return {"messages": [await model.ainvoke(state["messages"])]}


def make_chat():
    graph = StateGraph(MessagesState)
    graph.add_node("answer", answer)
    graph.add_edge(START, "answer")
    graph.add_edge("answer", END)
    return graph.compile()


chain = make_chain()
branch = make_branch()
parallel = make_parallel()
human = make_human()
chat = make_chat()
