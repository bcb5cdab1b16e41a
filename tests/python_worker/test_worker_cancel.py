"""Cancel: what stops, when, and when nothing of the run lives any more."""

from __future__ import annotations

import json
import random
import time

import pytest

WAITING = ["waiting", "nested_waiting"]


def begin(server, graph, thread, **given):
    number = server.order(graph, thread, stream_mode=["custom", "values"], **given)
    server.until(
        lambda: "waiting" in [d for n, d in server.logs[number].events if "custom" in n]
    )
    return number


@pytest.mark.parametrize("graph", WAITING)
@pytest.mark.parametrize("action", ["interrupt", "rollback", "timeout"])
def test_a_waiting_node_is_stopped_and_clean(server, thread, graph, action):
    number = begin(
        server, graph, thread, input={}, stream_subgraphs=True, subgraphs=True
    )
    at = time.monotonic()
    server.cancel(number, action)
    log = server.finished(number)
    assert time.monotonic() - at < 1
    assert log.end["outcome"] == "cancelled"
    kinds = log.kinds()
    assert kinds.index("cancelling") < kinds.index("end") < kinds.index("clean")
    assert log.end["events"] == len(log.events)


@pytest.mark.parametrize("mode", ["values", "custom"])
def test_the_node_sees_the_reason(start, thread, mode):
    process = start()
    number = process.server.order("waiting", thread, input={}, stream_mode=mode)
    process.server.until(lambda: len(process.server.logs[number].of("view")) == 3)
    process.server.cancel(number, reason="interrupt requested via POST /runs/cancel")
    process.server.finished(number)
    seen = "cancelled with ('interrupt requested via POST /runs/cancel',)"
    assert seen in process.output()


def test_a_swallowed_cancel_still_stops_the_run(server, thread):
    number = server.order("swallowing", thread, input={}, stream_mode=["values"])
    server.until(lambda: len(server.logs[number].of("view")) == 3)
    server.cancel(number)
    log = server.finished(number)
    assert log.end["outcome"] == "cancelled"
    assert not any("after" in v.get("log", []) for v in log.named("values"))


def test_a_cancel_before_the_first_step_ends_the_run(server, thread):
    number = server.order("waiting", thread, input={})
    server.cancel(number)
    log = server.finished(number)
    assert log.end["outcome"] == "cancelled"


def test_a_sync_node_keeps_the_run_unclean_until_its_thread_is_done(server, thread):
    number = begin(server, "sleeping", thread, input={})
    at = time.monotonic()
    server.cancel(number)
    log = server.logs[number]
    server.until(lambda: "end" in log.kinds())
    assert time.monotonic() - at < 0.5
    assert "clean" not in log.kinds()
    server.finished(number)
    assert time.monotonic() - at > 0.3


def test_a_shielded_task_keeps_the_run_unclean(server, thread):
    number = begin(server, "shielding", thread, input={})
    at = time.monotonic()
    server.cancel(number)
    log = server.logs[number]
    server.until(lambda: "end" in log.kinds())
    assert time.monotonic() - at < 0.5
    assert "clean" not in log.kinds()
    server.finished(number)
    assert time.monotonic() - at > 0.3


def test_raise_stops_a_loop_in_a_sync_node_and_no_other(server, thread):
    other = begin(server, "waiting", thread + "-other", input={})
    number = begin(server, "spinning", thread, input={})
    server.cancel(number)
    log = server.logs[number]
    server.until(lambda: "end" in log.kinds())
    assert "clean" not in log.kinds()
    server.send("raise", number, {})
    server.finished(number)
    assert "end" not in server.logs[other].kinds()
    server.cancel(other)
    server.finished(other)


def test_saves_in_flight_are_awaited_before_the_end(server, thread):
    number = begin(server, "waiting", thread, input={})
    server.cancel(number)
    server.finished(number)
    server.hold_saves = True
    number = server.order("waiting", thread, input={"log": ["again"]})
    log = server.logs[number]
    server.until(lambda: "put" in log.kinds())
    server.cancel(number)
    server.until(lambda: "cancelling" in log.kinds())
    time.sleep(0.3)
    assert "end" not in log.kinds()
    server.release_saves()
    assert server.finished(number).end["outcome"] == "cancelled"


@pytest.mark.parametrize("code", ["stopping", "fenced"])
def test_a_refused_checkpoint_stops_the_run(server, thread, code):
    number = begin(server, "waiting", thread, input={})
    server.cancel(number)
    server.finished(number)
    number = server.order("waiting", thread + "2", input={})
    server.logs[number].refuse = code
    log = server.finished(number)
    assert log.end["outcome"] == "cancelled"


