"""A human in the loop: a refund is drafted, shown to a human, and then paid,
changed or dropped as the human says.

Start it with `{"customer": "Ada", "amount": 30}`, and resume it with one of
`"approve"`, `"reject"` or `{"amount": 20}`.
"""

from typing import Literal

from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
from typing_extensions import TypedDict


class Refund(TypedDict, total=False):
    customer: str
    amount: int
    letter: str
    outcome: Literal["paid", "rejected"]


def draft(state: Refund) -> dict:
    return {"letter": f"Dear {state['customer']}, we return {state['amount']}."}


def review(state: Refund) -> Command[Literal["draft", "pay", "reject"]]:
    answer = interrupt({"question": "Send this?", "letter": state["letter"]})
    if answer == "approve":
        return Command(goto="pay")
    if isinstance(answer, dict) and "amount" in answer:
        return Command(goto="draft", update={"amount": answer["amount"]})
    return Command(goto="reject")


def pay(state: Refund) -> dict:
    return {"outcome": "paid"}


def reject(state: Refund) -> dict:
    return {"outcome": "rejected"}


builder = StateGraph(Refund)
builder.add_node("draft", draft)
builder.add_node("review", review)
builder.add_node("pay", pay)
builder.add_node("reject", reject)
builder.add_edge(START, "draft")
builder.add_edge("draft", "review")
builder.add_edge("pay", END)
builder.add_edge("reject", END)
graph = builder.compile(name="approval")
