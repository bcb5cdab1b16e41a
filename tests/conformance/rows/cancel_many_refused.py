"""POST /runs/cancel: every body that is refused."""

from rows.cancel_many import ids, refused, run_is
from table import (
    BAD_JSON,
    BAD_RUN,
    BAD_THREAD,
    NO_RUNS,
    broken,
    fits_none,
    not_one_of,
    wrong_type,
)

WORDS = '"pending", "running" or "all"'
EXCLUSIVE = (
    "When providing a 'status', 'thread_id' and 'run_ids' must be omitted. "
    "The 'status' parameter cancels all runs with the given status, "
    "regardless of thread or run ID."
)
R = "7b5a3c1e-0000-4000-8000-000000000002"
T = "7b5a3c1e-0000-4000-8000-000000000001"


def many(body):
    message = (
        "is valid under more than one of the schemas listed in the 'oneOf' "
        "keyword"
    )
    return broken(f"{printed_of(body)} {message}", "oneOf", body)


def printed_of(body):
    return fits_none(body, "", "", "oneOf").split(" is not valid", 1)[0]


def neither(body):
    return fits_none(body, "", "", "oneOf")


def schema(body, text, query=""):
    return refused(f"{body}"[:70], body, text, query=query)


ALL_THREE = {"status": "all"} | ids(R, thread=T)
SCHEMA = [
    schema({}, neither({})),
    schema({"thread_id": T}, neither({"thread_id": T})),
    schema({"run_ids": [R]}, neither({"run_ids": [R]})),
    schema({"x": 1, "action": 2}, neither({"x": 1, "action": 2})),
    schema({}, neither({}), "?action=rollback&wait=1"),
    schema(ALL_THREE, many(ALL_THREE)),
    schema({"status": "all", "thread_id": T}, EXCLUSIVE),
    schema({"status": "all", "run_ids": [R]}, EXCLUSIVE),
    schema({"status": "all", "thread_id": "x"}, EXCLUSIVE),
    *[
        schema({"status": word}, not_one_of(word, WORDS, "status"))
        for word in ("ALL", "success", "interrupted", "")
    ],
    *[
        schema({"status": value}, wrong_type(value, "string", "status"))
        for value in (None, 1, ["all"], {}, True)
    ],
    schema(ids("x", thread=T), BAD_RUN),
    schema(ids("", thread=T), BAD_RUN),
    schema(ids(R, thread="x"), BAD_THREAD),
    schema(ids(R, thread=""), BAD_THREAD),
    schema(ids(1, thread=T), wrong_type(1, "string", "run_ids.0")),
    schema(ids(R, None, thread=T), wrong_type(None, "string", "run_ids.1")),
    schema(ids(R, thread=None), wrong_type(None, "string", "thread_id")),
    *[
        schema(
            {"thread_id": T, "run_ids": value},
            wrong_type(value, "array", "run_ids"),
        )
        for value in (R, None, {}, 1)
    ],
    *[
        refused(f"{value!r} is no object", value, wrong_type(value, "object"))
        for value in ([1], "all", 1, True, [])
    ],
    refused("null is no object", b"null", wrong_type(None, "object")),
    *[
        refused(f"{body!r} is no JSON", body, BAD_JSON)
        for body in (
            b"",
            b" ",
            b"{",
            b"status=all",
            b"9" * 400,
            b'{"status":-' + b"9" * 310 + b"}",
            b'{"status":NaN}',
            b'{"status":1e400}',
            b'{"status":"all",}',
            b'{"status":"all"} x',
            b"{'status':'all'}",
            b'{"status":"\xff"}',
            b'{"status":"\\ud800"}',
            b'\xef\xbb\xbf{"status":"all"}',
            b'{"status":"a\nll"}',
        )
    ],
    refused(
        "too deep",
        b'{"status":' + b"[" * 300 + b"]" * 300 + b"}",
        "Recursion limit reached",
        status=400,
    ),
    *[
        refused(
            f"{why}, and nothing is cancelled",
            body,
            text,
            "pending",
            "?action=rollback",
            status,
            [run_is("pending")],
        )
        for why, body, text, status in [
            ("one bad id among good ones", ids("{run}", "x"), BAD_RUN, 422),
            (
                "the run of another",
                ids("{run}", thread="{none}"),
                NO_RUNS,
                404,
            ),
            (
                "a thread with a status",
                {"status": "all", "thread_id": "{thread}"},
                EXCLUSIVE,
                422,
            ),
        ]
    ],
]
ROWS = SCHEMA
