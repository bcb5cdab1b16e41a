"""The server of a soak, those who live on it, and those who kill it."""

import asyncio
import os
import random
import signal
import time
import traceback
from collections import Counter

import httpx
import stories
import watch
from process import Server, is_running
from story import Violation


class Floor:
    """Many may be on it, or one who must be alone."""

    def __init__(self):
        self.changed = asyncio.Condition()
        self.many = 0
        self.waiting = 0
        self.alone = False

    async def enter(self, alone: bool) -> None:
        async with self.changed:
            self.waiting += alone
            await self.changed.wait_for(
                lambda: not self.alone
                and (not self.many if alone else not self.waiting)
            )
            self.waiting -= alone
            self.alone = alone
            self.many += not alone

    async def leave(self, alone: bool) -> None:
        async with self.changed:
            if alone:
                self.alone = False
            else:
                self.many -= 1
            self.changed.notify_all()


class World:
    def __init__(self, folder, clients: int, seed: int = 1):
        self.folder = folder
        self.clients = clients
        self.rng = random.Random(seed)
        self.server = Server(
            folder / "server", stop_grace="1s", strikes_max="10", workers="2"
        ).start()
        self.port = self.server.port
        self.began = time.monotonic()
        self.down = False
        self.kills = 0
        self.killed_at: list[float] = []
        self.workers_killed = 0
        self.ops = 0
        self.told: Counter = Counter()
        self.violations: list[str] = []
        self.samples: list[watch.Sample] = []

    # -- clients

    async def load(self, seconds: float, kill_every: float | None) -> None:
        """Plays stories for that long, and lets those under way end.
        @param kill_every: seconds between kills of the server, about"""
        until = time.monotonic() + seconds
        floor = Floor()
        chaos = [asyncio.create_task(self.kill_workers())]
        chaos.append(asyncio.create_task(self.keep_watch()))
        if kill_every:
            chaos.append(asyncio.create_task(self.kill_server(kill_every)))
        try:
            await asyncio.gather(
                *(self.client(i, until, floor) for i in range(self.clients))
            )
        finally:
            for task in chaos:
                task.cancel()
            await asyncio.gather(*chaos, return_exceptions=True)
            while self.down:
                await asyncio.sleep(0.05)

    async def client(self, number: int, until: float, floor: Floor) -> None:
        rng = random.Random(f"{number}-{until}")
        weights = [kind.weight for kind in stories.ALL]
        while time.monotonic() < until:
            [kind] = rng.choices(stories.ALL, weights)
            alone = getattr(kind, "alone", False)
            await floor.enter(alone)
            try:
                while self.down:
                    await asyncio.sleep(0.05)
                name = f"{number}-{sum(self.told.values())}"
                await kind(self, rng, name).tell()
                self.told[kind.__name__] += 1
            except Exception as found:
                if not isinstance(found, Violation):
                    traceback.print_exc()
                self.violations.append(f"{self.at():.1f} s: {found!r}")
                print(f"VIOLATION {self.violations[-1]}", flush=True)
            finally:
                await floor.leave(alone)
            await asyncio.sleep(rng.random() * 0.1)

    def at(self) -> float:
        return time.monotonic() - self.began

    # -- chaos

    async def kill_server(self, every: float) -> None:
        while True:
            await asyncio.sleep(every * (0.5 + self.rng.random()))
            self.down = True
            self.kills += 1
            self.killed_at.append(self.at())
            try:
                await asyncio.shield(asyncio.to_thread(self.restart))
            finally:
                self.down = False

    def restart(self) -> None:
        self.server.kill()
        self.server.start(warm=False)
        self.port = self.server.port

    async def kill_workers(self) -> None:
        while True:
            await asyncio.sleep(20 + 20 * self.rng.random())
            if self.down:
                continue
            workers = [
                pid
                for pid in watch.descendants(self.server.pid)
                if int(watch.status_of(pid)["PPid"]) != self.server.pid
            ]
            if workers:
                kill(self.rng.choice(workers))
                self.workers_killed += 1

    # -- watching

    def look(self) -> watch.Sample | None:
        try:
            self.samples.append(watch.sample(self.server, self.began))
        except (OSError, httpx.TransportError, ValueError):
            return None
        return self.samples[-1]

    async def keep_watch(self) -> None:
        ops, told, since = self.ops, sum(self.told.values()), self.at()
        while True:
            await asyncio.sleep(5)
            now = None
            if not self.down:
                now = await asyncio.to_thread(self.look)
            if self.at() - since < 59 or not now:
                continue
            took = self.at() - since
            print(
                f"{self.at() / 60:5.1f} min: "
                f"{(self.ops - ops) / took:.0f} requests/s, "
                f"{(sum(self.told.values()) - told) / took:.1f} stories/s; "
                f"{now}; kills {self.kills} server {self.workers_killed} "
                f"worker; violations {len(self.violations)}",
                flush=True,
            )
            ops, told, since = self.ops, sum(self.told.values()), self.at()

    async def quiet(self, seconds: float = 10) -> watch.Sample:
        """Nothing is in flight any more; what it uses then."""
        body = {"status": "all"}
        httpx.post(
            f"{self.server.url}/runs/cancel?action=rollback&wait=true",
            json=body,
            timeout=60,
        )
        until = time.monotonic() + 120
        while True:
            await asyncio.sleep(1)
            now = self.look()
            if now and now.pending + now.running + now.threads_live == 0:
                break
            if time.monotonic() > until:
                raise AssertionError(f"it does not become quiet: {now}")
        await asyncio.sleep(seconds)
        now = self.look()
        assert now
        return now


def kill(pid: int) -> None:
    if is_running(pid):
        os.kill(pid, signal.SIGKILL)
