"""Many histories: played against one server, then checked one by one."""

import asyncio
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field

import checker
import history
from place import Mix, Site
from recorder import Play

SHOWN_MAX = 3  # Violations that are worth the time to be minimised.


@dataclass
class Tally:
    """What was played, and what was wrong with it."""

    histories: int = 0
    operations: Counter = field(default_factory=Counter)
    unanswered: int = 0
    too_hard: int = 0
    played: float = 0  # Seconds.
    checked: float = 0
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        total = sum(self.operations.values())
        return (
            f"{self.histories} histories, {total} operations "
            f"({self.unanswered} without an answer); played "
            f"{self.histories / max(self.played, 1e-9):.0f}/s, checked "
            f"{self.histories / max(self.checked, 1e-9):.0f}/s; "
            f"{self.too_hard} too hard; {len(self.violations)} violations"
            f"\n  " + ", ".join(
                f"{kind} {n}" for kind, n in self.operations.most_common()
            )
        )


async def play(
    site: Site, mix: Mix, seeds: list[str], at_once: int
) -> list[Play]:
    """Some histories at the same time, until all are played."""
    left, done = list(reversed(seeds)), []

    async def one_after_another():
        while left:
            done.append(await Play(site, mix, left.pop()).run())

    await asyncio.gather(*(one_after_another() for _ in range(at_once)))
    return done


def check(tally: Tally, plays: list[Play], requeues: bool) -> None:
    began = time.monotonic()
    for one in plays:
        how = {"threads": one.mix.threads, "requeues": requeues}
        tally.histories += 1
        tally.operations.update(
            f"{e.op.kind} {answer_of(e)}" for e in one.events
        )
        tally.unanswered += sum(e.op.answer is None for e in one.events)
        try:
            if not checker.is_linearizable(one.events, **how):
                tally.violations.append(
                    history.report(one.events, one.seed, **how)
                    if len(tally.violations) < SHOWN_MAX
                    else one.seed
                )
        except checker.TooHard:
            tally.too_hard += 1
        one.remove_files()
    tally.checked += time.monotonic() - began


def answer_of(event: checker.Event) -> str:
    answer = event.op.answer
    if event.op.kind == "get" and isinstance(answer, tuple):
        return answer[1]
    return answer if isinstance(answer, str) else ""


def run(
    site: Site,
    mix: Mix,
    name: str,
    histories: int,
    at_once: int = 8,
    requeues: bool = False,
    around=nullcontext,
    batch: int = 100,
) -> Tally:
    """@param around: gives a context for each batch, in which it is played
    @raises Broken if a single answer is wrong by itself"""
    tally = Tally()
    for first in range(0, histories, batch):
        last = min(first + batch, histories)
        seeds = [f"{name}{i}" for i in range(first, last)]
        began = time.monotonic()
        with around():
            plays = asyncio.run(play(site, mix, seeds, at_once))
        tally.played += time.monotonic() - began
        check(tally, plays, requeues)
        if tally.violations:
            break
    return tally
