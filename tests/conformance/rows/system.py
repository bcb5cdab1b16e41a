"""The server's own routes, and what holds for every path."""

from table import ABSENT, ANY, Has, Like, Row

OK = {
    "text": '{"ok":true,"services":{}}',
    "head": {"content-type": "application/json"},
}
ELSEWHERE = {"origin": "http://example.com"}
ASKS = ELSEWHERE | {
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,x-api-key",
}
GRANTED = {
    "content-type": "text/plain; charset=utf-8",
    "access-control-allow-origin": "*",
    "access-control-allow-methods": (
        "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, QUERY"
    ),
    "access-control-max-age": "600",
    "access-control-allow-headers": "content-type,x-api-key",
    "access-control-allow-credentials": ABSENT,
}
EXPOSED = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": (
        "x-pagination-total, x-pagination-next, content-location"
    ),
    "access-control-allow-credentials": ABSENT,
}
ROWS = [
    Row("health", "GET /ok", 200, **OK),
    Row("health", "GET /", 200, **OK),
    Row("with the database", "GET /ok?check_db=1", 200, **OK),
    Row(
        "without a body",
        "HEAD /ok",
        200,
        text="",
        head={"content-length": "25"},
    ),
    Row("without a body", "HEAD /threads/{thread}", 200, "thread", text=""),
    Row("without a body", "HEAD /threads/{none}", 404, text=""),
    Row(
        "check_db is a number",
        "GET /ok?check_db=x",
        400,
        detail="invalid literal for int() with base 10: 'x'",
    ),
    Row(
        "versions and flags",
        "GET /info",
        200,
        json=Has(
            version=ANY,
            langgraph_py_version=ANY,
            flags=Has(assistants=True),
            host=Has(),
        ),
    ),
    Row(
        "for Prometheus",
        "GET /metrics",
        200,
        text=Like(r"(?s).*# TYPE \w+ \w+\n.*"),
        head={"content-type": Like("text/plain.*")},
    ),
    Row(
        "as JSON",
        "GET /metrics?format=json",
        200,
        "nothing",
        json=Has(
            queue=Has(n_pending=0, n_running=0),
            workers={"max": 20, "active": 0, "available": 20},
        ),
    ),
    Row(
        "the description",
        "GET /openapi.json",
        200,
        json=Has(openapi=Like("3.*")),
    ),
    *[
        Row("unknown", call, 404, detail="Not Found")
        for call in (
            "GET /nowhere",
            "POST /nowhere",
            "GET /runs/{none}/x/y",
            "GET /threads/{none}/x",
            "GET /Threads",
            "GET /info/",
            "GET /ok/",
        )
    ],
    *[
        Row(
            "not with this method",
            call,
            405,
            detail="Method Not Allowed",
            head={"allow": allowed},
        )
        for call, allowed in [
            ("GET /threads", "POST"),
            ("GET /runs", "POST"),
            ("GET /runs/wait", "POST"),
            ("PUT /threads/{none}", "DELETE, GET, HEAD, PATCH"),
            ("DELETE /threads/{none}/state", "GET, HEAD, POST"),
            ("POST /threads/{none}/runs/{none}", "DELETE, GET, HEAD"),
            ("POST /threads/{none}/runs/{none}/join", "GET, HEAD"),
            ("DELETE /info", "GET, HEAD"),
        ]
    ],
    *[
        Row(
            "a slash too many",
            call,
            307,
            body={},
            head={"location": "{url}" + call.split(" ")[1][:-1]},
        )
        for call in (
            "POST /threads/",
            "POST /runs/wait/",
            "POST /assistants/search/",
        )
    ],
    Row(
        "asked by a browser",
        "OPTIONS /threads",
        200,
        headers=ASKS,
        text="OK",
        head=GRANTED,
    ),
    Row(
        "asked by a browser", "OPTIONS /nowhere", 200, headers=ASKS, text="OK"
    ),
    Row(
        "asked for another method",
        "OPTIONS /threads",
        400,
        headers=ASKS | {"access-control-request-method": "BREW"},
        text="Disallowed CORS method",
    ),
    Row(
        "asked for a private network",
        "OPTIONS /threads",
        400,
        headers=ASKS | {"access-control-request-private-network": "true"},
        text="Disallowed CORS private-network",
    ),
    Row(
        "not asked by a browser",
        "OPTIONS /threads",
        405,
        detail="Method Not Allowed",
    ),
    Row("to another origin", "GET /ok", 200, headers=ELSEWHERE, head=EXPOSED),
    Row(
        "to another origin",
        "GET /nowhere",
        404,
        headers=ELSEWHERE,
        head=EXPOSED,
    ),
    Row(
        "to our own",
        "GET /info",
        200,
        head={
            "access-control-allow-origin": ABSENT,
            "x-content-type-options": "nosniff",
        },
    ),
]
