"""A server for histories, and how many of them to play.

`HEDDLE_LINEAR_HISTORIES` (of one thread each; the others in proportion), or
`./check linear --histories N`.
"""

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "system"))

from process import Server, binary  # noqa: E402

from place import Site  # noqa: E402

HISTORIES = int(os.environ.get("HEDDLE_LINEAR_HISTORIES", "200"))


def share(part: float) -> int:
    """How many histories of a kind belong to `HISTORIES`."""
    return max(1, round(HISTORIES * part))


def pytest_collection_modifyitems(items):
    if items and not binary().exists():
        raise pytest.UsageError(f"{binary()} is not built")


def made(folder: Path, **options):
    """A server that stops nobody for another's sake, unless told to."""
    options = {"stop_grace": "20s"} | options
    config = HERE / "graphs" / "langgraph.json"
    return Server(folder / "server", config=config, **options)


def run_site(folder: Path, **options):
    server = made(folder, **options)
    try:
        yield Site(server.start().port, folder, server)
    finally:
        server.remove()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    yield from run_site(tmp_path_factory.mktemp("linear"))


@pytest.fixture
def own(tmp_path):
    """A site of the test's own, to kill."""
    yield from run_site(tmp_path)


@pytest.fixture
def hasty(tmp_path):
    """One whose workers are killed soon when they do not stop."""
    yield from run_site(tmp_path, stop_grace="0.3s", workers="3")
