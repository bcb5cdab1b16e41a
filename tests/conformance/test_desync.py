"""Requests that two readers could read in two ways: refused, the connection
closed, and nothing of what follows is executed."""

import socket

import pytest

from api import unknown
from raw import connect, is_closed, request

HOST = b"Host: test\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
FOUR = b"Content-Length: 4\r\n"
END = b"0\r\n\r\n"


def post(*lines: bytes, body: bytes = b"", version=b"1.1") -> bytes:
    head = b"POST /threads/search HTTP/" + version + b"\r\n"
    return head + HOST + b"".join(lines) + b"\r\n" + body


def get(*lines: bytes, target=b"/ok", version=b"HTTP/1.1") -> bytes:
    return (
        b"GET " + target + b" " + version + b"\r\n" + b"".join(lines) + b"\r\n"
    )


def coding(value: bytes, name=b"Transfer-Encoding") -> bytes:
    return post(name + b":" + value + b"\r\n", body=b"2\r\n{}\r\n" + END)


def chunks(body: bytes) -> bytes:
    return post(CHUNKED, body=body)


REFUSED = {
    # Two lengths of one body
    "length and chunks": post(FOUR, CHUNKED, body=END),
    "chunks and length": post(CHUNKED, FOUR, body=END),
    "two lengths": post(FOUR, b"Content-Length: 0\r\n", body=b"{}  "),
    "two equal lengths": post(FOUR, FOUR, body=b"{}  "),
    "a list of lengths": post(b"Content-Length: 4, 4\r\n", body=b"{}  "),
    "a length of nothing": post(b"Content-Length: \r\n"),
    "a length with a sign": post(b"Content-Length: +4\r\n", body=b"{}  "),
    "a length below zero": post(b"Content-Length: -1\r\n"),
    "a length in hex": post(b"Content-Length: 0x4\r\n", body=b"{}  "),
    "a length with blanks": post(b"Content-Length: 4 4\r\n", body=b"{}  "),
    "a length beyond 64 bits": post(
        b"Content-Length: 18446744073709551620\r\n", body=b"{}  "
    ),
    "a length with an underscore": post(
        b"Content_Length: 4\r\n", body=b"{}  "
    ),
    "a length behind a blank": post(b"Content-Length : 4\r\n", body=b"{}  "),
    "a length in a folded line": post(b"X: y\r\n Content-Length: 4\r\n"),
    "a length folded": post(b"Content-Length:\r\n 4\r\n", body=b"{}  "),
    "a length behind a tab": post(b"\tContent-Length: 4\r\n", body=b"{}  "),
    # Codings that not all know
    "another coding": coding(b" gzip"),
    "two codings": coding(b" gzip, chunked"),
    "chunks twice": coding(b" chunked, chunked"),
    "chunks and identity": coding(b" chunked, identity"),
    "identity": coding(b" identity"),
    "chunks in quotes": coding(b' "chunked"'),
    "chunks and a comma": coding(b" ,chunked"),
    "chunks and a parameter": coding(b" chunked;q=1"),
    "chunks and a control": coding(b" chunked\x0b"),
    "chunks behind a control": coding(b" \x0cchunked"),
    "chunks and more": coding(b" chunkedx"),
    "chunks and a null": coding(b" chunked\x00"),
    "chunks of no coding": coding(b""),
    "chunks behind a blank": coding(b" chunked", b"Transfer-Encoding "),
    "chunks behind a tab": coding(b" chunked", b"\tTransfer-Encoding"),
    "chunks with an underscore": coding(b" chunked", b"Transfer_Encoding"),
    "chunks behind a null": coding(b" chunked", b"Transfer-Encoding\x00"),
    "chunks behind a high byte": coding(b" chunked", b"Transfer-Encoding\xff"),
    "chunks folded": coding(b"\r\n chunked"),
    "two fields of codings": post(CHUNKED, CHUNKED, body=END),
    "chunks and identity fields": post(
        CHUNKED, b"Transfer-Encoding: identity\r\n", body=END
    ),
    "chunks in HTTP/1.0": post(CHUNKED, body=END, version=b"1.0"),
    "chunks of a GET": get(HOST, CHUNKED) + END,
    "chunks of a DELETE": b"DELETE /threads/x HTTP/1.1\r\n"
    + HOST
    + CHUNKED
    + b"\r\n"
    + END,
    # Chunks
    "a size that is none": chunks(b"zz\r\n{}\r\n" + END),
    "a size of nothing": chunks(b"\r\n{}\r\n" + END),
    "a size in 0x": chunks(b"0x2\r\n{}\r\n" + END),
    "a size with a sign": chunks(b"+2\r\n{}\r\n" + END),
    "a size below zero": chunks(b"-2\r\n{}\r\n" + END),
    "a size beyond 64 bits": chunks(b"10000000000000002\r\n{}\r\n" + END),
    "a size with an underscore": chunks(b"0_2\r\n{}\r\n" + END),
    "a size behind a blank": chunks(b" 2\r\n{}\r\n" + END),
    "a bare line feed behind a size": chunks(b"2\n{}\r\n" + END),
    "a bare return behind a size": chunks(b"2\r{}\r\n" + END),
    "a chunk longer than its size": chunks(b"2\r\n{}xx\r\n" + END),
    "a chunk without an end": chunks(b"2\r\n{}" + END),
    "a bare line feed behind a chunk": chunks(b"2\r\n{}\n" + END),
    "a control in an extension": chunks(b"2;a=\x00b\r\n{}\r\n" + END),
    "a return in an extension": chunks(b"2;a\rb\r\n{}\r\n" + END),
    "a line feed in an extension": chunks(b"2;a\nb\r\n{}\r\n" + END),
    "a bare line feed at the end": chunks(b"2\r\n{}\r\n0\r\n\n"),
    "a trailer without a colon": chunks(b"2\r\n{}\r\n0\r\nx\r\n\r\n"),
    "a length in a trailer": chunks(
        b"2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n"
    ),
    "a trailer behind a blank": chunks(b"2\r\n{}\r\n0\r\n a: b\r\n\r\n"),
    # Lines
    "a bare line feed behind the first line": b"GET /ok HTTP/1.1\n"
    + HOST
    + b"\r\n",
    "a bare line feed behind a field": get(HOST, b"A: b\nC: d\r\n"),
    "a bare line feed behind the fields": b"GET /ok HTTP/1.1\r\n"
    + HOST
    + b"\n",
    "a bare return in a value": get(HOST, b"A: b\rC: d\r\n"),
    "a bare return as an end": b"GET /ok HTTP/1.1\rHost: test\r\r",
    "a bare return behind a line": b"GET /ok HTTP/1.1\r\r\n" + HOST + b"\r\n",
    "a folded line": get(HOST, b"A: b\r\n c\r\n"),
    "a line folded with a tab": get(HOST, b"A: b\r\n\tc\r\n"),
    "a first field that is folded": get(b" A: b\r\n", HOST),
    "a null in a value": get(HOST, b"A: b\0c\r\n"),
    "a control in a value": get(HOST, b"A: b\x01c\r\n"),
    "a null in a name": get(HOST, b"A\0: b\r\n"),
    "a blank in a name": get(HOST, b"A b: c\r\n"),
    "a blank behind a name": get(HOST, b"A : b\r\n"),
    "a high byte in a name": get(HOST, b"\xc4: b\r\n"),
    "a name of nothing": get(HOST, b": b\r\n"),
    "a line without a colon": get(HOST, b"A\r\n"),
    # Hosts
    "no host": get(),
    "two hosts": get(HOST, HOST),
    "two other hosts": get(HOST, b"Host: other\r\n"),
    "a host with a path": get(b"Host: test/x\r\n"),
    "a host with a user": get(b"Host: a@test\r\n"),
    "a host with a blank": get(b"Host: te st\r\n"),
    # First lines
    "no version": b"GET /ok\r\n" + HOST + b"\r\n",
    "version 0.9": b"GET /ok\r\n\r\n",
    "version 2.0": get(HOST, version=b"HTTP/2.0"),
    "version 1.2": get(HOST, version=b"HTTP/1.2"),
    "version 1.10": get(HOST, version=b"HTTP/1.10"),
    "version in small letters": get(HOST, version=b"http/1.1"),
    "a version with a blank": get(HOST, version=b"HTTP /1.1"),
    "two blanks": b"GET  /ok HTTP/1.1\r\n" + HOST + b"\r\n",
    "a tab": b"GET\t/ok HTTP/1.1\r\n" + HOST + b"\r\n",
    "a blank before": b" GET /ok HTTP/1.1\r\n" + HOST + b"\r\n",
    "a blank behind": b"GET /ok HTTP/1.1 \r\n" + HOST + b"\r\n",
    "a null in the target": get(HOST, target=b"/o\0k"),
    "a control in the target": get(HOST, target=b"/o\x7fk"),
    "a high byte in the target": get(HOST, target=b"/\xff"),
    "a blank in the target": get(HOST, target=b"/o k"),
    "a fragment in the target": get(HOST, target=b"/ok#x"),
    "no target": b"GET HTTP/1.1\r\n" + HOST + b"\r\n",
    "the start of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "the start of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a method in small letters": b"get /ok HTTP/1.1\r\n" + HOST + b"\r\n",
    "another method": b"BREW /ok HTTP/1.1\r\n" + HOST + b"\r\n",
    "a tunnel": b"CONNECT test:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a trace": b"TRACE /ok HTTP/1.1\r\n" + HOST + b"\r\n",
    "another expectation": post(FOUR, b"Expect: cake\r\n", body=b"{}  "),
    "two expectations": post(
        FOUR,
        b"Expect: 100-continue\r\n",
        b"Expect: cake\r\n",
        body=b"{}  ",
    ),
}
TAKEN = {
    "plain": get(HOST),
    "a host with a port": get(b"Host: test:80\r\n"),
    "an absolute target": get(HOST, target=b"http://test/ok"),
    "an empty line before": b"\r\n" + get(HOST),
    "chunks in capitals": coding(b" CHUNKED"),
    "blanks around chunks": coding(b" \t chunked \t "),
    "a size in capitals and zeros": chunks(
        b"000A\r\n" + b'{"limit":1' + b"\r\n1\r\n}\r\n" + END
    ),
    "an extension": chunks(b"2;a=b\r\n{}\r\n" + END),
    "a trailer, which means nothing": chunks(
        b"2\r\n{}\r\n0\r\nX-Y: z\r\n\r\n"
    ),
    "a wish for another protocol": get(
        HOST, b"Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n"
    ),
    "a body of a GET": get(HOST, b"Content-Length: 2\r\n") + b"{}",
    "a zero body": get(HOST, b"Content-Length: 00\r\n"),
    "high bytes in a value": get(HOST, b"A: \xc3\xa9\r\n"),
}


