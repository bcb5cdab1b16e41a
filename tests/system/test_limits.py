"""Limits are options, and each has its answer."""

import time

import pytest

from api import detail, eventually
from cancelling import executing
from process import GRACE
from raw import connect, is_closed, read_answer, request
from sse import Stream

OPTIONS = {
    "run_timeout": "2s",
    "runs_per_thread_max": "5",
    "body_bytes_max": "100KiB",
    "header_timeout": "1s",
    "body_timeout": "1s",
    "idle_timeout": "1s",
    "connections_max": "60",
    "resumable_ttl": "1s",
    "jobs_per_worker": "2",
}


@pytest.mark.parametrize("graph", ["slow", "swallow"])
def test_a_run_that_takes_too_long_ends_as_timeout(api, marks, slow, graph):
    thread, run = executing(api, marks, slow, graph=graph)
    stream = Stream(api, "GET", f"/threads/{thread}/runs/{run}/stream")
    assert api.ended(thread, run, 2 + GRACE + 3) == "timeout"
    row = api.get_thread(thread)
    assert row["status"] == "error"
    assert row["error"]["error"] == "TimeoutError"
    assert api.state(thread)["values"]["log"] == ["pre"]
    stream.end()
    ticks = len(marks.all())
    time.sleep(0.3)
    assert len(marks.all()) == ticks
    answer = api.cancel(thread, run)
    assert answer.status_code == 404


def test_a_cancel_wins_over_the_timeout(api, marks, slow):
    thread, run = executing(api, marks, slow, graph="swallow")
    time.sleep(1.7)
    assert api.cancel(thread, run).status_code == 202
    assert api.ended(thread, run) == "interrupted"


def test_a_queue_that_is_full_is_503_and_cancel_still_works(api):
    thread = api.thread()
    body = {"assistant_id": "slow", "input": {}, "after_seconds": 3600}
    path = f"/threads/{thread}/runs"
    for _ in range(5):
        assert api.post(path, json=body).status_code == 200
    answer = api.post(path, json=body)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert detail(answer)
    run = api.runs(thread)[0]["run_id"]
    assert api.cancel(thread, run).status_code == 202
    assert api.post(path, json=body).status_code == 200
    api.delete(f"/threads/{thread}")


def test_a_body_beyond_the_limit_is_413(api):
    answer = api.post("/threads", json={"metadata": {"a": "x" * 200_000}})
    assert answer.status_code == 413
    limit = 100 * 1024
    text = f"Request body too large (limit: {limit} bytes)"
    assert detail(answer) == text


def test_a_body_in_chunks_beyond_the_limit_is_413(server, api):
    head = request(
        "POST", "/threads", headers={"Transfer-Encoding": "chunked"}
    )
    with connect(server.port) as sock:
        sock.sendall(head)
        try:
            for _ in range(40):
                sock.sendall(b"2000\r\n" + b" " * 0x2000 + b"\r\n")
            sock.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            assert read_answer(sock).status == 413
        except (EOFError, ConnectionResetError):
            pass
    assert api.get("/ok").status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /ok HT",
        request("POST", "/threads", headers={"Content-Length": "5"}) + b"{",
        request("GET", "/ok"),
    ],
    ids=["nothing", "half a header", "half a body", "idle"],
)
def test_a_client_that_dawdles_is_let_go(server, sent):
    with connect(server.port) as sock:
        sock.sendall(sent)
        asked = time.monotonic()
        assert is_closed(sock, within=4)
        assert time.monotonic() - asked < 3.5


def test_connections_beyond_the_limit_are_503(server, api):
    held = []
    try:
        for _ in range(70):
            held.append(connect(server.port))
        over = held[-1]
        over.sendall(request("GET", "/threads"))
        assert read_answer(over).status == 503
    finally:
        for sock in held:
            sock.close()
    eventually(lambda: api.get("/ok").status_code == 200)


def test_more_runs_than_slots_wait_their_turn(api):
    runs = [(t := api.thread(), api.run(t, "noop", {})) for _ in range(40)]
    for thread, run in runs:
        assert api.ended(thread, run, 20) == "success"


def test_a_cancel_is_answered_while_every_slot_is_taken(api, marks, slow):
    busy = []
    for _ in range(8):
        thread = api.thread()
        busy.append((thread, api.run(thread, "sync_cpu", slow)))
    eventually(lambda: marks.count("work") == 4)
    for thread, run in busy:
        asked = time.monotonic()
        assert api.cancel(thread, run).status_code == 202
        assert time.monotonic() - asked < 0.5
    for thread, run in busy:
        assert api.ended(thread, run) == "interrupted"
    assert marks.count("work") == 4


def test_what_a_resumable_stream_kept_goes_in_the_end(api):
    thread = api.thread()
    run = api.run(thread, "tokens", {"count": 3}, stream_resumable=True)
    assert api.ended(thread, run) == "success"
    path = f"/threads/{thread}/runs/{run}/stream"
    headers = {"last-event-id": "-1"}
    assert Stream(api, "GET", path, headers=headers).end()

    def gone():
        return not Stream(api, "GET", path, headers=headers).end()

    eventually(gone, 90)
