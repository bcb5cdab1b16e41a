"""What a run sends: events, checkpoints, views, and its end."""

from __future__ import annotations

import json

import pytest

MODES = ["values", "updates", "debug", "tasks", "checkpoints", "custom"]


def names(log):
    return [name for name, _ in log.events]


def test_a_trivial_run_ends_in_success(server, thread):
    log = server.run("trivial", thread, input={"n": 1})
    assert log.end == {"outcome": "success", "events": 2}
    assert log.events == [
        ("values", {"log": [], "n": 1}),
        ("values", {"log": ["hello"], "n": 2}),
    ]
    assert log.kinds()[0] == "started"
    assert log.kinds()[-2:] == ["end", "clean"]


def test_each_checkpoint_has_its_view(server, thread):
    log = server.run("steps", thread, input={"n": 1})
    puts = log.of("put")
    assert [json.loads(p["metadata"])["step"] for p in puts] == [-1, 0, 1, 2, 3]
    views = {v["id"]: v for v in log.of("view")}
    assert set(views) == {p["id"] for p in puts}
    shown = [server.checkpoints.shown(thread, "", p["id"]) for p in puts]
    assert shown[1] == {"log": [], "n": 1}
    assert shown[4] == {"log": ["pre", "hello", "after"], "n": 2}
    assert [views[p["id"]]["next"] for p in puts] == [
        ["__start__"],
        ["pre"],
        ["hello"],
        ["after"],
        [],
    ]
    # The first two show an empty list that is not kept as a value.
    shapes = [views[p["id"]]["shape"] for p in puts]
    assert shapes == [None, None] + [["log", "n"]] * 3


def test_views_are_what_the_library_says_of_history(server, thread):
    log = server.run("steps", thread, input={"n": 1})
    history = server.ask("history", "steps", thread, limit=10)
    views = {v["id"]: v for v in log.of("view")}
    assert len(history) == 5
    for state in history:
        view = views[state["checkpoint"]["checkpoint_id"]]
        assert view["next"] == state["next"]
        tasks = state["tasks"]
        told = json.loads(view["tasks"])
        # The result of a task is known only later than its checkpoint.
        for task in (*tasks, *told):
            task.pop("result")
        assert told == tasks
        shown = server.checkpoints.shown(thread, "", view["id"])
        assert shown == state["values"]


def test_metadata_names_the_run(server, thread):
    log = server.run("trivial", thread, input={}, config={"metadata": {"mine": 1}})
    metadata = json.loads(log.of("put")[-1]["metadata"])
    number = max(n for n, found in server.logs.items() if found is log)
    assert metadata["run_id"] == f"00000000-0000-4000-8000-{number:012d}"
    assert metadata["graph_id"] == "trivial"
    assert metadata["mine"] == 1
    assert metadata["source"] == "loop"
    assert metadata["run_attempt"] == 1


def test_a_second_run_goes_on_from_the_first(server, thread):
    server.run("trivial", thread, input={})
    log = server.run("trivial", thread, input={})
    assert log.named("values")[-1] == {"log": ["hello", "hello"], "n": 2}
    versions = [tuple(v[:2]) for p in log.of("put") for v in p["values"]]
    assert len(versions) == len(set(versions))


def test_all_modes_come_in_the_librarys_order(server, thread):
    log = server.run("trivial", thread, input={"n": 1}, stream_mode=MODES)
    assert names(log) == [
        "checkpoints",
        "debug",
        "values",
        "checkpoints",
        "debug",
        "tasks",
        "debug",
        "updates",
        "tasks",
        "debug",
        "values",
        "checkpoints",
        "debug",
    ]
    assert log.named("updates") == [{"hello": {"log": ["hello"], "n": 2}}]
    debug = [d for d in log.named("debug") if d["type"] == "checkpoint"][-1]
    assert set(debug["payload"]["checkpoint"]) == {
        "checkpoint_id",
        "thread_id",
        "checkpoint_ns",
    }
    assert debug["payload"]["parent_checkpoint"]["checkpoint_id"]


def test_one_mode_as_a_text(server, thread):
    log = server.run("trivial", thread, input={}, stream_mode="updates")
    assert names(log) == ["updates"]


