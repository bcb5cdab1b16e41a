"""What `heddle serve` says and does before, beside and after serving."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from process import Server, binary, environment, python

SECOND = 1.0


def run_program(*arguments, **variables) -> subprocess.CompletedProcess:
    """Something that must end by itself, and soon."""
    line = [str(binary()), *map(str, arguments)]
    return subprocess.run(
        line,
        capture_output=True,
        text=True,
        timeout=20,
        env=environment() | variables,
    )


def refusal(*arguments, **variables) -> str:
    """The one line that a refused start says."""
    ended = run_program("serve", *arguments, **variables)
    assert ended.returncode not in (0, -signal.SIGKILL)
    assert ended.stdout == ""
    assert ended.stderr.startswith("heddle: ")
    assert ended.stderr.count("\n") == 1
    return ended.stderr


NOOP = """
from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict

builder = StateGraph(TypedDict("State", {"log": list}))
builder.add_node("noop", lambda state: {"log": ["noop"]})
builder.add_edge(START, "noop")
graph = builder.compile()
"""


def config_of(folder: Path, **more) -> Path:
    (folder / "noop.py").write_text(NOOP)
    project = {"graphs": {"noop": "./noop.py:graph"}}
    file = folder / "langgraph.json"
    file.write_text(json.dumps(project | more))
    return file


def test_version_and_help_need_nothing():
    assert run_program("--version").stdout.startswith("heddle ")
    told = run_program("serve", "--help")
    assert told.returncode == 0
    assert "--stop-grace" in told.stdout and "HEDDLE_STOP_GRACE" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["--prot", "1"], {}, "Did you mean --port?"),
        (["--port", "many"], {}, "--port=many"),
        ([], {"HEDDLE_PROT": "1"}, "Did you mean HEDDLE_PORT?"),
        ([], {"N_JOBS_PER_WORKER": "some"}, "N_JOBS_PER_WORKER=some"),
        ([], {"LANGGRAPH_AUTH_TYPE": "langsmith"}, "LANGGRAPH_AUTH_TYPE"),
        (["--config", "/no/langgraph.json"], {}, "/no/langgraph.json"),
        (["--python", "/no/python"], {}, "/no/python"),
        (["--host", "0.0.0.0"], {}, "--api-key-file"),
        (["--api-key-file", "/no/keys"], {}, "/no/keys"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path, arguments, variables, said
):
    if "--config" not in arguments:
        arguments = ["--config", config_of(tmp_path), *arguments]
    assert said in refusal(*arguments, **variables)
    assert not (tmp_path / ".heddle").exists()


def test_what_the_project_names_and_is_not_built_is_refused(tmp_path):
    config = config_of(tmp_path, auth={"path": "./auth.py:auth"})
    assert '"auth" is not supported' in refusal("--config", config)
    config = config_of(tmp_path, http={"app": "./web.py:app"})
    assert '"http.app" is not supported' in refusal("--config", config)


def test_a_port_in_use_is_refused(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refusal(
            "--config", config_of(tmp_path), "--port", port, "--python", python()
        )
    assert f"127.0.0.1:{port}" in said and "--port" in said
    assert not (tmp_path / ".heddle").exists()


def test_a_directory_that_is_not_ours_is_refused(tmp_path):
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("years of work")
    config = config_of(tmp_path)
    said = refusal("--config", config, "--data", foreign, "--port", "0")
    assert str(foreign) in said
    assert [f.name for f in foreign.iterdir()] == ["thesis.txt"]


def test_a_second_server_on_the_same_data_is_refused(own):
    said = refusal("--config", own.config, "--data", own.data, "--port", "0")
    assert "another heddle" in said
    assert httpx.get(f"{own.url}/ok").status_code == 200


def test_data_is_for_nobody_else(own):
    assert own.data.stat().st_mode & 0o777 == 0o700
    for file in own.data.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def test_a_second_start_listens_within_a_second(own):
    assert own.stop() == 0
    began = time.monotonic()
    own.spawn()
    own.await_port()
    assert time.monotonic() - began < SECOND


def test_the_greeting_names_the_graphs_and_something_to_try(tmp_path):
    broken = {"lost": "./lost.py:graph"}
    config = config_of(tmp_path)
    project = json.loads(config.read_text())
    project["graphs"] |= broken
    config.write_text(json.dumps(project))
    server = Server(tmp_path / "server", config)
    try:
        server.start()
        until = time.monotonic() + 10
        while "Try: curl" not in server.out.read_text():
            assert time.monotonic() < until, server.log()
            time.sleep(0.02)
        told = server.out.read_text()
        assert "loaded noop" in told
        assert "cannot load lost" in told and "lost.py" in told
        assert "\x1b" not in told
        assert "lost.py" in server.err.read_text()
    finally:
        server.remove()


def test_a_log_in_json_has_one_object_a_line(tmp_path):
    server = Server(tmp_path / "server", log_format="json", log_level="debug")
    try:
        server.start()
        assert server.stop() == 0
        lines = server.err.read_text().splitlines()
        objects = [json.loads(line) for line in lines]
        assert {"time", "level", "text"} <= set.intersection(
            *map(set, objects)
        )
        assert any(each["text"] == "request" for each in objects)
    finally:
        server.remove()


def test_keys_are_asked_for_on_every_route_but_ok(tmp_path):
    keys = tmp_path / "keys"
    key = "k" * 32
    keys.write_text(f"# mine\n{key}\n")
    os.chmod(keys, 0o600)
    server = Server(tmp_path / "server", api_key_file=keys)
    try:
        server.start(warm=False)
        assert httpx.get(f"{server.url}/ok").status_code == 200
        for path in ("/info", "/metrics", "/assistants/search", "/", "/no"):
            for wrong in ({}, {"x-api-key": key + "k"}, {"x-api-key": ""}):
                told = httpx.post(server.url + path, headers=wrong, json={})
                assert told.status_code in (401, 403), (path, wrong)
        with_key = {"x-api-key": key}
        told = httpx.get(f"{server.url}/info", headers=with_key)
        assert told.status_code == 200
    finally:
        server.remove()
