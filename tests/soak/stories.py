"""The stories that the clients of a soak play."""

import asyncio
import time

from api import NO_MATCH
from story import ENDS, Crashed, Story, must
from tap import Event
from wire import Lost


class Wait(Story):
    weight = 3

    async def play(self):
        total = self.rng.randint(1, 8)
        path = "/runs/wait"
        if self.rng.random() < 0.7:
            await self.make_thread()
            path = f"/threads/{self.thread}/runs/wait"
        values = await self.ask(
            "POST", path, self.body("stepper", total=total, pause=0.01)
        )
        must(values["log"] == list(range(1, total + 1)), self, values)


class Cancel(Story):
    """Of a run that executes, waits in the queue, or is about to end."""

    weight = 5
    deferred = False

    async def check_promise(self):
        if self.run and self.deferred and not self.promise:
            await self.cancel("interrupt", False)  # Else it never ends.
        await super().check_promise()

    async def play(self):
        await self.make_thread()
        await self.ask(
            "POST", f"/threads/{self.thread}/runs/wait", self.body("noop")
        )
        self.before = await self.picture()
        self.deferred = deferred = self.rng.random() < 0.3
        more = {"after_seconds": 3600} if deferred else {}
        await self.create_steps(20, 0.02, **more)
        await asyncio.sleep(self.rng.random() * 0.6)
        action = self.rng.choice(list(ENDS))
        wait = self.rng.random() < 0.5
        self.promise = None  # Until it is answered.
        answer = await self.cancel(action, wait)
        if answer.status == 404:
            must(answer.json()["detail"] == NO_MATCH, self, answer.body)
            must(not deferred, self, "was not found")
            self.promise = "success"
        else:
            must(answer.status in (200, 202, 204), self, answer.status)
            self.promise = ENDS[action]
        if wait and answer.status != 404:
            await self.check_silence(deferred)
        await self.check_end_of(answer.status)

    async def cancel(self, action: str, wait: bool):
        if self.rng.random() < 0.5:
            path = f"/threads/{self.thread}/runs/{self.run}/cancel"
            path += f"?action={action}" + "&wait=1" * wait
            return await self.send("POST", path)
        path = f"/runs/cancel?action={action}" + "&wait=true" * wait
        body = {"thread_id": self.thread, "run_ids": [self.run]}
        return await self.send("POST", path, body)

    async def check_silence(self, deferred: bool):
        """Nothing of it moves after the answer."""
        done = self.mark.read_bytes() if self.mark.exists() else b""
        status = await self.status()
        must(status == self.promise, self, "after wait:", status)
        await asyncio.sleep(0.1)
        after = self.mark.read_bytes() if self.mark.exists() else b""
        must(after == done, self, "goes on after the answer")
        must(not (deferred and after), self, "was started")

    async def check_end_of(self, answered: int):
        status = await self.ended()
        must(status == self.promise, self, answered, "but it ended", status)
        if status == "gone":
            picture = await self.picture()
            must(picture == self.before, self, "left", picture)

    async def check_end(self, status: str):
        if status == "gone":
            must(await self.picture() == self.before, self, "left traces")


class Stubborn(Story):
    """A node that ignores its cancel: its process is killed."""

    weight = 0.15

    async def play(self):
        await self.make_thread()
        graph = self.rng.choice(("swallow", "sync_cpu", "hang_finally"))
        await self.create(self.body(graph, secs=20, mark=str(self.mark)))
        until = time.monotonic() + 30
        while not self.mark.exists() and time.monotonic() < until:
            await asyncio.sleep(0.05)
        self.promise = None
        began = time.monotonic()
        path = f"/threads/{self.thread}/runs/{self.run}/cancel?wait=1"
        answer = await self.send("POST", path)
        must(answer.status == 200, self, answer.status, answer.body)
        self.promise = "interrupted"
        must(time.monotonic() - began < 15, self, "took too long")
        must(await self.status() == self.promise, self, "after wait")


class Human(Story):
    """Pauses, is resumed, ends."""

    weight = 2

    async def play(self):
        await self.make_thread()
        path = f"/threads/{self.thread}/runs/wait"
        asked = await self.ask("POST", path, self.body("human"))
        must("__interrupt__" in asked, self, asked)
        row = await self.ask("GET", f"/threads/{self.thread}")
        must(row["status"] == "interrupted", self, row["status"])
        body = {"assistant_id": "human", "command": {"resume": "yes"}}
        values = await self.ask("POST", path, body)
        must(values["log"] == ["answer:yes", "work"], self, values)


