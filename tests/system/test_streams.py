"""Streams as bytes: frames, order, headers, modes."""

import time

import pytest

from api import detail, unknown
from raw import connect, request
from sse import Stream

INPUT = {"secs": 0, "tag": "t"}


def stream(api, graph, input=None, thread=None, **body):
    thread = thread or api.thread()
    body = {"assistant_id": graph, "input": input} | body
    return Stream(api, "POST", f"/threads/{thread}/runs/stream", json=body)


def names(events):
    return [event.name for event in events]


def test_a_stream_is_these_bytes(api):
    live = stream(api, "slow", INPUT)
    run = live.await_event("metadata").data["run_id"]
    live.end()
    frames = [
        ("metadata", f'{{"run_id":"{run}","attempt":1}}'),
        ("values", '{"secs":0,"tag":"t","log":[]}'),
        ("values", '{"secs":0,"tag":"t","log":["pre"]}'),
        ("values", '{"secs":0,"tag":"t","log":["pre","work"]}'),
        ("values", '{"secs":0,"tag":"t","log":["pre","work","after"]}'),
    ]
    assert live.body.decode() == "".join(
        f"event: {name}\r\ndata: {data}\r\n\r\n" for name, data in frames
    )


def test_its_headers_are_those_of_the_api(api):
    thread = api.thread()
    live = stream(api, "noop", {}, thread)
    run = live.await_event("metadata").data["run_id"]
    headers = live.response.headers
    place = f"/threads/{thread}/runs/{run}"
    assert live.response.status_code == 200
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["connection"] == "keep-alive"
    assert headers["x-accel-buffering"] == "no"
    assert headers["vary"] == "Origin"
    assert headers["transfer-encoding"] == "chunked"
    assert headers["location"] == f"{place}/stream"
    assert headers["content-location"] == place
    live.end()


def test_updates_name_the_node(api):
    events = stream(api, "slow", INPUT, stream_mode="updates").end()
    assert names(events) == ["metadata"] + ["updates"] * 3
    assert [e.data for e in events[1:]] == [
        {"pre": {"log": ["pre"]}},
        {"work": {"log": ["work"]}},
        {"after": {"log": ["after"]}},
    ]


