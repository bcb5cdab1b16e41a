"""Plays operations against a real server, and writes down what was answered.

A `Play` is one history: a few threads of its own, some clients that act on them
at the same time, and what the runs themselves say about their execution. Times
are those of the machine's monotonic clock, in ns.
"""

import asyncio
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import spec
from checker import Event
from wire import Answer, Lost, Wire

NEVER = 1 << 62
FIRST_TEXT = "No runs found to cancel."
ACTIONS = {spec.INTERRUPT: "interrupt", spec.ROLLBACK: "rollback"}
STRATEGIES = ("enqueue",) * 5 + ("reject", "interrupt", "rollback")
OVER_WITHIN = 40  # Seconds, for all that was told to end.


class Broken(Exception):
    """An answer that no state of the server allows."""


@dataclass
class Mix:
    """What clients do, and how often."""

    clients: int = 3
    each: int = 6
    threads: int = 1
    gives_up: float = 0.02
    stubborn: float = 0.0
    weights: dict = field(
        default_factory=lambda: {
            "create": 5,
            "get": 6,
            "list": 3,
            "status": 3,
            "cancel": 4,
            "cancel_wait": 2,
            "cancel_ids": 2,
            "tell": 4,
            "delete": 1,
            "drop": 0.1,
        }
    )


BULK = {
    "create": 6,
    "get": 4,
    "list": 2,
    "status": 2,
    "cancel": 1,
    "tell": 3,
    "bulk": 3,
    "bulk_wait": 1,
    "counts": 2,
    "busy": 2,
}


@dataclass
class Site:
    """Where the server is; whoever kills it says so here."""

    port: int
    folder: Path
    server: Any = None
    up: threading.Event = field(default_factory=threading.Event)
    # Of each kill so far: when it was dead, and when the next one answered.
    kills: list = field(default_factory=list)

    def __post_init__(self):
        self.up.set()

    async def serving(self) -> None:
        while not self.up.is_set():
            await asyncio.sleep(0.002)


