"""Histories of the real server: every one has an explanation."""

import random
import re
import threading
import time

import httpx
import pytest

import campaign
from conftest import share
from place import BULK, Mix


def accepted(tally: campaign.Tally, record_property) -> None:
    print(f"\n{tally}")
    record_property("tally", str(tally))
    assert not tally.violations, "\n\n".join(tally.violations)
    assert tally.too_hard <= tally.histories / 50
    for kind in ("create 200", "get running", "cancel 20x", "executes yes"):
        assert tally.operations[kind] or tally.histories < 50, kind


def test_threads_by_themselves(site, record_property):
    tally = campaign.run(site, Mix(), "thread", share(1))
    accepted(tally, record_property)


def test_many_clients_of_one_thread(site, record_property):
    mix = Mix(clients=6, each=4, weights=Mix().weights | {"create": 3})
    accepted(campaign.run(site, mix, "crowd", share(0.25)), record_property)


def test_cancels_by_status_over_threads(site, record_property):
    mix = Mix(threads=2, weights=BULK)
    # They cancel what anybody has in flight: one history at a time.
    tally = campaign.run(site, mix, "bulk", share(0.25), at_once=1)
    accepted(tally, record_property)
    assert tally.operations["bulk 20x"] or tally.histories < 10


def test_workers_that_must_be_killed(hasty, record_property):
    """Runs that ignore their cancel, and their neighbours, which are moved."""
    weights = Mix().weights | {"cancel": 8, "tell": 0.2}
    mix = Mix(
        weights=weights, pause=0.2, gated=1, stubborn=0.6, gives_up=0
    )
    for part in range(10):
        name, count = f"stubborn{part}-", max(10, share(0.1))
        tally = campaign.run(hasty, mix, name, count, 6, requeues=True)
        accepted(tally, record_property)
        text = httpx.get(f"{hasty.server.url}/metrics").text
        [kills] = re.findall(r"^heddle_cancel_kills_total (\d+)", text, re.M)
        if int(kills):
            print(f"{kills} runs needed the kill")
            return
    raise AssertionError("no run needed the kill")


class Killer(threading.Thread):
    """kill -9 and a restart, once or twice while a batch is played."""

    def __init__(self, site, rng: random.Random, within: float):
        super().__init__(daemon=True)
        self.site, self.rng, self.within = site, rng, within
        self.over = threading.Event()
        self.failure: BaseException | None = None

    def __enter__(self):
        self.start()

    def __exit__(self, *_):
        self.over.set()
        self.join(60)
        assert self.failure is None, self.failure

    def run(self) -> None:
        try:
            # Two of a run's three strikes at most: none ends as an error.
            for _ in range(self.rng.randint(1, 2)):
                if not self.over.wait(self.rng.random() * self.within):
                    self.kill()
        except BaseException as failure:
            self.failure = failure

    def kill(self) -> None:
        site = self.site
        site.up.clear()
        site.server.kill()
        dead = time.monotonic_ns()
        site.server.start(warm=False)
        site.kills.append((dead, time.monotonic_ns()))
        site.port = site.server.port
        site.up.set()


@pytest.mark.parametrize("kind", ["thread", "bulk"])
def test_kill_9_and_restart_in_the_middle(own, record_property, kind):
    rng = random.Random(kind)
    if kind == "bulk":
        mix, count, batch = Mix(threads=2, weights=BULK), max(3, share(0.01)), 1
        within = 0.05
    else:
        mix, count, batch = Mix(clients=4, each=8), share(0.25), 25
        within = 0.5
    tally = campaign.run(
        own,
        mix,
        f"crash-{kind}",
        count,
        at_once=batch,
        requeues=True,
        around=lambda: Killer(own, rng, within),
        batch=batch,
    )
    print(f"\n{len(own.kills)} kills")
    record_property("kills", len(own.kills))
    assert own.kills
    accepted(tally, record_property)