class Stream(Story):
    """Reads every event once, in order, through cuts and crashes."""

    weight = 4

    async def play(self):
        await self.make_thread()
        count = self.rng.randint(10, 60)
        body = self.body("tokens", count=count, pause=0.01)
        await self.create(
            body | {"stream_mode": ["custom"], "stream_resumable": True}
        )
        events: list[Event] = []
        while not await self.read(events):
            pass
        self.check(events, count)
        must(await self.ended() == "success", self, "did not succeed")

    async def read(self, events: list[Event]) -> bool:
        """Reads on from what there is. @returns whether it came to the end"""
        last = events[-1].id if events else "-1"
        path = f"/threads/{self.thread}/runs/{self.run}/stream"
        tap = self.tap()
        try:
            await tap.open("GET", path, last_id=last)
            must(tap.status == 200, self, tap.status)
            left = self.rng.choice((3, 10, 30, 1000))
            while left > 0:
                event = await tap.next()
                if event is None:
                    return True
                events.append(event)
                left -= 1
            tap.cut()
        except Lost:
            try:
                await self.lost()
            except Crashed:
                pass
        return False

    def check(self, events: list[Event], count: int):
        ids = [tuple(map(int, e.id.split("-"))) for e in events]
        must(ids == sorted(set(ids)), self, "ids", ids)
        attempts: list[list[int]] = []
        for event in events:
            if event.name == "metadata":
                attempts.append([])
            elif event.name == "custom":
                must(attempts, self, "no metadata before", event)
                attempts[-1].append(event.data["token"])
        must(attempts, self, "no events")
        for tokens in attempts:
            must(tokens == list(range(len(tokens))), self, "tokens", tokens)
        # The last attempt may have found that all had been done.
        most = max(map(len, attempts))
        must(most == count, self, "tokens", list(map(len, attempts)))


class Attached(Story):
    """Creates and streams in one request; leaves before the end, or not."""

    weight = 2

    async def play(self):
        await self.make_thread()
        cancels = self.rng.random() < 0.5
        leaves = self.rng.random() < 0.6
        body = self.body("tokens", count=40, pause=0.01)
        body |= {
            "stream_mode": ["custom"],
            "on_disconnect": "cancel" if cancels else "continue",
        }
        tap = self.tap()
        tokens, earlier = [], []
        try:
            path = f"/threads/{self.thread}/runs/stream"
            await tap.open("POST", path, body)
            must(tap.status == 200, self, tap.status)
            while event := await tap.next():
                if event.name == "metadata":
                    self.run = event.data["run_id"]
                    tokens, earlier = [], tokens
                if event.name == "custom":
                    tokens.append(event.data["token"])
                if leaves and len(tokens) == 5:
                    tap.cut()
                    break
        except Lost:
            await self.lost()
        if not leaves:
            # An attempt after the node's end, for its worker died, has none.
            seen = tokens or earlier
            must(seen == list(range(40)), self, "tokens", tokens, earlier)
        # If it is cancelled, then before its end, and before a crash.
        self.promise = None if leaves and cancels else "success"
        status = await self.ended()
        must(status in ("success", "interrupted"), self, "ended", status)
        must(status == "success" or not self.promise, self, "interrupted")


class Slow(Story):
    """A reader whose window closes; the run does not care."""

    weight = 0.3

    async def play(self):
        await self.make_thread()
        body = self.body("tokens", count=60, text="x" * 65536)
        await self.create(body | {"stream_mode": ["custom"]})
        path = f"/threads/{self.thread}/runs/{self.run}/stream"
        tap = self.tap()
        try:
            await tap.open("GET", path)
            tap.writer.transport.pause_reading()
            must(await self.ended() == "success", self, "was held up")
            await asyncio.sleep(self.rng.random() * 10)
            tap.cut()
        except Lost:
            await self.lost()


class Bulk(Story):
    """All that is in flight, at once; the others keep away meanwhile."""

    weight = 0.05
    alone = True

    async def play(self):
        many = [self.body("noop") | {"after_seconds": 3600}] * 150
        keep = {"on_completion": "keep"}
        rows = await self.ask("POST", "/runs/batch", [b | keep for b in many])
        await self.make_thread()
        await self.create_steps(200, 0.05)
        action = self.rng.choice(list(ENDS))
        path = f"/runs/cancel?action={action}&wait=true"
        self.promise = None
        await self.ask("POST", path, {"status": "all"}, status=204)
        self.promise = ENDS[action]
        must(await self.status() == self.promise, self, "is not over")
        for row in rows[::10]:
            path = f"/threads/{row['thread_id']}/runs/{row['run_id']}"
            answer = await self.send("GET", path)
            gone = answer.status == 404
            shown = "gone" if gone else answer.json()["status"]
            must(shown == self.promise, self, row["run_id"], shown)
        for row in rows:
            await self.send("DELETE", f"/threads/{row['thread_id']}")

    async def check_end(self, status: str):
        pass


ALL = (Wait, Cancel, Stubborn, Human, Stream, Attached, Slow, Bulk)
