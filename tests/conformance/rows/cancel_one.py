"""POST /threads/{thread_id}/runs/{run_id}/cancel: every state, action, wait.

The row of the reference says `interrupted` at once; ours when it is true.
"""

from table import (
    ABSENT,
    BAD_RUN,
    BAD_THREAD,
    CANCEL_ONE,
    NO_MATCH,
    NO_RUNS,
    Has,
    Like,
    Row,
    Then,
)

RUN = "/threads/{thread}/runs/{run}"
CAUSE = "interrupt requested via POST " + CANCEL_ONE
ACCEPTED = {"content-length": "0", "content-type": ABSENT, "location": ABSENT}
WAITED = {
    "content-type": "application/json",
    "transfer-encoding": "chunked",
    "location": f"{RUN}/join",
    "content-location": RUN,
}


def run_is(status):
    if status is None:
        return Then(f"GET {RUN}", 404)
    return Then(f"GET {RUN}", json=Has(status=status))


def thread_is(**members):
    return Then("GET /threads/{thread}", json=Has(**members))


ERROR = {"error": "UserInterrupt", "message": CAUSE}
STOPPED = [
    run_is("interrupted"),
    thread_is(
        status="interrupted",
        values=Has(log=["pre"]),
        interrupts={},
        error=ERROR,
    ),
    Then("GET /threads/{thread}/state", json=Has(next=["work"])),
]
UNDONE = [
    run_is(None),
    thread_is(status="idle", error=None, values=None),
    Then("GET /threads/{thread}/history?limit=9", json=[]),
]
SKIPPED = [run_is("interrupted"), thread_is(status="idle", values=None)]


def call(why, given, query, then, wait=False):
    return Row(
        why,
        f"POST {RUN}/cancel{query}",
        200 if wait else 202,
        given,
        text="{}" if wait else "",
        head=WAITED if wait else ACCEPTED,
        then=then,
    )


def refused(
    why, given, query="", text=NO_MATCH, then=(), path=RUN, status=404
):
    return Row(
        why,
        f"POST {path}/cancel{query}",
        status,
        given,
        detail=text,
        then=list(then),
    )


def undone(before):
    return [run_is(None), thread_is(status=before)]


STATES = [
    *[
        call("running", "running", query, STOPPED)
        for query in (
            "",
            "?wait=0",
            "?wait=false",
            "?wait=no",
            "?action=interrupt",
            "?action=bogus",
            "?action=ROLLBACK",
            "?action=",
        )
    ],
    *[
        call("running, waits", "running", query, STOPPED, wait=True)
        for query in ("?wait=1", "?wait=true", "?wait=YES&action=interrupt")
    ],
    call("running", "running", "?action=rollback", UNDONE),
    call("running", "running", "?action=rollback&wait=1", UNDONE, wait=True),
    call("pending", "pending", "", SKIPPED),
    call("pending", "pending", "?wait=1", SKIPPED, wait=True),
    call("pending", "pending", "?action=rollback", UNDONE),
    call("pending", "pending", "?action=rollback&wait=1", UNDONE, wait=True),
    call("stopping", "stopping", "", STOPPED),
    call("stopping", "stopping", "?wait=1", STOPPED, wait=True),
    call("stopping", "stopping", "?action=rollback", UNDONE),
    call("rolling back", "rolling", "", UNDONE),
    call("rolling back", "rolling", "?wait=1", UNDONE, wait=True),
    call("rolling back", "rolling", "?action=rollback", UNDONE),
    Row(
        "reads running until it has stopped",
        f"GET {RUN}",
        200,
        "stopping",
        json=Has(status="running", cancel_reason=CAUSE),
    ),
    Row(
        "its thread is busy until then",
        "GET /threads/{thread}",
        200,
        "stopping",
        json=Has(status="busy"),
    ),
    Row(
        "one that is queued leaves what executes alone",
        "POST /threads/{thread}/runs/{queued}/cancel",
        202,
        "running+queued",
        then=[
            run_is("running"),
            Then(
                "GET /threads/{thread}/runs/{queued}",
                json=Has(status="interrupted"),
            ),
            thread_is(status="busy"),
        ],
    ),
    Row(
        "one that is queued is undone at once",
        "POST /threads/{thread}/runs/{queued}/cancel?action=rollback",
        202,
        "running+queued",
        then=[
            run_is("running"),
            Then("GET /threads/{thread}/runs/{queued}", 404),
            thread_is(status="busy"),
        ],
    ),
    Row(
        "the body is ignored",
        f"POST {RUN}/cancel",
        202,
        "pending",
        body=b"{garbage\xff",
        then=SKIPPED,
    ),
    Row(
        "taken",
        f"POST {RUN}/cancel?reason=taken",
        202,
        "pending",
        then=[Then(f"GET {RUN}", json=Has(cancel_reason=Like("taken:.*")))],
    ),
    *[
        call("of a run without a thread", "stateless", query, [run_is(None)])
        for query in ("", "?action=rollback")
    ],
]
NOTHING = [
    *[
        refused(f"{state} already", state, query, then=[run_is(status)])
        for state, status in [
            ("done", "success"),
            ("failed", "error"),
            ("interrupted", "interrupted"),
            ("paused", "success"),
        ]
        for query in (
            "",
            "?wait=1",
            "?action=rollback",
            "?action=rollback&wait=1",
        )
    ],
    *[
        refused(why, given, query, NO_RUNS, path=path)
        for query in ("", "?wait=1", "?action=rollback")
        for why, given, path in [
            ("no such run", "thread", "/threads/{thread}/runs/{none}"),
            ("no such thread", "done", "/threads/{none}/runs/{run}"),
            ("a run of another", "done+other", "/threads/{other}/runs/{run}"),
            ("rolled back already", "rolled_back", RUN),
        ]
    ],
    refused(
        "no UUID",
        "thread",
        text=BAD_RUN,
        path="/threads/{thread}/runs/x",
        status=422,
    ),
    refused(
        "of no UUID",
        "",
        text=BAD_THREAD,
        path="/threads/x/runs/{none}",
        status=422,
    ),
    refused(
        "no UUID, waits",
        "",
        "?wait=1",
        text=BAD_THREAD,
        path="/threads/x/runs/y",
        status=422,
    ),
    *[
        Row(
            f"{method} is not how",
            f"{method} /threads/{{none}}/runs/{{none}}/cancel",
            405,
            detail="Method Not Allowed",
            head={"allow": "POST"},
        )
        for method in ("GET", "PUT", "DELETE", "PATCH")
    ],
]
ROWS = STATES + NOTHING