def test_a_temporary_run_keeps_nothing(server, thread):
    log = server.run("trivial", thread, input={}, temporary=True)
    assert log.end["outcome"] == "success"
    assert not {"put", "writes", "get", "view", "state"} & set(log.kinds())


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_durability(server, thread, durability):
    log = server.run("steps", thread, input={}, durability=durability)
    assert log.end["outcome"] == "success"
    assert len(log.of("put")) == (1 if durability == "exit" else 5)
    assert len(log.of("view")) == len(log.of("put"))
    last = log.of("put")[-1]["id"]
    assert server.checkpoints.shown(thread, "", last)["log"] == [
        "pre",
        "hello",
        "after",
    ]


def test_subgraph_events_carry_their_namespace(server, thread):
    log = server.run(
        "nesting", thread, input={}, subgraphs=True, stream_mode=["values", "custom"]
    )
    assert log.end["outcome"] == "success"
    inner = [name for name in names(log) if name.startswith("values|child:")]
    assert inner
    assert any(name.startswith("custom|child:") for name in names(log))
    assert log.named("values")[-1]["log"] == ["child", "after"]


def test_subgraphs_not_asked_for_are_viewed_but_not_streamed(server, thread):
    log = server.run("nesting", thread, input={}, stream_mode=["values", "custom"])
    assert set(names(log)) == {"values"}
    nested = [p for p in log.of("put") if p["ns"]]
    assert nested
    assert {v["id"] for v in log.of("view")} == {p["id"] for p in log.of("put")}
    ns = nested[-1]["ns"]
    assert server.checkpoints.shown(thread, ns, nested[-1]["id"])["log"] == ["child"]


def test_an_interrupt_is_a_success_with_a_state(server, thread):
    log = server.run("asking", thread, input={}, stream_mode=["values", "updates"])
    assert log.end["outcome"] == "success"
    assert names(log)[-2:] == ["updates", "values"]
    updates, values = log.events[-2][1], log.events[-1][1]
    found = updates["__interrupt__"][0]
    assert list(found) == ["value", "id", "response_schema"]
    assert found["value"] == {"q": "ok?"}
    assert values == {"log": ["pre"], "__interrupt__": [found]}
    state = log.of("state")[-1]
    assert json.loads(state["next"]) == ["question"]
    shown = {"id": found["id"], "value": {"q": "ok?"}}
    assert json.loads(state["interrupts"]) == [shown]
    assert json.loads(state["tasks"])[0]["interrupts"] == [shown]


def test_an_interrupt_shows_as_values_if_neither_was_asked_for(server, thread):
    log = server.run("asking", thread, input={}, stream_mode=["messages-tuple"])
    assert names(log) == ["values"]
    assert log.events[0][1]["__interrupt__"][0]["value"] == {"q": "ok?"}


def test_a_command_resumes(server, thread):
    server.run("asking", thread, input={})
    log = server.run("asking", thread, command={"resume": "yes"})
    assert log.named("values")[-1] == {"log": ["pre", "answer yes", "after"]}
    assert not log.of("state")


def test_a_nested_interrupt_resumes(server, thread):
    log = server.run("nested_asking", thread, input={})
    assert json.loads(log.of("state")[-1]["interrupts"])[0]["value"] == "nested?"
    log = server.run("nested_asking", thread, command={"resume": "yes"})
    assert log.named("values")[-1] == {"log": ["nested yes"]}


def test_a_command_updates_and_goes_to(server, thread):
    server.run("steps", thread, input={}, interrupt_before=["hello"])
    log = server.run("steps", thread, command={"update": {"n": 7}, "goto": "after"})
    assert log.named("values")[-1] == {
        "log": ["pre", "after", "hello", "after"],
        "n": 8,
    }


def test_a_command_sends(server, thread):
    send = {"node": "leaf", "input": {"n": 9}}
    server.run("sending", thread, input={})
    log = server.run("sending", thread, command={"goto": [send]})
    assert log.end["outcome"] == "success", server.logged()
    assert log.named("values")[-1]["log"] == ["hello", 9]


def test_breakpoints(server, thread):
    log = server.run("steps", thread, input={}, interrupt_before=["hello"])
    assert log.end["outcome"] == "success"
    assert log.of("view")[-1]["next"] == ["hello"]
    log = server.run("steps", thread, input=None, interrupt_after="*")
    assert log.of("view")[-1]["next"] == ["after"]
    log = server.run("steps", thread, input=None)
    assert log.named("values")[-1]["log"] == ["pre", "hello", "after"]


def test_context_and_config_reach_the_node(server, thread):
    log = server.run("seeing", thread, input={}, context={"user": "u"})
    given = log.named("values")[-1]["given"]
    assert given["context"] == {"user": "u"}
    assert given["thread"] == thread
    assert given["assistant"] == "10000000-0000-4000-8000-000000000000"
    assert given["configurable"].startswith("00000000-0000-4000-8000-")


