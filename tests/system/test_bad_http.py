"""Strange HTTP, and the server unharmed. Requests that two readers could read
in two ways have a place of their own: tests/conformance."""

import socket

import pytest
from raw import connect, exchange, read_answer, request

HOST = b"Host: test\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
POST = b"POST /threads HTTP/1.1\r\n"


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "BREW", "get"])
def test_a_strange_method_is_refused(server, api, method):
    answer = exchange(server.port, request(method, "/ok"))
    assert answer.status in (400, 404, 405, 501)
    assert api.get("/ok").status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "/threads/%00",
        "/threads/%2e%2e/ok",
        "/threads/..%2f..%2fetc%2fpasswd",
        "/threads/%c0%ae",
        "/threads/%zz",
        "/../../etc/passwd",
        "/threads/" + "a" * 5000,
    ],
)
def test_a_strange_target_is_a_client_error(server, api, target):
    answer = exchange(server.port, request("GET", target))
    assert 400 <= answer.status < 500
    assert api.get("/ok").status_code == 200


def test_a_target_beyond_the_limit_is_refused(server, api):
    answer = exchange(server.port, request("GET", "/" + "a" * 9000))
    assert answer.status in (400, 414, 431)
    assert api.get("/ok").status_code == 200


def test_requests_in_one_packet_are_answered_in_order(server):
    with connect(server.port) as sock:
        sock.sendall(request("GET", "/ok") + request("GET", "/nowhere"))
        data = b""
        while data.count(b"HTTP/1.1 ") < 2 or not data.endswith(b"}"):
            chunk = sock.recv(65536)
            assert chunk
            data += chunk
    assert data.index(b"200 OK") < data.index(b"404 Not Found")


def test_a_body_in_chunks_is_read(server):
    body = b'\r\n5\r\n{"met\r\n8\r\nadata": \r\n8\r\n{"a":1}}\r\n0\r\n\r\n'
    data = POST + HOST + CHUNKED + body
    answer = exchange(server.port, data)
    assert answer.status == 200
    assert answer.json()["metadata"] == {"a": 1}


def test_a_request_byte_by_byte_is_read(server):
    with connect(server.port) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request("POST", "/threads", {"metadata": {"a": 1}}):
            sock.sendall(bytes([byte]))
        assert read_answer(sock).status == 200


def test_expect_100_continue_is_honoured(server):
    with connect(server.port) as sock:
        headers = {"Expect": "100-continue", "Content-Length": "2"}
        sock.sendall(request("POST", "/threads", headers=headers))
        first = sock.recv(65536)
        assert first.startswith(b"HTTP/1.1 100 ")
        sock.sendall(b"{}")
        assert read_answer(sock).status == 200


def test_a_body_on_get_is_discarded(server):
    data = request("GET", "/ok", b"{}") + request("GET", "/ok")
    with connect(server.port) as sock:
        sock.sendall(data)
        got = b""
        while got.count(b"200 OK") < 2:
            chunk = sock.recv(65536)
            assert chunk, got
            got += chunk


def test_many_connections_that_say_nothing_harm_nobody(server, api):
    silent = [connect(server.port) for _ in range(200)]
    try:
        for sock in silent[::2]:
            sock.sendall(b"POST /thre")
        assert api.get("/ok").status_code == 200
        assert api.wait(api.thread(), "noop", {}) == {"log": ["noop"]}
    finally:
        for sock in silent:
            sock.close()