def read_all(sock: socket.socket) -> bytes:
    data = b""
    try:
        while chunk := sock.recv(65536):
            data += chunk
    except ConnectionResetError:
        pass
    return data


def smuggled(which: str) -> bytes:
    return request("POST", "/threads", {"thread_id": which})


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_and_nothing_behind_it_is_executed(server, api, name):
    which = unknown()
    with connect(server.port) as sock:
        sock.sendall(REFUSED[name] + smuggled(which))
        assert is_answered_once(read_all(sock))
    assert api.get(f"/threads/{which}").status_code == 404


def is_answered_once(data: bytes) -> bool:
    """One refusal that announces the end of the connection, or none."""
    head = data.partition(b"\r\n\r\n")[0].lower()
    refusals = [b" %d " % status for status in (400, 413, 414, 417, 431)]
    return not data or (
        data.count(b"HTTP/1.1 ") == 1
        and any(status in head.split(b"\r\n")[0] for status in refusals)
        and b"\r\nconnection: close" in head
    )


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_byte_by_byte_as_well(server, name):
    with connect(server.port) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for i in range(0, len(REFUSED[name]), 3):
                sock.sendall(REFUSED[name][i : i + 3])
            sock.sendall(smuggled(unknown()))
        except (BrokenPipeError, ConnectionResetError):
            pass
        data = read_all(sock)
    assert is_answered_once(data)