def test_the_recursion_limit(server, thread):
    log = server.run("steps", thread, input={}, config={"recursion_limit": 1})
    assert log.end["error"]["error"] == "GraphRecursionError"
    assert "Recursion limit of 1" in log.end["error"]["message"]


def test_a_fork_from_a_checkpoint(server, thread):
    first = server.run("steps", thread, input={})
    at = first.of("put")[2]["id"]
    config = {"configurable": {"checkpoint_id": at, "checkpoint_ns": ""}}
    log = server.run("steps", thread, input=None, config=config)
    assert log.named("values")[-1]["log"] == ["pre", "hello", "after"]
    assert log.of("put")[0]["parent"] == at


def test_a_second_attempt_at_a_fork_goes_on_from_its_own_checkpoint(server, thread):
    first = server.run("steps", thread, input={})
    at = first.of("put")[1]["id"]
    config = {"configurable": {"checkpoint_id": at, "checkpoint_ns": ""}}
    run_id = "20000000-0000-4000-8000-000000000000"
    order = {"input": None, "config": config, "run_id": run_id}
    server.run("steps", thread, interrupt_after=["pre"], **order)
    log = server.run("steps", thread, resume=True, attempt=2, **order)
    assert log.named("values")[-1]["log"] == ["pre", "hello", "after"]
    assert len(log.of("put")) == 2


def test_errors_are_masked_as_the_api_masks_them(server, thread):
    log = server.run("secretive", thread, input={})
    masked = {"error": "Secret", "message": "An internal error occurred"}
    assert log.end["error"] == masked
    assert "password" in server.logged()
    log = server.run("telling", thread + "2", input={})
    assert log.end["error"] == {"error": "ValueError", "message": "you may read this"}


@pytest.mark.parametrize("graph", ["exiting", "exiting_async"])
def test_a_node_that_exits_ends_its_run_only(server, thread, graph):
    log = server.run(graph, thread, input={})
    assert log.end["outcome"] == "error"
    assert log.end["error"]["error"] == "SystemExit"
    assert server.run("trivial", thread + "2", input={}).end["outcome"] == "success"


def test_a_value_that_cannot_be_stored_is_a_run_error(server, thread):
    log = server.run("odd", thread, input={"n": 1})
    assert log.end["outcome"] == "error"
    assert log.end["error"]["error"] in ("TypeError", "MsgpackEncodeError")
    assert server.run("trivial", thread + "2", input={}).end["outcome"] == "success"


def test_an_integer_beyond_64_bits_is_a_run_error(server, thread):
    log = server.run("big", thread, input={})
    assert log.end["outcome"] == "error"
    assert "64" in log.end["error"]["message"]


def test_an_integer_beyond_64_bits_in_the_input_arrives_exactly(server, thread):
    log = server.run(
        "trivial", thread, input={"n": 2**70}, temporary=True, stream_mode=["custom"]
    )
    assert log.end["outcome"] == "success"


def test_odd_json(server, thread):
    log = server.run("nan", thread, input={})
    assert log.end["outcome"] == "success"
    assert log.named("values")[-1]["given"] == [None, None, "a\ufffdb", {"1": 2}, [3]]


def test_a_value_over_the_limit_ends_the_run_in_a_clear_error(start, thread):
    limits = {"frame": 64 << 20, "value": 100_000, "checkpoint": 150_000}
    server = start(limits=limits).server
    log = server.run("sized", thread, input={"n": 200_000})
    assert log.end["error"]["error"] == "TooLarge"
    assert "limit of 100000 bytes" in log.end["error"]["message"]
    log = server.run("sized", thread + "2", input={"n": 90_000})
    assert log.end["error"]["error"] == "TooLarge"
    assert "one checkpoint" in log.end["error"]["message"]
    assert server.run("sized", thread + "3", input={"n": 9}).end["outcome"] == "success"


def test_a_task_left_behind_does_not_hold_the_slot_for_ever(server, thread):
    log = server.run("leaving", thread, input={})
    assert log.end["outcome"] == "success"
    assert "outlive" in server.logged()


def test_many_runs_at_once(server, thread):
    numbers = [server.order("steps", f"{thread}{i}", input={"n": i}) for i in range(30)]
    for i, number in enumerate(numbers):
        log = server.finished(number)
        assert log.named("values")[-1]["n"] == i + 1
