"""The examples, as README's tour uses them."""

import time
from pathlib import Path

import pytest

from api import Api, eventually
from process import ROOT, Server

FOLDER = ROOT / "examples"


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("examples")
    server = Server(folder, FOLDER / "langgraph.json")
    try:
        server.start(warm=False)
        with Api(server.url) as client:
            yield client
    finally:
        server.remove()


def ask(text: str) -> dict:
    return {"messages": [{"role": "user", "content": text}]}


def chapters(api: Api, thread: str) -> int:
    return len(api.state(thread)["values"].get("text", []))


def test_the_chat_uses_its_tools(examples):
    done = examples.ok(
        "POST",
        "/runs/wait",
        json={"assistant_id": "chat", "input": ask("What is 6*7?")},
    )
    kinds = [message["type"] for message in done["messages"]]
    assert kinds == ["human", "ai", "tool", "ai"]
    assert done["messages"][-1]["content"] == "The answer is: 42"


def test_the_chat_streams_word_by_word(examples):
    body = {
        "assistant_id": "chat",
        "stream_mode": "messages-tuple",
        "input": ask("hello there"),
    }
    with examples.stream("POST", "/runs/stream", json=body) as answer:
        frames = [x for x in answer.iter_lines() if x.startswith("event:")]
    assert frames[0] == "event: metadata"
    assert frames.count("event: messages") >= 5


def test_the_approval_waits_for_a_human(examples):
    thread = examples.thread()
    body = {
        "assistant_id": "approval",
        "input": {"customer": "Ada", "amount": 30},
    }
    path = f"/threads/{thread}/runs/wait"
    asked = examples.ok("POST", path, json=body)
    assert asked["__interrupt__"][0]["value"]["question"] == "Send this?"
    assert examples.get_thread(thread)["status"] == "interrupted"

    changed = {"assistant_id": "approval", "command": {"resume": {"amount": 20}}}
    asked = examples.ok("POST", path, json=changed)
    assert "20" in asked["__interrupt__"][0]["value"]["letter"]

    agreed = {"assistant_id": "approval", "command": {"resume": "approve"}}
    assert examples.ok("POST", path, json=agreed)["outcome"] == "paid"
    assert examples.get_thread(thread)["status"] == "idle"


def test_the_tour_of_the_report(examples):
    thread = examples.thread()
    runs = f"/threads/{thread}/runs"
    body = {"assistant_id": "report", "input": {"topic": "looms", "chapters": 500}}
    run = examples.ok("POST", runs, json=body)["run_id"]
    eventually(lambda: chapters(examples, thread) >= 3)
    stopped = examples.ok("POST", f"{runs}/{run}/cancel?wait=1&action=interrupt")
    assert stopped == {}
    kept = examples.picture(thread)
    assert kept["state"]["next"] == ["write"]
    assert chapters(examples, thread) >= 3

    body = {"assistant_id": "report", "input": None}
    examples.ok("POST", runs, json=body)
    written = chapters(examples, thread)
    eventually(lambda: chapters(examples, thread) > written)
    receipt = examples.ok(
        "POST",
        "/runs/cancel?action=rollback&wait=true",
        headers={"prefer": "return=representation"},
        json={"status": "all"},
    )
    assert [each["outcome"] for each in receipt["runs"]] == ["rolled_back"]
    assert examples.picture(thread) == kept
    time.sleep(0.3)  # Nothing comes late.
    assert examples.picture(thread) == kept
