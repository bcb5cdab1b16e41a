"""Threads: search and count."""

from rows.threads import KEYS
from table import (
    ABSENT,
    Has,
    Like,
    Row,
    beyond,
    not_one_of,
    wrong_type,
)

STATES = '"idle", "busy" or 2 other candidates'
COLUMNS = '"thread_id", "created_at" or 7 other candidates'
SORTS = '"thread_id", "status" or 3 other candidates'


def search(why, status, body, route="search", **rest):
    return Row(why, f"POST /threads/{route}", status, body=body, **rest)


def extract(why, paths, **rest):
    rest = {"status": 422} | rest
    return search(why, body={"ids": [], "extract": paths}, **rest)


SEARCH = [
    search(
        "a page and where the next one is",
        200,
        {"limit": 1},
        given="thread+thread",
        head={"x-pagination-next": "1", "x-pagination-total": "2"},
    ),
    search(
        "by ids, the whole row",
        200,
        {"ids": ["{thread}", "{none}"]},
        given="done",
        keys=KEYS,
        head={"x-pagination-next": ABSENT, "x-pagination-total": "1"},
    ),
    search(
        "selected columns in their order",
        200,
        {"ids": ["{thread}"], "select": ["values", "thread_id"]},
        given="done",
        keys="thread_id values",
    ),
    search(
        "extracted values",
        200,
        {
            "ids": ["{thread}"],
            "select": ["thread_id"],
            "extract": {"a": "values.log[-1]", "b": "metadata.none"},
        },
        given="done",
        json=[
            {"thread_id": "{thread}", "extracted": {"a": "noop", "b": None}}
        ],
    ),
    search(
        "by values",
        200,
        {"ids": ["{thread}"], "values": {"x": 1}, "status": "idle"},
        given="done",
        json=[Has(thread_id="{thread}")],
    ),
    search(
        "an id that is none",
        400,
        {"ids": ["x"]},
        detail="Invalid thread ID x",
    ),
    search(
        "status of another word",
        422,
        {"status": "done"},
        detail=not_one_of("done", STATES, "status"),
    ),
    search(
        "limit from 1", 422, {"limit": 0}, detail=beyond(0, 1, "limit", True)
    ),
    search(
        "limit to 1000",
        422,
        {"limit": 1001},
        detail=beyond(1001, 1000, "limit"),
    ),
    search(
        "offset from 0",
        422,
        {"offset": -1},
        detail=beyond(-1, 0, "offset", True),
    ),
    search(
        "sort_by of another word",
        422,
        {"sort_by": "color"},
        detail=not_one_of("color", SORTS, "sort_by"),
    ),
    search(
        "select of another word",
        422,
        {"select": ["color"]},
        detail=not_one_of("color", COLUMNS, "select.0"),
    ),
    search(
        "values of another type",
        422,
        {"values": []},
        detail=wrong_type([], "object", "values"),
    ),
    extract(
        "an alias that is no name",
        {"1x": "values.a"},
        detail="Extract key '1x' must be a valid identifier (letters, digits, "
        "underscores)",
    ),
    extract(
        "an alias that is a column",
        {"status": "values.a"},
        detail="Extract keys cannot use reserved field names: ['status']",
    ),
    extract(
        "a path of another root",
        {"a": "runs.a"},
        detail="Extract path 'runs.a' must start with one of: config, "
        "interrupts, metadata, values",
    ),
    extract(
        "an empty path",
        {"a": ""},
        detail="Extract path for 'a' must be a non-empty string",
    ),
    extract(
        "a path of another type",
        {"a": 1},
        detail=wrong_type(
            1, "string", "extract.a", "properties.extract.additionalProperties"
        ),
    ),
    extract(
        "too many paths",
        {f"a{i}": "values.a" for i in range(11)},
        json=Has(detail=Like(r"(?s).* has more than 10 properties\n\n.*")),
    ),
    search("count", 200, {"metadata": {"no": "such"}}, "count", json=0),
    search(
        "count by a status of another word",
        422,
        {"status": "x"},
        "count",
        detail=not_one_of("x", STATES, "status"),
    ),
]
ROWS = SEARCH
