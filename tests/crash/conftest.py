"""Servers for the crash tests that need the real binary and real graphs."""

import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "system"))
sys.path.insert(0, str(Path(__file__).parent))

from process import Server, binary  # noqa: E402
from seen import Marks  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--loops", type=int, default=1,
                     help="how often each kill -9 loop kills")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: only with many loops")


def pytest_collection_modifyitems(config, items):
    if items and not binary().exists():
        raise pytest.UsageError(f"{binary()} is not built")
    if config.option.loops > 2:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


def pytest_generate_tests(metafunc):
    """One test for each loop, numbered: its number is its seed."""
    if "loop" in metafunc.fixturenames:
        metafunc.parametrize("loop", range(metafunc.config.option.loops))


@pytest.fixture
def make_server(tmp_path):
    """Makes servers on directories of one's own choice."""
    made = []

    def make(folder="server", data=None, **options):
        server = Server(tmp_path / folder, **({"workers": "1"} | options))
        if data:
            server.data = data
            server.options["data"] = data
        made.append(server)
        return server

    yield make
    for server in made:
        server.remove()


@pytest.fixture
def own(make_server):
    return make_server().start(warm=False)


@pytest.fixture
def marks(tmp_path):
    return Marks(tmp_path / "marks")


@pytest.fixture
def slow(marks):
    return {"secs": 30, "tag": "slow", "mark": str(marks)}


@pytest.fixture
def needs_root():
    if os.geteuid() != 0:
        pytest.skip("needs root")


def needs(tool: str):
    return pytest.mark.skipif(
        not shutil.which(tool), reason=f"{tool} is not installed"
    )
