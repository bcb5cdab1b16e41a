"""Reads what graphs wrote with `tests/graphs/marks.py`."""

from pathlib import Path
from typing import NamedTuple

from api import eventually


class Mark(NamedTuple):
    at: float  # seconds of the monotonic clock, comparable between processes
    pid: int
    what: str


class Marks:
    def __init__(self, path: Path):
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def all(self) -> list[Mark]:
        if not self.path.exists():
            return []
        lines = [line.split(" ", 2) for line in self.path.open()]
        return [
            Mark(int(at) / 1e9, int(pid), what.rstrip("\n"))
            for at, pid, what in lines
        ]

    def names(self) -> list[str]:
        """Without the ticks."""
        return [m.what for m in self.all() if m.what != "tick"]

    def count(self, what: str) -> int:
        return sum(m.what == what for m in self.all())

    def has(self, what: str) -> bool:
        return self.count(what) > 0

    def last(self) -> Mark:
        return self.all()[-1]

    def await_(self, what: str, within: float = 20) -> Mark:
        eventually(lambda: self.has(what), within)
        return next(m for m in self.all() if m.what == what)
