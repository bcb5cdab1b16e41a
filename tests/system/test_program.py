"""How the program speaks to its operator. That it refuses, and serves, as it
should: test_start.py."""

import json
import subprocess

import pytest

from api import eventually
from process import Server, binary, environment

NOOP = """
from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict

builder = StateGraph(TypedDict("State", {"log": list}))
builder.add_node("noop", lambda state: {"log": ["noop"]})
builder.add_edge(START, "noop")
graph = builder.compile()
"""


@pytest.fixture
def config(tmp_path):
    (tmp_path / "noop.py").write_text(NOOP)
    (tmp_path / "broken.py").write_text("import nothing_like_it\n")
    graphs = {"noop": "./noop.py:graph", "lost": "./broken.py:graph"}
    file = tmp_path / "langgraph.json"
    file.write_text(json.dumps({"graphs": graphs}))
    return file


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["--prot", "1"], {}, "Did you mean --port?"),
        (["--port", "many"], {}, "--port=many"),
        ([], {"HEDDLE_PROT": "1"}, "Did you mean HEDDLE_PORT?"),
        ([], {"N_JOBS_PER_WORKER": "some"}, "N_JOBS_PER_WORKER=some"),
        ([], {"LANGGRAPH_AUTH_TYPE": "langsmith"}, "LANGGRAPH_AUTH_TYPE"),
        (["--python", "/no/python"], {}, "/no/python"),
        (["--api-key-file", "/no/keys"], {}, "/no/keys"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(config, arguments, variables, said):
    ended = subprocess.run(
        [str(binary()), "serve", "--config", str(config), *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        env=environment() | variables,
    )
    assert ended.returncode > 0
    assert ended.stdout == ""
    assert ended.stderr.startswith("heddle: ") and said in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert not (config.parent / ".heddle").exists()


def test_the_greeting_names_the_graphs_and_something_to_try(tmp_path, config):
    server = Server(tmp_path / "server", config)
    try:
        server.start()
        eventually(lambda: "Try: curl" in server.out.read_text())
        told = server.out.read_text()
        assert "loaded noop" in told
        assert "cannot load lost: ModuleNotFoundError" in told
        eventually(lambda: "broken.py" in server.err.read_text())
        assert "Traceback" in server.err.read_text()
    finally:
        server.remove()


def test_a_log_in_json_has_one_object_a_line(tmp_path, config):
    options = {"log_format": "json", "log_level": "debug"}
    server = Server(tmp_path / "server", config, **options)
    try:
        server.start()
        eventually(lambda: "broken.py" in server.err.read_text())
        assert server.stop() == 0
        lines = server.err.read_text().splitlines()
        objects = [json.loads(line) for line in lines]
        assert all({"time", "level", "text"} <= set(each) for each in objects)
        assert any(each["text"] == "request" for each in objects)
    finally:
        server.remove()
