"""A worker process for a project, connected to the test's server side."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PROJECT = HERE / "project"
WORKER = HERE.parents[1] / "workers" / "python" / "heddle_worker"
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(WORKER.parent))

from server_side import ServerSide  # noqa: E402


class Process:
    """A worker process and the server's side of its socket."""

    def __init__(self, config: Path, **welcome: Any) -> None:
        ours, theirs = socket.socketpair()
        self.socket = ours
        self.config = config
        environment = {**os.environ, "HEDDLE_WORKER_FD": str(theirs.fileno())}
        self.child = subprocess.Popen(
            [sys.executable, str(WORKER), "--config", str(config)],
            cwd=config.parent,
            env=environment,
            pass_fds=[theirs.fileno()],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        theirs.close()
        self.server = ServerSide(ours, **welcome)
        self.server.until(lambda: self.server.hello, 30, lambda: self.output())

    def stop(self) -> None:
        self.hang_up()
        try:
            self.child.wait(5)
        finally:
            self.child.kill()

    def hang_up(self) -> None:
        """Closes the server's end; does nothing the second time."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def output(self) -> str:
        """What user code printed. The process is over after that."""
        self.child.kill()
        return self.child.communicate()[0].decode()


def all_graphs() -> dict[str, str]:
    """Every compiled graph of the project under its own name."""
    sys.path.insert(0, str(PROJECT))
    from langgraph.pregel import Pregel

    found = {}
    for file in sorted(PROJECT.glob("*.py")):
        module = importlib.import_module(file.stem)
        for name, _ in inspect.getmembers(module, lambda v: isinstance(v, Pregel)):
            found[name] = f"./{file.name}:{name}"
    return found


@pytest.fixture(scope="session")
def shared_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for file in PROJECT.glob("*.py"):
        (folder / file.name).write_text(file.read_text())
    config = {"dependencies": ["."], "graphs": all_graphs()}
    (folder / "langgraph.json").write_text(json.dumps(config))
    return folder / "langgraph.json"


@pytest.fixture(scope="session")
def shared(shared_config: Path) -> Iterator[Process]:
    process = Process(shared_config)
    yield process
    process.stop()


@pytest.fixture
def server(shared: Process) -> ServerSide:
    """The server side of a worker that all tests share; threads are their own."""
    assert not shared.server.gone, "an earlier test ended the shared worker"
    shared.server.hold_saves = False
    shared.server.give_credit = True
    return shared.server


@pytest.fixture
def thread(request: pytest.FixtureRequest) -> str:
    return request.node.name


@pytest.fixture
def start(shared_config: Path) -> Iterator[Callable[..., Process]]:
    """Starts workers of a test's own."""
    started: list[Process] = []

    def begin(config: Path | None = None, **welcome: Any) -> Process:
        started.append(Process(config or shared_config, **welcome))
        return started[-1]

    yield begin
    for process in started:
        process.stop()


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Writes a project of files and its langgraph.json."""

    def write(files: dict[str, str], **config: Any) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        path = tmp_path / "langgraph.json"
        path.write_text(json.dumps(config))
        return path

    return write
