"""A mixed load for a long time: nothing breaks, and nothing stays behind.

`./check soak --minutes N`. A first third with `kill -9` of the server now and
then; after that one life, in which only workers are killed, so that what leaks
has the time to show. A line for each minute; the memory over time is drawn in
`build/results/soak.svg`.
"""

import asyncio
import os
from pathlib import Path

import pytest
import watch
from process import ROOT, binary
from world import World

MINUTES = float(os.environ.get("HEDDLE_SOAK_MINUTES", "1"))
CLIENTS = int(os.environ.get("HEDDLE_SOAK_CLIENTS", "8"))
# What one life may have more at its end than after its first minute.
MORE = {"fds": 4, "os_threads": 1, "actors": 2, "timers": 2, "connections": 0}
RSS_MORE_MB = 15


def drawn(world: World) -> Path:
    path = ROOT / "build" / "results" / "soak.svg"
    path.parent.mkdir(parents=True, exist_ok=True)
    title = f"Resident memory of the server, {MINUTES:g} minutes of soak"
    path.write_text(watch.svg(world.samples, world.killed_at, title))
    return path


async def soak(world: World) -> tuple[watch.Sample, watch.Sample]:
    """@returns what is used when nothing is in flight: early, and at the end"""
    seconds = MINUTES * 60
    await world.load(seconds / 3, kill_every=max(8, seconds / 3 / 12))
    world.restart()
    await world.load(seconds / 6, kill_every=None)
    early = await world.quiet()
    print(f"quiet, early: {early}", flush=True)
    await world.load(seconds / 2, kill_every=None)
    late = await world.quiet()
    print(f"quiet, at the end: {late}", flush=True)
    return early, late


def test_a_mixed_load_leaves_nothing_behind(tmp_path):
    if not binary().exists():
        raise pytest.UsageError(f"{binary()} is not built")
    world = World(tmp_path, CLIENTS)
    try:
        early, late = asyncio.run(soak(world))
    finally:
        world.server.remove()
        if world.samples:
            print(f"drawn in {drawn(world)}", flush=True)
    print(
        f"{world.ops} requests; {world.kills} kills of the server, "
        f"{world.workers_killed} of workers; stories: {dict(world.told)}",
        flush=True,
    )
    assert not world.violations, "\n".join(world.violations)
    more = {
        name: (getattr(early, name), getattr(late, name))
        for name, most in MORE.items()
        if getattr(late, name) > getattr(early, name) + most
    }
    assert not more, f"left behind: {more}"
    assert late.rss_mb < early.rss_mb + RSS_MORE_MB
