"""Graphs that stream: custom events, and the tokens of a chat model."""

import asyncio
import operator
from typing import Annotated, TypedDict

from langchain_core.language_models.fake_chat_models import (
    GenericFakeChatModel,
)
from langchain_core.messages import AIMessage
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, MessagesState, StateGraph

from marks import mark


class State(TypedDict, total=False):
    count: int
    pause: float
    text: str
    mark: str
    log: Annotated[list[str], operator.add]


async def talk(state: State) -> dict:
    write = get_stream_writer()
    for i in range(state.get("count", 3)):
        write({"token": i, "text": state.get("text", "")})
        mark(state, f"token {i}")
        await asyncio.sleep(state.get("pause", 0))
    return {"log": ["talk"]}


class Chat(MessagesState, total=False):
    reply: str


async def answer(state: Chat) -> dict:
    reply = AIMessage(content=state.get("reply", "one two three"), id="ai-1")
    model = GenericFakeChatModel(messages=iter([reply]))
    return {"messages": [await model.ainvoke(state["messages"])]}


def single(schema, name, node):
    graph = StateGraph(schema)
    graph.add_node(name, node)
    graph.add_edge(START, name)
    graph.add_edge(name, END)
    return graph.compile()


tokens = single(State, "talk", talk)
chat = single(Chat, "answer", answer)
