"""Human in the loop: interrupt(), Command, static breakpoints, durability."""

import pytest

from api import eventually
from cancelling import executing


def test_a_question_pauses_the_thread_and_the_run_succeeds(api):
    thread = api.thread()
    done = api.wait(thread, "human", {"tag": "t"})
    asked = done.pop("__interrupt__")
    assert done == {"tag": "t", "log": []}
    assert asked[0]["value"] == {"q": "ok?"}
    assert api.runs(thread)[0]["status"] == "success"
    row = api.get_thread(thread)
    assert row["status"] == "interrupted"
    assert row["error"] is None
    state = api.state(thread)
    assert state["next"] == ["ask"]
    task = state["tasks"][0]
    short = {"id": asked[0]["id"], "value": {"q": "ok?"}}
    assert task["interrupts"] == [short]
    assert row["interrupts"] == {task["id"]: [short]}
    assert [i["id"] for i in state["interrupts"]] == [short["id"]]


@pytest.mark.parametrize("answer", ["yes", 0, False, None, {"a": [1]}, [1]])
def test_an_answer_resumes_it(api, answer):
    thread = api.thread()
    asked = api.wait(thread, "human", {})["__interrupt__"][0]
    if answer is None:
        # To resume with null, it must be said for which question.
        command = {"resume": {asked["id"]: None}}
    else:
        command = {"resume": answer}
    done = api.wait(thread, "human", command=command)
    assert done["log"] == [f"answer:{answer}", "work"]
    row = api.get_thread(thread)
    assert row["status"] == "idle"
    assert row["interrupts"] == {}


def test_a_command_updates_and_goes_where_it_says(api):
    thread = api.thread()
    api.wait(thread, "human", {})
    command = {"resume": "yes", "update": {"tag": "set"}}
    assert api.wait(thread, "human", command=command)["tag"] == "set"
    thread = api.thread()
    api.wait(thread, "router", {"tag": "left"})
    done = api.wait(thread, "router", command={"goto": "right"})
    assert done["log"] == ["route", "left", "right"]


def test_a_node_can_go_where_it_likes(api):
    for tag, where in (("left", "left"), ("other", "right")):
        done = api.wait(api.thread(), "router", {"tag": tag})
        assert done["log"] == ["route", where]


def test_a_resumed_run_that_is_interrupted_asks_no_more(api, marks, slow):
    thread = api.thread()
    api.wait(thread, "human", slow)
    run = api.run(thread, "human", command={"resume": "yes"})
    marks.await_("work")
    assert api.cancel(thread, run, wait=1).status_code == 200
    state = api.state(thread)
    assert state["next"] == ["work"]
    assert state["values"]["log"] == ["answer:yes"]
    assert api.get_thread(thread)["interrupts"] == {}


@pytest.mark.parametrize("where", [["work"], "*"])
def test_a_breakpoint_before_a_node_pauses_there(api, where):
    thread = api.thread()
    given = {"secs": 0}
    done = api.wait(thread, "slow", given, interrupt_before=where)
    assert done["log"] == ([] if where == "*" else ["pre"])
    row = api.get_thread(thread)
    assert row["status"] == "interrupted"
    assert row["interrupts"] in ({}, *[{k: []} for k in row["interrupts"]])
    assert api.state(thread)["next"] == [where[0] if where != "*" else "pre"]
    assert api.wait(thread, "slow")["log"] == ["pre", "work", "after"]
    assert api.get_thread(thread)["status"] == "idle"


def test_a_breakpoint_after_a_node_pauses_there(api):
    thread = api.thread()
    done = api.wait(thread, "slow", {"secs": 0}, interrupt_after=["work"])
    assert done["log"] == ["pre", "work"]
    assert api.state(thread)["next"] == ["after"]
    assert api.wait(thread, "slow")["log"] == ["pre", "work", "after"]


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_durability_says_when_checkpoints_are_written(api, marks, durability):
    thread = api.thread()
    steps = {"total": 8, "pause": 0.05, "mark": str(marks)}
    run = api.run(thread, "stepper", steps, durability=durability)
    marks.await_("step 4")
    if durability == "exit":
        assert api.history(thread) == []
    elif durability == "sync":
        assert len(api.history(thread)) >= 5
    else:
        eventually(lambda: len(api.history(thread)) >= 5, 1)
    assert api.ended(thread, run) == "success"
    count = 1 if durability == "exit" else 10
    assert len(api.history(thread)) == count
    assert api.state(thread)["values"]["n"] == 8


def test_checkpoint_during_false_means_exit(api):
    thread = api.thread()
    api.wait(thread, "stepper", {"total": 3}, checkpoint_during=False)
    assert len(api.history(thread)) == 1


def test_the_state_of_a_running_run_can_be_read(api, marks, slow):
    thread, run = executing(api, marks, slow)
    state = eventually(
        lambda: (s := api.state(thread))["next"] == ["work"] and s
    )
    assert state["values"]["log"] == ["pre"]
    api.cancel(thread, run, wait=1)


def test_the_long_term_store_is_shared_by_threads(api, tmp_path):
    user = tmp_path.name
    for word in ("b", "a"):
        api.wait(api.thread(), "memory", {"user": user, "say": word})
    told = api.wait(api.thread(), "memory", {"user": user})
    assert told["known"] == ["a", "b"]
    other = api.wait(api.thread(), "memory", {"user": user + "x"})
    assert other["known"] == []