class Play:
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
                await asyncio.sleep(rng.random() * 0.02)
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

    # -- what clients choose from

    def pick(self, rng) -> str | None:
        return rng.choice(list(self.ids)) if self.ids else None

    async def do_create(self, wire, rng, client):
        self.made += 1
        deferred, gated = rng.random() < 0.25, rng.random() < 0.6
        name = f"{'d' if deferred else 'r'}{self.made}"
        thread = rng.randrange(self.mix.threads)
        self.on_thread[name] = thread
        strategy = rng.choice(STRATEGIES)
        body = self.body(name, gated, rng.random() < self.mix.stubborn)
        body |= {"multitask_strategy": strategy}
        if deferred:
            body["after_seconds"] = 3600
        path = f"/threads/{self.thread_ids[thread]}/runs"

        def read(answer: Answer):
            if answer.status == 200:
                self.learn(name, answer.json()["run_id"])
            return expect(answer, 200, 404, 409)

        await self.call(
            wire,
            client,
            "create",
            thread,
            (name, strategy, gated, deferred),
            ("POST", path, body),
            read,
        )

    def body(self, name: str, gated: bool, stubborn: bool) -> dict:
        given = {"tag": name, "mark": str(self.mark), "stubborn": stubborn}
        if gated:
            given["gate"] = str(self.site.folder / f"{self.seed}-{name}")
        return {
            "assistant_id": "gated",
            "input": given,
            "metadata": {"name": name},
        }

    async def do_get(self, wire, rng, client):
        if name := self.pick(rng):
            await self.get(wire, client, name)

    async def do_list(self, wire, rng, client):
        await self.list(wire, client, rng.randrange(self.mix.threads))

    async def do_status(self, wire, rng, client):
        await self.status(wire, client, rng.randrange(self.mix.threads))

    async def do_cancel(self, wire, rng, client, wait=False):
        name = self.pick(rng)
        if not name:
            return
        action = rng.choice((spec.INTERRUPT, spec.ROLLBACK))
        await self.cancel(wire, client, name, action, wait)

    async def do_cancel_wait(self, wire, rng, client):
        await self.do_cancel(wire, rng, client, wait=True)

    async def do_cancel_ids(self, wire, rng, client):
        thread = rng.randrange(self.mix.threads)
        known = self.known(thread)
        if not known:
            return
        names = rng.sample(known, rng.randint(1, min(3, len(known))))
        action = rng.choice((spec.INTERRUPT, spec.ROLLBACK))
        wait = rng.random() < 0.3
        path = f"/runs/cancel?action={ACTIONS[action]}"
        path += "&wait=true" if wait else ""
        said = await self.call(
            wire,
            client,
            "cancel",
            thread,
            (tuple(names), action),
            ("POST", path, self.by_ids(thread, names)),
            cancelled(204),
        )
        if wait and said == "20x":
            self.over_by_now(client, thread, names)

    async def do_tell(self, wire, rng, client):
        if name := self.pick(rng):
            self.tell(name, client)

    async def do_delete(self, wire, rng, client):
        name = self.pick(rng)
        if not name:
            return
        thread = self.on_thread[name]
        await self.call(
            wire,
            client,
            "delete",
            thread,
            (name,),
            ("DELETE", self.path(name), None),
            lambda a: expect(a, 204, 404),
        )

    async def do_drop(self, wire, rng, client):
        thread = rng.randrange(self.mix.threads)
        await self.call(
            wire,
            client,
            "drop",
            thread,
            (),
            ("DELETE", f"/threads/{self.thread_ids[thread]}", None),
            lambda a: expect(a, 204, 404),
        )

    async def do_bulk(self, wire, rng, client, wait=False):
        status = rng.choice(("pending", "running", "all"))
        action = rng.choice((spec.INTERRUPT, spec.ROLLBACK))
        path = f"/runs/cancel?action={ACTIONS[action]}"
        before = list(self.ids)
        said = await self.call(
            wire,
            client,
            "bulk",
            None,
            (status, action),
            (
                "POST",
                path + ("&wait=true" if wait else ""),
                {"status": status},
            ),
            cancelled(204),
        )
        if wait and said == "20x" and status == "all":
            for thread in range(self.mix.threads):
                names = [n for n in before if self.on_thread[n] == thread]
                self.over_by_now(client, thread, names)

    async def do_bulk_wait(self, wire, rng, client):
        await self.do_bulk(wire, rng, client, wait=True)

    async def do_counts(self, wire, rng, client):
        def read(answer: Answer):
            expect(answer, 200)
            queue = answer.json()["queue"]
            return queue["n_pending"], queue["n_running"]

        request = ("GET", "/metrics?format=json", None)
        await self.call(wire, client, "counts", None, (), request, read)

    async def do_busy(self, wire, rng, client):
        def read(answer: Answer):
            expect(answer, 200)
            return answer.json()

        request = ("POST", "/threads/count", {"status": "busy"})
        await self.call(wire, client, "busy", None, (), request, read)

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


def expect(answer: Answer, *statuses: int) -> str:
    if answer.status not in statuses:
        raise Broken(f"{answer.status} {answer.body!r}")
    return str(answer.status)


def is_404(answer: Answer) -> bool:
    return expect(answer, 200, 404) == "404"


def cancelled(success: int):
    """Reads the answer of a route that says `success` if it cancels."""

    def read(answer: Answer) -> str:
        if expect(answer, success, 404) != "404":
            return "20x"
        first = answer.json()["detail"] == FIRST_TEXT
        return spec.NO_RUNS if first else spec.NO_MATCH

    return read


async def impatient(acting, seconds: float) -> None:
    """A client that goes away instead of waiting."""
    try:
        await asyncio.wait_for(acting, seconds)
    except TimeoutError:
        pass


async def patient(site: Site, wire: Wire, *request) -> Answer:
    """An answer, through restarts; of what may be asked twice."""
    while True:
        try:
            answer = await wire.call(*request)
            if answer.status != 503:
                return answer
        except Lost:
            wire.port = site.port
        await site.serving()
        await asyncio.sleep(0.005)
