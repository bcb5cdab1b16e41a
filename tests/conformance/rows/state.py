"""States and history of a thread."""

from rows.threads import NO_GRAPH
from table import (
    ANY,
    BAD_THREAD,
    NO_THREAD,
    TIME,
    UUID,
    Has,
    Row,
    Then,
    fits_none,
    missing,
    wrong_type,
)

KEYS = (
    "values next tasks metadata created_at checkpoint parent_checkpoint "
    "interrupts checkpoint_id parent_checkpoint_id"
)
EMPTY = {
    "values": {},
    "next": [],
    "tasks": [],
    "metadata": None,
    "created_at": None,
    "checkpoint": None,
    "parent_checkpoint": None,
    "interrupts": [],
    "checkpoint_id": None,
    "parent_checkpoint_id": None,
}
CONFIG = "components.schemas.CheckpointConfig"
PLACE = {"thread_id": "{thread}", "checkpoint_ns": "", "checkpoint_id": UUID}


def where(step):
    return {
        "checkpoint_id": step,
        "thread_id": "{thread}",
        "checkpoint_ns": "",
    }


def read(why, status, path="", given="done", **rest):
    return Row(
        why, "GET /threads/{thread}/state" + path, status, given, **rest
    )


def at(why, status, body, **rest):
    call = "POST /threads/{thread}/state/checkpoint"
    return Row(why, call, status, given="stepped", body=body, **rest)


def update(why, status, body, given="done", **rest):
    call = "POST /threads/{thread}/state"
    return Row(why, call, status, given, body=body, **rest)


