"""What clients do by chance: a part of `Play`, which has the operations."""

import spec
from place import cancelled, expect
from wire import Answer

ACTIONS = {spec.INTERRUPT: "interrupt", spec.ROLLBACK: "rollback"}
STRATEGIES = ("enqueue",) * 5 + ("reject", "interrupt", "rollback")


class Choices:
    """One `do_` for each name in the weights of a mix."""

    def pick(self, rng) -> str | None:
        return rng.choice(list(self.ids)) if self.ids else None

    async def do_create(self, wire, rng, client):
        self.made += 1
        deferred, gated = rng.random() < 0.25, rng.random() < self.mix.gated
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
