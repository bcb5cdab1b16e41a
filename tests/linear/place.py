"""Where a history is played, what clients do there, and what answers mean."""

import asyncio
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import spec
from wire import Answer, Lost, Wire

FIRST_TEXT = "No runs found to cancel."


class Broken(Exception):
    """An answer that no state of the server allows."""


@dataclass
class Mix:
    """What clients do, and how often."""

    clients: int = 3
    each: int = 6
    threads: int = 1
    gives_up: float = 0.02
    pause: float = 0.02  # Seconds at most, before some operations.
    gated: float = 0.6  # Runs that end only when they are told to.
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
