"""Runs of threads: create, read, list, delete."""

from table import (
    ABSENT,
    ANY,
    BAD_RUN,
    BAD_THREAD,
    NO_THREAD,
    NOWHERE,
    TIME,
    UUID,
    Has,
    Like,
    Row,
    Then,
)

KEYS = (
    "run_id thread_id assistant_id metadata status kwargs multitask_strategy "
    "created_at updated_at langsmith_session_name"
)
KWARGS = {
    "input": {},
    "command": None,
    "config": ANY,
    "context": {},
    "stream_mode": ["values"],
    "interrupt_before": None,
    "interrupt_after": None,
    "webhook": None,
    "feedback_keys": None,
    "temporary": False,
    "subgraphs": False,
    "resumable": False,
    "checkpoint_during": True,
    "durability": "async",
}
FRESH = {
    "run_id": UUID,
    "thread_id": "{thread}",
    "assistant_id": UUID,
    "metadata": {
        "created_by": "system",
        "m": 1,
        "graph_id": "noop",
        "assistant_id": UUID,
    },
    "status": "pending",
    "kwargs": KWARGS,
    "multitask_strategy": "enqueue",
    "created_at": TIME,
    "updated_at": TIME,
    "langsmith_session_name": None,
}
CONFIGURABLE = {
    "langgraph_auth_user": None,
    "langgraph_auth_user_id": "",
    "langgraph_auth_permissions": [],
    "langgraph_request_id": ANY,
    "__request_start_time_ms__": ANY,
    "__after_seconds__": 0,
    "run_id": UUID,
    "thread_id": "{thread}",
    "graph_id": "noop",
    "assistant_id": UUID,
    "user_id": "",
}
BUSY = (
    "Thread is already running a task. Wait for it to finish or choose a "
    "different multitask strategy."
)
NO_ASSISTANT = (
    r"Invalid assistant: 'nope'\. Must be either:\n- A valid assistant UUID, "
    r"or\n- One of the registered graphs: .*noop.*"
)
HERE = "/threads/{thread}/runs"
PLACE = Like(r"/threads/[0-9a-f-]{36}/runs/[0-9a-f-]{36}")


def create(why, status, body, given="thread", how="", **rest):
    body = {"assistant_id": "noop", "input": {}} | body
    return Row(why, f"POST {HERE}{how}", status, given, body=body, **rest)


def lists(why, status, query, **rest):
    return Row(why, f"GET {HERE}{query}", status, given="done", **rest)


