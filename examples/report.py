"""A long job: writes a report chapter by chapter, with a checkpoint after each.

Start it with `{"topic": "looms", "chapters": 50}`. It takes `seconds` (default
0.1) for a chapter. Cancelled with `interrupt` it keeps its chapters, and a run
with no input goes on where it stopped; cancelled with `rollback` it leaves
nothing behind.
"""

import asyncio
import operator
from typing import Annotated

from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict


class Report(TypedDict, total=False):
    topic: str
    chapters: int
    seconds: float
    text: Annotated[list[str], operator.add]


async def write(state: Report) -> dict:
    number = len(state.get("text", [])) + 1
    await asyncio.sleep(state.get("seconds", 0.1))
    get_stream_writer()({"chapter": number, "of": state["chapters"]})
    return {"text": [f"Chapter {number} on {state['topic']}."]}


def more(state: Report) -> str:
    return "write" if len(state["text"]) < state["chapters"] else END


builder = StateGraph(Report)
builder.add_node("write", write)
builder.add_edge(START, "write")
builder.add_conditional_edges("write", more)
graph = builder.compile(name="report").with_config(recursion_limit=10_000)
