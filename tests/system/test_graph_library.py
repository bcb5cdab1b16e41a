"""C++ graphs of a shared library, in worker processes of their own."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from api import eventually
from cancelling import executing
from process import GRACE, binary, environment

BUILT = Path(os.environ.get("HEDDLE_GRAPH_LIBRARY_DIR",
                            binary().parent / "tests"))
LIBRARY = BUILT / "libheddle_test_graphs.so"
OPTIONS = {"graph_library": LIBRARY}
BOUND = GRACE + 3
ACTIONS = pytest.mark.parametrize("action", ["interrupt", "rollback"])


@pytest.fixture(scope="module", autouse=True)
def built():
    if not LIBRARY.exists():
        pytest.fail(f"{LIBRARY} is not built")


def names(answer) -> list:
    return [line.removeprefix("event: ") for line in answer.text.splitlines()
            if line.startswith("event: ")]


def test_a_graph_of_the_library_runs_beside_those_of_python(api, marks):
    thread = api.thread()
    values = api.wait(thread, "cpp_slow", {"secs": 0.1, "mark": str(marks)})
    assert values["log"] == ["pre", "work", "after"]
    assert marks.names() == ["pre", "work", "after"]
    assert api.state(thread)["next"] == []
    assert len(api.history(thread)) == 5
    other = api.thread()
    api.wait(other, "noop", {})
    assert {m.pid for m in marks.all()}.isdisjoint({os.getpid()})


def test_what_it_emits_is_streamed_in_order(api):
    thread = api.thread()
    answer = api.post(
        f"/threads/{thread}/runs/stream",
        json={"assistant_id": "cpp_stream", "input": {"count": 2000},
              "stream_mode": ["custom", "values"]},
    )
    assert answer.status_code == 200
    custom = [line for line in answer.text.splitlines()
              if line.startswith('data: {"n":')]
    assert custom == [f'data: {{"n":{n}}}' for n in range(2000)]
    assert names(answer)[0] == "metadata" and names(answer)[-1] == "values"


@ACTIONS
@pytest.mark.parametrize("graph", ["cpp_slow", "cpp_watching", "cpp_loop"])
def test_a_cancel_is_bounded_and_nothing_goes_on(api, marks, slow, graph,
                                                 action):
    thread, run = executing(api, marks, slow, graph=graph)
    asked = time.monotonic()
    answer = api.cancel(thread, run, action=action, wait=1)
    assert answer.status_code == 200
    assert time.monotonic() - asked < BOUND
    end = None if action == "rollback" else "interrupted"
    assert api.status(thread, run) == end
    before = len(marks.all())
    time.sleep(0.3)
    assert len(marks.all()) == before
    assert not marks.has("after") and not marks.has("late")
    assert marks.has("told") == (graph == "cpp_watching")
    state = api.state(thread)
    if action == "rollback":
        assert state["values"] == {} and state["next"] == []
        assert api.get_thread(thread)["status"] == "idle"
    else:
        assert state["values"]["log"] == ["pre"]
        assert state["next"] == ["work"]


def test_an_interrupted_run_goes_on_where_it_was(api, marks, slow):
    thread, run = executing(api, marks, slow, graph="cpp_slow")
    api.cancel(thread, run, wait=1)
    api.ok("POST", f"/threads/{thread}/state",
           json={"values": {"secs": 0.1}, "as_node": "pre"})
    values = api.wait(thread, "cpp_slow", None)
    assert values["log"] == ["pre", "work", "after"]
    assert marks.count("pre") == 1


def test_a_crash_of_its_process_is_retried(api, marks):
    thread = api.thread()
    values = api.wait(thread, "cpp_crash", {"mark": str(marks)},
                      durability="sync")
    assert values["log"] == ["pre", "work", "after"]
    assert marks.count("crash") == 2 and marks.count("pre") == 1
    pids = [m.pid for m in marks.all() if m.what == "crash"]
    assert pids[0] != pids[1]


def test_the_server_dies_and_the_run_goes_on(own_library, marks):
    server, api = own_library
    thread, run = executing(api, marks, {"secs": 2, "mark": str(marks)},
                            graph="cpp_slow", durability="sync")
    server.kill()
    server.start(warm=False)
    with type(api)(server.url) as again:
        assert again.ended(thread, run, within=20) == "success"
        assert again.state(thread)["values"]["log"] == ["pre", "work", "after"]
    assert marks.count("pre") == 1 and marks.count("work") == 2


@pytest.fixture
def own_library(tmp_path):
    from api import Api
    from process import Server

    server = Server(tmp_path / "server", **OPTIONS)
    try:
        server.start(warm=False)
        with Api(server.url) as api:
            yield server, api
    finally:
        server.remove()


def test_a_graph_that_does_not_compile_says_why(api):
    answer = api.post(
        f"/threads/{api.thread()}/runs",
        json={"assistant_id": "cpp_broken", "input": {}},
    )
    eventually(lambda: answer.status_code == 400)
    assert "could not be loaded" in answer.text


# -- libraries that cannot be served -------------------------------------------


def refused(tmp_path, *options) -> str:
    done = subprocess.run(
        [binary(), "serve", "--config", tmp_path / "langgraph.json", "--port",
         "0", "--data", tmp_path / "data", *options],
        capture_output=True, text=True, timeout=60, env=environment(),
    )
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1
    return done.stderr


@pytest.fixture
def empty(tmp_path):
    (tmp_path / "langgraph.json").write_text('{"graphs":{}}')
    return tmp_path


@pytest.mark.parametrize(
    "name, words",
    [
        ("nowhere.so", "no such file"),
        ("text.so", "cannot be loaded"),
        ("libheddle_test_other_version.so", "was built for graphs of version"),
        ("libheddle_test_plain.so", "does not export heddle_graphs"),
    ],
)
def test_a_library_that_does_not_fit_is_refused(tmp_path, name, words):
    (tmp_path / "text.so").write_text("no library")
    place = BUILT if name.startswith("lib") else tmp_path
    config = Path(__file__).parents[1] / "graphs" / "langgraph.json"
    (tmp_path / "langgraph.json").write_text(config.read_text())
    assert words in refused(tmp_path, "--graph-library", place / name)
