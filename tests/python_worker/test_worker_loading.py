"""langgraph.json: where graphs come from, and what a broken one does."""

from __future__ import annotations

import json

GRAPH = """
from typing_extensions import TypedDict
from langgraph.graph import START, StateGraph

class State(TypedDict, total=False):
    said: str

def made(text):
    builder = StateGraph(State)
    builder.add_node("say", lambda state: {"said": text})
    builder.add_edge(START, "say")
    return builder
"""

FACTORIES = """
import contextlib, os
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.func import entrypoint
from langgraph_sdk.runtime import ServerRuntime
from common import made

compiled = made("compiled").compile()
builder = made("builder")

def plain():
    return made("plain")

async def coroutine():
    return made("coroutine").compile()

def configured(config: RunnableConfig):
    return made("configured " + str(config["configurable"].get("who")))

def untyped(config):
    return made("untyped " + str(config["configurable"].get("who")))

async def runtimed(runtime: ServerRuntime):
    if execution := runtime.execution_runtime:
        return made(f"runtimed {runtime.access_context} {execution.context}")
    return made("runtimed reading")

def both(config: RunnableConfig, runtime: ServerRuntime):
    return made(f"both {config['configurable'].get('who')} {runtime.access_context}")

@contextlib.asynccontextmanager
async def managed(runtime: ServerRuntime):
    print("opened", runtime.access_context, flush=True)
    yield made("managed").compile()
    print("closed", runtime.access_context, flush=True)

@contextlib.contextmanager
def managed_sync():
    yield made("managed_sync")

@entrypoint()
def functional(given):
    return {"said": f"functional {given['x']}"}

environment = made(os.environ["HEDDLE_TEST_WORD"])
own = made("own").compile(checkpointer=InMemorySaver())

def own_made():
    return made("own").compile(checkpointer=InMemorySaver())

def useless():
    return 7

def demanding(config: RunnableConfig):
    return made(config["configurable"]["model"])

def failing():
    raise OSError("no such database")

def exiting():
    raise SystemExit(2)

number = 7
"""

NAMES = ["compiled", "builder", "plain", "coroutine", "configured", "untyped",
         "runtimed", "both", "managed", "managed_sync", "functional", "environment"]  # fmt: skip

SAID = {
    "configured": "configured me",
    "untyped": "untyped me",
    "runtimed": "runtimed threads.create_run {'user': 'u'}",
    "both": "both me threads.create_run",
    "functional": "functional 1",
    "environment": "word",
}


def described(process):
    return {graph["id"]: graph for graph in process.server.hello["graphs"]}


def test_every_kind_of_graph_runs(project, start):
    graphs = {name: f"./factories.py:{name}" for name in NAMES}
    graphs["described"] = {"path": "./factories.py:compiled", "description": "a graph"}
    graphs["module"] = "factories:compiled"
    config = project(
        {
            "factories.py": FACTORIES,
            "common.py": GRAPH,
            "w.env": "HEDDLE_TEST_WORD='word'",
        },
        dependencies=["."],
        graphs=graphs,
        env="w.env",
    )
    process = start(config)
    found = described(process)
    assert not [g for g in found.values() if "error" in g]
    assert found["described"]["description"] == "a graph"
    for name, about in found.items():
        schemas = json.loads(about["schemas"])
        if name != "functional":
            assert "said" in schemas["state_schema"]["properties"]
            assert schemas["input_schema"]["type"] == "object"
        log = process.server.run(
            name,
            name,
            input={"x": 1},
            config={"configurable": {"who": "me"}},
            context={"user": "u"},
        )
        assert log.end["outcome"] == "success", process.server.logged()
        said = {"module": "compiled", "described": "compiled", **SAID}.get(name, name)
        assert log.named("values")[-1] == {"said": said}
    printed = process.output()
    for access in ("assistants.read", "threads.create_run"):
        assert printed.index(f"opened {access}") < printed.index(f"closed {access}")


