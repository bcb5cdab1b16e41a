"""Five graphs in Python and in C++: the API tells no difference between them,
but for what names a run, a checkpoint or a library."""

import json
import os
import re
from pathlib import Path

import pytest

from process import binary

BUILT = Path(os.environ.get("HEDDLE_GRAPH_LIBRARY_DIR", binary().parent / "tests"))
LIBRARY = BUILT / "libheddle_test_compared.so"
GRAPHS = Path(__file__).parents[1] / "graphs" / "compared" / "langgraph.json"
OPTIONS = {"config": GRAPHS, "graph_library": LIBRARY}

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
HEX = re.compile(r"\b[0-9a-f]{32}\b")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(\+00:00|Z)")
# What the libraries, not the graph, put into metadata.
OTHERS = {
    "langgraph_version", "langgraph_api_version", "langgraph_host",
    "langgraph_plan", "ls_integration", "ls_provider", "ls_model_type",
    "lc_versions",
}
MODES = ["values", "updates", "custom", "messages-tuple"]
CASES = {
    "chain": {"topic": "t"},
    "branch": {"topic": "right"},
    "parallel": {"topic": "t"},
    "human": {"topic": "t"},
    "chat": {"messages": [{"role": "user", "content": "hi"}]},
}


@pytest.fixture(scope="module", autouse=True)
def built():
    if not LIBRARY.exists():
        pytest.fail(f"{LIBRARY} is not built")


def plain(value):
    """Without what must differ."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k not in OTHERS}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, str):
        value = value.removeprefix("cpp_")
        value = TIME.sub("<time>", UUID.sub("<id>", HEX.sub("<id>", value)))
    return value


def events(text: str) -> list:
    """Names and data of a stream."""
    found, name = [], ""
    for line in text.splitlines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            found.append((name, plain(json.loads(line.removeprefix("data: ")))))
    return found


def streamed(api, graph: str, thread: str, modes=MODES, **body) -> list:
    answer = api.post(
        f"/threads/{thread}/runs/stream",
        json={"assistant_id": graph, "stream_mode": modes, **body},
    )
    assert answer.status_code == 200, answer.text
    found = events(answer.text)
    # Nodes that run side by side may end in any order.
    updates = sorted((e for e in found if e[0] == "updates"), key=str)
    return [e for e in found if e[0] != "updates"] + updates


def without_last(found: list) -> list:
    """LangChain marks a model's last piece."""
    for name, data in found:
        if name == "messages":
            data[0].pop("chunk_position", None)
    return found


def told(api, graph: str, **body) -> dict:
    thread = api.thread()
    made = {"stream": without_last(streamed(api, graph, thread, **body))}
    made["state"] = plain(api.state(thread))
    made["history"] = plain(api.history(thread))
    return made


def shown(value) -> list:
    return json.dumps(value, indent=1, sort_keys=True).splitlines()


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
@pytest.mark.parametrize("graph", CASES)
def test_a_run_is_told_alike(api, graph, durability):
    body = {"input": CASES[graph], "durability": durability}
    python = told(api, graph, **body)
    cpp = told(api, f"cpp_{graph}", **body)
    assert shown(cpp) == shown(python)


def test_an_answer_to_a_human_is_told_alike(api):
    found = []
    for graph in ("human", "cpp_human"):
        thread = api.thread()
        streamed(api, graph, thread, input={"topic": "t"})
        rest = streamed(api, graph, thread, command={"resume": "yes"})
        found.append([rest, plain(api.state(thread)), plain(api.history(thread))])
    assert shown(found[1]) == shown(found[0])


def test_the_older_stream_of_messages_is_told_alike(api):
    found = []
    for graph in ("chat", "cpp_chat"):
        found.append(
            streamed(api, graph, api.thread(), ["messages"], input=CASES["chat"])
        )
    assert shown(found[1]) == shown(found[0])


def test_an_update_of_the_state_is_told_alike(api):
    found = []
    for graph in ("human", "cpp_human"):
        thread = api.thread()
        streamed(api, graph, thread, input={"topic": "t"})
        api.ok(
            "POST",
            f"/threads/{thread}/state",
            json={"values": {"draft": "mine"}, "as_node": "ask"},
        )
        state = plain(api.state(thread))
        rest = streamed(api, graph, thread, input=None)
        found.append([state, rest, plain(api.history(thread))])
    assert shown(found[1]) == shown(found[0])
