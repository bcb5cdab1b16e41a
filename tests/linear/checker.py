"""Is there one order of the operations that explains every answer?

Wing and Gong's search with Lowe's memory: an operation may come next if none
that is still missing had ended before it began. What is remembered is the pair
of what has been placed and which worlds are possible after it.
"""

from typing import NamedTuple

import spec

CONFIGURATIONS_MAX = 400_000


class Event(NamedTuple):
    """An operation, from when to when (ns), and by whom."""

    op: spec.Op
    begin: int
    end: int
    client: str = ""


class TooHard(Exception):
    """Not decided within `CONFIGURATIONS_MAX`."""


def settled(worlds: frozenset, requeues: bool) -> frozenset:
    """Each world and all it can become by itself."""
    result = set()
    for world in worlds:
        each = [spec.settle(thread, requeues) for thread in world]
        result.update(spec.product(*each))
    return frozenset(result)


def after(worlds: frozenset, op: spec.Op, requeues: bool) -> frozenset:
    result = set()
    for world in settled(worlds, requeues):
        result |= spec.apply(world, op)
    return frozenset(result)


def candidates(events: list[Event], missing: int) -> list[int]:
    """Those that may come next, the first to end first."""
    first_end = None
    open_ = []
    for i, event in enumerate(events):
        if not missing >> i & 1:
            continue
        if first_end is not None and event.begin > first_end:
            break
        open_.append(i)
        if first_end is None or event.end < first_end:
            first_end = event.end
    result = [i for i in open_ if events[i].begin <= first_end]
    return sorted(result, key=lambda i: events[i].end)


def is_linearizable(
    history: list[Event], threads: int = 1, requeues: bool = False
) -> bool:
    """@param requeues: whether a run may go back to the queue, as it does if
    its worker is killed.
    @raises TooHard"""
    events = sorted(history, key=lambda e: (e.begin, e.end))
    start = frozenset([tuple(spec.Thread() for _ in range(threads))])
    stack = [((1 << len(events)) - 1, start)]
    seen = set(stack)
    while stack:
        missing, worlds = stack.pop()
        if not missing:
            return True
        for i in reversed(candidates(events, missing)):
            then = after(worlds, events[i].op, requeues)
            place = (missing & ~(1 << i), then)
            if then and place not in seen:
                seen.add(place)
                stack.append(place)
        if len(seen) > CONFIGURATIONS_MAX:
            raise TooHard(f"{len(events)} operations")
    return False