def test_several_modes_come_in_the_order_of_the_library(api):
    modes = ["values", "updates", "tasks", "checkpoints", "debug"]
    events = stream(api, "noop", {"x": 1}, stream_mode=modes).end()
    assert names(events) == [
        "metadata",
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
    task = next(e.data for e in events if e.name == "tasks")
    assert task["name"] == "noop"
    assert task["input"] == {"x": 1, "log": []}
    debug = next(e.data for e in events if e.name == "debug")
    assert debug["type"] == "checkpoint"
    assert debug["step"] == -1
    assert {"checkpoint", "parent_checkpoint"} <= set(debug["payload"])
    last = [e.data for e in events if e.name == "checkpoints"][-1]
    assert last["values"] == {"x": 1, "log": ["noop"]}
    assert last["next"] == []


def test_custom_events_are_what_the_node_wrote(api):
    talk = {"count": 3, "text": "line\r\nevent: evil\n\ndata: x \u2028 é"}
    events = stream(api, "tokens", talk, stream_mode="custom").end()
    assert [e.data for e in events[1:]] == [
        {"token": i, "text": talk["text"]} for i in range(3)
    ]


def test_messages_tuple_streams_chunks(api):
    said = {"messages": [{"role": "user", "content": "hi"}]}
    events = stream(api, "chat", said, stream_mode="messages-tuple").end()
    assert names(events)[0] == "metadata"
    assert set(names(events)[1:]) == {"messages"}
    chunks = [e.data[0] for e in events[1:]]
    text = "".join(c["content"] for c in chunks)
    assert text == "one two three"
    assert {c["type"] for c in chunks} == {"AIMessageChunk"}
    assert events[1].data[1]["langgraph_node"] == "answer"


def test_messages_accumulates_them(api):
    said = {"messages": [{"role": "user", "content": "hi"}]}
    events = stream(api, "chat", said, stream_mode="messages").end()
    partial = [e.data[0] for e in events if e.name == "messages/partial"]
    first = names(events)[1]
    assert first in ("messages/metadata", "messages/complete")
    assert partial[0]["content"] != partial[-1]["content"]
    assert partial[-1]["content"] == "one two three"
    metadata = next(e.data for e in events if e.name == "messages/metadata")
    assert all("metadata" in value for value in metadata.values())


def test_events_are_those_of_the_library(api):
    events = stream(api, "noop", {}, stream_mode="events").end()
    assert names(events)[0] == "metadata"
    kinds = {e.data["event"] for e in events if e.name == "events"}
    assert {"on_chain_start", "on_chain_end"} <= kinds


def test_events_of_subgraphs_carry_their_namespace(api):
    modes = ["values", "updates"]
    events = stream(
        api,
        "nested",
        {"secs": 0},
        stream_mode=modes,
        stream_subgraphs=True,
    ).end()
    inner = [e for e in events if "|" in e.name]
    assert inner
    assert {e.name.split("|")[0] for e in inner} <= set(modes)
    assert all(e.name.split("|")[1].startswith("child:") for e in inner)
    plain = stream(api, "nested", {"secs": 0}, stream_mode=modes).end()
    assert not any("|" in e.name for e in plain)


def test_an_interrupt_is_shown_in_updates_and_values(api):
    modes = ["values", "updates"]
    events = stream(api, "human", {"tag": "t"}, stream_mode=modes).end()
    assert names(events) == ["metadata", "values", "updates", "values"]
    asked = events[2].data["__interrupt__"]
    assert list(asked[0]) == ["value", "id", "response_schema"]
    assert asked[0]["value"] == {"q": "ok?"}
    assert asked[0]["response_schema"] is None
    assert events[3].data == {"tag": "t", "log": [], "__interrupt__": asked}


@pytest.mark.parametrize(
    "how, error, text",
    [
        ("value", "ValueError", "a bad value"),
        ("key", "KeyError", "'a-key'"),
        ("runtime", "RuntimeError", "it broke"),
        ("timeout", "TimeoutError", "too late"),
        ("special", "Special", "a special value"),
        ("secret", "Secret", "An internal error occurred"),
    ],
)
def test_a_failure_is_the_last_event_and_masked_unless_known(
    api, how, error, text
):
    thread = api.thread()
    live = stream(api, "fails", {"how": how}, thread)
    events = live.end()
    shown = {"error": error, "message": text}
    assert names(events) == ["metadata", "values", "values", "error"]
    assert events[-1].data == shown
    run = events[0].data["run_id"]
    assert api.status(thread, run) == "error"
    row = api.get_thread(thread)
    assert row["status"] == "error"
    assert row["error"] == shown
    assert row["values"]["log"] == ["pre"]
    assert api.wait(thread, "fails", {"how": how}) == {"__error__": shown}
    assert api.join(thread, run) == {"__error__": shown}
    task = api.state(thread)["tasks"][0]
    assert task["name"] == "fail"
    assert task["error"]


def test_what_cannot_be_printed_is_an_error_of_the_run(api):
    thread = api.thread()
    run = api.run(thread, "huge_int", {})
    assert api.ended(thread, run) == "error"
    assert api.wait(api.thread(), "noop", {}) == {"log": ["noop"]}


def test_a_bad_request_is_refused_before_the_stream(api):
    for route in ("stream", "wait"):
        path = f"/threads/{api.thread()}/runs/{route}"
        body = {"assistant_id": "noop", "input": {}, "stream_mode": "x"}
        answer = api.post(path, json=body)
        assert answer.status_code == 422
        path = f"/threads/{unknown()}/runs/{route}"
        answer = api.post(path, json={"assistant_id": "noop"})
        assert answer.status_code == 404
        assert detail(answer) == "Thread or assistant not found."


def test_join_without_an_id_gets_what_comes_from_now_on(api, marks):
    thread = api.thread()
    talk = {"count": 60, "pause": 0.02, "mark": str(marks)}
    run = api.run(thread, "tokens", talk, stream_mode=["custom", "values"])
    marks.await_("token 10")
    path = f"/threads/{thread}/runs/{run}/stream"
    live = Stream(api, "GET", path)
    place = f"/threads/{thread}/runs/{run}"
    assert live.response.headers["location"] == f"{place}/stream"
    assert live.response.headers["content-location"] == place
    events = live.end()
    tokens = [e.data["token"] for e in events if e.name == "custom"]
    assert tokens == list(range(tokens[0], 60))
    assert tokens[0] >= 10
    assert not any(e.id for e in events)


def test_join_shows_the_modes_it_asked_for(api, marks):
    thread = api.thread()
    talk = {"count": 30, "pause": 0.02, "mark": str(marks)}
    run = api.run(thread, "tokens", talk, stream_mode=["custom", "values"])
    marks.await_("token 1")
    path = f"/threads/{thread}/runs/{run}/stream?stream_mode=values"
    events = Stream(api, "GET", path).end()
    assert names(events) == ["values"]


def test_an_empty_stream_mode_of_a_join_means_all(api):
    """The Python SDK sends it so."""
    thread = api.thread()
    run = api.run(
        thread,
        "tokens",
        {"count": 2},
        stream_mode=["custom", "values"],
        stream_resumable=True,
    )
    path = f"/threads/{thread}/runs/{run}/stream?stream_mode="
    live = Stream(api, "GET", path, headers={"last-event-id": "-1"})
    assert names(live.end()) == [
        "metadata",
        "values",
        "custom",
        "custom",
        "values",
    ]


def test_two_joiners_each_get_every_event(api, marks):
    thread = api.thread()
    talk = {"count": 100, "pause": 0.005, "mark": str(marks)}
    run = api.run(
        thread, "tokens", talk, stream_mode=["custom"], after_seconds=0.5
    )
    path = f"/threads/{thread}/runs/{run}/stream"
    both = [Stream(api, "GET", path) for _ in range(2)]
    bodies = []
    for one in both:
        events = one.end()
        tokens = [e.data["token"] for e in events if e.name == "custom"]
        assert tokens == list(range(100))
        bodies.append(one.body)
    assert bodies[0] == bodies[1]


def test_a_silent_stream_has_a_heartbeat_every_five_seconds(api):
    thread = api.thread()
    run = api.run(thread, "slow", {}, after_seconds=3600)
    live = Stream(api, "GET", f"/threads/{thread}/runs/{run}/stream")
    joiner = Stream(api, "GET", f"/threads/{thread}/runs/{run}/join")
    time.sleep(5.6)
    assert live.body == b": heartbeat\r\n\r\n"
    assert joiner.body == b"\n"
    api.cancel(thread, run)
    live.end()
    joiner.reader.join(5)
    assert joiner.body == b"\n{}"


def test_streams_of_many_runs_are_not_mixed(api):
    live = [
        stream(
            api,
            "tokens",
            {"count": 50, "text": f"mine {i}", "pause": 0.002},
            stream_mode="custom",
        )
        for i in range(8)
    ]
    for i, one in enumerate(live):
        events = one.end()
        assert {e.data["text"] for e in events[1:]} == {f"mine {i}"}
        tokens = [e.data["token"] for e in events[1:]]
        assert tokens == list(range(50))


def test_a_reader_that_stalls_holds_up_neither_run_nor_server(
    server, api, marks
):
    thread = api.thread()
    body = {
        "assistant_id": "tokens",
        "input": {"count": 400, "text": "x" * 20000, "mark": str(marks)},
        "stream_mode": "custom",
    }
    with connect(server.port) as sock:
        target = f"/threads/{thread}/runs/stream"
        sock.sendall(request("POST", target, body))
        marks.await_("token 399", 20)
        run = api.runs(thread)[0]["run_id"]
        assert api.ended(thread, run) == "success"
        assert api.wait(api.thread(), "noop", {}) == {"log": ["noop"]}
