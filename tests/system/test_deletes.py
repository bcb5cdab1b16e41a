"""Deletes stop what executes first, and nothing comes back."""

import time

import pytest

from api import eventually, unknown
from cancelling import deferred, executing, finished
from process import GRACE
from sse import Stream


def steps(marks):
    return {"total": 10000, "pause": 0.01, "mark": str(marks)}


@pytest.mark.parametrize("graph", ["slow", "swallow"])
def test_deleting_a_run_that_executes_stops_it_and_leaves_nothing(
    api, marks, slow, graph
):
    thread, _ = finished(api)
    history = api.history(thread)
    state = api.state(thread)
    _, run = executing(api, marks, slow, graph=graph, thread=thread)
    answer = api.delete(f"/threads/{thread}/runs/{run}")
    assert answer.status_code == 204
    assert answer.content == b""
    assert api.status(thread, run) is None
    assert run not in [r["run_id"] for r in api.runs(thread)]
    eventually(lambda: api.get_thread(thread)["status"] == "idle", GRACE + 3)
    ticks = len(marks.all())
    time.sleep(0.3)
    assert len(marks.all()) == ticks
    assert not marks.has("after")
    assert api.history(thread) == history
    assert api.state(thread) == state


@pytest.mark.parametrize("graph", ["slow", "swallow"])
def test_deleting_a_thread_with_an_executing_run_stops_it(
    api, marks, slow, graph
):
    thread, run = executing(api, marks, slow, graph=graph)
    assert api.delete(f"/threads/{thread}").status_code == 204
    assert api.get(f"/threads/{thread}").status_code == 404
    assert api.status(thread, run) is None
    time.sleep(GRACE + 1)
    ticks = len(marks.all())
    time.sleep(0.3)
    assert len(marks.all()) == ticks
    assert not marks.has("after")
    assert api.get(f"/threads/{thread}").status_code == 404


def test_a_deleted_thread_can_be_made_again_and_is_empty(api, marks):
    thread = api.thread()
    api.run(thread, "stepper", steps(marks))
    marks.await_("step 10")
    assert api.delete(f"/threads/{thread}").status_code == 204

    def made():
        answer = api.post("/threads", json={"thread_id": thread})
        return answer.status_code == 200

    eventually(made, GRACE + 3)
    time.sleep(0.3)
    assert api.history(thread) == []
    assert api.runs(thread) == []
    assert api.get_thread(thread)["status"] == "idle"


def test_deleting_a_pending_run_leaves_the_thread_idle(api, marks):
    thread, run = deferred(api, marks)
    assert api.delete(f"/threads/{thread}/runs/{run}").status_code == 204
    assert api.status(thread, run) is None
    assert api.get_thread(thread)["status"] == "idle"


def test_deleting_a_finished_run_deletes_its_checkpoints_only(api):
    thread = api.thread()
    api.wait(thread, "stepper", {"total": 2})
    before = api.history(thread)
    api.wait(thread, "stepper", {"total": 4})
    run = api.runs(thread)[0]["run_id"]
    assert api.delete(f"/threads/{thread}/runs/{run}").status_code == 204
    assert api.history(thread) == before
    assert api.state(thread)["values"]["log"] == [1, 2]


def test_deleting_what_is_not_there_is_404(api):
    thread = api.thread()
    answer = api.delete(f"/threads/{thread}/runs/{unknown()}")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Run not found"}
    assert api.delete(f"/threads/{unknown()}").status_code == 404


def test_a_reader_of_a_deleted_run_gets_eof(api, marks, slow):
    thread, run = executing(api, marks, slow)
    path = f"/threads/{thread}/runs/{run}/stream"
    stream = Stream(api, "GET", path)
    assert api.delete(f"/threads/{thread}/runs/{run}").status_code == 204
    stream.end(GRACE + 3)


def assistant(api, graph="slow"):
    body = {"graph_id": graph}
    return api.ok("POST", "/assistants", json=body)["assistant_id"]


@pytest.mark.parametrize("graph", ["slow", "swallow"])
def test_deleting_an_assistant_interrupts_its_runs_and_no_others(
    api, marks, slow, graph
):
    mine = assistant(api, graph)
    thread, running = executing(api, marks, slow, graph=mine)
    queued = api.run(thread, mine, slow)
    later, other = deferred(api, marks)
    answer = api.delete(f"/assistants/{mine}")
    assert answer.status_code == 204
    assert answer.content == b""
    assert api.status(thread, queued) == "interrupted"
    assert api.ended(thread, running, GRACE + 3) == "interrupted"
    assert api.status(later, other) == "pending"
    api.cancel(later, other)
    eventually(lambda: api.get_thread(thread)["status"] == "interrupted")
    ticks = len(marks.all())
    time.sleep(0.3)
    assert len(marks.all()) == ticks
    assert not marks.has("after")
    assert api.get(f"/assistants/{mine}").status_code == 404


def test_deleting_an_assistant_can_delete_its_threads(api):
    mine = assistant(api, "noop")
    thread, other = api.thread(), api.thread()
    api.wait(thread, mine, {})
    api.wait(other, "noop", {})
    answer = api.delete(f"/assistants/{mine}?delete_threads=true")
    assert answer.status_code == 204
    assert api.get(f"/threads/{thread}").status_code == 404
    assert api.get(f"/threads/{other}").status_code == 200


def test_deleting_an_unknown_assistant_is_404(api):
    which = unknown()
    answer = api.delete(f"/assistants/{which}")
    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Assistant with ID {which} not found"}
