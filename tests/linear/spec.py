"""What a server may answer: the rules of docs/cancel.md as a state machine.

A *world* is a tuple of threads. It moves by itself (a run starts, ends, stops)
and by operations. Where the rules leave something open, there are several next
worlds: a checker holds the set of all that are possible.
"""

from functools import lru_cache
from itertools import product
from typing import NamedTuple

INTERRUPT, ROLLBACK, DELETE = 1, 2, 3
NO_RUNS, NO_MATCH = "404 no runs", "404 no match"
LIVE = ("pending", "running")
# Of the thread, when nothing is in flight. Which one an interrupted run leaves
# hangs on how far it came, and that is not the subject here.
BASES = ("idle", "interrupted")


class Run(NamedTuple):
    name: str
    gated: bool  # Ends only after it was told to.
    deferred: bool  # Never due.
    status: str = "pending"
    intent: int = 0
    attempted: bool = False
    before: str = ""  # The thread's status when it first started.

    @property
    def live(self) -> bool:
        return self.status in LIVE

    @property
    def visible(self) -> bool:
        return self.intent != DELETE

    def over(self, status: str) -> "Run":
        return Run(self.name, False, False, status, self.intent)

    def shown(self) -> tuple:
        return self.name, self.status, self.intent > 0


class Thread(NamedTuple):
    there: bool = True
    base: str = "idle"
    runs: tuple[Run, ...] = ()  # In the order of their creation.

    def find(self, name: str) -> Run | None:
        return next((r for r in self.runs if r.name == name), None)

    def visible(self, name: str) -> Run | None:
        found = self.find(name)
        return found if found and found.visible else None

    def put(self, run: Run) -> "Thread":
        runs = tuple(run if r.name == run.name else r for r in self.runs)
        return self._replace(runs=runs)

    def without(self, name: str) -> "Thread":
        runs = tuple(r for r in self.runs if r.name != name)
        return self._replace(runs=runs)


World = tuple[Thread, ...]


class Op(NamedTuple):
    """An operation and its answer; None if nobody got one: it may have
    happened or not."""

    kind: str
    thread: int | None
    args: tuple
    answer: object


# -- what happens by itself ---------------------------------------------------


def _effects(thread: Thread, run: Run) -> list[Thread]:
    """A cancelled run that was executed at least once is over."""
    if run.intent == INTERRUPT:
        over = thread.put(run.over("interrupted"))
        return [over._replace(base=base) for base in BASES]
    return [thread.without(run.name)._replace(base=run.before)]


def _start(thread: Thread) -> list[Thread]:
    first = None
    for run in thread.runs:
        if run.status == "running":
            return []
        if first is None and run.status == "pending" and not run.deferred:
            first = run
    if first is None:
        return []
    started = first._replace(
        status="running",
        attempted=True,
        before=first.before or thread.base,
    )
    return [thread.put(started)]


def _progress(thread: Thread, run: Run, requeues: bool) -> list[Thread]:
    """What becomes of a run that executes."""
    if run.intent:
        return _effects(thread, run)
    after = []
    if not run.gated:
        done = thread.put(run.over("success"))
        after.append(done._replace(base="idle"))
    if requeues:
        after.append(thread.put(run._replace(status="pending")))
    return after


@lru_cache(200_000)
def settle(thread: Thread, requeues: bool) -> frozenset[Thread]:
    """All that `thread` can have become by itself, itself included."""
    seen, new = {thread}, [thread]
    while new:
        one = new.pop()
        after = _start(one)
        for run in one.runs:
            if run.status == "running":
                after += _progress(one, run, requeues)
        fresh = set(after) - seen
        seen |= fresh
        new += fresh
    return frozenset(seen)


# -- operations on one thread -------------------------------------------------
# Each gives (answer, thread) for every outcome that the rules allow.


def _cancelled(thread: Thread, run: Run, action: int) -> list[Thread]:
    """The commit of an intent; a pending run is over with it."""
    if run.intent >= action:
        return [thread]
    marked = run._replace(intent=action)
    if run.status == "running":
        return [thread.put(marked)]
    if run.attempted:
        return _effects(thread, marked)
    if action == INTERRUPT:
        return [thread.put(marked.over("interrupted"))]
    return [thread.without(run.name)]


def _cancel_all(thread: Thread, names, action: int) -> list[Thread]:
    threads = [thread]
    for name in names:
        after = []
        for one in threads:
            run = one.find(name)
            after += _cancelled(one, run, action) if run else [one]
        threads = after
    return threads


def _in_flight(thread: Thread) -> list[str]:
    return [r.name for r in thread.runs if r.live and r.visible]


def _create(thread: Thread, name, strategy, gated, deferred):
    if not thread.there:
        return [("404", thread)]
    flying = _in_flight(thread)
    if strategy == "reject" and is_busy(thread):
        return [("409", thread)]
    before = [thread]
    action = {"interrupt": INTERRUPT, "rollback": ROLLBACK}.get(strategy)
    if action:
        before = _cancel_all(thread, flying, action)
    run = Run(name, gated, deferred)
    return [("200", t._replace(runs=(*t.runs, run))) for t in before]


