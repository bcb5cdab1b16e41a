"""Histories for people: the few operations that cannot be explained, drawn."""

import os
from pathlib import Path

import checker
import spec
from checker import Event

ROOT = Path(__file__).resolve().parents[2]
BAR = 28


def rejected(events: list[Event], **how) -> bool:
    try:
        return not checker.is_linearizable(events, **how)
    except checker.TooHard:
        return False


def minimised(events: list[Event], **how) -> list[Event]:
    """The same violation in less: without the reads that it does not need, and
    without the answers. Neither can make a good history a bad one."""
    left = list(events)
    for event in sorted(events, key=lambda e: -e.begin):
        at = left.index(event)
        if event.op.kind in spec.READS:
            fewer = left[:at] + left[at + 1 :]
        else:
            unsure = event._replace(op=event.op._replace(answer=None))
            fewer = [*left[:at], unsure, *left[at + 1 :]]
        if rejected(fewer, **how):
            left = fewer
    told = {name for e in left if e.op.answer is not None for name in named(e)}
    return [e for e in left if e.op.answer is not None or named(e) & told]


def named(event: Event) -> set[str]:
    """The runs that an operation and its answer speak of, and more words."""
    if event.op.kind == "create":
        return {event.op.args[0]}
    if event.op.kind in ("bulk", "crash"):
        return {"all"}
    return words(event.op.args) | words(event.op.answer)


def words(arg) -> set[str]:
    if isinstance(arg, str):
        return {arg}
    if isinstance(arg, (tuple, frozenset)):
        return {word for part in arg for word in words(part)}
    return set()


def text(arg) -> str:
    if isinstance(arg, frozenset):
        return "{" + ", ".join(sorted(map(text, arg))) + "}"
    if isinstance(arg, tuple):
        return " ".join(map(text, arg))
    return {True: "yes", False: "no", None: "?"}.get(arg, str(arg))


def described(op: spec.Op) -> str:
    where = "" if op.thread is None else f"t{op.thread} "
    args = op.args
    if op.kind in ("cancel", "bulk"):
        named = ", ".join(args[0]) if op.kind == "cancel" else args[0]
        args = (named, ("", "interrupt", "rollback")[args[1]])
    elif op.kind == "create":
        name, strategy, gated, deferred = args
        args = (name, strategy, *(["deferred"] if deferred else []))
    elif op.kind == "over":
        args = (", ".join(args[0]),)
    return f"{where}{op.kind} {text(args)}".rstrip()


def timeline(events: list[Event]) -> str:
    """One line for each operation, with a bar from its begin to its end."""
    ordered = sorted(events, key=lambda e: (e.begin, e.end))
    zero = ordered[0].begin
    last = max(min(e.end, ordered[-1].begin + 10**8) for e in ordered)
    unit = max(1, last - zero) / (BAR - 1)
    lines = []
    for event in ordered:
        begin = int((event.begin - zero) / unit)
        end = min(BAR - 1, int((event.end - zero) / unit))
        bar = " " * begin + "=" * max(1, end - begin)
        lines.append(
            f"{(event.begin - zero) / 1e6:9.2f} ms |{bar:<{BAR}}| "
            f"{event.client:<8} {described(event.op)} -> "
            f"{text(event.op.answer)}"
        )
    return "\n".join(lines) + "\n"


def report(events: list[Event], title: str, **how) -> str:
    """Keeps a violation in a file. @returns what to print"""
    small = timeline(minimised(events, **how))
    folder = Path(
        os.environ.get(
            "HEDDLE_LINEAR_KEEP", ROOT / "build" / "results" / "linear"
        )
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{title}.txt"
    path.write_text(f"{small}\nAll of it:\n\n{timeline(events)}")
    return (
        f"{title}: no order of these operations explains the answers "
        f"('?': it may have happened or not):\n{small}(all: {path})"
    )
