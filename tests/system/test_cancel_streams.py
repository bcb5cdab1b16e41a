"""What attached and late clients see of a cancel."""

import json
import time

import httpx
import pytest

from api import Api, eventually
from cancelling import deferred, executing
from sse import Stream

GONE = {"error": "HTTPException", "message": "404: Run not found"}
ACTIONS = pytest.mark.parametrize("action", ["interrupt", "rollback"])


def new_stream(api, thread, graph, input, **body):
    path = f"/threads/{thread}/runs/stream" if thread else "/runs/stream"
    body = {"assistant_id": graph, "input": input} | body
    return Stream(api, "POST", path, json=body)


def joined(api, thread, run, **kwargs):
    path = f"/threads/{thread}/runs/{run}/stream"
    return Stream(api, "GET", path, **kwargs)


def run_of(stream) -> str:
    return stream.await_event("metadata").data["run_id"]


@ACTIONS
def test_the_stream_of_a_cancelled_run_just_ends(api, marks, slow, action):
    thread = api.thread()
    stream = new_stream(api, thread, "slow", slow)
    run = run_of(stream)
    marks.await_("work")
    stream.await_event(lambda e: e.name == "values" and e.data["log"])
    api.cancel(thread, run, action=action)
    events = stream.end()
    assert [e.name for e in events] == ["metadata", "values", "values"]
    assert events[-1].data == slow | {"log": ["pre"]}
    assert stream.body.endswith(events[-1].raw + b"\r\n\r\n")


@ACTIONS
def test_a_stream_ends_only_after_the_terminal_commit(
    api, marks, slow, action
):
    thread, run = executing(api, marks, slow, graph="swallow")
    stream = joined(api, thread, run)
    api.cancel(thread, run, action=action)
    assert stream.ended_at is None
    stream.end()
    end = "interrupted" if action == "interrupt" else None
    assert api.status(thread, run) == end


@ACTIONS
def test_nothing_of_the_run_is_published_after_the_cancel(
    api, marks, action, tmp_path
):
    thread = api.thread()
    talk = {"count": 10000, "pause": 0.005, "mark": str(marks)}
    run = api.run(thread, "tokens", talk, stream_mode=["custom"])
    stream = joined(api, thread, run)
    stream.await_event(lambda e: e.name == "custom" and e.data["token"] > 5)
    assert api.cancel(thread, run, action=action, wait=1).status_code == 200
    answered = len(stream.body)
    stream.end()
    late = stream.body[answered:]
    last = [m.what for m in marks.all()][-1]
    assert stream.events()[-1].data["token"] <= int(last.split()[1])
    time.sleep(0.2)
    assert marks.all()[-1].what == last
    # What was under way to us when the answer was written is all there is.
    assert late.count(b"event: custom") < 5


@ACTIONS
def test_an_attached_wait_gets_the_last_values(api, marks, slow, action):
    thread = api.thread()
    path = f"/threads/{thread}/runs/wait"
    body = {"assistant_id": "slow", "input": slow}
    waiter = Stream(api, "POST", path, json=body)
    marks.await_("work")
    run = waiter.response.headers["content-location"].rsplit("/", 1)[1]
    time.sleep(0.1)
    api.cancel(thread, run, action=action)
    waiter.reader.join(10)
    assert waiter.response.status_code == 200
    assert json.loads(waiter.body) == slow | {"log": ["pre"]}


@pytest.mark.parametrize("wait", ["0", "1"])
def test_an_attached_join_gets_the_values_of_the_thread(
    api, marks, slow, wait
):
    thread, run = executing(api, marks, slow)
    joiner = Stream(api, "GET", f"/threads/{thread}/runs/{run}/join")
    time.sleep(0.1)
    api.cancel(thread, run, wait=wait)
    joiner.reader.join(10)
    values = json.loads(joiner.body)
    assert values == slow | {"log": ["pre"]}


def test_an_attached_join_of_a_rolled_back_run_gets_an_empty_object(
    api, marks, slow
):
    thread, run = executing(api, marks, slow)
    joiner = Stream(api, "GET", f"/threads/{thread}/runs/{run}/join")
    time.sleep(0.1)
    api.cancel(thread, run, action="rollback")
    joiner.reader.join(10)
    assert joiner.body.strip() == b"{}"


def test_a_late_join_of_an_interrupted_run_gets_the_values_at_once(
    api, marks, slow
):
    thread, run = executing(api, marks, slow)
    api.cancel(thread, run, wait=1)
    asked = time.monotonic()
    assert api.join(thread, run) == slow | {"log": ["pre"]}
    assert time.monotonic() - asked < 0.4


def test_a_late_join_of_a_rolled_back_run_gets_the_404_in_its_body(
    api, marks, slow
):
    thread, run = executing(api, marks, slow)
    api.cancel(thread, run, wait=1, action="rollback")
    assert api.join(thread, run) == {"__error__": GONE}


