"""Threads, without their states and runs."""

from table import (
    ABSENT,
    ANY,
    BAD_THREAD,
    NO_THREAD,
    TIME,
    UUID,
    Has,
    Like,
    Row,
    Then,
    fits_none,
    missing,
    not_one_of,
    wrong_type,
)

NEW_KEYS = (
    "thread_id created_at updated_at state_updated_at metadata status config "
    "values"
)
KEYS = NEW_KEYS + " error interrupts"
FRESH = {
    "thread_id": UUID,
    "created_at": TIME,
    "updated_at": TIME,
    "state_updated_at": TIME,
    "metadata": {},
    "status": "idle",
    "config": {},
    "values": None,
}
NO_GRAPH = (
    "Thread '{}' has no assigned graph ID. This usually occurs when no runs "
    "have been made on this particular thread. This operation requires a "
    "graph ID. Please ensure a run has been made for the thread or manually "
    "update the thread metadata (by setting the 'graph_id' field) before "
    "running this operation."
)
HALF = (
    "Thread {none} was created, but there were problems updating the state: "
)
STEP = "components.schemas.ThreadSuperstepUpdate"


def create(why, status, body, **rest):
    return Row(why, "POST /threads", status, body=body, **rest)


def steps(*updates):
    return {"thread_id": "{none}", "supersteps": [{"updates": list(updates)}]}


