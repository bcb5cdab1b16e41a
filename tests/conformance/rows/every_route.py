"""What every route with a body says of a bad one."""

from table import BAD_JSON, Row, wrong_type

ROUTES = [
    ("POST /assistants", ""),
    ("POST /assistants/search", ""),
    ("POST /assistants/count", ""),
    ("PATCH /assistants/{none}", ""),
    ("POST /threads", ""),
    ("POST /threads/search", ""),
    ("POST /threads/count", ""),
    ("PATCH /threads/{none}", ""),
    ("POST /threads/{none}/state", ""),
    ("POST /threads/{none}/state/checkpoint", ""),
    ("POST /threads/{none}/history", ""),
    ("POST /threads/{none}/runs", ""),
    ("POST /threads/{none}/runs/stream", "RunCreateStateful"),
    ("POST /threads/{none}/runs/wait", "RunCreateStateful"),
    ("POST /runs", ""),
    ("POST /runs/stream", "RunCreateStateless"),
    ("POST /runs/wait", "RunCreateStateless"),
]
HUGE = b"9" * 400  # Digits; as a text it would be a number.
DEEP = b'{"metadata":' + b"[" * 300 + b"]" * 300 + b"}"


def rows(call, schema):
    named = f"components.schemas.{schema}" if schema else ""
    text = wrong_type([], "object", "", named)
    return [
        Row("no body", call, 422, detail=BAD_JSON),
        Row("no JSON", call, 422, body=b"{", detail=BAD_JSON),
        Row(
            "too deep", call, 400, body=DEEP, detail="Recursion limit reached"
        ),
        Row("no object", call, 422, body=[], detail=text),
        Row("a number beyond all", call, 422, body=HUGE, detail=BAD_JSON),
    ]


ROWS = [row for call, schema in ROUTES for row in rows(call, schema)] + [
    Row("no body", "POST /runs/batch", 422, detail=BAD_JSON),
    Row(
        "too deep",
        "POST /runs/batch",
        400,
        body=DEEP,
        detail="Recursion limit reached",
    ),
]
