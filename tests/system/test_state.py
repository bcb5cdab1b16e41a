"""State and history of a thread, and changing it by hand."""

import pytest

from api import detail, unknown
from cancelling import deferred, executing


def update(api, thread, **body):
    return api.post(f"/threads/{thread}/state", json=body)


def test_the_state_of_an_empty_thread(api):
    state = api.state(api.thread())
    assert state["values"] == {}
    assert state["next"] == []
    assert state["tasks"] == []
    assert not state["checkpoint"] or not state["checkpoint"].get(
        "checkpoint_id"
    )
    assert not state["created_at"]


def test_the_state_after_a_run(api):
    thread = api.thread()
    api.wait(thread, "stepper", {"total": 2, "tag": "t"})
    run = api.runs(thread)[0]
    state = api.state(thread)
    assert set(state) >= {
        "values",
        "next",
        "tasks",
        "metadata",
        "created_at",
        "checkpoint",
        "parent_checkpoint",
        "interrupts",
        "checkpoint_id",
        "parent_checkpoint_id",
    }
    assert state["values"] == {"total": 2, "tag": "t", "n": 2, "log": [1, 2]}
    assert state["next"] == []
    assert state["tasks"] == []
    assert state["interrupts"] == []
    checkpoint = state["checkpoint"]
    assert checkpoint["thread_id"] == thread
    assert checkpoint["checkpoint_ns"] == ""
    assert checkpoint["checkpoint_id"] == state["checkpoint_id"]
    parent = state["parent_checkpoint"]["checkpoint_id"]
    assert parent == state["parent_checkpoint_id"]
    metadata = state["metadata"]
    assert metadata["source"] == "loop"
    assert metadata["step"] == 2
    assert metadata["parents"] == {}
    assert metadata["run_id"] == run["run_id"]
    assert metadata["thread_id"] == thread
    assert metadata["graph_id"] == "stepper"
    assert metadata["assistant_id"] == run["assistant_id"]


def test_the_thread_shows_the_values_of_its_state(api):
    thread = api.thread()
    api.wait(thread, "stepper", {"total": 2})
    row = api.get_thread(thread)
    assert row["values"] == api.state(thread)["values"]
    assert row["error"] is None
    assert row["interrupts"] == {}


def test_history_is_newest_first_and_its_parents_chain(api):
    thread = api.thread()
    api.wait(thread, "stepper", {"total": 3})
    history = api.history(thread)
    assert [c["metadata"]["step"] for c in history] == [3, 2, 1, 0, -1]
    sources = [c["metadata"]["source"] for c in history]
    assert sources == ["loop"] * 4 + ["input"]
    ids = [c["checkpoint_id"] for c in history]
    parents = [c["parent_checkpoint_id"] for c in history]
    assert parents == [*ids[1:], None]
    assert history[-1]["parent_checkpoint"] is None
    assert [c["next"] for c in history] == [
        [],
        ["tick"],
        ["tick"],
        ["tick"],
        ["__start__"],
    ]
    logs = [c["values"].get("log", []) for c in history]
    assert logs == [[1, 2, 3], [1, 2], [1], [], []]
    task = history[1]["tasks"][0]
    assert task["name"] == "tick"
    assert task["result"] == {"n": 3, "log": [3]}
    assert task["error"] is None and task["interrupts"] == []


def test_history_has_one_entry_unless_told(api):
    thread = api.thread()
    api.wait(thread, "stepper", {"total": 3})
    path = f"/threads/{thread}/history"
    full = api.history(thread)
    assert api.ok("GET", path) == full[:1]
    assert api.ok("POST", path, json={}) == full[:1]
    assert api.ok("GET", f"{path}?limit=3") == full[:3]
    before = full[1]["checkpoint_id"]
    assert api.ok("GET", f"{path}?limit=9&before={before}") == full[2:]
    body = {"limit": 2, "before": full[0]["checkpoint"]}
    assert api.ok("POST", path, json=body) == full[1:3]
    body = {"limit": 9, "metadata": {"step": 1}}
    assert api.ok("POST", path, json=body) == [full[2]]


def test_history_with_a_bad_limit_is_422(api):
    thread = api.thread()
    answer = api.get(f"/threads/{thread}/history?limit=x")
    assert (answer.status_code, detail(answer)) == (422, "Invalid limit x")
    for limit in (0, 1001, "1"):
        body = {"limit": limit}
        answer = api.post(f"/threads/{thread}/history", json=body)
        assert answer.status_code == 422
    answer = api.get(f"/threads/{unknown()}/history")
    assert answer.status_code == 404


def test_the_state_at_a_checkpoint(api):
    thread = api.thread()
    api.wait(thread, "stepper", {"total": 3})
    for past in api.history(thread):
        which = past["checkpoint_id"]
        shown = api.ok("GET", f"/threads/{thread}/state/{which}")
        assert shown["checkpoint"]["checkpoint_id"] == which
        assert shown | {"checkpoint": past["checkpoint"]} == past
        body = {"checkpoint": past["checkpoint"] | {"thread_id": unknown()}}
        path = f"/threads/{thread}/state/checkpoint"
        assert api.ok("POST", path, json=body) == past


