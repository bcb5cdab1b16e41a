"""Runs without a thread of the caller's: POST /runs and its relatives."""

import time

import pytest

from api import detail, eventually
from sse import Stream


def body(**extra):
    return {"assistant_id": "noop", "input": {"x": 1}} | extra


def is_gone(api, thread):
    return api.get(f"/threads/{thread}").status_code == 404


def test_a_stateless_run_is_created_and_its_thread_deleted(api):
    answer = api.post("/runs", json=body())
    assert answer.status_code == 200
    run = answer.json()
    where = f"/runs/{run['run_id']}"
    assert answer.headers["content-location"] == where
    eventually(lambda: is_gone(api, run["thread_id"]))
    assert api.status(run["thread_id"], run["run_id"]) is None


def test_a_stateless_wait_answers_with_the_values(api):
    answer = api.post("/runs/wait", json=body())
    assert answer.json() == {"x": 1, "log": ["noop"]}
    _, _, thread, _, run = answer.headers["content-location"].split("/")
    assert answer.headers["location"] == f"/threads/{thread}/runs/{run}/join"
    eventually(lambda: is_gone(api, thread))


def test_a_stateless_stream_says_where_it_is(api):
    stream = Stream(api, "POST", "/runs/stream", json=body())
    headers = stream.response.headers
    events = stream.end()
    run = events[0].data["run_id"]
    assert headers["location"] == f"/runs/{run}/stream"
    assert headers["content-location"] == f"/runs/{run}"
    assert [e.name for e in events] == ["metadata", "values", "values"]
    assert api.get(f"/runs/{run}/stream").status_code == 404


def test_a_kept_stateless_run_stays_on_its_thread(api):
    run = api.ok("POST", "/runs", json=body(on_completion="keep"))
    thread = run["thread_id"]
    assert api.ended(thread, run["run_id"]) == "success"
    assert api.get_thread(thread)["values"] == {"x": 1, "log": ["noop"]}
    assert api.state(thread)["values"] == {"x": 1, "log": ["noop"]}


def test_a_stateless_run_writes_no_checkpoint(api):
    run = api.ok(
        "POST",
        "/runs",
        json=body(assistant_id="slow", input={"secs": 2}),
    )
    thread = run["thread_id"]
    api.running(thread, run["run_id"])
    time.sleep(0.2)
    assert api.history(thread) == []
    api.cancel(thread, run["run_id"], wait=1)


def test_a_batch_is_answered_in_order(api):
    runs = api.ok(
        "POST",
        "/runs/batch",
        json=[body(metadata={"i": i}) for i in range(10)],
    )
    assert [r["metadata"]["i"] for r in runs] == list(range(10))
    for run in runs:
        eventually(lambda: is_gone(api, run["thread_id"]))


@pytest.mark.parametrize("batch", [[], {}, [1], [{"input": {}}]])
def test_a_bad_batch_is_422(api, batch):
    assert api.post("/runs/batch", json=batch).status_code == 422


def test_a_resume_needs_a_thread(api):
    for route in ("/runs", "/runs/wait", "/runs/stream"):
        answer = api.post(route, json=body(command={"resume": 1}))
        assert answer.status_code == 400
        text = "You must provide a thread_id when resuming."
        assert detail(answer) == text


def test_a_failed_stateless_wait_has_the_error_in_its_body(api):
    answer = api.post("/runs/wait", json=body(assistant_id="fails"))
    assert answer.status_code == 200
    error = {"error": "ValueError", "message": "a bad value"}
    assert answer.json() == {"__error__": error}
