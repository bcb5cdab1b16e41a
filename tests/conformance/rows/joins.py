"""Who stays: wait, stream, and to come to a run that exists."""

from table import (
    ABSENT,
    BAD_RUN,
    BAD_THREAD,
    Has,
    Like,
    Row,
)

ONE = "/threads/{thread}/runs/{run}"
NEW = r"/threads/[0-9a-f-]{36}/runs/[0-9a-f-]{36}"
GONE = {"error": "HTTPException", "message": "404: Run not found"}
GONE_EVENT = (
    "event: error\r\n"
    'data: {"error":"HTTPException","message":"404: Run not found"}\r\n\r\n'
)
SSE = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "connection": "keep-alive",
    "x-accel-buffering": "no",
    "transfer-encoding": "chunked",
}
JSON = {"content-type": "application/json", "transfer-encoding": "chunked"}


def new(verb, heads):
    return heads | {
        "location": Like(f"{NEW}/{verb}"),
        "content-location": Like(NEW),
    }


def here(verb, heads):
    return heads | {"location": f"{ONE}/{verb}", "content-location": ONE}


def wait(why, graph, input, json, **body):
    return Row(
        why,
        "POST /threads/{thread}/runs/wait",
        200,
        given="thread",
        body={"assistant_id": graph, "input": input} | body,
        json=json,
        head=new("join", JSON),
    )


def stream(why, text, **body):
    return Row(
        why,
        "POST /threads/{thread}/runs/stream",
        200,
        given="thread",
        body={"assistant_id": "noop", "input": {"x": 1}} | body,
        text=text,
        head=new("stream", SSE),
    )


def join(why, given, json):
    call, head = f"GET {ONE}/join", here("join", JSON)
    return Row(why, call, 200, given, json=json, head=head)


def joined(why, given, text, last=None, query=""):
    return Row(
        why,
        f"GET {ONE}/stream{query}",
        200,
        given,
        headers={} if last is None else {"last-event-id": last},
        text=text,
        head=here("stream", SSE),
    )


def failure(error, message):
    return {"__error__": {"error": error, "message": message}}


ASKED = {"value": {"q": "ok?"}, "id": Like("[0-9a-f]{32}")}
FIRST = Like(
    r'event: metadata\r\ndata: \{"run_id":"[0-9a-f-]{36}","attempt":1\}\r\n\r\n'
    r'event: values\r\ndata: \{"x":1,"log":\[\]\}\r\n\r\n'
    r'event: values\r\ndata: \{"x":1,"log":\["noop"\]\}\r\n\r\n'
)
UPDATES = Like(
    r"event: metadata\r\ndata: .*\r\n\r\n"
    r'event: updates\r\ndata: \{"noop":\{"log":\["noop"\]\}\}\r\n\r\n'
)
NUMBERED = Like(
    r"(event: \w+\r\ndata: .*\r\nid: \d+-\d+\r\n\r\n){3}",
)

ROWS = [
    wait("the last values", "noop", {"x": 1}, {"x": 1, "log": ["noop"]}),
    wait(
        "without values, what the thread has",
        "noop",
        {"x": 1},
        {"x": 1, "log": ["noop"]},
        stream_mode="updates",
    ),
    wait(
        "a question, beside the values",
        "human",
        {"tag": "t"},
        {
            "tag": "t",
            "log": [],
            "__interrupt__": [ASKED | {"response_schema": None}],
        },
    ),
    wait(
        "a failure",
        "fails",
        {"how": "value"},
        failure("ValueError", "a bad value"),
    ),
    wait(
        "a failure that is nobody's business",
        "fails",
        {"how": "secret"},
        failure("Secret", "An internal error occurred"),
    ),
    wait(
        "nothing to begin with",
        "noop",
        None,
        failure("EmptyInputError", "Received no input for __start__"),
    ),
    stream("frames", FIRST),
    stream("another mode", UPDATES, stream_mode="updates"),
    stream("ids, if it can be resumed", NUMBERED, stream_resumable=True),
    join("a run that is over", "done", {"x": 1, "log": ["noop"]}),
    join("a failure", "failed", failure("ValueError", "a bad value")),
    join("a question", "paused", {"__interrupt__": [ASKED]}),
    join("a run that was interrupted", "interrupted", Has(log=["pre"])),
    join("a run that was rolled back", "rolled_back", {"__error__": GONE}),
    Row(
        "an unknown run",
        "GET /threads/{thread}/runs/{none}/join",
        200,
        given="thread",
        json={"__error__": GONE},
    ),
    Row(
        "a run of an unknown thread",
        "GET /threads/{none}/runs/{none}/join",
        200,
        json={"__error__": GONE},
    ),
    Row(
        "no UUID",
        "GET /threads/{thread}/runs/x/join",
        422,
        "thread",
        detail=BAD_RUN,
    ),
    Row(
        "of no UUID", "GET /threads/x/runs/{none}/join", 422, detail=BAD_THREAD
    ),
    joined("a run that is over", "done", ""),
    joined("a run that kept nothing", "done", "", "-1"),
    joined("by modes", "done", "", "0", '?stream_mode=["values"]'),
    joined("a run that was interrupted", "interrupted", ""),
    joined("a run that was rolled back", "rolled_back", GONE_EVENT),
    joined(
        "a run that was rolled back, again", "rolled_back", GONE_EVENT, "-1"
    ),
    Row(
        "an unknown run",
        "GET /threads/{thread}/runs/{none}/stream",
        200,
        given="thread",
        text=GONE_EVENT,
        head=SSE,
    ),
    Row(
        "no UUID",
        "GET /threads/{thread}/runs/x/stream",
        422,
        "thread",
        detail=BAD_RUN,
    ),
    Row(
        "of no UUID",
        "GET /threads/x/runs/{none}/stream",
        422,
        detail=BAD_THREAD,
    ),
    Row(
        "not without the thread",
        "GET /runs/{none}/stream",
        404,
        detail="Not Found",
        head={"location": ABSENT},
    ),
]
