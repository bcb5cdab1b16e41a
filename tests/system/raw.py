"""HTTP as bytes on a socket, for what no well-behaved client would do."""

import json
import socket
import struct
from typing import NamedTuple


class Answer(NamedTuple):
    status: int
    reason: str
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def request(
    method: str, target: str, body: bytes | dict = b"", headers=()
) -> bytes:
    """A request as it goes over the wire."""
    if isinstance(body, dict):
        body = json.dumps(body).encode()
    lines = [f"{method} {target} HTTP/1.1", "Host: test"]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in dict(headers).items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def parse(head: bytes) -> tuple[int, str, dict]:
    lines = head.decode("latin-1").split("\r\n")
    _, status, reason = (lines[0] + " ").split(" ", 2)
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return int(status), reason.strip(), headers


def read_answer(sock: socket.socket, head_only: bool = False) -> Answer:
    """One answer with a length; until EOF if it has none."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = sock.recv(65536)
        if not chunk:
            raise EOFError(f"no answer, but {data!r}")
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    status, reason, headers = parse(head)
    if head_only or status in (204, 304):
        return Answer(status, reason, headers, body)
    length = headers.get("content-length")
    while length is None or len(body) < int(length):
        chunk = sock.recv(65536)
        if not chunk:
            break
        body += chunk
    return Answer(status, reason, headers, body)


def exchange(port: int, data: bytes) -> Answer:
    with connect(port) as sock:
        sock.sendall(data)
        return read_answer(sock)


def reset(sock: socket.socket) -> None:
    """Closes with RST instead of FIN."""
    linger = struct.pack("ii", 1, 0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    sock.close()


def is_closed(sock: socket.socket, within: float = 5) -> bool:
    """Whether the server ends the connection within this time."""
    sock.settimeout(within)
    try:
        while sock.recv(65536):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True
