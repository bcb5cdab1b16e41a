"""What a run streams is what the library streams, although the worker asks it
for more (checkpoints, and the events of subgraphs) to show states."""

from __future__ import annotations

import asyncio
import json

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from heddle_worker import serialise

MODES = ["values", "updates", "tasks", "checkpoints", "custom"]
ASKED = {"messages": [{"role": "user", "content": "hi", "id": "u"}]}
GRAPHS = {
    "trivial": {"n": 1},
    "steps": {"n": 1},
    "asking": {"n": 1},
    "jumping": {},
    "nesting": {},
    "nested_asking": {},
    "outer_speaking": ASKED,
    "speaking": ASKED,
    "functional": 1,
}

# These differ from run to run, or name the run.
OWN = {"id", "config", "parent_config", "metadata", "state", "triggers"}


def settled(value):
    if isinstance(value, dict):
        return {key: settled(item) for key, item in value.items() if key not in OWN}
    return [settled(item) for item in value] if isinstance(value, list) else value


async def streamed(graph, given, subgraphs):
    graph = graph.copy(update={"checkpointer": InMemorySaver()})
    config = {"configurable": {"thread_id": "t"}}
    stream = graph.astream(given, config, stream_mode=MODES, subgraphs=subgraphs)
    found = []
    async for chunk in stream:
        ns, mode, data = chunk if subgraphs else ((), *chunk)
        name = "|".join([mode, *(part.partition(":")[0] for part in ns)])
        found.append((name, settled(json.loads(serialise.dumps(data)))))
    return found


@pytest.mark.parametrize("subgraphs", [False, True])
@pytest.mark.parametrize("name", GRAPHS)
def test_the_events_are_the_librarys(server, thread, name, subgraphs):
    import graphs

    given = GRAPHS[name]
    expected = asyncio.run(streamed(getattr(graphs, name), given, subgraphs))
    log = server.run(name, thread, input=given, stream_mode=MODES, subgraphs=subgraphs)
    assert log.end["outcome"] == "success"
    found = [
        ("|".join(part.partition(":")[0] for part in event.split("|")), settled(data))
        for event, data in log.events
    ]
    assert found == expected
    assert len(found) > 5