def test_an_interrupted_run_goes_on_from_where_it_was(server, thread):
    number = begin(server, "waiting", thread, input={})
    server.cancel(number)
    server.finished(number)
    state = server.ask("state", "waiting", thread)
    assert state["values"] == {"log": ["pre"]}
    assert state["next"] == ["wait"]
    view = list(server.checkpoints.views.values())[-1]
    assert view["next"] == ["wait"]


def test_durability_exit_writes_its_one_checkpoint_on_cancel(server, thread):
    number = begin(server, "waiting", thread, input={}, durability="exit")
    server.cancel(number)
    log = server.finished(number)
    assert len(log.of("put")) == 1
    assert len(log.of("view")) == 1
    assert log.of("view")[0]["next"] == ["wait"]
    assert server.checkpoints.shown(thread, "", log.of("put")[0]["id"]) == {
        "log": ["pre"]
    }


def test_a_drain_stops_at_a_checkpoint_and_the_run_goes_on_elsewhere(server, thread):
    number = begin(server, "sleeping", thread, input={})
    server.send("drain", number, {})
    log = server.finished(number)
    assert log.end["outcome"] == "drained"
    resumed = server.run("sleeping", thread, resume=True, input={})
    assert resumed.end["outcome"] == "success"
    assert resumed.named("values")[-1]["log"] == ["pre", "after"]


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_a_late_state_tells_what_finished_siblings_wrote(server, thread, durability):
    log = server.run("parallel", thread, input={}, durability=durability)
    assert log.end["error"] == {"error": "ValueError", "message": "leaf 1"}
    state = log.of("state")[-1]
    tasks = json.loads(state["tasks"])
    assert [t["error"] for t in tasks if t["error"]] == ["ValueError('leaf 1')"]
    assert sorted(json.loads(state["values"])["log"]) == [0, 2]


def test_a_stream_of_tokens_stops_at_once(server, thread):
    number = server.order("tokens", thread, input={}, stream_mode="custom")
    server.until(lambda: len(server.logs[number].events) >= 5)
    server.cancel(number)
    log = server.finished(number)
    assert log.end["outcome"] == "cancelled"
    assert 5 <= len(log.events) < 60


def test_raise_reaches_the_threads_of_a_nested_sync_graph(server, thread):
    number = server.order("spinning_below", thread, input={})
    log = server.logs[number]
    server.until(lambda: len(log.of("view")) == 3)
    time.sleep(0.1)
    server.cancel(number)
    server.until(lambda: "end" in log.kinds())
    server.send("raise", number, {})
    server.finished(number, 5)


@pytest.mark.parametrize("graph", ["writing_late", "nesting_late"])
def test_a_thread_that_runs_on_says_nothing_more(server, thread, graph):
    number = begin(server, graph, thread, input={})
    server.cancel(number)
    log = server.finished(number)
    assert log.kinds()[-2:] == ["end", "clean"]
    assert (("late",), "k") not in server.items.items


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
@pytest.mark.parametrize("seed", range(25))
def test_a_cancel_at_any_moment_leaves_a_thread_that_goes_on(
    server, thread, seed, durability
):
    """What was kept is whole: the thread goes on to the same end, and no step
    that was kept is lost or done twice."""
    order = {"durability": durability, "stream_mode": ["values", "messages"]}
    number = server.order("many", thread, input={"n": 1}, **order)
    time.sleep(random.Random(seed).random() * 0.025)
    server.cancel(number)
    log = server.finished(number)
    assert log.end["outcome"] in ("cancelled", "success")
    kept = [put for put in log.of("put") if not put["ns"]]
    if not kept:
        return
    views = {view["id"] for view in log.of("view")}
    assert {put["id"] for put in kept} <= views
    state = server.ask("state", "many", thread)
    if log.of("state"):
        told = log.of("state")[-1]
        assert json.loads(told["values"]) == state["values"]
        assert json.loads(told["next"]) == state["next"]
    else:
        latest = kept[-1]["id"]
        assert server.checkpoints.shown(thread, "", latest) == state["values"]
        assert server.checkpoints.views[thread, "", latest]["next"] == state["next"]
    if state["tasks"]:  # All may have written although the step is not over.
        last = server.run("many", thread, input=None)
        assert last.end["outcome"] == "success"
        state = server.ask("state", "many", thread)
    whole = ["1", "1", "after", "pre", "s", "s"]
    assert sorted(map(str, state["values"]["log"])) == whole
