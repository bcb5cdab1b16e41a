"""A chat model that needs no service: it streams word by word and calls tools.

It stands in for a real one so that the examples run anywhere. Everything else
about the graphs is what it would be with a real model.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    ToolMessage,
)
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable

SUM = re.compile(r"(-?\d+)\s*([-+*])\s*(-?\d+)")
WEATHER = re.compile(r"weather in ([A-Z][a-z]+)")


def decide(messages: Sequence[BaseMessage]) -> AIMessage:
    """What to say next: a tool call where one helps, else words."""
    last = messages[-1]
    if isinstance(last, ToolMessage):
        return AIMessage(f"The answer is: {last.content}")
    asked = next(m for m in reversed(messages) if isinstance(m, HumanMessage))
    text = str(asked.content)
    number = len(messages)
    if found := SUM.search(text):
        call = {"a": int(found[1]), "op": found[2], "b": int(found[3])}
        return tool_call("calculate", call, number)
    if found := WEATHER.search(text):
        return tool_call("weather", {"city": found[1]}, number)
    turns = sum(isinstance(m, HumanMessage) for m in messages)
    return AIMessage(f"You said: {text} (that was turn {turns} of our chat).")


def tool_call(name: str, args: dict, number: int) -> AIMessage:
    call = {"name": name, "args": args, "id": f"call-{number}"}
    return AIMessage("", tool_calls=[call])


class FakeStreamingModel(BaseChatModel):
    """Streams what `decide` says, one word at a time."""

    seconds_per_word: float = 0.05

    @property
    def _llm_type(self) -> str:
        return "fake-streaming"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable:
        return self

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        message = decide(messages)
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _astream(
        self, messages, stop=None, run_manager=None, **kwargs
    ) -> AsyncIterator[ChatGenerationChunk]:
        for piece in pieces(decide(messages)):
            await asyncio.sleep(self.seconds_per_word)
            chunk = ChatGenerationChunk(message=piece)
            if run_manager:
                await run_manager.on_llm_new_token(piece.content, chunk=chunk)
            yield chunk


def pieces(message: AIMessage) -> list[AIMessageChunk]:
    if message.tool_calls:
        calls = [
            {
                "name": call["name"],
                "args": json.dumps(call["args"]),
                "id": call["id"],
                "index": index,
            }
            for index, call in enumerate(message.tool_calls)
        ]
        return [AIMessageChunk("", tool_call_chunks=calls)]
    return [AIMessageChunk(word) for word in re.findall(r"\S+\s*", message.content)]
