"""What the load generator says of a right server, and of wrong ones."""

import json
import subprocess
import sys
import xml.etree.ElementTree as xml

import pytest
from conftest import ROOT, generator, load
from meddler import (
    CutsStreams,
    DoublesAnEvent,
    ForgetsBulk,
    HasNoBulk,
    HasNoEnd,
    LosesAnEvent,
    MixesRunsUp,
    NeverStops,
    RollsNothingBack,
    SaysYes,
    Stalls,
)

SCENARIOS = """ping create-thread get-run create-run list-runs search-threads
run-to-end wait stream-tokens cancel-pending cancel-running rollback bulk-by-ids
bulk-by-status cancel-storm join-fan-out idle-streams mixed-day""".split()


def test_the_real_server_passes_and_the_report_is_whole(server, tmp_path):
    command = [sys.executable, str(ROOT / "bench" / "load"), "--no-build",
               "--smoke", "--name", "left", "--name", "right", "--out",
               str(tmp_path), server.url, server.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = json.loads((tmp_path / "report.json").read_text())["lines"]
    rounds = [line for line in lines if line["kind"] == "round"]
    assert {line["scenario"] for line in rounds} == set(SCENARIOS)
    assert {line["server"] for line in rounds} == {0, 1}
    for line in rounds:
        assert line["done"] > 0, line
        assert line["failed"] == 0, line["failures"]
        assert line["main"]["count"] > 0, line
        assert line["own_cpu_us"] > 0, line
    text = (tmp_path / "report.md").read_text()
    for wanted in ("Every answer was right", "right / left", "bare Beast"):
        assert wanted in text
    for name in ("latency", "concurrency", "cancel"):
        xml.parse(tmp_path / f"{name}.svg")


def test_the_example_graphs_serve_as_well(examples):
    found = load(
        examples.url, "wait", "stream-tokens", "cancel-running", "join-fan-out"
    )
    assert found.code == 0, found.failures()
    assert all(line["done"] for line in found.rounds())


def test_a_server_that_says_yes_to_everything_is_no_server():
    with SaysYes() as wrong:
        found = load(
            wrong.url,
            options="--graph trivial=noop --graph slow=slow --graph tokens=tokens",
        )
    assert found.code == 1
    assert {line["scenario"] for line in found.rounds()} == set(SCENARIOS)
    for line in found.rounds():
        assert line["done"] == 0, line
        assert line["failed"] > 0, line


@pytest.mark.parametrize(
    "meddler, scenario, words",
    [
        (LosesAnEvent, "stream-tokens", "lost an event"),
        (LosesAnEvent, "join-fan-out", "lost an event"),
        (DoublesAnEvent, "stream-tokens", "doubled an event"),
        (HasNoEnd, "stream-tokens", "no end"),
        (HasNoEnd, "cancel-running", "no end"),
        (CutsStreams, "stream-tokens", "broke off"),
        (NeverStops, "cancel-pending", "is still pending"),
        (NeverStops, "cancel-running", "no end"),
        (NeverStops, "cancel-storm", "no end"),
        (NeverStops, "idle-streams", "no end"),
        (ForgetsBulk, "bulk-by-ids", "is still pending"),
        (ForgetsBulk, "bulk-by-status", "is still pending"),
        (MixesRunsUp, "get-run", "not that run"),
        (RollsNothingBack, "rollback", "gone"),
    ],
)
def test_a_wrong_server_is_told(server, meddler, scenario, words):
    with meddler(server.port) as wrong:
        found = load(
            wrong.url, scenario, options="--timeout 1 --stop-limit 0.5 --count 8"
        )
    assert found.code == 1
    assert words in found.failures(), found


def test_what_a_server_does_not_have_is_said_and_is_no_failure(server):
    with HasNoBulk(server.port) as lacking:
        found = load(lacking.url, "bulk-by-ids", "ping")
    assert found.code == 0, found.failures()
    [line] = found.rounds("bulk-by-ids")
    assert "501" in line["unsupported"] and "not built" in line["unsupported"]
    assert line["failed"] == 0 and line["done"] == 0


def test_an_open_loop_shows_a_stall_to_all_who_would_have_asked(server):
    """In a closed one only those few would see it that wait at that moment."""
    options = "--time 2 --count 10000 --connections 4"
    with Stalls(server.port) as stalling:
        found = load(stalling.url, "ping", options=f"{options} --rate 100")
    [line] = found.rounds("ping")
    assert line["done"] == 200, line
    assert line["main"]["p99_us"] > 800_000
    # A second of two is a half, and waits half a second on average.
    assert line["main"]["p90_us"] > 500_000


def test_only_this_machine_is_loaded_unless_asked():
    for url in ("http://192.0.2.7:8123", "http://example.org", "http://[2001:db8::1]"):
        done = subprocess.run(
            [str(generator()), url], capture_output=True, text=True, timeout=10
        )
        assert done.returncode == 2
        assert "--allow-remote" in done.stderr
    assert "no such port" in subprocess.run(
        [str(generator()), "http://127.0.0.1:x"],
        capture_output=True, text=True, timeout=10,
    ).stderr


def test_nobody_there_is_a_failure_with_a_line():
    done = subprocess.run(
        [str(generator()), "--smoke", "--no-bare", "http://127.0.0.1:1"],
        capture_output=True, text=True, timeout=10,
    )
    assert done.returncode == 1
    assert "cannot connect" in done.stderr


def test_growth_says_how_each_curve_rises(server, tmp_path):
    command = [sys.executable, str(ROOT / "bench" / "load"), "--no-build",
               "--growth", "--threads", "300,600", "--count", "8", "--rounds",
               "1", "--connections", "2", "--out", str(tmp_path), server.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    text = (tmp_path / "growth.md").read_text()
    for wanted in ("| create-run ", "| search-threads ", "600 / 300", "slope"):
        assert wanted in text
    xml.parse(tmp_path / "growth.svg")
