"""Message and event modes, as the API names them."""

from __future__ import annotations

import pytest

ASKED = {"messages": [{"role": "user", "content": "hi", "id": "u"}]}


def names(log):
    return [name for name, _ in log.events]


def test_messages_grow(server, thread):
    log = server.run("speaking", thread, input=ASKED, stream_mode="messages")
    assert log.end["outcome"] == "success", server.logged()
    partial = log.named("messages/partial")
    contents = [message["content"] for [message] in partial]
    assert contents[0] == "one" and "one two three" in contents
    assert all(message["type"] == "ai" and message["id"] for [message] in partial)
    about = log.named("messages/metadata")
    assert len(about) == 2
    [found] = about[0].values()
    assert found["metadata"]["langgraph_node"] == "speak"
    [[whole]] = log.named("messages/complete")
    assert (whole["id"], whole["content"], whole["type"]) == ("m2", "whole", "ai")
    assert names(log)[0] == "messages/metadata"
    assert names(log)[1] == "messages/partial"


@pytest.mark.parametrize("modes", ["messages-tuple", ["messages-tuple", "messages"]])
def test_message_tuples_are_deltas(server, thread, modes):
    log = server.run("speaking", thread, input=ASKED, stream_mode=modes)
    assert set(names(log)) == {"messages"}
    deltas = [m["content"] for m, about in log.named("messages")
              if about["langgraph_node"] == "speak"]  # fmt: skip
    assert "".join(deltas) == "one two three"
    assert log.named("messages")[0][0]["type"] == "AIMessageChunk"


def test_messages_of_a_subgraph_only_if_asked_for(server, thread):
    log = server.run(
        "outer_speaking", thread, input=ASKED, stream_mode="messages-tuple"
    )
    plain = [m["content"] for m, _ in log.named("messages")]
    assert not any("two" in content for content in plain)
    log = server.run("outer_speaking", thread + "2", input=ASKED,
                     stream_mode="messages-tuple", subgraphs=True)  # fmt: skip
    assert any(name.startswith("messages|inner:") for name in names(log))


def test_events(server, thread):
    log = server.run("speaking", thread, input=ASKED, stream_mode=["events", "values"])
    assert log.end["outcome"] == "success", server.logged()
    events = log.named("events")
    kinds = {event["event"] for event in events}
    assert {"on_chain_start", "on_chat_model_stream", "on_chain_end"} <= kinds
    root = events[0]
    assert root["event"] == "on_chain_start" and root["run_id"]
    number = max(n for n, found in server.logs.items() if found is log)
    assert root["run_id"].endswith(f"{number:012d}")
    assert len(log.named("values")) == 3
    assert {"put", "view"} <= set(log.kinds())
    assert len(log.of("view")) == len(log.of("put"))


def test_events_can_be_cancelled(server, thread):
    number = server.order("waiting", thread, input={}, stream_mode=["events", "custom"])
    server.event(number, "custom")
    server.cancel(number)
    assert server.finished(number).end["outcome"] == "cancelled"


def test_the_functional_api(server, thread):
    log = server.run("functional", thread, input=1, stream_mode=["custom", "values"])
    assert log.end["outcome"] == "success", server.logged()
    assert log.named("custom") == [{"noted": 1}]
    assert log.named("values") == [2]
    assert server.checkpoints.shown(thread, "", log.of("put")[-1]["id"]) == 2


def test_the_stored_messages_come_back_as_messages(server, thread):
    server.run("speaking", thread, input=ASKED)
    log = server.run("speaking", thread, input=ASKED)
    kinds = [m["type"] for m in log.named("values")[-1]["messages"]]
    assert kinds == ["human", "ai", "ai"]
