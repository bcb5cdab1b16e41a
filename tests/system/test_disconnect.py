"""What a client that goes away means: `on_disconnect` and its relatives."""

import socket
import time

import pytest

from api import eventually
from cancelling import executing
from raw import connect, is_closed, read_answer, request, reset

CAUSE = "client disconnected from the run stream (on_disconnect=cancel)"
LEAVES = ["close", "reset"]


def leave(sock: socket.socket, how: str) -> None:
    if how == "reset":
        reset(sock)
    else:
        sock.close()


def open_run(server, target, body):
    """A client whose run is under way. @returns its socket, thread, run"""
    sock = connect(server.port)
    sock.sendall(request("POST", target, body))
    headers = read_answer(sock, head_only=True).headers
    return sock, headers["content-location"].rsplit("/", 1)[1]


@pytest.mark.parametrize("how", LEAVES)
@pytest.mark.parametrize("route", ["stream", "wait"])
def test_leaving_cancels_a_run_created_so(
    server, api, marks, slow, route, how
):
    thread = api.thread()
    body = {"assistant_id": "slow", "input": slow, "on_disconnect": "cancel"}
    target = f"/threads/{thread}/runs/{route}"
    sock, run = open_run(server, target, body)
    marks.await_("work")
    leave(sock, how)
    left = time.monotonic()
    assert api.ended(thread, run) == "interrupted"
    assert time.monotonic() - left < 1
    assert api.get_run(thread, run)["cancel_reason"] == CAUSE
    error = api.get_thread(thread)["error"]
    assert error == {"error": "UserInterrupt", "message": CAUSE}
    assert not marks.has("after")


@pytest.mark.parametrize("route", ["stream", "wait"])
@pytest.mark.parametrize("extra", [{}, {"on_disconnect": "continue"}])
def test_leaving_any_other_run_lets_it_finish(
    server, api, marks, slow, route, extra
):
    thread = api.thread()
    body = {"assistant_id": "slow", "input": slow | {"secs": 0.5}} | extra
    target = f"/threads/{thread}/runs/{route}"
    sock, run = open_run(server, target, body)
    marks.await_("work")
    sock.close()
    assert api.ended(thread, run) == "success"


@pytest.mark.parametrize("route", ["stream", "wait"])
def test_leaving_cancels_a_stateless_run_created_so(
    server, api, marks, slow, route
):
    body = {"assistant_id": "slow", "input": slow, "on_disconnect": "cancel"}
    sock, run = open_run(server, f"/runs/{route}", body)
    marks.await_("work")
    sock.close()
    eventually(lambda: any("cancelled" in n for n in marks.names()))
    time.sleep(0.3)
    assert not marks.has("after")


def test_leaving_cancels_a_pending_run_created_so(server, api, marks):
    thread = api.thread()
    body = {
        "assistant_id": "slow",
        "input": {"mark": str(marks)},
        "on_disconnect": "cancel",
        "after_seconds": 3600,
    }
    sock, run = open_run(server, f"/threads/{thread}/runs/stream", body)
    assert api.status(thread, run) == "pending"
    sock.close()
    assert api.ended(thread, run) == "interrupted"
    assert marks.all() == []


@pytest.mark.parametrize("route", ["stream", "wait"])
def test_a_half_closed_socket_is_no_disconnect(
    server, api, marks, slow, route
):
    thread = api.thread()
    body = {
        "assistant_id": "slow",
        "input": slow | {"secs": 0.5},
        "on_disconnect": "cancel",
    }
    target = f"/threads/{thread}/runs/{route}"
    sock, run = open_run(server, target, body)
    sock.shutdown(socket.SHUT_WR)
    assert api.ended(thread, run) == "success"
    assert is_closed(sock)
    sock.close()


@pytest.mark.parametrize("value", ["true", "1", "yes", "True"])
@pytest.mark.parametrize("route", ["stream", "join"])
def test_a_joiner_that_leaves_cancels_if_it_said_so(
    server, api, marks, slow, route, value
):
    thread, run = executing(api, marks, slow)
    target = (
        f"/threads/{thread}/runs/{run}/{route}?cancel_on_disconnect={value}"
    )
    sock = connect(server.port)
    sock.sendall(request("GET", target))
    read_answer(sock, head_only=True)
    sock.close()
    assert api.ended(thread, run) == "interrupted"


@pytest.mark.parametrize("query", ["", "=cancel", "=false", "=0"])
@pytest.mark.parametrize("route", ["stream", "join"])
def test_any_other_joiner_leaves_the_run_alone(
    server, api, marks, slow, route, query
):
    thread, run = executing(api, marks, slow)
    query = f"?cancel_on_disconnect{query}" if query else ""
    sock = connect(server.port)
    sock.sendall(
        request("GET", f"/threads/{thread}/runs/{run}/{route}{query}")
    )
    read_answer(sock, head_only=True)
    sock.close()
    time.sleep(0.3)
    assert api.status(thread, run) == "running"
    api.cancel(thread, run, wait=1)


def test_one_joiner_that_leaves_ends_the_run_for_all(server, api, marks, slow):
    thread, run = executing(api, marks, slow)
    other = connect(server.port)
    other.sendall(request("GET", f"/threads/{thread}/runs/{run}/stream"))
    read_answer(other, head_only=True)
    sock = connect(server.port)
    target = f"/threads/{thread}/runs/{run}/stream?cancel_on_disconnect=1"
    sock.sendall(request("GET", target))
    read_answer(sock, head_only=True)
    sock.close()
    assert api.ended(thread, run) == "interrupted"
    with other:
        other.settimeout(5)
        data = b""
        while not data.endswith(b"0\r\n\r\n"):
            chunk = other.recv(65536)
            assert chunk, data
            data += chunk


def test_who_waits_for_a_cancel_and_leaves_takes_nothing_back(
    server, api, marks, slow
):
    thread, run = executing(api, marks, slow, graph="swallow")
    sock = connect(server.port)
    target = f"/threads/{thread}/runs/{run}/cancel?wait=1"
    sock.sendall(request("POST", target))
    eventually(lambda: api.get_run(thread, run).get("cancel_reason"))
    sock.close()
    assert api.ended(thread, run) == "interrupted"


def test_leaving_after_the_end_changes_nothing(server, api):
    thread = api.thread()
    body = {"assistant_id": "noop", "input": {}, "on_disconnect": "cancel"}
    sock, run = open_run(server, f"/threads/{thread}/runs/stream", body)
    assert api.ended(thread, run) == "success"
    sock.close()
    time.sleep(0.2)
    assert api.status(thread, run) == "success"
    assert not api.get_thread(thread).get("error")