@pytest.mark.parametrize("name", TAKEN)
def test_it_is_taken_and_what_follows_is_executed_once(server, api, name):
    which = unknown()
    with connect(server.port) as sock:
        last = get(HOST, b"Connection: close\r\n")
        sock.sendall(TAKEN[name] + smuggled(which) + last)
        data = read_all(sock)
    assert data.count(b"HTTP/1.1 200 ") == 3, data
    assert api.get(f"/threads/{which}").status_code == 200


@pytest.mark.parametrize("keep", [b"", b"Connection: keep-alive\r\n"])
def test_http_1_0_is_closed_unless_it_asks(server, keep):
    with connect(server.port) as sock:
        sock.sendall(get(keep, version=b"HTTP/1.0") * 2)
        sock.settimeout(2)
        data = b""
        try:
            while chunk := sock.recv(65536):
                data += chunk
        except TimeoutError:
            assert keep
    assert data.count(b" 200 OK") == (2 if keep else 1)
    assert b"chunked" not in data.lower()


def test_a_body_that_is_not_read_does_not_become_a_request(server, api):
    """A 404 of a path, with a request in its body."""
    which = unknown()
    inner = smuggled(which)
    outer = request("POST", "/nowhere", inner)
    with connect(server.port) as sock:
        sock.sendall(outer + get(HOST, b"Connection: close\r\n"))
        data = read_all(sock)
    assert data.count(b"HTTP/1.1 ") == 2
    assert api.get(f"/threads/{which}").status_code == 404


def test_a_large_body_that_is_not_read_ends_the_connection(server, api):
    which = unknown()
    inner = smuggled(which) * 2000
    with connect(server.port) as sock:
        try:
            sock.sendall(request("POST", "/nowhere", inner))
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert is_closed(sock)
    assert api.get(f"/threads/{which}").status_code == 404


def test_an_expectation_without_a_body_to_come_is_kept_apart(server, api):
    """Refused before its body: what follows may be that body."""
    which = unknown()
    head = post(b"Expect: 100-continue\r\n", b"Content-Length: 99999999\r\n")
    with connect(server.port) as sock:
        sock.sendall(head + smuggled(which))
        data = read_all(sock)
    assert data.startswith(b"HTTP/1.1 413 ")
    assert data.count(b"HTTP/1.1 ") == 1
    assert api.get(f"/threads/{which}").status_code == 404
