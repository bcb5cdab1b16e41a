"""kill -9 of the real binary, or of a worker alone, under traffic with real
graphs; then every promise is checked. The number of a loop is its seed."""

import os
import random
import signal
import time

import httpx

from api import Api, eventually
from process import is_running, parents
from test_crash import check_all, run_traffic


def await_quiet(api):
    """However long new workers take to load their graphs on a busy machine."""

    def none():
        row = api.ok("GET", "/metrics?format=json")["queue"]
        return row["n_pending"] + row["n_running"] == 0

    eventually(none, 300)


def test_killed_servers_keep_every_promise(make_server, loop):
    """More than one life, each ended in the middle of what it does: also of
    its recovery."""
    rng = random.Random(loop)
    server = make_server(workers=str(rng.randint(1, 2)))
    told = []
    for life in range(rng.randint(1, 2)):
        server.start(warm=False)

        def kill():
            time.sleep(0.5 + rng.random() * 1.5)
            server.kill()

        told += run_traffic(server, f"{loop}-{life}", kill)
        for _ in range(rng.randint(0, 2)):
            server.spawn()
            time.sleep(rng.random() * 0.4)
            server.kill()
    server.start(warm=False)
    with Api(server.url) as api:
        await_quiet(api)
        check_all(server, api, told, f"loop {loop}")


def workers_of(server) -> list[int]:
    """Processes that execute graphs: the grandchildren that are Pythons."""
    table = parents()
    family, more = set(), {server.pid}
    while more:
        more = {p for p, parent in table.items() if parent in more} - family
        family |= more
    found = []
    for pid in family:
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if b"heddle_worker" in file.read():
                    found.append(pid)
        except OSError:
            pass
    return found


def test_workers_killed_alone_are_replaced_and_their_runs_retried(
    make_server, loop
):
    rng = random.Random(1000 + loop)
    server = make_server(workers="2").start()
    killed = []

    def kill_some():
        for _ in range(2):
            time.sleep(0.3 + rng.random() * 0.5)
            pid = rng.choice(eventually(lambda: workers_of(server), 10))
            try:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
            except ProcessLookupError:
                pass
        time.sleep(0.2)

    told = run_traffic(server, f"workers-{loop}", kill_some)
    assert killed
    with Api(server.url) as api:
        await_quiet(api)
        check_all(server, api, told, f"loop {loop}")
        assert api.wait(api.thread(), "noop", {}) == {"log": ["noop"]}
        try:
            assert api.get("/ok").status_code == 200
        except httpx.TransportError as why:
            raise AssertionError(server.log()) from why
    assert server.process.poll() is None
    eventually(lambda: not any(is_running(pid) for pid in killed), 5)
