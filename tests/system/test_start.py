"""The command line: what a start needs, says, and refuses."""

import json
import os
import socket
import sqlite3
import subprocess
import time

import pytest

from api import Api, detail
from process import GRAPHS, Server, binary, environment, python


def run(*words, env=None, within=20):
    return subprocess.run(
        [str(binary()), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=within,
        env=environment() | (env or {}),
    )


def refused(*words, env=None):
    """A start that must fail. @returns its one line of reason"""
    done = run("serve", "--port", "0", "--python", python(), *words, env=env)
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    return lines[0]


def project(folder, **extra):
    path = folder / "langgraph.json"
    good = str(GRAPHS / "broken" / "good.py") + ":graph"
    body = {"dependencies": ["."], "graphs": {"good": good}} | extra
    path.write_text(json.dumps(body))
    return path


def test_help_says_all():
    done = run("serve", "--help")
    assert done.returncode == 0
    for option in (
        "--config",
        "--host",
        "--port",
        "--data",
        "--python",
        "--workers",
        "--jobs-per-worker",
        "--stop-grace",
        "--log-format",
        "--api-key-file",
        "--insecure",
    ):
        assert option in done.stdout
    assert run("--version").returncode == 0


def test_a_port_in_use_is_refused(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = refused(
            "--port",
            port,
            "--config",
            project(tmp_path),
            "--data",
            tmp_path / "d",
        )
        assert str(port) in text


def test_a_second_server_on_the_data_is_refused_and_harms_nothing(tmp_path):
    server = Server(tmp_path)
    try:
        server.start()
        text = refused("--config", server.config, "--data", server.data)
        assert str(server.data) in text
        with Api(server.url) as api:
            assert api.wait(api.thread(), "noop", {}) == {"log": ["noop"]}
    finally:
        server.remove()


def test_a_missing_config_is_refused(tmp_path):
    where = tmp_path / "nowhere" / "langgraph.json"
    text = refused("--config", where, "--data", tmp_path / "d")
    assert str(where) in text


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"graphs": {}}', '{"graphs": {"a": 1}}']
)
def test_a_config_that_makes_no_sense_is_refused(tmp_path, text):
    path = tmp_path / "langgraph.json"
    path.write_text(text)
    refused("--config", path, "--data", tmp_path / "d")


def test_a_data_directory_that_is_not_ours_is_refused(tmp_path):
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "letter.txt").write_text("dear diary")
    text = refused("--config", project(tmp_path), "--data", foreign)
    assert str(foreign) in text
    assert [p.name for p in foreign.iterdir()] == ["letter.txt"]


LIES_ON = """
#include <sys/vfs.h>
int statfs(const char*, struct statfs* out) {{
  *out = {{}};
  out->f_type = {magic};
  return 0;
}}
"""


@pytest.fixture
def lying_on(tmp_path):
    """The environment of a program that sees file systems of one type only."""

    def make(magic):
        source, library = tmp_path / "statfs.cpp", tmp_path / "statfs.so"
        source.write_text('extern "C" {' + LIES_ON.format(magic=magic) + "}")
        words = ["g++", "-shared", "-fPIC", "-o", library, source]
        subprocess.run(words, check=True, timeout=60)
        return {"LD_PRELOAD": str(library)}

    return make


@pytest.mark.parametrize(
    ("name", "magic"), [("nfs", 0x6969), ("cifs", 0xFF534D42), ("9p", 0x01021997)]
)
def test_a_network_file_system_is_refused(tmp_path, lying_on, name, magic):
    data = tmp_path / "d"
    words = "--config", project(tmp_path), "--data", data
    text = refused(*words, env=lying_on(magic))
    assert str(data) in text and f"network file system ({name})" in text
    assert not any(data.glob("*.db"))


def test_a_local_file_system_is_not_refused(tmp_path, lying_on, monkeypatch):
    for name, value in lying_on(0xEF53).items():
        monkeypatch.setenv(name, value)
    server = Server(tmp_path)
    try:
        server.start()
    finally:
        server.remove()


