"""Tries the points of the crash rigs, and says what was found.

    run.py [--all] [--points N] [--rig NAME] [--point RIG:SEED:AT:HOW]
           [--jobs N] [--junit FILE] [--progress-fd N]

Without --all a few points of each rig, spread by seed. A broken point is named
so that --point tries it again, and what it left is kept in build/crash/.
"""

import argparse
import os
import resource
import shutil
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.sax.saxutils import quoteattr

from rigs import RIGS, Point
from subject import BUILT, SHIM, SUBJECT, Room, make_old, scratch_folder
from teeth import checks

# Seeds of each rig, and points of each seed if not all are wanted.
SEEDS = {"kill": (12, 4, 30), "power": (30, 4, 40), "recovery": (40, 4, 20)}
BROKEN_MAX = 20


class Tally:
    """Of one rig."""

    def __init__(self):
        self.points = 0
        self.beyond = 0
        self.seconds = 0.0
        self.broken: list[tuple[str, str]] = []


class Runner:
    def __init__(self, options):
        self.options = options
        self.folder = scratch_folder()
        self.rooms = threading.local()
        self.number = 0
        self.lock = threading.Lock()
        self.cases: list[tuple[str, str, float]] = []
        self.tallies: dict[str, Tally] = {}
        self.began = time.monotonic()
        self.told = 0.0
        self.out = os.fdopen(os.dup(options.progress_fd), "w")
        self.old = make_old(self.folder / "old")

    def say(self, text: str) -> None:
        print(text, file=self.out, flush=True)
        if self.options.progress_fd != 1:
            print(text, flush=True)

    def room(self) -> Room:
        """One for each OS thread."""
        if not hasattr(self.rooms, "mine"):
            with self.lock:
                self.number += 1
                number = self.number
            self.rooms.mine = Room(self.folder / f"room-{number}", self.old)
        return self.rooms.mine

    def attempt(self, point: Point) -> None:
        tally = self.tallies[point.rig]
        if len(tally.broken) >= BROKEN_MAX:
            return
        found = RIGS[point.rig].attempt(self.room(), point)
        with self.lock:
            tally.points += not found.beyond
            tally.beyond += found.beyond
            if found.wrong:
                tally.broken.append((str(point), found.wrong))
        if found.wrong:
            self.keep(point, found.wrong)

    def keep(self, point: Point, wrong: str) -> None:
        to = BUILT.parent / "crash" / str(point).replace(":", "-")[:60]
        shutil.rmtree(to, ignore_errors=True)
        to.parent.mkdir(exist_ok=True)
        shutil.copytree(self.room().folder, to)
        (to / "wrong").write_text(wrong)
        self.say(f"   BROKEN --point '{point}': {wrong[:400]}")

    def progress(self, name: str, seed: int, seeds: int) -> None:
        now = time.monotonic()
        if now - self.told > 15:
            self.told = now
            tally = self.tallies[name]
            self.say(f"   {name}: seed {seed + 1} of {seeds}, "
                     f"{tally.points} points, {len(tally.broken)} broken, "
                     f"{now - self.began:.0f} s")

    def rig(self, name: str, pool: ThreadPoolExecutor) -> None:
        many, few, points = SEEDS[name]
        seeds, wanted = (many, None) if self.options.all else (few, points)
        wanted = self.options.points or wanted
        tally = self.tallies[name] = Tally()
        began = time.monotonic()
        lay_out = RIGS[name].lay_out

        def laid_out(seed):
            return lay_out(self.room(), seed, wanted)

        plans = pool.map(laid_out, range(seeds))
        for seed, plan in enumerate(plans):
            start, broken = time.monotonic(), len(tally.broken)
            for _ in pool.map(self.attempt, plan):
                self.progress(name, seed, seeds)
            wrong = "\n".join(f"{p}: {w}" for p, w in tally.broken[broken:])
            self.cases.append((f"{name}: the points of seed {seed}", wrong,
                               time.monotonic() - start))
        tally.seconds = time.monotonic() - began

    def teeth(self) -> None:
        for name, test in checks(self.room()):
            start = time.monotonic()
            self.cases.append((name, test(), time.monotonic() - start))

    def table(self) -> None:
        self.say(f"{'rig':<12}{'points':>8}{'violations':>12}{'seconds':>9}")
        for name, tally in self.tallies.items():
            self.say(f"{name:<12}{tally.points:>8}{len(tally.broken):>12}"
                     f"{tally.seconds:>9.0f}  {RIGS[name].about}")
        total = sum(tally.points for tally in self.tallies.values())
        broken = sum(len(tally.broken) for tally in self.tallies.values())
        self.say(f"{'all':<12}{total:>8}{broken:>12}"
                 f"{time.monotonic() - self.began:>9.0f}")

    def junit(self, file: Path) -> None:
        lines = ["<testsuite>"]
        for name, wrong, seconds in self.cases:
            wrong = "".join(c if c >= " " or c == "\n" else "?" for c in wrong)
            head = (f"<testcase classname='crash' name={quoteattr(name)} "
                    f"time='{seconds:.2f}'")
            lines.append(
                f"{head}><failure message={quoteattr(wrong[:3000])}/>"
                "</testcase>" if wrong else f"{head}/>"
            )
        file.write_text("\n".join([*lines, "</testsuite>"]))

    def run(self) -> int:
        names = [self.options.rig] if self.options.rig else list(RIGS)
        with ThreadPoolExecutor(self.options.jobs) as pool:
            for name in names:
                self.rig(name, pool)
        if not self.options.rig:
            self.teeth()
        for name, wrong, _ in self.cases:
            if wrong:
                self.say(f"FAILED {name}: {wrong[:300]}")
        self.table()
        if self.options.junit:
            self.junit(self.options.junit)
        return 1 if any(wrong for _, wrong, _ in self.cases) else 0

    def one(self, text: str) -> int:
        rig, seed, at, how = text.split(":", 3)
        self.tallies[rig] = Tally()
        self.attempt(Point(rig, int(seed), int(at), how))
        broken = self.tallies[rig].broken
        print(broken[0][1] if broken else "nothing is wrong")
        return 1 if broken else 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--points", type=int)
    parser.add_argument("--rig", choices=RIGS)
    parser.add_argument("--point")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--junit", type=Path)
    parser.add_argument("--progress-fd", type=int, default=1)
    options = parser.parse_args()
    for needed in (SUBJECT, SHIM):
        if not needed.exists():
            parser.error(f"{needed} is not built")
    if not shutil.which("strace"):
        parser.error("strace is not installed")
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    runner = Runner(options)
    try:
        if options.point:
            return runner.one(options.point)
        return runner.run()
    finally:
        shutil.rmtree(runner.folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
