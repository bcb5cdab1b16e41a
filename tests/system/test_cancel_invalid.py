"""POST /runs/cancel with bodies that are refused: status and exact text."""

import json

import pytest

from api import detail, unknown
from cancelling import counted, deferred

THREAD = "7b5a3c1e-0000-4000-8000-000000000001"
RUN = "7b5a3c1e-0000-4000-8000-000000000002"
EXCLUSIVE = (
    "When providing a 'status', 'thread_id' and 'run_ids' must be omitted. "
    "The 'status' parameter cancels all runs with the given status, "
    "regardless of thread or run ID."
)
BAD_JSON = "Invalid JSON in request body"


def printed(value) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def schema_error(message: str, rule: str, at: str, value, path="") -> str:
    """How the reference's validator prints a failure."""
    return (
        f'{message}\n\nFailed validating "{rule}" in schema{at}'
        f"\n\nOn instance{path}:\n    {printed(value)}"
    )


def neither(body) -> str:
    return schema_error(
        f"{printed(body)} is not valid under any of the schemas listed in "
        "the 'oneOf' keyword",
        "oneOf",
        "",
        body,
    )


def both(body) -> str:
    return schema_error(
        f"{printed(body)} is valid under more than one of the schemas listed "
        "in the 'oneOf' keyword",
        "oneOf",
        "",
        body,
    )


def not_in_enum(value) -> str:
    return schema_error(
        f'{printed(value)} is not one of "pending", "running" or "all"',
        "enum",
        '["properties"]["status"]',
        value,
        '["status"]',
    )


def wrong_type(value, kind, at, path) -> str:
    return schema_error(
        f'{printed(value)} is not of type "{kind}"', "type", at, value, path
    )


def of_property(value, kind, name) -> str:
    return wrong_type(value, kind, f'["properties"]["{name}"]', f'["{name}"]')


ALL_THREE = {"status": "all", "thread_id": THREAD, "run_ids": [RUN]}
REFUSED = [
    ({}, neither({})),
    ({"thread_id": THREAD}, neither({"thread_id": THREAD})),
    ({"run_ids": [RUN]}, neither({"run_ids": [RUN]})),
    (ALL_THREE, both(ALL_THREE)),
    ({"status": "all", "thread_id": THREAD}, EXCLUSIVE),
    ({"status": "all", "run_ids": [RUN]}, EXCLUSIVE),
    ({"status": "ALL"}, not_in_enum("ALL")),
    ({"status": "success"}, not_in_enum("success")),
    (counted(THREAD, "x"), "Invalid run ID: must be a UUID"),
    (counted("x", RUN), "Invalid thread ID: must be a UUID"),
    (
        {"thread_id": THREAD, "run_ids": [1]},
        wrong_type(
            1,
            "string",
            '["properties"]["run_ids"]["items"]',
            '["run_ids"][0]',
        ),
    ),
    (
        {"thread_id": THREAD, "run_ids": RUN},
        of_property(RUN, "array", "run_ids"),
    ),
    (
        {"thread_id": THREAD, "run_ids": None},
        of_property(None, "array", "run_ids"),
    ),
    (
        {"thread_id": None, "run_ids": [RUN]},
        of_property(None, "string", "thread_id"),
    ),
    ([1], wrong_type([1], "object", "", "")),
    ("all", wrong_type("all", "object", "", "")),
    (None, wrong_type(None, "object", "", "")),
]


@pytest.mark.parametrize(
    "body, text", REFUSED, ids=[printed(body)[:60] for body, _ in REFUSED]
)
def test_a_body_that_breaks_the_schema_is_422_with_the_text_of_the_api(
    api, body, text
):
    answer = api.post("/runs/cancel", content=json.dumps(body))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/json"
    assert detail(answer) == text


@pytest.mark.parametrize("status", [None, 1, ["all"]])
def test_a_status_that_is_no_string_is_422(api, status):
    answer = api.cancel_many({"status": status})
    assert answer.status_code == 422
    assert detail(answer).startswith(
        f'{printed(status)} is not of type "string"'
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"status=all",
        b'{"status":NaN}',
        b'{"status":"all",}',
        b"\xef\xbb\xbf" + b'{"status":"all"}',
        b'{"status":"\xff"}',
        b'{"status":"all"} x',
        b'{"status":"\\ud800"}',
        b'{"status":1e400}',
    ],
    ids=repr,
)
def test_a_body_that_is_no_json_is_422(api, body):
    answer = api.post("/runs/cancel", content=body)
    assert (answer.status_code, detail(answer)) == (422, BAD_JSON)


def test_one_bad_id_among_good_ones_cancels_nothing(api, marks):
    thread, run = deferred(api, marks)
    answer = api.cancel_many(counted(thread, run, "x"))
    assert answer.status_code == 422
    assert detail(answer) == "Invalid run ID: must be a UUID"
    assert api.status(thread, run) == "pending"
    api.cancel(thread, run)


def test_a_refused_body_cancels_nothing(api, marks):
    thread, run = deferred(api, marks)
    for body in (
        counted(thread, run) | {"status": "all"},
        {"status": "all", "thread_id": thread},
        {"status": "all", "run_ids": [run]},
        {"thread_id": thread},
        {"run_ids": [run]},
        counted(unknown(), run),
    ):
        assert api.cancel_many(body).status_code in (404, 422)
    assert api.status(thread, run) == "pending"
    api.cancel(thread, run)


def test_query_and_wait_do_not_rescue_a_bad_body(api):
    answer = api.post("/runs/cancel?action=rollback&wait=1", json={})
    assert answer.status_code == 422
