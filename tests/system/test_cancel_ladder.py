"""The stop ladder: whatever a node does, its run stops within the grace.

Each graph is `pre` -> `work` -> `after`, and lasts 30 s if it is left alone.
"""

import time

import pytest

from api import eventually
from cancelling import executing
from process import GRACE, is_running

# After the grace: the kill, the reading of what was sent, one commit.
BOUND = GRACE + 3
STUBBORN = [
    "sync_sleep",
    "sync_cpu",
    "async_cpu",
    "swallow",
    "swallow_once",
    "hang_finally",
    "shield",
    "own_process",
    "own_thread",
    "nested",
    "parallel",
    "slow",
]
DIES = ["sync_sleep", "async_cpu", "swallow", "hang_finally", "shield"]
every_graph = pytest.mark.parametrize("graph", STUBBORN)
ACTIONS = pytest.mark.parametrize("action", ["interrupt", "rollback"])


def executing_in(graph, api, marks, slow, **body):
    """As `executing`, of graphs without a node `work` too."""
    if graph == "parallel":
        thread = api.thread()
        run = api.run(thread, graph, slow, **body)
        marks.await_("slow_a"), marks.await_("slow_b")
        return thread, run
    return executing(api, marks, slow, graph=graph, **body)


@every_graph
@ACTIONS
def test_a_cancel_that_waits_is_bounded_and_nothing_of_the_run_goes_on(
    api, marks, slow, graph, action
):
    thread, run = executing_in(graph, api, marks, slow)
    asked = time.monotonic()
    answer = api.cancel(thread, run, action=action, wait=1)
    took = time.monotonic() - asked
    assert answer.status_code == 200
    assert took < BOUND
    end = None if action == "rollback" else "interrupted"
    assert api.status(thread, run) == end
    before = len(marks.all())
    time.sleep(0.3)
    assert len(marks.all()) == before
    assert not marks.has("after")
    status = api.get_thread(thread)["status"]
    assert status == ("idle" if action == "rollback" else "interrupted")
    state = api.state(thread)
    if action == "rollback":
        assert state["values"] == {} and state["next"] == []
    elif graph == "async_cpu":
        # A blocked loop may hold back what durability "async" lets it.
        assert state["values"].get("log", []) in ([], ["pre"])
        assert state["next"] in (["__start__"], ["pre"], ["work"])
    else:
        assert state["values"]["log"][:1] == ["pre"]
        assert state["next"]


@every_graph
def test_with_durability_sync_no_finished_step_is_lost_to_a_kill(
    api, marks, slow, graph
):
    thread, run = executing_in(graph, api, marks, slow, durability="sync")
    assert api.cancel(thread, run, wait=1).status_code == 200
    state = api.state(thread)
    assert state["values"]["log"][:1] == ["pre"]
    assert state["next"] and state["next"] != ["pre"]


@every_graph
def test_a_cancel_is_answered_at_once_and_holds_up_no_other_request(
    api, marks, slow, graph
):
    thread, run = executing_in(graph, api, marks, slow)
    asked = time.monotonic()
    assert api.cancel(thread, run).status_code == 202
    assert api.get("/ok").status_code == 200
    assert api.get_run(thread, run)["cancel_reason"]
    assert time.monotonic() - asked < 0.3
    assert api.ended(thread, run, BOUND) == "interrupted"


@pytest.mark.parametrize("graph", ["slow", "nested", "parallel", "sync_cpu"])
def test_a_run_that_can_be_stopped_costs_no_process(api, marks, slow, graph):
    thread, run = executing_in(graph, api, marks, slow)
    pid = marks.last().pid
    assert api.cancel(thread, run, wait=1).status_code == 200
    time.sleep(0.2)
    assert is_running(pid)


@pytest.mark.parametrize("graph", DIES)
def test_a_run_that_cannot_be_stopped_is_stopped_with_its_process(
    api, marks, slow, graph
):
    thread, run = executing_in(graph, api, marks, slow)
    pid = marks.last().pid
    assert api.cancel(thread, run, wait=1).status_code == 200
    assert not is_running(pid)