CREATE = [
    create("defaults", 200, {}, json=FRESH, keys=NEW_KEYS),
    create(
        "an id and metadata",
        200,
        {"thread_id": "{none}", "metadata": {"a": [1, None]}},
        json=FRESH | {"thread_id": "{none}", "metadata": {"a": [1, None]}},
    ),
    create(
        "reserved metadata is taken out",
        200,
        {"metadata": {"a": 1, "run_id": 1, "thread_id": "x"}},
        json=Has(metadata={"a": 1}),
    ),
    create(
        "a NUL becomes U+FFFD",
        200,
        b'{"metadata":{"a":"\\u0000"}}',
        json=Has(metadata={"a": "\ufffd"}),
    ),
    create(
        "of equal keys the last",
        200,
        b'{"metadata":{"a":1,"a":2}}',
        json=Has(metadata={"a": 2}),
    ),
    create("ttl is taken and not shown", 200, {"ttl": {"ttl": 5}}, json=FRESH),
    create("unknown fields are ignored", 200, {"x": 1}, json=FRESH),
    create(
        "an id that is taken",
        409,
        {"thread_id": "{thread}"},
        given="thread",
        detail="Thread with ID {thread} already exists",
    ),
    create(
        "do_nothing gives the old one",
        200,
        {"thread_id": "{thread}", "if_exists": "do_nothing"},
        given="thread",
        json=Has(thread_id="{thread}", metadata={"m": 1}),
    ),
    create("an id that is none", 422, {"thread_id": "x"}, detail=BAD_THREAD),
    create(
        "an id of another type",
        422,
        {"thread_id": None},
        detail=wrong_type(None, "string", "thread_id"),
    ),
    create(
        "if_exists of another word",
        422,
        {"if_exists": "x"},
        detail=not_one_of("x", '"raise" or "do_nothing"', "if_exists"),
    ),
    create(
        "metadata of another type",
        422,
        {"metadata": []},
        detail=wrong_type([], "object", "metadata"),
    ),
    create(
        "ttl of another word",
        422,
        {"ttl": {"strategy": "x"}},
        detail=not_one_of("x", '"delete" or "keep_latest"', "ttl.strategy"),
    ),
    create(
        "supersteps",
        200,
        {
            "metadata": {"graph_id": "slow"},
            "supersteps": [
                {
                    "updates": [
                        {"values": {"tag": "t"}, "as_node": "__start__"}
                    ]
                },
                {"updates": [{"values": {"log": ["x"]}, "as_node": "pre"}]},
            ],
        },
        json=Has(status="interrupted", values={"tag": "t", "log": ["x"]}),
        keys=KEYS,
    ),
    create(
        "supersteps without a graph",
        201,
        steps({"values": {}, "as_node": "pre"}),
        detail=HALF + NO_GRAPH.format("{none}"),
    ),
    create(
        "supersteps of an unknown graph",
        201,
        steps({"values": {}, "as_node": "x"})
        | {"metadata": {"graph_id": "y"}},
        json=Has(detail=Like(r"Thread .* state: Graph 'y' not found\. Exp.*")),
    ),
    create(
        "supersteps of an unknown node, and the thread is there",
        400,
        steps({"values": {}, "as_node": "zz"})
        | {"metadata": {"graph_id": "slow"}},
        detail="Node zz does not exist",
        then=[Then("GET /threads/{none}")],
    ),
    create(
        "supersteps without a node",
        422,
        steps({}),
        detail=missing("as_node", {}, STEP, "supersteps.0.updates.0"),
    ),
    create(
        "supersteps with values of another type",
        422,
        steps({"as_node": "a", "values": 1}),
        detail=fits_none(
            1,
            "supersteps.0.updates.0.values",
            f"{STEP}.properties.values",
        ),
    ),
]
ONE = [
    Row(
        "new",
        "GET /threads/{thread}",
        200,
        given="thread",
        json=FRESH | {"thread_id": "{thread}", "metadata": {"m": 1}},
        keys=NEW_KEYS,
    ),
    Row(
        "after a run",
        "GET /threads/{thread}?include=ttl",
        200,
        given="done",
        json=Has(
            config={"configurable": {}},
            values={"x": 1, "log": ["noop"]},
            error=None,
            interrupts={},
            metadata={"graph_id": "noop", "assistant_id": UUID},
        ),
        keys=KEYS,
    ),
    Row(
        "after a failure",
        "GET /threads/{thread}",
        200,
        given="failed",
        json=Has(
            status="error",
            error={"error": "ValueError", "message": "a bad value"},
        ),
        keys=KEYS,
    ),
    Row(
        "paused for input",
        "GET /threads/{thread}",
        200,
        given="paused",
        json=Has(status="interrupted", error=None, interrupts=ANY),
        keys=KEYS,
    ),
    Row(
        "with a run to come",
        "GET /threads/{thread}",
        200,
        given="pending",
        json=Has(status="busy", values=None),
        keys=NEW_KEYS,
    ),
    Row("unknown", "GET /threads/{none}", 404, detail=NO_THREAD),
    Row("no UUID", "GET /threads/x", 422, detail=BAD_THREAD),
    Row(
        "a UUID in braces", "GET /threads/%7B{thread}%7D", 200, given="thread"
    ),
    Row(
        "metadata is merged at the top",
        "PATCH /threads/{thread}",
        200,
        given="thread",
        body={"metadata": {"b": {"c": 1}}},
        json=Has(metadata={"m": 1, "b": {"c": 1}}),
        keys=NEW_KEYS,
    ),
    Row(
        "without a body in the answer",
        "PATCH /threads/{thread}",
        204,
        given="thread",
        body={"metadata": {"b": 1}},
        headers={"prefer": "return=minimal"},
        text="",
        head={"content-type": ABSENT},
        then=[
            Then("GET /threads/{thread}", json=Has(metadata={"m": 1, "b": 1}))
        ],
    ),
    Row(
        "change of an unknown",
        "PATCH /threads/{none}",
        404,
        body={},
        detail="Not Found",
    ),
    Row("change of no UUID", "PATCH /threads/x", 422, detail=BAD_THREAD),
    Row(
        "metadata of another type",
        "PATCH /threads/{thread}",
        422,
        given="thread",
        body={"metadata": None},
        detail=wrong_type(None, "object", "metadata"),
    ),
    Row(
        "delete, with all its runs",
        "DELETE /threads/{thread}",
        204,
        given="done",
        text="",
        then=[
            Then("GET /threads/{thread}", 404),
            Then("GET /threads/{thread}/runs/{run}", 404),
        ],
    ),
    Row(
        "delete of what executes",
        "DELETE /threads/{thread}",
        204,
        given="running",
        then=[Then("GET /threads/{thread}", 404)],
    ),
    Row(
        "delete of an unknown", "DELETE /threads/{none}", 404, detail=NO_THREAD
    ),
    Row("delete of no UUID", "DELETE /threads/x", 422, detail=BAD_THREAD),
    Row(
        "copy",
        "POST /threads/{thread}/copy",
        200,
        given="done",
        json=Has(thread_id=UUID, status="idle", values=ABSENT),
        keys=NEW_KEYS.removesuffix(" values"),
    ),
    Row(
        "copy of an unknown",
        "POST /threads/{none}/copy",
        409,
        detail="Conflict",
    ),
    Row("copy of no UUID", "POST /threads/x/copy", 422, detail=BAD_THREAD),
]
ROWS = CREATE + ONE
