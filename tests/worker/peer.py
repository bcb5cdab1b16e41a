"""A process at the other end of the worker protocol, for the tests of the
process pool: it does what the name given as `--config` says, and needs nothing
but Python itself."""

import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import time

sock = socket.socket(fileno=int(os.environ["HEDDLE_WORKER_FD"]))


def pack(value):
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return b"\xcf" + struct.pack(">Q", value)
    if isinstance(value, str):
        raw = value.encode()
        return b"\xdb" + struct.pack(">I", len(raw)) + raw
    if isinstance(value, bytes):
        return b"\xc6" + struct.pack(">I", len(value)) + value
    if isinstance(value, dict):
        pairs = b"".join(pack(k) + pack(v) for k, v in value.items())
        return b"\xdf" + struct.pack(">I", len(value)) + pairs
    return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(pack, value))


def unpack(data, at=0):
    """The value at `at`, and where the next one is."""
    first = data[at]
    at += 1
    if first < 0x80:
        return first, at
    if first in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[first], at
    if 0xCC <= first <= 0xCF:
        size = 1 << (first - 0xCC)
        return int.from_bytes(data[at : at + size], "big"), at + size
    if first >> 4 == 8 or first >> 4 == 9 or 0xDC <= first <= 0xDF:
        if first < 0xA0:
            count = first & 15
        else:
            size = 4 if first & 1 else 2
            count = int.from_bytes(data[at : at + size], "big")
            at += size
        is_map = first >> 4 == 8 or first >= 0xDE
        values = []
        for _ in range(2 * count if is_map else count):
            value, at = unpack(data, at)
            values.append(value)
        return (dict(zip(values[::2], values[1::2])) if is_map else values), at
    if first >> 5 == 5:
        size, is_text = first & 31, True
    else:
        head = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}[first]
        size = int.from_bytes(data[at : at + head], "big")
        at += head
        is_text = first >= 0xD9
    raw = bytes(data[at : at + size])
    return raw.decode() if is_text else raw, at + size


def send(kind, run, body):
    frame = pack([kind, run, body])
    sock.sendall(struct.pack("<I", len(frame)) + frame)


def receive():
    head = sock.recv(4, socket.MSG_WAITALL)
    if len(head) < 4:
        sys.exit(0)
    (size,) = struct.unpack("<I", head)
    return unpack(sock.recv(size, socket.MSG_WAITALL))[0]


def hello(protocol=1):
    send(
        "hello",
        0,
        {
            "protocol": protocol,
            "language": "test",
            "pid": 1,
            "versions": {},
            "features": [],
            "graphs": [{"id": "agent"}],
        },
    )


def log(value):
    send("log", 0, {"level": "info", "text": json.dumps(value)})


def event(run, text):
    send("events", run, [["values", text]])


def run_once(run, body):
    send("started", run, {})
    event(run, body["kwargs"])
    send("end", run, {"outcome": "success", "error": None, "events": 1})
    send("clean", run, {})


def echo():
    hello()
    kind, _, welcome = receive()
    log([kind, welcome])
    while True:
        kind, run, body = receive()
        if kind == "start":
            run_once(run, body)
        elif kind == "ping":
            send("pong", 0, {"n": body["n"], "lag_ms": 0, "busy_threads": 0})
        elif kind == "exit":
            sys.exit(0)
        else:
            log([kind, run, repr(body)])


def logs_first():
    log("early")
    echo()


def silent():
    time.sleep(600)


def exits_at_once():
    sys.exit(3)


def wrong_version():
    hello(protocol=2)
    silent()


def no_hello():
    send("started", 1, {})
    silent()


def second_hello():
    hello()
    hello()
    silent()


def garbage():
    hello()
    event(1, b"1")
    sock.sendall(struct.pack("<I", 5) + b"\xc1\xc1\xc1\xc1\xc1")
    event(1, b"2")
    silent()


def huge_frame():
    hello()
    sock.sendall(struct.pack("<I", (64 << 20) + 1))
    silent()


def half_frame():
    hello()
    event(1, b"1")
    sock.sendall(struct.pack("<I", 100) + b"0123456789")
    os._exit(4)


def closes_and_stays():
    hello()
    sock.close()
    silent()


def burst_then_dies():
    hello()
    receive()
    for n in range(2000):
        event(7, json.dumps([n, "x" * 1000]).encode())
    os.kill(os.getpid(), signal.SIGKILL)


def floods():
    hello()
    n = 0
    while True:
        event(7, json.dumps([n, "x" * 20000]).encode())
        n += 1


def deaf():
    hello()
    silent()


def has_children():
    """One child in the group, one that left it, one that is left by its parent."""
    hello()
    stay = "import time; time.sleep(600)"
    same = subprocess.Popen([sys.executable, "-c", stay])
    away = subprocess.Popen([sys.executable, "-c", stay], start_new_session=True)
    orphan = int(
        subprocess.check_output(["/bin/sh", "-c", "sleep 600 >&2 & echo $!"])
    )
    log({"group": [os.getpid(), same.pid, orphan], "away": away.pid})
    receive()
    if receive()[0] == "exit":
        os._exit(0)


def prints():
    print("plain")
    print("\x1b[31mred\x1b[0m", file=sys.stderr)
    print("y" * 20000)
    print("no end", end="", flush=True)
    sys.exit(0)


def tells_surroundings():
    hello()
    receive()
    log(
        {
            "env": dict(os.environ),
            "cwd": os.getcwd(),
            "argv": sys.argv[1:],
            "fds": sorted(map(int, os.listdir("/proc/self/fd"))),
            "stdin": os.readlink("/proc/self/fd/0"),
            "core": resource.getrlimit(resource.RLIMIT_CORE),
            "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
            "leads": os.getpgrp() == os.getpid(),
            "ignored": [
                line.split()[1]
                for line in open("/proc/self/status")
                if line.startswith(("SigBlk", "SigIgn"))
            ],
            "pid": os.getpid(),
        }
    )
    silent()


globals()[sys.argv[2]]()
