"""A server that lies is found out, and so the checker is worth something."""

import asyncio

import pytest

import campaign
from faults import CheckThenAct, LostCancels, Proxy, StaleReads
from place import Mix, Site

# Most of these histories have a few lies; nearly every lie can be seen.
HISTORIES = 24


def through(site, kind, mix, histories=HISTORIES):
    """Plays through a proxy. @returns tally, lies"""

    async def played():
        async with kind(site.port) as proxy:
            there = Site(proxy.port, site.folder)
            seeds = [f"{kind.__name__}{i}" for i in range(histories)]
            return await campaign.play(there, mix, seeds, 4), proxy.lies

    plays, lies = asyncio.run(played())
    tally = campaign.Tally()
    campaign.check(tally, plays, requeues=False)
    return tally, lies


@pytest.fixture(autouse=True)
def keep_elsewhere(monkeypatch, tmp_path):
    """What is rejected here is no finding."""
    monkeypatch.setenv("HEDDLE_LINEAR_KEEP", str(tmp_path / "kept"))


def test_a_proxy_that_tells_the_truth_is_accepted(site):
    tally, _ = through(site, Proxy, Mix())
    assert not tally.violations, tally.violations[0]


def found_out(site, kind, mix):
    """Plays until a lie is found out; few are told, and not all can be seen.
    @returns the tally of that batch"""
    total = 0
    for _ in range(20):
        tally, lies = through(site, kind, mix)
        total += lies
        if tally.violations:
            print(f"\n{len(tally.violations)} of {HISTORIES}; {lies} lies")
            print(tally.violations[0])
            return tally
    raise AssertionError(f"{total} lies were believed")


@pytest.mark.parametrize("fault", [StaleReads, LostCancels])
def test_a_server_with_an_injected_fault_is_rejected(site, fault, tmp_path):
    tally = found_out(site, fault, Mix(each=8))
    kept = list((tmp_path / "kept").iterdir())
    assert len(kept) == min(campaign.SHOWN_MAX, len(tally.violations))
    assert "->" in kept[0].read_text()


def test_a_cancel_that_looks_before_it_acts_is_rejected(site):
    """It takes a run that is over in between."""
    weights = {"create": 4, "cancel": 6, "tell": 6, "get": 3}
    found_out(site, CheckThenAct, Mix(each=5, weights=weights, gives_up=0))