@pytest.mark.parametrize(
    "which", [unknown(), "not-a-uuid"], ids=["unknown", "no uuid"]
)
def test_the_state_at_an_unknown_checkpoint_is_empty(api, which):
    thread = api.thread()
    api.wait(thread, "noop", {})
    state = api.ok("GET", f"/threads/{thread}/state/{which}")
    assert state["values"] == {}
    assert state["next"] == []
    assert state["checkpoint"]["checkpoint_id"] == which
    assert state["checkpoint"]["thread_id"] == thread


def test_an_update_is_a_checkpoint_of_its_own(api):
    thread = api.thread()
    api.wait(thread, "slow", {"secs": 0, "tag": "t"})
    before = api.history(thread)
    answer = update(api, thread, values={"log": ["hand"]}, as_node="pre")
    assert answer.status_code == 200
    made = answer.json()
    assert set(made) == {"checkpoint", "configurable", "checkpoint_id"}
    assert made["checkpoint"] == made["configurable"]
    assert made["checkpoint"]["checkpoint_id"] == made["checkpoint_id"]
    assert set(made["checkpoint"]) >= {
        "thread_id",
        "checkpoint_ns",
        "checkpoint_id",
    }
    state = api.state(thread)
    assert state["checkpoint_id"] == made["checkpoint_id"]
    assert state["values"]["log"] == ["pre", "work", "after", "hand"]
    assert state["next"] == ["work"]
    assert state["metadata"]["source"] == "update"
    assert state["metadata"]["step"] == 4
    assert api.history(thread)[1:] == before
    row = api.get_thread(thread)
    assert row["status"] == "interrupted"
    assert row["values"] == state["values"]


def test_a_run_goes_on_from_an_update(api, marks):
    thread = api.thread()
    first = {"secs": 0, "tag": "t", "mark": str(marks)}
    api.wait(thread, "slow", first)
    update(api, thread, values={"tag": "u"}, as_node="pre")
    done = api.wait(thread, "slow")
    assert done["tag"] == "u"
    assert done["log"] == ["pre", "work", "after", "work", "after"]
    assert marks.count("pre") == 1


def test_an_update_at_a_past_checkpoint_forks(api):
    thread = api.thread()
    api.wait(thread, "stepper", {"total": 3})
    past = api.history(thread)[2]
    answer = update(
        api, thread, values={"n": 10}, checkpoint=past["checkpoint"]
    )
    assert answer.status_code == 200
    state = api.state(thread)
    assert state["values"]["n"] == 10
    assert state["values"]["log"] == [1]
    assert state["parent_checkpoint_id"] == past["checkpoint_id"]


def test_an_update_while_anything_is_in_flight_is_409(api, marks, slow):
    thread, run = executing(api, marks, slow)
    answer = update(api, thread, values={"tag": "x"})
    assert answer.status_code == 409
    assert run in detail(answer)
    assert detail(answer).startswith(f"Thread {thread} has in-flight runs: [")
    api.cancel(thread, run, wait=1)
    assert update(api, thread, values={"tag": "x"}, as_node="pre").is_success
    thread, run = deferred(api, marks)
    assert update(api, thread, values={}).status_code == 409
    api.cancel(thread, run)


def test_an_update_without_a_graph_is_400(api):
    thread = api.thread()
    answer = update(api, thread, values={"a": 1})
    assert answer.status_code == 400
    assert "no assigned graph ID" in detail(answer)


def test_an_update_as_an_unknown_node_is_400(api):
    thread = api.thread()
    api.wait(thread, "noop", {})
    answer = update(api, thread, values={}, as_node="zz")
    assert answer.status_code == 400
    assert detail(answer) == "Node zz does not exist"


def test_the_state_of_a_subgraph_can_be_seen_where_it_stands(api, marks, slow):
    thread, run = executing(api, marks, slow, graph="nested")
    api.cancel(thread, run, wait=1)
    plain = api.state(thread)
    task = next(t for t in plain["tasks"] if t["name"] == "child")
    ns = task["checkpoint"]["checkpoint_ns"]
    assert ns.startswith("child:")
    full = api.ok("GET", f"/threads/{thread}/state?subgraphs=true")
    inner = next(t for t in full["tasks"] if t["name"] == "child")["state"]
    assert inner["values"]["inner"] == ["first"]
    assert inner["next"] == ["work"]
    assert inner["checkpoint"]["checkpoint_ns"] == ns


def test_a_run_can_start_at_a_past_checkpoint(api):
    thread = api.thread()
    api.wait(thread, "stepper", {"total": 3})
    past = api.history(thread)[2]
    which = past["checkpoint_id"]
    done = api.wait(thread, "stepper", checkpoint={"checkpoint_id": which})
    assert done["log"] == [1, 2, 3]
    assert len(api.history(thread)) > 5


def test_a_large_state_comes_back_whole(api):
    thread = api.thread()
    size = 2_000_000
    done = api.wait(thread, "big", {"size": size})
    assert done["blob"] == "x" * size
    assert api.state(thread)["values"] == {"size": size, "blob": "x" * size}


def test_text_of_any_kind_comes_back_as_it_was(api):
    text = 'a "b" \\ / \b\f\n\r\t \u2028\u2029 é 漢 😀 </script> \x7f'
    thread = api.thread()
    done = api.wait(thread, "noop", {"x": {text: [text]}})
    assert done["x"] == {text: [text]}
    assert api.state(thread)["values"]["x"] == {text: [text]}
    assert api.runs(thread)[0]["kwargs"]["input"] == {"x": {text: [text]}}
