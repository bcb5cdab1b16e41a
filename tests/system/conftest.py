"""Servers for the tests: one for each module, or one of a test's own."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from api import Api  # noqa: E402
from process import Server, binary  # noqa: E402
from seen import Marks  # noqa: E402


def pytest_collection_modifyitems(items):
    if items and not binary().exists():
        raise pytest.UsageError(f"{binary()} is not built")


def run_server(folder: Path, **options):
    server = Server(folder, **options)
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture(scope="module")
def server(tmp_path_factory, request):
    """Shared by a module, which may set `OPTIONS`."""
    options = getattr(request.module, "OPTIONS", {})
    yield from run_server(tmp_path_factory.mktemp("server"), **options)


@pytest.fixture(scope="module")
def module_api(server):
    with Api(server.url) as client:
        yield client


@pytest.fixture
def api(server, module_api):
    """A client of the module's server, which must live before and after."""
    assert server.process.poll() is None, f"it died:\n{server.log()[-5000:]}"
    yield module_api
    assert server.process.poll() is None, f"it died:\n{server.log()[-5000:]}"


@pytest.fixture
def idle(api):
    """A client of a server that has nothing in flight, before and after."""
    api.clear()
    yield api
    api.clear()


@pytest.fixture
def own(tmp_path):
    """A server of the test's own, to kill."""
    yield from run_server(tmp_path / "server")


@pytest.fixture
def marks(tmp_path):
    return Marks(tmp_path / "marks")


@pytest.fixture
def slow(marks):
    """Input of a graph that lasts longer than any test waits."""
    return {"secs": 30, "tag": "slow", "mark": str(marks)}