def test_a_late_stream_of_an_interrupted_run_is_empty(api, marks, slow):
    thread, run = executing(api, marks, slow)
    api.cancel(thread, run, wait=1)
    assert joined(api, thread, run).end() == []


@pytest.mark.parametrize("resumable", [False, True])
def test_a_late_stream_of_a_rolled_back_run_is_one_error_event(
    api, marks, slow, resumable
):
    thread, run = executing(api, marks, slow, stream_resumable=resumable)
    api.cancel(thread, run, wait=1, action="rollback")
    stream = joined(api, thread, run, headers={"last-event-id": "-1"})
    events = stream.end()
    assert [(e.name, e.data) for e in events] == [("error", GONE)]
    assert stream.body == (
        b'event: error\r\ndata: {"error":"HTTPException",'
        b'"message":"404: Run not found"}\r\n\r\n'
    )


def test_a_resumable_stream_can_be_replayed_after_an_interrupt(
    api, marks, slow
):
    thread = api.thread()
    live = new_stream(api, thread, "slow", slow, stream_resumable=True)
    run = run_of(live)
    marks.await_("work")
    live.await_event(lambda e: e.name == "values" and e.data["log"])
    api.cancel(thread, run, wait=1)
    seen = live.end()
    replay = joined(api, thread, run, headers={"last-event-id": "-1"}).end()
    assert [e.raw for e in replay] == [e.raw for e in seen]
    assert [e.name for e in replay] == ["metadata", "values", "values"]


@ACTIONS
def test_joiners_of_a_pending_run_are_told_without_a_byte(api, marks, action):
    thread, run = deferred(api, marks)
    stream = joined(api, thread, run)
    joiner = Stream(api, "GET", f"/threads/{thread}/runs/{run}/join")
    time.sleep(0.1)
    api.cancel(thread, run, action=action)
    stream.end(2)
    joiner.reader.join(2)
    assert stream.body == b""
    assert joiner.body.strip() == b"{}"


@ACTIONS
def test_a_hundred_readers_are_told_at_once(api, marks, slow, action):
    thread, run = executing(api, marks, slow)
    limits = httpx.Limits(max_connections=None)
    with Api(str(api.base_url), limits=limits) as many:
        readers = [joined(many, thread, run) for _ in range(100)]
        time.sleep(0.2)
        api.cancel(thread, run, action=action, wait=1)
        answered = time.monotonic()
        for reader in readers:
            reader.end()
        assert max(r.ended_at for r in readers) - answered < 1


@ACTIONS
def test_a_cancelled_stateless_run_is_gone_with_its_thread(
    api, marks, slow, action
):
    stream = new_stream(api, None, "slow", slow)
    run = run_of(stream)
    marks.await_("work")
    threads = api.ok("POST", "/threads/search", json={"status": "busy"})
    thread = next(
        t["thread_id"] for t in threads if api.get_run(t["thread_id"], run)
    )
    answer = api.cancel(thread, run, action=action, wait=1)
    assert answer.status_code == 200
    assert api.get(f"/threads/{thread}").status_code == 404
    assert api.status(thread, run) is None
    assert [e.name for e in stream.end()][:1] == ["metadata"]


@ACTIONS
def test_a_cancelled_stateless_wait_gets_the_last_values(
    api, marks, slow, action
):
    body = {"assistant_id": "slow", "input": slow}
    waiter = Stream(api, "POST", "/runs/wait", json=body)
    marks.await_("work")
    where = waiter.response.headers["content-location"]
    _, _, thread, _, run = where.split("/")
    time.sleep(0.1)
    assert api.cancel(thread, run, action=action).status_code == 202
    waiter.reader.join(10)
    assert json.loads(waiter.body) == slow | {"log": ["pre"]}
    eventually(lambda: api.get(f"/threads/{thread}").status_code == 404)


@ACTIONS
def test_a_pending_stateless_run_is_gone_when_the_cancel_answers(
    api, marks, action
):
    body = {"assistant_id": "slow", "input": {}, "after_seconds": 3600}
    made = api.ok("POST", "/runs", json=body)
    thread, run = made["thread_id"], made["run_id"]
    assert api.cancel(thread, run, action=action).status_code == 202
    assert api.status(thread, run) is None
    assert api.get(f"/threads/{thread}").status_code == 404


def test_a_kept_stateless_run_stays_interrupted(api, marks, slow):
    body = {"assistant_id": "slow", "input": slow, "on_completion": "keep"}
    made = api.ok("POST", "/runs", json=body)
    thread, run = made["thread_id"], made["run_id"]
    marks.await_("work")
    assert api.cancel(thread, run, wait=1).status_code == 200
    assert api.status(thread, run) == "interrupted"
    assert api.get_thread(thread)["status"] == "interrupted"