READ = [
    read("of a new thread", 200, given="thread", json=EMPTY, keys=KEYS),
    read(
        "after a run",
        200,
        json=Has(
            values={"x": 1, "log": ["noop"]},
            next=[],
            tasks=[],
            created_at=TIME,
            checkpoint=where("{checkpoint}"),
            checkpoint_id="{checkpoint}",
            interrupts=[],
            metadata=Has(
                source="loop",
                step=1,
                parents={},
                run_id="{run}",
                thread_id="{thread}",
                graph_id="noop",
                assistant_id=UUID,
                created_by="system",
                run_attempt=1,
                user_id="",
                langgraph_auth_user_id="",
                langgraph_request_id=ANY,
                langgraph_version=ANY,
            ),
        ),
        keys=KEYS,
    ),
    read(
        "after a failure, with its task",
        200,
        given="failed",
        json=Has(
            next=["fail"],
            tasks=[
                {
                    "id": UUID,
                    "name": "fail",
                    "path": ["__pregel_pull", "fail"],
                    "error": "ValueError('a bad value')",
                    "interrupts": [],
                    "checkpoint": None,
                    "state": None,
                    "result": None,
                }
            ],
        ),
    ),
    read(
        "paused for input",
        200,
        given="paused",
        json=Has(
            next=["ask"],
            interrupts=[{"id": ANY, "value": {"q": "ok?"}}],
            tasks=[Has(interrupts=[{"id": ANY, "value": {"q": "ok?"}}])],
        ),
    ),
    read("with subgraphs", 200, "?subgraphs=true", keys=KEYS),
    Row("of an unknown", "GET /threads/{none}/state", 404, detail=NO_THREAD),
    Row("of no UUID", "GET /threads/x/state", 422, detail=BAD_THREAD),
    read(
        "in the past",
        200,
        "/{step1}",
        "stepped",
        json=Has(
            values={"total": 3, "n": 1, "log": [1]},
            next=["tick"],
            checkpoint=where("{step1}"),
            parent_checkpoint=where("{step0}"),
        ),
        keys=KEYS,
    ),
    read(
        "at an unknown checkpoint",
        200,
        "/{none}",
        json=EMPTY
        | {
            "checkpoint": {"checkpoint_id": "{none}", "thread_id": "{thread}"},
            "checkpoint_id": "{none}",
        },
    ),
    read("at what is no UUID", 200, "/x", json=Has(checkpoint_id="x")),
    read("at any of a new thread", 200, "/x", given="thread", json=EMPTY),
    Row(
        "at any of an unknown",
        "GET /threads/{none}/state/x",
        404,
        detail=NO_THREAD,
    ),
    Row("at any of no UUID", "GET /threads/x/state/x", 422, detail=BAD_THREAD),
    at(
        "in the past, of whatever thread it says",
        200,
        {"checkpoint": {"checkpoint_id": "{step1}", "thread_id": "{none}"}},
        json=Has(checkpoint=where("{step1}")),
        keys=KEYS,
    ),
    at("the latest", 200, {"checkpoint": {}}, json=Has(next=[])),
    at("checkpoint is required", 422, {}, detail=missing("checkpoint", {})),
    at(
        "a checkpoint of another type",
        422,
        {"checkpoint": None},
        detail=wrong_type(None, "object", "checkpoint", CONFIG),
    ),
    at(
        "its id of another type",
        422,
        {"checkpoint": {"checkpoint_id": 1}},
        detail=wrong_type(
            1,
            "string",
            "checkpoint.checkpoint_id",
            f"{CONFIG}.properties.checkpoint_id",
        ),
    ),
    Row(
        "by a checkpoint of an unknown",
        "POST /threads/{none}/state/checkpoint",
        404,
        body={"checkpoint": {}},
        detail=NO_THREAD,
    ),
]
UPDATE = [
    update(
        "a checkpoint of its own",
        200,
        {"values": {"x": 5}, "as_node": "noop"},
        json={
            "checkpoint": PLACE,
            "configurable": PLACE,
            "checkpoint_id": UUID,
        },
        keys="checkpoint configurable checkpoint_id",
        then=[
            Then(
                "GET /threads/{thread}/state",
                json=Has(
                    values={"x": 5, "log": ["noop"]},
                    parent_checkpoint_id="{checkpoint}",
                    metadata={
                        "source": "update",
                        "step": 2,
                        "parents": {},
                        "graph_id": "noop",
                        "thread_id": "{thread}",
                    },
                ),
            )
        ],
    ),
    update(
        "a fork",
        200,
        {"values": {"n": 7}, "checkpoint": {"checkpoint_id": "{step1}"}},
        given="stepped",
        then=[
            Then(
                "GET /threads/{thread}/state",
                json=Has(
                    values={"total": 3, "n": 7, "log": [1]},
                    parent_checkpoint_id="{step1}",
                ),
            )
        ],
    ),
    update(
        "a fork, by the id alone",
        200,
        {"values": {"n": 8}, "checkpoint_id": "{step2}"},
        given="stepped",
        then=[
            Then(
                "GET /threads/{thread}/state",
                json=Has(parent_checkpoint_id="{step2}"),
            )
        ],
    ),
    update("without values", 200, {"as_node": "noop"}),
    update(
        "as an unknown node",
        400,
        {"values": {}, "as_node": "zz"},
        detail="Node zz does not exist",
    ),
    update(
        "of a thread without a graph",
        400,
        {"values": {}},
        given="thread",
        detail=NO_GRAPH.format("{thread}"),
    ),
    update(
        "of a thread whose graph has no name",
        400,
        {"values": {}},
        given="misnamed",
        detail=NO_GRAPH.format("{thread}"),
    ),
    update(
        "with a run to come",
        409,
        {"values": {}},
        given="pending",
        detail="Thread {thread} has in-flight runs: [{run}]",
    ),
    update(
        "with a run that executes",
        409,
        {"values": {}},
        given="running",
        detail="Thread {thread} has in-flight runs: [{run}]",
    ),
    update(
        "with a run that is stopping",
        409,
        {"values": {}},
        given="stopping",
        detail="Thread {thread} has in-flight runs: [{run}]",
    ),
    update(
        "values of another type",
        422,
        {"values": 1},
        detail=fits_none(1, "values"),
    ),
    update(
        "as_node of another type",
        422,
        {"as_node": 1},
        detail=wrong_type(1, "string", "as_node"),
    ),
    update(
        "a checkpoint of another type",
        422,
        {"checkpoint": 1},
        detail=wrong_type(1, "object", "checkpoint", CONFIG),
    ),
    Row(
        "of an unknown",
        "POST /threads/{none}/state",
        404,
        body={"values": {}},
        detail=NO_THREAD,
    ),
    Row(
        "of no UUID", "POST /threads/x/state", 422, body={}, detail=BAD_THREAD
    ),
    Row(
        "is not patched",
        "PATCH /threads/{none}/state",
        405,
        body={},
        detail="Method Not Allowed",
    ),
]
ROWS = READ + UPDATE
