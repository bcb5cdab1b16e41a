"""A server to load, and the load generator."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))

from process import ROOT, Server, binary  # noqa: E402

SECONDS_MAX = 120


def generator() -> Path:
    return binary().parent / "bench" / "heddle_load"


def pytest_collection_modifyitems(items):
    for needed in (binary(), generator()):
        if items and not needed.exists():
            raise pytest.UsageError(f"{needed} is not built")


class Outcome(NamedTuple):
    code: int
    lines: list[dict]
    said: str

    def rounds(self, scenario: str | None = None) -> list[dict]:
        return [
            line
            for line in self.lines
            if line["kind"] == "round"
            and scenario in (None, line["scenario"])
        ]

    def failures(self) -> str:
        return "; ".join(
            why for line in self.rounds() for why in line["failures"]
        )


def load(url: str, *scenarios: str, options: str = "") -> Outcome:
    """One call of the generator, in small."""
    command = [str(generator()), "--smoke", "--no-bare", url, *options.split()]
    for each in scenarios:
        command += ["--scenario", each]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS_MAX
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return Outcome(done.returncode, lines, done.stderr)


def started(folder: Path, **options):
    server = Server(folder, **options)
    try:
        yield server.start(warm=options.get("config") is None)
    finally:
        server.remove()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    yield from started(tmp_path_factory.mktemp("load"))


@pytest.fixture
def examples(tmp_path):
    config = ROOT / "examples" / "langgraph.json"
    yield from started(tmp_path / "server", config=config)
