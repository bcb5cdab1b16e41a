"""Plays operations against a real server, and writes down what was answered.

A `Play` is one history: a few threads of its own, some clients that act on them
at the same time, and what the runs themselves say about their execution. Times
are those of the machine's monotonic clock, in ns.
"""

import asyncio
import random
import time

import spec
from checker import Event
from choices import ACTIONS, Choices
from place import (
    Broken,
    Mix,
    Site,
    cancelled,
    impatient,
    is_404,
    patient,
)
from wire import Answer, Lost, Wire

NEVER = 1 << 62
OVER_WITHIN = 40  # Seconds, for all that was told to end.


class Play(Choices):
    def __init__(self, site: Site, mix: Mix, seed: str):
        self.site, self.mix, self.seed = site, mix, seed
        self.rng = random.Random(seed)
        self.events: list[Event] = []
        self.thread_ids: list[str] = []
        self.ids: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.on_thread: dict[str, int] = {}
        self.made = 0
        self.kills_before = len(site.kills)
        self.mark = site.folder / f"{seed}.marks"

    # -- playing

    async def run(self) -> "Play":
        wire = Wire(self.site.port)
        for _ in range(self.mix.threads):
            made = await patient(self.site, wire, "POST", "/threads", {})
            self.thread_ids.append(made.json()["thread_id"])
        await asyncio.gather(
            *(self.client(i) for i in range(self.mix.clients))
        )
        await self.finish(wire)
        wire.close()
        self.add_crashes()
        self.add_marks()
        return self

    async def client(self, number: int) -> None:
        wire = Wire(self.site.port)
        rng = random.Random(f"{self.seed}-{number}")
        kinds, weights = zip(*self.mix.weights.items(), strict=True)
        for _ in range(self.mix.each):
            if rng.random() < 0.3:
                await asyncio.sleep(rng.random() * self.mix.pause)
            [kind] = rng.choices(kinds, weights)
            acting = getattr(self, f"do_{kind}")(wire, rng, f"client{number}")
            if rng.random() < self.mix.gives_up:
                await impatient(acting, rng.random() * 0.003)
            else:
                await acting
        wire.close()

    async def finish(self, wire: Wire) -> None:
        """Lets everything end, waits for it, and looks at all once more."""
        for name in list(self.on_thread):
            self.tell_once(name)
        for thread in range(self.mix.threads):
            await self.quiet(wire, thread)
            for name in self.known(thread):
                await self.get(wire, "finish", name)
            await self.list(wire, "finish", thread)
            await self.status(wire, "finish", thread)

    async def quiet(self, wire: Wire, thread: int) -> None:
        """Until no run of the thread is live; deferred ones are cancelled."""
        until = time.monotonic() + OVER_WITHIN
        while True:
            path = f"/threads/{self.thread_ids[thread]}/runs"
            got = await patient(self.site, wire, "GET", path, None)
            if got.status == 404:
                return
            rows = [r for r in got.json() if r["status"] in spec.LIVE]
            if not rows:
                return
            for row in rows:
                name = row["metadata"]["name"]
                self.learn(name, row["run_id"])
                if name[0] == "d":
                    await self.cancel(wire, "finish", name, spec.INTERRUPT)
                else:
                    self.tell_once(name)
            if time.monotonic() > until:
                raise Broken(f"{self.seed}: these do not end: {rows}")
            await asyncio.sleep(0.01)

    # -- one operation

    async def call(self, wire, client, kind, thread, args, request, read):
        """@param read: answer -> what the specification calls it"""
        begin = time.monotonic_ns()
        try:
            answer = await wire.call(*request)
        except Lost as lost:
            if lost.sent:
                self.nobody_answered(client, kind, thread, args, begin)
            await self.site.serving()
            wire.port = self.site.port
            await asyncio.sleep(0.002)
            return None
        except asyncio.CancelledError:
            self.nobody_answered(client, kind, thread, args, begin)
            raise
        end = time.monotonic_ns()
        said = read(answer)
        op = spec.Op(kind, thread, args, said)
        self.events.append(Event(op, begin, end, client))
        return said

    def nobody_answered(self, client, kind, thread, args, begin):
        """It may have happened, until the server that was asked was dead."""
        if kind in spec.READS:
            return
        if kind == "create":  # Perhaps later than it is told to end.
            args = (*args[:2], False, args[3])
        op = spec.Op(kind, thread, args, None)
        self.events.append(Event(op, begin, NEVER, client))

    def learn(self, name: str, run_id: str) -> None:
        self.ids[name] = run_id
        self.names[run_id] = name

    def known(self, thread: int) -> list[str]:
        return [n for n in self.ids if self.on_thread[n] == thread]

    def path(self, name: str) -> str:
        thread = self.thread_ids[self.on_thread[name]]
        return f"/threads/{thread}/runs/{self.ids[name]}"

    def by_ids(self, thread: int, names: list[str]) -> dict:
        return {
            "thread_id": self.thread_ids[thread],
            "run_ids": [self.ids[n] for n in names],
        }

    def shown(self, row: dict) -> tuple:
        name = row["metadata"]["name"]
        self.learn(name, row["run_id"])
        cancelled = row.get("cancel_reason") is not None
        return name, row["status"], cancelled

    async def get(self, wire, client, name):
        def read(answer: Answer):
            return "404" if is_404(answer) else self.shown(answer.json())

        request = ("GET", self.path(name), None)
        thread = self.on_thread[name]
        return await self.call(
            wire, client, "get", thread, (name,), request, read
        )

    async def list(self, wire, client, thread):
        def read(answer: Answer):
            if is_404(answer):
                return "404"
            return frozenset(map(self.shown, answer.json()))

        path = f"/threads/{self.thread_ids[thread]}/runs?limit=100"
        request = ("GET", path, None)
        return await self.call(wire, client, "list", thread, (), request, read)

    async def status(self, wire, client, thread):
        def read(answer: Answer):
            return "404" if is_404(answer) else answer.json()["status"]

        request = ("GET", f"/threads/{self.thread_ids[thread]}", None)
        return await self.call(
            wire, client, "status", thread, (), request, read
        )

    async def cancel(self, wire, client, name, action, wait=False):
        path = f"{self.path(name)}/cancel?action={ACTIONS[action]}"
        request = ("POST", path + ("&wait=1" if wait else ""), None)
        thread, args = self.on_thread[name], ((name,), action)
        said = await self.call(
            wire,
            client,
            "cancel",
            thread,
            args,
            request,
            cancelled(200 if wait else 202),
        )
        if wait and said == "20x":
            self.over_by_now(client, thread, (name,))

    def over_by_now(self, client, thread, names):
        """An answer to `wait` says that these were over before it."""
        now = self.events[-1].end + 1
        op = spec.Op("over", thread, (tuple(names),), "over")
        self.events.append(Event(op, now, now, client))

    def tell(self, name: str, client: str) -> None:
        begin = time.monotonic_ns()
        (self.site.folder / f"{self.seed}-{name}").touch()
        end = time.monotonic_ns()
        op = spec.Op("tell", self.on_thread[name], (name,), "told")
        self.events.append(Event(op, begin, end, client))

    def tell_once(self, name: str) -> None:
        if not (self.site.folder / f"{self.seed}-{name}").exists():
            self.tell(name, "finish")

    # -- what is known only afterwards

    def add_crashes(self) -> None:
        for dead, up in self.site.kills[self.kills_before :]:
            self.events = [
                e._replace(end=dead - 1) if e.begin < dead < e.end and
                e.op.answer is None else e
                for e in self.events
                if not (e.op.answer is None and dead <= e.begin < up)
            ]
            op = spec.Op("crash", None, (), "up")
            self.events.append(Event(op, dead, up, "killer"))

    def add_marks(self) -> None:
        if not self.mark.exists():
            return
        for line in self.mark.read_text().splitlines():
            at, name = line.split(" ")
            op = spec.Op("executes", self.on_thread[name], (name,), "yes")
            self.events.append(Event(op, int(at), int(at), "worker"))

    def remove_files(self) -> None:
        for path in self.site.folder.glob(f"{self.seed}[-.]*"):
            path.unlink()
