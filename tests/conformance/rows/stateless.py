"""Runs without a thread of the caller's."""

from rows.joins import FIRST, JSON, NEW, SSE
from rows.runs import KEYS, KWARGS, NO_ASSISTANT
from table import (
    ABSENT,
    NOWHERE,
    TIME,
    UUID,
    Has,
    Like,
    Row,
    broken,
    fits_none,
    missing,
    not_one_of,
    wrong_type,
)

ONE = "components.schemas.RunCreateStateless"
ALONE = Like(r"/runs/[0-9a-f-]{36}")
RESUME = "You must provide a thread_id when resuming."
FRESH = {
    "run_id": UUID,
    "thread_id": UUID,
    "assistant_id": UUID,
    "metadata": {"created_by": "system", "assistant_id": UUID},
    "status": "pending",
    "kwargs": KWARGS | {"temporary": True},
    "multitask_strategy": "enqueue",
    "created_at": TIME,
    "updated_at": TIME,
    "langsmith_session_name": None,
}


def run(why, status, body, how="", **rest):
    body = {"assistant_id": "noop", "input": {}} | body
    return Row(why, f"POST /runs{how}", status, body=body, **rest)


def batch(why, status, *bodies, **rest):
    return Row(why, "POST /runs/batch", status, body=list(bodies), **rest)


NOOP = {"assistant_id": "noop", "input": {}}
ROWS = [
    run(
        "defaults",
        200,
        {},
        json=FRESH,
        keys=KEYS,
        head={"content-location": ALONE, "location": ABSENT},
    ),
    run(
        "kept",
        200,
        {"on_completion": "keep"},
        json=Has(kwargs=KWARGS | {"temporary": False}),
    ),
    run(
        "fields of runs with a thread are ignored",
        200,
        {
            "multitask_strategy": "bogus",
            "if_not_exists": 1,
            "checkpoint": None,
            "interrupt_before": 1,
        },
        json=Has(multitask_strategy="enqueue"),
    ),
    run(
        "to wait for",
        200,
        {"input": {"x": 1}},
        "/wait",
        json={"x": 1, "log": ["noop"]},
        head=JSON
        | {"location": Like(f"{NEW}/join"), "content-location": Like(NEW)},
    ),
    run(
        "to wait for, without values",
        200,
        {"stream_mode": "updates"},
        "/wait",
        json={},
    ),
    run(
        "to wait for, a failure",
        200,
        {"assistant_id": "fails"},
        "/wait",
        json={"__error__": {"error": "ValueError", "message": "a bad value"}},
    ),
    run(
        "to stream",
        200,
        {"input": {"x": 1}},
        "/stream",
        text=FIRST,
        head=SSE
        | {
            "location": Like(r"/runs/[0-9a-f-]{36}/stream"),
            "content-location": ALONE,
        },
    ),
    *[
        row
        for how in ("", "/wait", "/stream")
        for row in [
            run(
                "resumed", 400, {"command": {"resume": 1}}, how, detail=RESUME
            ),
            run(
                "an unknown assistant",
                404,
                {"assistant_id": "{none}"},
                how,
                detail=NOWHERE,
            ),
            run(
                "an unknown graph",
                422,
                {"assistant_id": "nope"},
                how,
                json=Has(detail=Like("(?s)" + NO_ASSISTANT)),
            ),
            Row(
                "assistant_id is required",
                f"POST /runs{how}",
                422,
                body={},
                detail=missing("assistant_id", {}, ONE if how else ""),
            ),
        ]
    ],
    run(
        "on_completion of another word",
        422,
        {"on_completion": "x"},
        detail=not_one_of("x", '"delete" or "keep"', "on_completion"),
    ),
    run(
        "on_disconnect of another word",
        422,
        {"on_disconnect": "x"},
        "/stream",
        detail=not_one_of(
            "x",
            '"cancel" or "continue"',
            "on_disconnect",
            "allOf.1.properties.on_disconnect",
        ),
    ),
    batch(
        "in their order",
        200,
        NOOP | {"metadata": {"i": 1}},
        NOOP | {"metadata": {"i": 2}},
        json=[
            Has(metadata=Has(i=1), status="pending"),
            Has(metadata=Has(i=2), status="pending"),
        ],
        keys=KEYS,
    ),
    batch(
        "none",
        422,
        detail=broken("[] has less than 1 item", "minItems", []),
    ),
    batch("no object", 422, 1, detail=wrong_type(1, "object", "0", ONE)),
    batch(
        "assistant_id is required",
        422,
        {},
        detail=missing("assistant_id", {}, ONE, "0"),
    ),
    batch(
        "a mode of another word",
        422,
        NOOP,
        NOOP | {"stream_mode": "x"},
        detail=fits_none(
            "x", "1.stream_mode", f"{ONE}.properties.stream_mode"
        ),
    ),
    batch(
        "an unknown assistant, and none is created",
        404,
        NOOP,
        {"assistant_id": "{none}"},
        detail=NOWHERE,
    ),
    Row(
        "no list",
        "POST /runs/batch",
        422,
        body={},
        detail=wrong_type({}, "array"),
    ),
]