@pytest.mark.parametrize(
    "extra",
    [
        {"auth": {"path": "./auth.py:auth"}},
        {"encryption": {"path": "./e.py:e"}},
        {"http": {"app": "./app.py:app"}},
        {"store": {"index": {"dims": 3, "embed": "x"}}},
    ],
    ids=lambda extra: next(iter(extra)),
)
def test_what_is_configured_and_not_built_is_refused_by_name(tmp_path, extra):
    text = refused(
        "--config", project(tmp_path, **extra), "--data", tmp_path / "d"
    )
    assert next(iter(extra)) in text


@pytest.mark.parametrize(
    "words",
    [
        ["--stop-grace", "soon"],
        ["--workers", "-1"],
        ["--workers", "many"],
        ["--port", "70000"],
        ["--log-format", "xml"],
        ["--no-such-option"],
        ["--jobs-per-worker", "0.5"],
    ],
    ids=" ".join,
)
def test_a_bad_option_is_refused(tmp_path, words):
    done = run(
        "serve",
        "--config",
        project(tmp_path),
        "--data",
        tmp_path / "d",
        *words,
    )
    assert done.returncode != 0
    assert words[0].lstrip("-") in done.stderr


def test_a_bad_variable_is_refused(tmp_path):
    text = refused(
        "--config",
        project(tmp_path),
        "--data",
        tmp_path / "d",
        env={"HEDDLE_STOP_GRACE": "soon"},
    )
    assert "HEDDLE_STOP_GRACE" in text


def test_another_host_needs_keys_or_insecure(tmp_path):
    words = ["--config", project(tmp_path), "--data", tmp_path / "d"]
    text = refused("--host", "0.0.0.0", *words)
    assert "--api-key-file" in text and "--insecure" in text


def test_with_keys_every_route_but_ok_wants_one(tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("a-first-key-of-some-length-000000001\n")
    os.chmod(keys, 0o600)
    server = Server(tmp_path / "server", api_key_file=keys)
    try:
        server.start(warm=False)
        with Api(server.url) as api:
            assert api.get("/ok").status_code == 200
            for path in ("/info", "/metrics", f"/threads/{'0' * 32}", "/no"):
                assert api.get(path).status_code in (401, 403), path
            wrong = {"x-api-key": "wrong"}
            answer = api.post("/threads", json={}, headers=wrong)
            assert answer.status_code in (401, 403)
            assert detail(answer)
            right = {"x-api-key": "a-first-key-of-some-length-000000001"}
            answer = api.post("/threads", json={}, headers=right)
            assert answer.status_code == 200
    finally:
        server.remove()


def test_a_graph_that_cannot_be_loaded_is_named_and_the_others_serve(tmp_path):
    server = Server(tmp_path, config=GRAPHS / "broken" / "langgraph.json")
    try:
        server.start(warm=False)
        with Api(server.url) as api:
            assert api.wait(api.thread(), "good", {"x": 1}) == {"x": 2}
            answer = api.post(
                f"/threads/{api.thread()}/runs",
                json={"assistant_id": "broken", "input": {}},
            )
            assert not answer.is_success
            assert "this module is broken on purpose" in detail(answer)
        log = server.log()
        assert "bad.py" in log
        assert "this module is broken on purpose" in log
    finally:
        server.remove()


def test_a_second_start_listens_within_a_second(tmp_path):
    server = Server(tmp_path)
    try:
        server.start()
        server.stop()
        asked = time.monotonic()
        server.start(warm=False)
        assert time.monotonic() - asked < 1
    finally:
        server.remove()


def test_files_are_for_the_owner_alone(tmp_path):
    server = Server(tmp_path)
    try:
        server.start()
        assert server.data.stat().st_mode & 0o077 == 0
        for path in server.data.rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path
    finally:
        server.remove()


def test_the_database_is_whole_after_a_kill(tmp_path):
    server = Server(tmp_path)
    try:
        server.start()
        with Api(server.url) as api:
            api.run(api.thread(), "stepper", {"total": 500})
        server.kill()
        files = [
            path
            for path in server.data.iterdir()
            if path.read_bytes()[:15] == b"SQLite format 3"
        ]
        assert files
        for path in files:
            with sqlite3.connect(path) as database:
                for check in ("integrity_check", "foreign_key_check"):
                    rows = database.execute(f"PRAGMA {check}").fetchall()
                    assert rows in ([("ok",)], [])
    finally:
        server.remove()
