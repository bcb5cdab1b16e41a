"""What the clients of a soak do, and what must come of it.

A story has one thread, and knows at any time what the server has promised for
its run. If the server is killed in the middle, it looks afterwards whether the
promise was kept.
"""

import asyncio
import random
import time
from pathlib import Path
from typing import Any

from tap import Tap
from wire import Lost, Wire

LIVE = ("pending", "running")
ENDS = {"interrupt": "interrupted", "rollback": "gone"}
OVER_WITHIN = 90  # Seconds: more than retries, kills and restarts take.


class Violation(Exception):
    """Something that must not be."""


class Crashed(Exception):
    """The server was killed; what was asked may have happened or not."""


def must(holds: Any, *what: Any) -> None:
    if not holds:
        raise Violation(" ".join(map(str, what)))


class Story:
    weight = 1.0

    def __init__(self, world, rng: random.Random, name: str):
        self.world, self.rng, self.name = world, rng, name
        self.wire = Wire(world.port)
        self.kills = world.kills
        self.thread = ""
        self.run = ""
        self.steps = 0  # Of a `stepper`.
        self.before: Any = None
        # What the run must end as, once that is known.
        self.promise: str | None = None
        self.taps: list[Tap] = []
        self.mark = Path(world.folder) / f"{name}.marks"

    # -- telling it

    async def tell(self) -> None:
        try:
            await self.play()
        except Crashed:
            await self.look_after()
        except TimeoutError as late:
            raise Violation(f"{self} a stream stands still") from late
        finally:
            for tap in self.taps:
                tap.cut()
        await self.leave()

    async def play(self) -> None:
        raise NotImplementedError

    async def look_after(self) -> None:
        """After a kill: every promise holds."""
        while True:
            try:
                await self.check_promise()
                return
            except Crashed:
                pass

    async def check_promise(self) -> None:
        if not self.run:
            return
        status = await self.ended()
        if self.promise:
            must(status == self.promise, self, "ended", status)
        else:
            must(status in ("success", *ENDS.values()), self, status)
        await self.check_end(status)

    async def check_end(self, status: str) -> None:
        if status == "gone":
            picture = await self.picture()
            must(picture == self.before, self, "left", picture)
        if status == "success" and self.steps:
            log = (await self.state())["values"]["log"]
            must(log == list(range(1, self.steps + 1)), self, "log", log)
        if status == "success":
            row = await self.ask("GET", f"/threads/{self.thread}")
            must(row["status"] == "idle", self, "thread", row["status"])

    async def leave(self) -> None:
        if self.thread and self.rng.random() < 0.9:
            try:
                await self.send("DELETE", f"/threads/{self.thread}")
            except Crashed:
                pass
        self.wire.close()
        self.mark.unlink(missing_ok=True)

    def __str__(self) -> str:
        kind = type(self).__name__
        return f"{kind} {self.name} {self.thread}/{self.run} {self.promise}:"

    # -- asking

    def tap(self) -> Tap:
        self.world.ops += 1
        self.taps.append(Tap(self.world.port))
        return self.taps[-1]

    async def send(self, method, path, body=None):
        self.world.ops += 1
        try:
            return await asyncio.wait_for(
                self.wire.call(method, path, body), 120
            )
        except Lost:
            await self.lost()
        except TimeoutError as late:
            raise Violation(f"{self} no answer to {method} {path}") from late

    async def lost(self) -> None:
        """A connection may break because the server is killed, and only so."""
        await asyncio.sleep(0.01)
        while self.world.down:
            await asyncio.sleep(0.02)
        must(self.world.kills > self.kills, self, "cut off")
        self.kills = self.world.kills
        self.wire.close()
        self.wire.port = self.world.port
        raise Crashed

    async def ask(self, method, path, body=None, status=200):
        answer = await self.send(method, path, body)
        must(
            answer.status == status,
            self,
            method,
            path,
            answer.status,
            answer.body,
        )
        return answer.json() if answer.body else None

    async def make_thread(self) -> None:
        self.thread = (await self.ask("POST", "/threads", {}))["thread_id"]

    def body(self, graph: str, **given) -> dict:
        return {"assistant_id": graph, "input": given}

    async def create(self, body: dict) -> None:
        path = f"/threads/{self.thread}/runs"
        self.run = (await self.ask("POST", path, body))["run_id"]
        self.promise = "success"

    async def create_steps(self, total: int, pause: float, **more) -> None:
        self.steps = total
        mark = str(self.mark)
        given = {"total": total, "pause": pause, "mark": mark}
        await self.create(self.body("stepper", **given) | more)

    async def status(self) -> str:
        path = f"/threads/{self.thread}/runs/{self.run}"
        answer = await self.send("GET", path)
        must(answer.status in (200, 404), self, answer.status)
        return answer.json()["status"] if answer.status == 200 else "gone"

    async def ended(self) -> str:
        until = time.monotonic() + OVER_WITHIN
        while (status := await self.status()) in LIVE:
            must(time.monotonic() < until, self, "is still", status)
            await asyncio.sleep(0.05)
        return status

    async def state(self) -> dict:
        return await self.ask("GET", f"/threads/{self.thread}/state")

    async def picture(self) -> dict:
        """What a rollback brings back."""
        row = await self.ask("GET", f"/threads/{self.thread}")
        path = f"/threads/{self.thread}/history"
        history = await self.ask("POST", path, {"limit": 100})
        shown = {k: row[k] for k in ("status", "values", "interrupts", "error")}
        return shown | {"state": await self.state(), "history": history}
