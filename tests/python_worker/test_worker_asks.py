"""Asks: what needs graph code but no run."""

from __future__ import annotations

import json


def named(answer):
    """Arguments that name the checkpoint of an answer."""
    keys = ("checkpoint_id", "checkpoint_ns")
    return {key: answer["checkpoint"][key] for key in keys}


def test_the_state_of_an_unknown_thread_is_empty(server, thread):
    state = server.ask("state", "steps", thread)
    assert state["values"] == {} and state["next"] == [] and state["tasks"] == []
    assert state["checkpoint"] is None and state["metadata"] is None


def test_state_and_history(server, thread):
    server.run("steps", thread, input={"n": 1})
    state = server.ask("state", "steps", thread)
    assert state["values"] == {"log": ["pre", "hello", "after"], "n": 2}
    assert state["checkpoint"]["thread_id"] == thread
    assert state["checkpoint_id"] == state["checkpoint"]["checkpoint_id"]
    assert state["parent_checkpoint"]["checkpoint_id"] < state["checkpoint_id"]
    history = server.ask("history", "steps", thread, limit=2)
    assert [s["metadata"]["step"] for s in history] == [3, 2]
    before = server.ask("history", "steps", thread, limit=9,
                        before=history[1]["checkpoint"])  # fmt: skip
    assert [s["metadata"]["step"] for s in before] == [1, 0, -1]
    only = server.ask("history", "steps", thread, limit=9, filter={"step": 0})
    assert [s["next"] for s in only] == [["pre"]]
    at = server.ask("state", "steps", thread, **named(only[0]))
    assert at["next"] == ["pre"]


def test_update_writes_a_checkpoint_with_its_view(server, thread):
    server.run("steps", thread, input={}, interrupt_before=["hello"])
    answer = server.ask(
        "update", "steps", thread, values={"log": ["u"]}, as_node="hello"
    )
    at = answer["checkpoint"]
    assert at["thread_id"] == thread and at["checkpoint_ns"] == ""
    assert server.checkpoints.shown(thread, "", at["checkpoint_id"])["log"] == [
        "pre",
        "u",
    ]
    view = server.checkpoints.views[thread, "", at["checkpoint_id"]]
    assert view["next"] == ["after"]
    log = server.run("steps", thread, input=None)
    assert log.named("values")[-1]["log"] == ["pre", "u", "after"]


def test_supersteps(server, thread):
    steps = [
        {"updates": [{"values": {"n": 1}, "as_node": "__start__"}]},
        {"updates": [{"values": {"log": ["a"]}, "as_node": "pre"}]},
    ]
    answer = server.ask("update", "steps", thread, supersteps=steps)
    state = server.ask("state", "steps", thread, **named(answer))
    assert state["values"] == {"log": ["a"], "n": 1}
    assert state["next"] == ["hello"]
    rows = server.checkpoints.rows[thread, ""]
    assert all((thread, "", row) in server.checkpoints.views for row in rows)


def test_a_bad_update_is_a_bad_request(server, thread):
    error = server.ask("update", "steps", thread, values={}, as_node="zz")
    assert error == {"code": "bad_request", "text": "Node zz does not exist"}


def test_nested_state(server, thread):
    server.run("nested_asking", thread, input={})
    state = server.ask("state", "nested_asking", thread, subgraphs=True)
    inner = state["tasks"][0]["state"]
    assert inner["next"] == ["nested_question"]
    assert inner["checkpoint"]["checkpoint_ns"].startswith("child:")
    flat = server.ask("state", "nested_asking", thread)
    assert flat["tasks"][0]["state"] is None
    assert flat["tasks"][0]["checkpoint"] == {
        "thread_id": thread,
        "checkpoint_ns": inner["checkpoint"]["checkpoint_ns"],
    }


def test_draw_schemas_and_subgraphs(server, thread):
    drawn = server.ask("draw", "nesting", thread)
    assert [node["id"] for node in drawn["nodes"]] == [
        "__start__",
        "child",
        "after",
        "__end__",
    ]
    assert all("id" not in (node.get("data") or {}) for node in drawn["nodes"])
    deep = server.ask("draw", "nesting", thread, xray=True)
    assert any("child_work" in node["id"] for node in deep["nodes"])
    schemas = server.ask("schemas", "nesting", thread)
    assert "log" in schemas["state_schema"]["properties"]
    subgraphs = server.ask("subgraphs", "nesting", thread, recurse=True)
    assert list(subgraphs) == ["child"]
    assert set(subgraphs["child"]) == set(schemas)


def test_unknown_graphs_and_kinds(server, thread):
    assert server.ask("state", "nope", thread)["code"] == "not_found"
    assert server.ask("dance", "steps", thread)["code"] == "bad_request"


def test_history_of_a_fork_follows_the_store(server, thread):
    first = server.run("steps", thread, input={})
    at = {"checkpoint_id": first.of("put")[2]["id"], "checkpoint_ns": ""}
    answer = server.ask("update", "steps", thread, values={"n": 5}, **at)
    state = server.ask("state", "steps", thread, **named(answer))
    assert state["parent_checkpoint"]["checkpoint_id"] == at["checkpoint_id"]
    assert json.loads(json.dumps(state))["metadata"]["source"] == "update"
