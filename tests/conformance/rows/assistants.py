"""Assistants. The reference is the Agent Server 0.16 as it answers."""

from table import (
    ANY,
    BAD_ASSISTANT,
    TIME,
    UUID,
    Has,
    Like,
    Row,
    beyond,
    missing,
    not_one_of,
    wrong_type,
)

KEYS = (
    "assistant_id graph_id config context metadata name created_at "
    "updated_at version description"
)
FRESH = {
    "assistant_id": UUID,
    "graph_id": "noop",
    "config": {},
    "context": {},
    "metadata": {},
    "name": "Untitled",
    "created_at": TIME,
    "updated_at": TIME,
    "version": 1,
    "description": None,
}
BOTH = (
    "Cannot specify both configurable and context. Prefer setting context "
    "alone. Context was introduced in LangGraph 0.6.0 and is the long term "
    "planned replacement for configurable."
)
SORTS = '"assistant_id", "created_at" or 3 other candidates'
COLUMNS = '"assistant_id", "graph_id" or 8 other candidates'


def create(why, status, body, **rest):
    body = {"graph_id": "noop"} | body if isinstance(body, dict) else body
    return Row(why, "POST /assistants", status, body=body, **rest)


def patch(why, status, body, **rest):
    call = "PATCH /assistants/{assistant}"
    return Row(why, call, status, given="assistant", body=body, **rest)


def search(why, status, body, route="search", **rest):
    return Row(why, f"POST /assistants/{route}", status, body=body, **rest)