def _get(thread: Thread, name):
    run = thread.there and thread.visible(name)
    return [(run.shown() if run else "404", thread)]


def _list(thread: Thread):
    if not thread.there:
        return [("404", thread)]
    shown = frozenset(r.shown() for r in thread.runs if r.visible)
    return [(shown, thread)]


def is_busy(thread: Thread) -> bool:
    """Also while nothing but a deleted run still stops."""
    return thread.there and any(r.live for r in thread.runs)


def _status(thread: Thread):
    if not thread.there:
        return [("404", thread)]
    return [("busy" if is_busy(thread) else thread.base, thread)]


def _cancel(thread: Thread, names, action):
    """By id, one or several: what is over or unknown is passed over."""
    found = [thread.visible(n) for n in names] if thread.there else []
    found = [run for run in found if run]
    live = [run.name for run in found if run.live]
    if not found:
        return [(NO_RUNS, thread)]
    if not live:
        return [(NO_MATCH, thread)]
    return [("20x", t) for t in _cancel_all(thread, live, action)]


def _forget(thread: Thread, run: Run) -> list[Thread]:
    """Deletes a run; one that executes stops first, and is not seen."""
    if run.live:
        return _cancelled(thread, run, DELETE)
    rest = thread.without(run.name)
    # What it left behind is gone, and may show what was there before, also as
    # what a run in flight returns to.
    after = []
    for base, before in product(BASES, BASES):
        one = rest._replace(base=base)
        for other in rest.runs:
            if other.before:
                one = one.put(other._replace(before=before))
        after.append(one)
    return after


def _delete(thread: Thread, name):
    run = thread.there and thread.visible(name)
    if not run:
        return [("404", thread)]
    return [("204", t) for t in _forget(thread, run)]


def _drop(thread: Thread):
    if not thread.there:
        return [("404", thread)]
    stopping = tuple(
        r._replace(intent=DELETE)
        for r in thread.runs
        if r.status == "running"
    )
    return [("204", Thread(False, "idle", stopping))]


def _tell(thread: Thread, name):
    run = thread.find(name)
    told = run and run.live
    return [("told", thread.put(run._replace(gated=False)) if told else thread)]


def _executes(thread: Thread, name):
    run = thread.find(name)
    yes = run is not None and run.status == "running"
    return [("yes" if yes else "no", thread)]


def _over(thread: Thread, names):
    found = [thread.find(name) for name in names]
    live = any(run and run.live for run in found)
    return [("live" if live else "over", thread)]


ON_ONE = {
    "create": _create,
    "get": _get,
    "list": _list,
    "status": _status,
    "cancel": _cancel,
    "delete": _delete,
    "drop": _drop,
    "tell": _tell,
    "executes": _executes,
    "over": _over,
}
READS = ("get", "list", "status", "executes", "over", "counts", "busy")


# -- operations on all threads ------------------------------------------------


def _bulk(world: World, status, action):
    matching = [
        [
            r.name
            for r in thread.runs
            if r.live and r.visible and status in ("all", r.status)
        ]
        for thread in world
    ]
    if not any(matching):
        return [(NO_RUNS, world)]
    each = [
        _cancel_all(thread, names, action)
        for thread, names in zip(world, matching, strict=True)
    ]
    return [("20x", after) for after in product(*each)]


def _counts(world: World):
    """Pending and running runs; a deleted one runs until it has stopped."""
    flying = [r.status for thread in world for r in thread.runs if r.live]
    return [((flying.count("pending"), flying.count("running")), world)]


def _busy(world: World):
    return [(sum(map(is_busy, world)), world)]


def _recovered(thread: Thread) -> list[Thread]:
    """kill -9 and the start after it: what was accepted is done first."""
    threads = [thread]
    for run in thread.runs:
        if run.status == "running":
            threads = [
                after
                for one in threads
                for after in (
                    _effects(one, run)
                    if run.intent
                    else [one.put(run._replace(status="pending"))]
                )
            ]
    return threads


def _crash(world: World):
    return [("up", w) for w in product(*map(_recovered, world))]


ON_ALL = {"bulk": _bulk, "counts": _counts, "busy": _busy, "crash": _crash}


@lru_cache(200_000)
def apply(world: World, op: Op) -> frozenset[World]:
    """The worlds in which `op` leaves `world` if it is answered as it was."""
    if op.kind in ON_ALL:
        outcomes = ON_ALL[op.kind](world, *op.args)
    else:
        at = op.thread
        outcomes = [
            (answer, (*world[:at], thread, *world[at + 1 :]))
            for answer, thread in ON_ONE[op.kind](world[at], *op.args)
        ]
    if op.answer is None:
        return frozenset([world, *(after for _, after in outcomes)])
    return frozenset(after for got, after in outcomes if got == op.answer)