CREATE = [
    create(
        "defaults",
        200,
        {},
        json=FRESH,
        keys=KEYS,
        head={"content-location": PLACE, "location": ABSENT},
        then=[
            Then(
                "GET /threads/{thread}",
                json=Has(
                    status="idle",
                    config={"configurable": {}},
                    metadata={
                        "m": 1,
                        "graph_id": "noop",
                        "assistant_id": UUID,
                    },
                ),
            )
        ],
    ),
    create(
        "what the server says of it",
        200,
        {"config": {"configurable": {"run_id": "x", "user_id": "me"}}},
        json=Has(
            kwargs=Has(
                config={
                    "configurable": CONFIGURABLE,
                    "metadata": FRESH["metadata"],
                }
            )
        ),
    ),
    create(
        "what was asked for",
        200,
        {
            "input": [1, {"a": None}],
            "stream_mode": "updates",
            "interrupt_before": "*",
            "interrupt_after": ["x"],
            "stream_subgraphs": True,
            "stream_resumable": True,
            "durability": "sync",
            "feedback_keys": ["k"],
            "context": {"c": 1},
            "multitask_strategy": "interrupt",
        },
        json=Has(
            multitask_strategy="interrupt",
            kwargs=KWARGS
            | {
                "input": [1, {"a": None}],
                "stream_mode": ["updates"],
                "interrupt_before": "*",
                "interrupt_after": ["x"],
                "subgraphs": True,
                "resumable": True,
                "durability": "sync",
                "feedback_keys": ["k"],
                "context": {"c": 1},
            },
        ),
    ),
    create(
        "checkpoint_during false is exit",
        200,
        {"checkpoint_during": False},
        json=Has(kwargs=Has(durability="exit", checkpoint_during=False)),
    ),
    create(
        "no modes are values",
        200,
        {"stream_mode": []},
        json=Has(kwargs=Has(stream_mode=["values"])),
    ),
    create(
        "headers do not become configurable",
        200,
        {},
        headers={"x-foo": "1", "user-agent": "u", "x-api-key": "k"},
        json=Has(
            kwargs=Has(
                config={
                    "configurable": CONFIGURABLE,
                    "metadata": FRESH["metadata"],
                }
            )
        ),
    ),
    create(
        "metadata of the run wins",
        200,
        {
            "metadata": {"m": 3, "run_id": "x"},
            "config": {"metadata": {"m": 2}},
        },
        json=Has(metadata=FRESH["metadata"] | {"m": 3}),
    ),
    create("unknown fields are ignored", 200, {"x": 1, "on_completion": "x"}),
    Row(
        "a thread that is made for it",
        "POST /threads/{none}/runs",
        200,
        body={
            "assistant_id": "noop",
            "input": {},
            "if_not_exists": "create",
            "metadata": {"a": 1},
            "config": {"configurable": {"b": 1}, "tags": ["t"]},
        },
        json=Has(
            metadata={"created_by": "system", "a": 1, "assistant_id": UUID}
        ),
        then=[
            Then(
                "GET /threads/{none}",
                json=Has(
                    metadata={
                        "graph_id": "noop",
                        "assistant_id": UUID,
                        "a": 1,
                    },
                    config={"configurable": {}, "tags": ["t"]},
                ),
            )
        ],
    ),
    create(
        "what a run before it brought along is gone",
        200,
        {},
        given="configured",
        json=Has(
            kwargs=Has(
                config={
                    "configurable": CONFIGURABLE,
                    "metadata": {
                        "created_by": "system",
                        "graph_id": "noop",
                        "assistant_id": UUID,
                    },
                }
            )
        ),
        then=[
            Then(
                "GET /threads/{thread}",
                json=Has(
                    config={
                        "configurable": {},
                        "tags": ["t"],
                        "recursion_limit": 7,
                    }
                ),
            )
        ],
    ),
    create(
        "an unknown assistant", 404, {"assistant_id": "{none}"}, detail=NOWHERE
    ),
    create(
        "interrupt supersedes",
        200,
        {"multitask_strategy": "interrupt"},
        given="running",
        then=[
            Then(
                f"GET {HERE}/{{run}}",
                json=Has(
                    status="interrupted",
                    cancel_reason=Like(
                        r"superseded by run \S+ "
                        r"\(multitask_strategy=interrupt\)"
                    ),
                ),
            )
        ],
    ),
    create(
        "rollback supersedes",
        200,
        {"multitask_strategy": "rollback"},
        given="running",
        then=[Then(f"GET {HERE}/{{run}}", 404)],
    ),
]
READ = [
    Row(
        "read",
        f"GET {HERE}/{{run}}",
        200,
        given="done",
        json=Has(run_id="{run}", status="success", cancel_reason=ABSENT),
        keys=KEYS,
    ),
    Row(
        "read while it executes",
        f"GET {HERE}/{{run}}",
        200,
        given="running",
        json=Has(status="running"),
        keys=KEYS,
    ),
    Row(
        "of another thread",
        "GET /threads/{other}/runs/{run}",
        404,
        given="done+other",
        detail="Not Found",
    ),
    Row("unknown", f"GET {HERE}/{{none}}", 404, "thread", detail="Not Found"),
    Row("no UUID", f"GET {HERE}/x", 422, "thread", detail=BAD_RUN),
    Row("of no UUID", "GET /threads/x/runs/{none}", 422, detail=BAD_THREAD),
    lists("list", 200, "", json=[Has(run_id="{run}")], keys=KEYS),
    lists("by status", 200, "?status=error", json=[]),
    lists("by a status of another word", 200, "?status=bogus", json=[]),
    lists("beyond the end", 200, "?offset=1", json=[]),
    lists(
        "selected columns",
        200,
        "?select=status&select=run_id",
        json=[{"run_id": "{run}", "status": "success"}],
    ),
    lists(
        "select of another word",
        422,
        "?select=color",
        json=Has(
            detail=Like(
                r"Invalid select columns: \['color'\]\. Expected: \{'.*'\}"
            )
        ),
    ),
    lists(
        "limit is a number",
        400,
        "?limit=abc",
        detail="invalid literal for int() with base 10: 'abc'",
    ),
    lists(
        "offset is a number",
        400,
        "?offset=",
        detail="invalid literal for int() with base 10: ''",
    ),
    Row("of an unknown", "GET /threads/{none}/runs", 404, detail=NO_THREAD),
    Row("list of no UUID", "GET /threads/x/runs", 422, detail=BAD_THREAD),
]
DELETE = [
    Row(
        "delete, with its checkpoints",
        f"DELETE {HERE}/{{run}}",
        204,
        given="done",
        text="",
        then=[
            Then(f"GET {HERE}/{{run}}", 404),
            Then("GET /threads/{thread}/history", json=[]),
        ],
    ),
    Row(
        "delete of what executes",
        f"DELETE {HERE}/{{run}}",
        204,
        given="running",
        then=[
            Then(f"GET {HERE}/{{run}}", 404),
            Then("GET /threads/{thread}", json=Has(status="idle")),
            Then("GET /threads/{thread}/history", json=[]),
        ],
    ),
    Row(
        "delete of what is to come",
        f"DELETE {HERE}/{{run}}",
        204,
        given="pending",
        then=[Then("GET /threads/{thread}", json=Has(status="idle"))],
    ),
    Row(
        "delete of an unknown",
        f"DELETE {HERE}/{{none}}",
        404,
        given="thread",
        detail="Run not found",
    ),
    Row(
        "delete of no UUID", f"DELETE {HERE}/x", 422, "thread", detail=BAD_RUN
    ),
]
ROWS = CREATE + READ + DELETE
