"""The real binary, driven by the official Python SDK from its package."""

import sys
from pathlib import Path

import pytest
from langgraph_sdk import get_sync_client

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

from process import Server, binary  # noqa: E402
from seen import Marks  # noqa: E402


def pytest_collection_modifyitems(items):
    if items and not binary().exists():
        raise pytest.UsageError(f"{binary()} is not built")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def client(server):
    assert server.process.poll() is None, server.log()[-5000:]
    return get_sync_client(url=server.url)


@pytest.fixture
def marks(tmp_path):
    return Marks(tmp_path / "marks")


@pytest.fixture
def slow(marks):
    return {"secs": 30, "tag": "slow", "mark": str(marks)}
