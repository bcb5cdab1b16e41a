"""One server for the whole table."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from api import Api
from process import Server, binary
from seen import Marks
from worlds import Worlds


def pytest_collection_modifyitems(items):
    if items and not binary().exists():
        raise pytest.UsageError(f"{binary()} is not built")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        yield server.start()
        assert server.process.poll() is None, f"it died:\n{server.log()}"
    finally:
        server.remove()


@pytest.fixture(scope="session")
def api(server):
    with Api(server.url) as client:
        yield client


@pytest.fixture
def worlds(api, tmp_path):
    made = Worlds(api, Marks(tmp_path / "marks"))
    yield made
    made.clean()
