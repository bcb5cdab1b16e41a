"""Resumable streams: ids, replay, reconnects at any byte."""

import random

import pytest

from api import unknown
from raw import connect, request
from sse import Stream, parse

TALK = {"count": 40, "pause": 0.005}


def start(api, talk=TALK, **body):
    thread = api.thread()
    body = {
        "stream_mode": ["custom", "values"],
        "stream_resumable": True,
    } | body
    return thread, api.run(thread, "tokens", talk, **body)


def join(api, thread, run, last=None):
    headers = {"last-event-id": last} if last is not None else {}
    path = f"/threads/{thread}/runs/{run}/stream"
    return Stream(api, "GET", path, headers=headers)


def order(event):
    ms, seq = event.id.split("-")
    return int(ms), int(seq)


def test_every_live_frame_has_an_id_that_grows(api):
    thread = api.thread()
    body = {
        "assistant_id": "tokens",
        "input": TALK,
        "stream_mode": ["custom", "values"],
        "stream_resumable": True,
    }
    path = f"/threads/{thread}/runs/stream"
    events = Stream(api, "POST", path, json=body).end()
    assert len(events) == 43
    ids = [order(event) for event in events]
    assert ids == sorted(set(ids))
    first = events[0]
    assert first.raw.endswith(b"\r\nid: " + first.id.encode())


def test_replay_is_the_live_stream_byte_for_byte(api):
    thread, run = start(api)
    live = join(api, thread, run, "-1")
    seen = live.end()
    again = join(api, thread, run, "-1")
    assert again.end() == seen
    assert again.body == live.body
    assert seen[0].name == "metadata"
    tokens = [e.data["token"] for e in seen if e.name == "custom"]
    assert tokens == list(range(40))


def test_replay_after_an_id_is_exclusive(api):
    thread, run = start(api)
    full = join(api, thread, run, "-1").end()
    for i in (0, 1, 20, len(full) - 2, len(full) - 1):
        rest = join(api, thread, run, full[i].id).end()
        assert rest == full[i + 1 :]


def test_without_an_id_a_finished_run_has_nothing_to_show(api):
    thread, run = start(api)
    assert api.ended(thread, run) == "success"
    assert join(api, thread, run).end() == []


def test_a_run_that_is_not_resumable_cannot_be_replayed(api):
    thread, run = start(api, stream_resumable=False)
    assert api.ended(thread, run) == "success"
    assert join(api, thread, run, "-1").end() == []


@pytest.mark.parametrize("last", ["x", "", "9" * 30, "1-2-3", "é", "-", "0"])
def test_a_strange_id_is_no_server_error(api, last):
    thread, run = start(api)
    headers = {"last-event-id": last.encode()}
    path = f"/threads/{thread}/runs/{run}/stream"
    answer = api.get(path, headers=headers)
    assert answer.status_code < 500
    assert api.ended(thread, run) == "success"


def test_an_unknown_run_is_an_error_event(api):
    events = join(api, api.thread(), unknown(), "-1").end()
    assert [e.name for e in events] == ["error"]
    assert events[0].data["message"] == "404: Run not found"


def read_some(server, target, last, size):
    """Reads about `size` bytes, then drops the connection.

    @returns the whole frames read, and whether the stream had ended
    """
    headers = {"Last-Event-ID": last}
    with connect(server.port) as sock:
        sock.sendall(request("GET", target, headers=headers))
        data = b""
        while len(data) < size and not data.endswith(b"\r\n0\r\n\r\n"):
            chunk = sock.recv(min(4096, size - len(data)))
            if not chunk:
                break
            data += chunk
    body = data.partition(b"\r\n\r\n")[2]
    text, ended = b"", False
    while body:
        line, _, rest = body.partition(b"\r\n")
        if not rest:
            break
        length = int(line, 16)
        if length == 0:
            ended = True
            break
        text += rest[:length]
        body = rest[length + 2 :]
    whole = text.rfind(b"\r\n\r\n")
    return (parse(text[: whole + 4]) if whole >= 0 else []), ended


@pytest.mark.parametrize("seed", range(3))
def test_cut_at_any_byte_and_resumed_nothing_is_lost_or_doubled(
    server, api, seed
):
    rng = random.Random(seed)
    thread, run = start(api, {"count": 150, "pause": 0.003, "text": "é" * 9})
    target = f"/threads/{thread}/runs/{run}/stream"
    got, last, ended = [], "-1", False
    while not ended:
        events, ended = read_some(server, target, last, rng.randint(300, 3000))
        got += events
        if events:
            last = events[-1].id
    full = join(api, thread, run, "-1").end()
    assert [e.raw for e in got] == [e.raw for e in full]
    tokens = [e.data["token"] for e in got if e.name == "custom"]
    assert tokens == list(range(150))


def test_joins_beside_the_first_event_miss_nothing(api):
    for _ in range(10):
        thread, run = start(api, {"count": 3})
        events = join(api, thread, run, "-1").end()
        assert [e.name for e in events] == [
            "metadata",
            "values",
            "custom",
            "custom",
            "custom",
            "values",
        ]


def test_only_what_was_asked_for_is_kept(api):
    thread, run = start(api, stream_mode=["values"])
    assert api.ended(thread, run) == "success"
    events = join(api, thread, run, "-1").end()
    assert [e.name for e in events] == ["metadata", "values", "values"]


def test_a_reader_can_change_between_runs_of_a_thread(api):
    thread, first = start(api)
    body = {"stream_mode": ["custom"], "stream_resumable": True}
    second = api.run(thread, "tokens", {"count": 5}, **body)
    one = join(api, thread, first, "-1").end()
    two = join(api, thread, second, "-1").end()
    assert one[0].data["run_id"] == first
    assert two[0].data["run_id"] == second
    assert len(two) == 6