def test_the_neighbours_of_a_killed_process_finish_and_are_not_cancelled(
    api, marks, slow, tmp_path
):
    quick = {"total": 30, "pause": 0.05, "mark": str(tmp_path / "steps")}
    others = [(api.thread(), None) for _ in range(6)]
    others = [(t, api.run(t, "stepper", quick)) for t, _ in others]
    for thread, run in others:
        api.running(thread, run)
    thread, run = executing(api, marks, slow, graph="swallow")
    assert api.cancel(thread, run, wait=1).status_code == 200
    for thread, run in others:
        assert api.ended(thread, run, 30) == "success"
        values = api.state(thread)["values"]
        assert values["log"] == list(range(1, 31))
        assert not api.get_thread(thread).get("error")


def test_a_neighbour_that_blocks_is_requeued_without_a_strike(
    api, marks, slow, tmp_path
):
    """Killed for another's sake more often than the strike bound allows."""
    bystander = {"secs": 4, "mark": str(tmp_path / "bystander")}
    thread = api.thread()
    run = api.run(thread, "sync_sleep", bystander)
    api.running(thread, run)
    for i in range(4):
        mine = type(marks)(tmp_path / f"marks{i}")
        runs = [
            executing(api, mine, slow | {"mark": str(mine)}, graph="swallow")
            for _ in range(2)
        ]
        for at, which in runs:
            api.cancel(at, which)
        for at, which in runs:
            assert api.ended(at, which) == "interrupted"
    assert api.ended(thread, run, 30) == "success"
    assert api.state(thread)["values"]["log"] == ["pre", "work", "after"]


def test_one_kill_serves_all_cancelled_runs_of_a_process(api, marks, slow):
    runs = []
    for _ in range(8):
        thread = api.thread()
        runs.append((thread, api.run(thread, "swallow", slow)))
    eventually(lambda: marks.count("work") == 8)
    asked = time.monotonic()
    for thread, run in runs:
        assert api.cancel(thread, run).status_code == 202
    for thread, run in runs:
        assert api.ended(thread, run) == "interrupted"
    assert time.monotonic() - asked < BOUND + 1


def test_the_next_run_of_a_thread_starts_only_when_all_is_silent(
    api, marks, slow
):
    thread, run = executing(api, marks, slow, graph="swallow")
    after = api.run(
        thread, "slow", {"secs": 0.1, "mark": str(marks), "tag": "next"}
    )
    assert api.cancel(thread, run).status_code == 202
    assert api.ended(thread, after, 20) == "success"
    names = marks.names()
    second = len(names) - 1 - names[::-1].index("pre")
    assert names[:second].count("pre") == 1
    assert "swallowed" not in names[second:]
    assert names[second:] == ["pre", "work", "done", "after"]


def test_an_interrupt_in_a_subgraph_keeps_what_the_parent_had(
    api, marks, slow
):
    thread, run = executing(api, marks, slow, graph="nested")
    assert api.cancel(thread, run, wait=1).status_code == 200
    state = api.state(thread)
    assert state["values"]["log"] == ["pre"]
    assert state["next"] == ["child"]
    assert not marks.has("last")


def test_an_interrupt_in_parallel_branches_names_all_that_must_run_again(
    api, marks, slow
):
    thread, run = executing_in("parallel", api, marks, slow)
    marks.await_("quick")
    assert api.cancel(thread, run, wait=1).status_code == 200
    state = api.state(thread)
    assert {"slow_a", "slow_b"} <= set(state["next"])
    assert not marks.has("after")


def test_kills_are_shown_in_the_metrics(api, marks, slow):
    def kills():
        text = api.get("/metrics").text
        return [
            line
            for line in text.splitlines()
            if "kill" in line and not line.startswith("#")
        ]

    before = kills()
    thread, run = executing(api, marks, slow, graph="swallow")
    assert api.cancel(thread, run, wait=1).status_code == 200
    assert kills() and kills() != before


@ACTIONS
def test_a_run_resumed_by_a_human_can_be_cancelled(api, marks, slow, action):
    thread = api.thread()
    api.wait(thread, "human", slow)
    paused = api.picture(thread)
    run = api.run(thread, "human", command={"resume": "yes"})
    marks.await_("work")
    answer = api.cancel(thread, run, action=action, wait=1)
    assert answer.status_code == 200
    if action == "rollback":
        assert api.picture(thread) == paused
    else:
        assert api.status(thread, run) == "interrupted"
        assert api.state(thread)["next"] == ["work"]