def test_a_broken_graph_is_told_and_stops_no_other(project, start):
    files = {
        "common.py": GRAPH,
        "fine.py": "from common import made\ngraph = made('fine')\n",
        "syntax.py": "x = 1\ndef f(:\n",
        "raises.py": "import common\n\ndef f():\n    raise KeyError('deep')\n\nf()\n",
        "exits.py": "import sys\nsys.exit(4)\n",
        "factories.py": FACTORIES,
    }
    config = project(
        files,
        dependencies=["."],
        env={"HEDDLE_TEST_WORD": "w"},
        graphs={
            "fine": "./fine.py:graph",
            "syntax": "./syntax.py:graph",
            "raises": "./raises.py:graph",
            "exits": "./exits.py:graph",
            "absent": "./absent.py:graph",
            "nameless": "./fine.py:grpah",
            "number": "./factories.py:number",
            "useless": "./factories.py:useless",
            "own": "./factories.py:own",
            "own_made": "./factories.py:own_made",
            "module": "no.such.module:graph",
            "demanding": "./factories.py:demanding",
            "failing": "./factories.py:failing",
            "exiting": "./factories.py:exiting",
        },
    )
    process = start(config)
    found = described(process)
    assert "error" not in found["fine"]
    assert "error" not in found["demanding"] and "schemas" not in found["demanding"]
    assert "graph `demanding`" in process.server.logged()
    with_model = {"config": {"configurable": {"model": "m"}}}
    log = process.server.run("demanding", "d", input={}, **with_model)
    assert log.named("values")[-1] == {"said": "m"}
    assert process.server.run("fine", "t", input={}).end["outcome"] == "success"
    errors = {name: about.get("error") for name, about in found.items()}
    assert errors["syntax"]["file"] == str(config.parent / "syntax.py")
    assert errors["syntax"]["line"] == 2
    assert errors["raises"]["file"] == str(config.parent / "raises.py")
    assert errors["raises"]["line"] == 4
    assert "raise KeyError('deep')" in errors["raises"]["text"]
    assert "heddle_worker" not in errors["raises"]["text"]
    assert errors["exits"]["line"] == 2
    assert "absent.py" in errors["absent"]["text"]
    assert "no such database" in errors["failing"]["text"]
    assert "SystemExit" in errors["exiting"]["text"]
    assert "`graph`" in errors["nameless"]["text"]
    for name in ("own", "own_made"):
        assert f"graph `{name}`" in errors[name]["text"]
        assert "InMemorySaver" in errors[name]["text"]
    assert "int" in errors["number"]["text"] and "int" in errors["useless"]["text"]
    assert "no.such" in errors["module"]["text"] or "'no'" in errors["module"]["text"]
    log = process.server.run("raises", "t2", input={})
    assert log.end["outcome"] == "error"


def test_relative_imports_and_a_src_folder(project, start):
    config = project(
        {
            "src/agent/__init__.py": "from agent.graph import graph\n",
            "src/agent/parts.py": GRAPH,
            "src/agent/graph.py": "from .parts import made\ngraph = made('relative')\n",
        },
        dependencies=["."],
        graphs={"agent": "./src/agent/graph.py:graph"},
    )
    process = start(config)
    assert "error" not in described(process)["agent"]
    log = process.server.run("agent", "t", input={})
    assert log.named("values")[-1] == {"said": "relative"}


def test_a_users_file_may_be_named_like_one_of_ours_or_pythons(project, start):
    config = project(
        {
            "runs.py": GRAPH + "graph = made('runs')\n",
            "types.py": "from runs import made\ngraph = made('types')\n",
            "my-graph.py": "from runs import made\ngraph = made('dash')\n",
        },
        dependencies=["."],
        graphs={
            "runs": "./runs.py:graph",
            "types": "./types.py:graph",
            "dash": "./my-graph.py:graph",
        },
    )
    process = start(config)
    for name in ("runs", "types", "dash"):
        log = process.server.run(name, name, input={})
        assert log.named("values")[-1] == {"said": name}


def test_hello_tells_what_runs_here(shared):
    hello = shared.server.hello
    assert hello["protocol"] == 1 and hello["language"] == "python"
    assert hello["pid"] == shared.child.pid
    assert hello["versions"]["langgraph"].startswith("1.")
    assert len(json.loads(hello["graphs"][0]["schemas"])) == 5
