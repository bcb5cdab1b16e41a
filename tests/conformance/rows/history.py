"""The history of a thread."""

from rows.state import CONFIG, KEYS
from table import (
    ANY,
    BAD_THREAD,
    NO_THREAD,
    UUID,
    Has,
    Row,
    beyond,
    wrong_type,
)


def history(why, status, body=None, query="", given="stepped", **rest):
    method = "GET" if body is None else "POST"
    call = f"{method} /threads/{{thread}}/history{query}"
    return Row(why, call, status, given, body=body, **rest)


HISTORY = [
    history("one by default", 200, keys=KEYS, json=[Has(next=[])]),
    history("of a new thread", 200, given="thread", json=[]),
    history(
        "a page of the past",
        200,
        query="?limit=2&before={step2}",
        json=[
            Has(checkpoint_id="{step1}", next=["tick"]),
            Has(checkpoint_id="{step0}", metadata=Has(source="loop", step=0)),
        ],
    ),
    history("none at all", 200, query="?limit=0", json=[]),
    history("before what is not there", 200, query="?before=x", json=[ANY]),
    history(
        "limit is a number", 422, query="?limit=x", detail="Invalid limit x"
    ),
    Row("of an unknown", "GET /threads/{none}/history", 404, detail=NO_THREAD),
    Row("of no UUID", "GET /threads/x/history", 422, detail=BAD_THREAD),
    history("one by default", 200, {}, keys=KEYS, json=[Has(next=[])]),
    history(
        "tasks have paths and results",
        200,
        {"limit": 1, "before": {"checkpoint_id": "{step3}"}},
        json=[
            Has(
                tasks=[
                    {
                        "id": UUID,
                        "name": "tick",
                        "path": ["__pregel_pull", "tick"],
                        "error": None,
                        "interrupts": [],
                        "checkpoint": None,
                        "state": None,
                        "result": {"n": 3, "log": [3]},
                    }
                ]
            )
        ],
    ),
    history(
        "by metadata",
        200,
        {"limit": 9, "metadata": {"source": "input"}},
        json=[Has(checkpoint_id="{step_1}", next=["__start__"])],
    ),
    history(
        "of another namespace",
        200,
        {"limit": 9, "checkpoint": {"checkpoint_ns": "x"}},
        json=[],
    ),
    history("before a text", 200, {"before": "{step1}"}, json=[ANY]),
    history(
        "limit from 1", 422, {"limit": 0}, detail=beyond(0, 1, "limit", True)
    ),
    history(
        "limit to 1000",
        422,
        {"limit": 1001},
        detail=beyond(1001, 1000, "limit"),
    ),
    history(
        "limit is an integer",
        422,
        {"limit": "1"},
        detail=wrong_type("1", "integer", "limit"),
    ),
    history(
        "before of another type",
        422,
        {"before": 1},
        detail=wrong_type(1, "object", "before", CONFIG),
    ),
    history(
        "metadata of another type",
        422,
        {"metadata": 1},
        detail=wrong_type(1, "object", "metadata"),
    ),
]
ROWS = HISTORY
