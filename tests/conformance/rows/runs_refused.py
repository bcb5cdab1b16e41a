"""Runs of threads that are not created, and why."""

from rows.assistants import BOTH
from rows.runs import BUSY, HERE, NO_ASSISTANT, create
from table import (
    NOWHERE,
    Has,
    Like,
    Row,
    Then,
    broken,
    fits_none,
    missing,
    not_one_of,
    wrong_type,
)

STATEFUL = "components.schemas.RunCreateStateful"
CONFIG = "components.schemas.CheckpointConfig"
STRATEGIES = '"reject", "rollback" or 2 other candidates'


def refused(why, body, text, status=422):
    """Nothing is left of it."""
    idle = Then("GET /threads/{thread}", json=Has(status="idle"))
    none = Then(f"GET {HERE}", json=[])
    return create(why, status, body, detail=text, then=[idle, none])


def hook(why, url, text):
    return refused(why, {"webhook": url}, text)


ROWS = [
    create(
        "a busy thread, reject",
        409,
        {"multitask_strategy": "reject"},
        given="running",
        detail=BUSY,
    ),
    create(
        "a thread with a run to come, reject",
        409,
        {"multitask_strategy": "reject"},
        given="pending",
        detail=BUSY,
    ),
    create(
        "a busy thread, reject, to stream",
        409,
        {"multitask_strategy": "reject"},
        given="pending",
        how="/stream",
        detail=BUSY,
    ),
    create(
        "a busy thread, reject, to wait for",
        409,
        {"multitask_strategy": "reject"},
        given="pending",
        how="/wait",
        detail=BUSY,
    ),
    refused(
        "assistant_id of another type",
        {"assistant_id": 1},
        fits_none(1, "assistant_id"),
    ),
    create(
        "an unknown graph",
        422,
        {"assistant_id": "nope"},
        json=Has(detail=Like("(?s)" + NO_ASSISTANT)),
    ),
    refused(
        "a mode of another word",
        {"stream_mode": "x"},
        fits_none("x", "stream_mode"),
    ),
    refused(
        "a mode of the other streams",
        {"stream_mode": ["values", "tools"]},
        "Stream mode 'tools' is only supported on the v2 event streaming "
        "endpoints.",
    ),
    refused(
        "a strategy of another word",
        {"multitask_strategy": "bogus"},
        not_one_of("bogus", STRATEGIES, "multitask_strategy"),
    ),
    refused(
        "if_not_exists of another word",
        {"if_not_exists": "x"},
        not_one_of("x", '"create" or "reject"', "if_not_exists"),
    ),
    refused(
        "durability of another word",
        {"durability": "x"},
        not_one_of("x", '"sync", "async" or "exit"', "durability"),
    ),
    refused(
        "after_seconds of another type",
        {"after_seconds": "x"},
        wrong_type("x", "number", "after_seconds"),
    ),
    refused(
        "metadata of another type",
        {"metadata": []},
        wrong_type([], "object", "metadata"),
    ),
    refused(
        "recursion_limit of another type",
        {"config": {"recursion_limit": "x"}},
        wrong_type("x", "integer", "config.recursion_limit"),
    ),
    refused(
        "configurable of another type",
        {"config": {"configurable": 1}},
        wrong_type(1, "object", "config.configurable"),
    ),
    refused(
        "a breakpoint of another type",
        {"interrupt_before": "some"},
        fits_none("some", "interrupt_before"),
    ),
    refused(
        "a checkpoint of another type",
        {"checkpoint": 1},
        wrong_type(1, "object", "checkpoint", CONFIG),
    ),
    refused(
        "checkpoint_id that is none",
        {"checkpoint_id": "x"},
        "Invalid checkpoint ID",
    ),
    refused(
        "a command of another type", {"command": 1}, fits_none(1, "command")
    ),
    refused(
        "a command to send nothing",
        {"command": {"goto": {"node": "x"}}},
        fits_none({"goto": {"node": "x"}}, "command"),
    ),
    refused(
        "a command to go to no name",
        {"command": {"goto": [1]}},
        fits_none({"goto": [1]}, "command"),
    ),
    refused(
        "not both",
        {"config": {"configurable": {"a": 1}}, "context": {"b": 1}},
        BOTH,
        400,
    ),
    hook(
        "a webhook at home",
        "http://127.0.0.1:1/",
        "Webhook host blocked: loopback IP range",
    ),
    hook(
        "a webhook in the house",
        "http://10.0.0.1/",
        "Webhook host blocked: private IP range",
    ),
    hook(
        "a webhook without a host", "http:///x", "Invalid webhook hostname ''"
    ),
    hook(
        "a webhook that is no URL", "not a url", "Invalid webhook hostname ''"
    ),
    hook("a webhook too long", "http://" + "a" * 5000, "Webhook URL too long"),
    hook(
        "an empty webhook",
        "",
        broken(
            '"" is shorter than 1 character',
            "minLength",
            "",
            "properties.webhook",
            "webhook",
        ),
    ),
    Row(
        "assistant_id is required",
        f"POST {HERE}",
        422,
        given="thread",
        body={},
        detail=missing("assistant_id", {}),
    ),
    Row(
        "assistant_id is required, to stream",
        f"POST {HERE}/stream",
        422,
        given="thread",
        body={},
        detail=missing("assistant_id", {}, STATEFUL),
    ),
    Row(
        "a mode of another word, to wait for",
        f"POST {HERE}/wait",
        422,
        given="thread",
        body={"assistant_id": "noop", "stream_mode": "x"},
        detail=fits_none(
            "x", "stream_mode", f"{STATEFUL}.properties.stream_mode"
        ),
    ),
    Row(
        "on_disconnect of another word",
        f"POST {HERE}/wait",
        422,
        given="thread",
        body={"assistant_id": "noop", "on_disconnect": "x"},
        detail=not_one_of(
            "x",
            '"cancel" or "continue"',
            "on_disconnect",
            "allOf.1.properties.on_disconnect",
        ),
    ),
    *[
        Row(
            f"{why}{how}",
            f"POST /threads/{thread}/runs{how}",
            status,
            body={"assistant_id": "noop"},
            detail=text,
        )
        for how in ("", "/stream", "/wait")
        for why, thread, status, text in [
            ("on an unknown thread", "{none}", 404, NOWHERE),
            ("on no UUID", "x", 422, "Invalid thread ID"),
        ]
    ],
]
