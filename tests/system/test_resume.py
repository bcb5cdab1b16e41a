"""What an interrupted run leaves can be gone on with."""

import time

import pytest

from api import eventually
from cancelling import executing


def interrupted_stepper(api, marks, at=5, total=20, **body):
    thread = api.thread()
    steps = {"total": total, "pause": 0.05, "mark": str(marks)}
    run = api.run(thread, "stepper", steps, **body)
    marks.await_(f"step {at}")
    assert api.cancel(thread, run, wait=1).status_code == 200
    return thread, run


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_input_null_goes_on_where_the_interrupt_came(api, marks, durability):
    thread, _ = interrupted_stepper(api, marks, durability=durability)
    state = api.state(thread)
    assert state["next"] == ["tick"]
    n = state["values"]["n"]
    assert n >= 4
    done = api.wait(thread, "stepper", durability=durability)
    assert done["log"] == list(range(1, 21))
    assert done["n"] == 20


def test_no_checkpoint_before_the_interrupt_is_lost(api, marks):
    thread, run = interrupted_stepper(api, marks)
    steps = [c["metadata"]["step"] for c in api.history(thread)]
    assert steps == list(range(len(steps) - 2, -2, -1))
    assert api.state(thread)["values"]["n"] == len(steps) - 2
    assert {c["metadata"]["run_id"] for c in api.history(thread)} == {run}


def test_with_durability_exit_an_interrupt_writes_exactly_one_checkpoint(
    api, marks
):
    thread = api.thread()
    steps = {"total": 20, "pause": 0.05, "mark": str(marks)}
    run = api.run(thread, "stepper", steps, durability="exit")
    marks.await_("step 5")
    assert api.history(thread) == []
    assert api.cancel(thread, run, wait=1).status_code == 200
    history = api.history(thread)
    assert len(history) == 1
    assert history[0]["next"] == ["tick"]


def test_new_input_after_an_interrupt_is_input_and_not_an_answer(
    api, marks, slow
):
    thread, _ = executing(api, marks, slow)
    run = api.runs(thread)[0]["run_id"]
    assert api.cancel(thread, run, wait=1).status_code == 200
    done = api.wait(thread, "slow", {"secs": 0, "tag": "again"})
    assert done["tag"] == "again"
    assert done["log"] == ["pre", "pre", "work", "after"]


def test_an_interrupted_subgraph_is_gone_on_with(api, marks, slow):
    thread, run = executing(api, marks, slow | {"secs": 1}, graph="nested")
    assert api.cancel(thread, run, wait=1).status_code == 200
    done = api.wait(thread, "nested")
    assert done["log"] == ["pre", "after"]
    assert marks.count("pre") == 1
    assert marks.has("last")


def test_interrupted_branches_are_gone_on_with(api, marks, slow):
    thread = api.thread()
    run = api.run(thread, "parallel", slow | {"secs": 0.5})
    marks.await_("slow_a")
    marks.await_("quick")
    time.sleep(0.1)
    assert api.cancel(thread, run, wait=1).status_code == 200
    done = api.wait(thread, "parallel")
    assert sorted(done["log"]) == [
        "after",
        "pre",
        "quick",
        "slow_a",
        "slow_b",
    ]
    assert marks.count("quick") == 1


def test_a_run_cut_off_by_a_kill_is_gone_on_with(api, marks, slow):
    thread, run = executing(
        api, marks, slow | {"secs": 1.5}, graph="sync_sleep"
    )
    assert api.cancel(thread, run, wait=1).status_code == 200
    state = api.state(thread)
    assert state["next"] == ["work"]
    assert state["values"]["log"] == ["pre"]
    assert api.get_thread(thread)["status"] == "interrupted"
    done = api.wait(thread, "sync_sleep")
    assert done["log"] == ["pre", "work", "after"]


def test_the_thread_is_busy_then_interrupted_then_idle(api, marks):
    thread, _ = interrupted_stepper(api, marks)
    assert api.get_thread(thread)["status"] == "interrupted"
    run = api.run(thread, "stepper")
    assert api.get_thread(thread)["status"] == "busy"
    assert api.ended(thread, run) == "success"
    row = eventually(
        lambda: (r := api.get_thread(thread))["status"] == "idle" and r
    )
    assert not row["error"]
