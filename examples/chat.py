"""A chat agent with tools: model, tools, model, … until there is an answer."""

from langchain_core.tools import tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from model import FakeStreamingModel


@tool
def calculate(a: int, op: str, b: int) -> int:
    """Adds, subtracts or multiplies two whole numbers."""
    return {"+": a + b, "-": a - b, "*": a * b}[op]


@tool
def weather(city: str) -> str:
    """The weather in a city, as far as anyone can tell without asking."""
    kinds = ["sun", "rain", "wind", "snow"]
    return f"{kinds[len(city) % len(kinds)]} in {city}"


tools = [calculate, weather]
model = FakeStreamingModel().bind_tools(tools)


async def agent(state: MessagesState) -> dict:
    return {"messages": [await model.ainvoke(state["messages"])]}


builder = StateGraph(MessagesState)
builder.add_node("agent", agent)
builder.add_node("tools", ToolNode(tools))
builder.add_edge(START, "agent")
builder.add_conditional_edges("agent", tools_condition)
builder.add_edge("tools", "agent")
graph = builder.compile(name="chat")