CREATE = [
    create("defaults", 200, {}, json=FRESH, keys=KEYS),
    create(
        "an empty name is none", 200, {"name": ""}, json=Has(name="Untitled")
    ),
    create("unknown fields are ignored", 200, {"x": 1}, json=FRESH),
    create(
        "configurable alone is the context too",
        200,
        {"config": {"configurable": {"a": 1}}},
        json=Has(config={"configurable": {"a": 1}}, context={"a": 1}),
    ),
    create(
        "context alone is configurable too",
        200,
        {"context": {"a": 1}},
        json=Has(config={"configurable": {"a": 1}}, context={"a": 1}),
    ),
    create(
        "not both",
        400,
        {"config": {"configurable": {"a": 1}}, "context": {"b": 1}},
        detail=BOTH,
    ),
    create(
        "reserved metadata is taken out",
        200,
        {"metadata": {"run_id": 1, "thread_id": 1, "cron_id": 1, "a": 1}},
        json=Has(metadata={"a": 1}),
    ),
    create(
        "an id in other letters",
        200,
        {"assistant_id": "urn:uuid:{none}"},
        json=FRESH | {"assistant_id": "{none}"},
    ),
    create(
        "an id that is taken",
        409,
        {"assistant_id": "{assistant}"},
        given="assistant",
        detail="Assistant {assistant} already exists",
    ),
    create(
        "do_nothing gives the old one",
        200,
        {
            "assistant_id": "{assistant}",
            "if_exists": "do_nothing",
            "name": "x",
        },
        given="assistant",
        json=FRESH | {"assistant_id": "{assistant}"},
    ),
    create(
        "an id that is none", 422, {"assistant_id": "x"}, detail=BAD_ASSISTANT
    ),
    Row(
        "graph_id is required",
        "POST /assistants",
        422,
        body={},
        detail=missing("graph_id", {}),
    ),
    Row(
        "an unknown graph, and the known",
        "POST /assistants",
        404,
        body={"graph_id": "nope"},
        json=Has(
            detail=Like(
                r"Graph 'nope' not found\. Expected one of: "
                r"\['async_cpu', 'big',.*, 'tokens'\]"
            )
        ),
    ),
    create(
        "graph_id of another type",
        422,
        {"graph_id": 1},
        detail=wrong_type(1, "string", "graph_id"),
    ),
    create(
        "if_exists of another word",
        422,
        {"if_exists": "x"},
        detail=not_one_of("x", '"raise" or "do_nothing"', "if_exists"),
    ),
    create(
        "a name of another type",
        422,
        {"name": 1},
        detail=wrong_type(1, "string", "name"),
    ),
    create(
        "a description of another type",
        422,
        {"description": 1},
        detail=wrong_type(1, "null string", "description"),
    ),
    create(
        "metadata of another type",
        422,
        {"metadata": 1},
        detail=wrong_type(1, "object", "metadata"),
    ),
    create(
        "a context of another type",
        422,
        {"context": 1},
        detail=wrong_type(1, "object", "context"),
    ),
    create(
        "a config of another type",
        422,
        {"config": 1},
        detail=wrong_type(1, "object", "config"),
    ),
    create(
        "a config's members have a schema of their own",
        422,
        {"config": {"recursion_limit": "x"}},
        detail=wrong_type("x", "integer", "recursion_limit"),
    ),
    create(
        "tags are texts",
        422,
        {"config": {"tags": [1]}},
        detail=wrong_type(1, "string", "tags.0"),
    ),
    create(
        "the schema of the body comes first",
        422,
        {"config": {"tags": 1}, "name": 1},
        detail=wrong_type(1, "string", "name"),
    ),
]
SEARCH = [
    search(
        "a page and where the next one is",
        200,
        {"limit": 1, "graph_id": "noop"},
        given="assistant+assistant",
        keys=KEYS,
        head={"x-pagination-next": "1", "x-pagination-total": "2"},
    ),
    search(
        "the last page",
        200,
        {"name": "no such name", "offset": 3},
        json=[],
        head={"x-pagination-total": "3"},
    ),
    search(
        "selected columns in their order",
        200,
        {"select": ["name", "graph_id"], "limit": 1, "sort_by": "name"},
        keys="graph_id name",
    ),
    search("an unknown graph", 404, {"graph_id": "nope"}),
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
        "limit is an integer",
        422,
        {"limit": "5"},
        detail=wrong_type("5", "integer", "limit"),
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
        "sort_order of another word",
        422,
        {"sort_order": "up"},
        detail=not_one_of("up", '"asc" or "desc"', "sort_order"),
    ),
    search(
        "select of another word",
        422,
        {"select": ["color"]},
        detail=not_one_of("color", COLUMNS, "select.0"),
    ),
    search("count", 200, {"name": "no such name"}, "count", json=0),
    search("count of an unknown graph", 404, {"graph_id": "nope"}, "count"),
    search(
        "count by a name of another type",
        422,
        {"name": 1},
        "count",
        detail=wrong_type(1, "string", "name"),
    ),
]
ONE = [
    Row(
        "read",
        "GET /assistants/{assistant}",
        200,
        given="assistant",
        json=FRESH | {"assistant_id": "{assistant}"},
        keys=KEYS,
    ),
    Row(
        "each graph has one of its own",
        "GET /assistants/{system}",
        200,
        given="system",
        json=Has(graph_id="noop", metadata={"created_by": "system"}),
    ),
    Row("unknown", "GET /assistants/{none}", 404, detail="Not Found"),
    Row("no UUID", "GET /assistants/noop", 422, detail=BAD_ASSISTANT),
    patch(
        "a new version",
        200,
        {"metadata": {"a": 1}, "name": "n"},
        json=Has(metadata={"a": 1}, name="n", version=2),
        keys=KEYS,
    ),
    patch(
        "of an unknown graph", 404, {"graph_id": "nope"}, json=Has(detail=ANY)
    ),
    patch(
        "a description that is null",
        422,
        {"description": None},
        detail=wrong_type(None, "string", "description"),
    ),
    patch(
        "a config's members",
        422,
        {"config": {"tags": 1}},
        detail=wrong_type(1, "array", "tags"),
    ),
    patch(
        "not both",
        400,
        {"config": {"configurable": {"a": 1}}, "context": {"b": 1}},
        detail=BOTH,
    ),
    Row(
        "change of an unknown",
        "PATCH /assistants/{none}",
        404,
        body={},
        detail="Assistant {none} not found",
    ),
    Row("change of no UUID", "PATCH /assistants/x", 422, detail=BAD_ASSISTANT),
    Row(
        "delete",
        "DELETE /assistants/{assistant}",
        204,
        given="assistant",
        text="",
        then=[],
    ),
    Row(
        "delete of an unknown",
        "DELETE /assistants/{none}",
        404,
        detail="Assistant with ID {none} not found",
    ),
    Row(
        "delete of no UUID", "DELETE /assistants/x", 422, detail=BAD_ASSISTANT
    ),
]
ROWS = CREATE + SEARCH + ONE
