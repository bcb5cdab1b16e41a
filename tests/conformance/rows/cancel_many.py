"""POST /runs/cancel: by ids and by status, and every body that is refused."""

from table import (
    ABSENT,
    NO_MATCH,
    NO_RUNS,
    Has,
    Row,
    Then,
)

CAUSE = "interrupt requested via POST /runs/cancel"
EMPTY = {
    "content-type": ABSENT,
    "location": ABSENT,
    "content-location": ABSENT,
}
RUN = "/threads/{thread}/runs/{run}"
QUEUED = "/threads/{thread}/runs/{queued}"
WANTED = {"prefer": "return=representation"}


def run_is(status, path=RUN):
    if status is None:
        return Then(f"GET {path}", 404)
    return Then(f"GET {path}", json=Has(status=status))


def thread_is(**members):
    return Then("GET /threads/{thread}", json=Has(**members))


def ids(*runs, thread="{thread}"):
    return {"thread_id": thread, "run_ids": list(runs)}


def call(why, given, body, then, query="", status=204, **rest):
    return Row(
        why,
        f"POST /runs/cancel{query}",
        status,
        given,
        body=body,
        text="",
        head=EMPTY,
        then=then,
        **rest,
    )


def refused(why, body, text, given="", query="", status=422, then=()):
    return Row(
        why,
        f"POST /runs/cancel{query}",
        status,
        given,
        body=body,
        detail=text,
        then=list(then),
    )


def nothing(why, body, text, given="", query=""):
    return refused(why, body, text, given, query, 404)


STOPPED = [
    run_is("interrupted"),
    thread_is(
        status="interrupted",
        error={"error": "UserInterrupt", "message": CAUSE},
    ),
]
UNDONE = [run_is(None), thread_is(status="idle", error=None)]
SKIPPED = [run_is("interrupted"), thread_is(status="idle")]
BOTH = "running+queued"
BY_IDS = [
    call("running", "running", ids("{run}"), STOPPED),
    call("running", "running", ids("{run}"), UNDONE, "?action=rollback"),
    call("pending", "pending", ids("{run}"), SKIPPED),
    call("pending", "pending", ids("{run}"), UNDONE, "?action=rollback"),
    call("stopping", "stopping", ids("{run}"), [run_is("interrupted")]),
    call("stopping", "stopping", ids("{run}"), UNDONE, "?action=rollback"),
    call("rolling back", "rolling", ids("{run}"), UNDONE),
    call(
        "both, with unknown and equal ones beside",
        BOTH,
        ids("{none}", "{run}", "{queued}", "{run}"),
        [*STOPPED, run_is("interrupted", QUEUED)],
    ),
    call(
        "both",
        BOTH,
        ids("{run}", "{queued}"),
        [*UNDONE, run_is(None, QUEUED)],
        "?action=rollback",
    ),
    call(
        "one of both",
        BOTH,
        ids("{queued}"),
        [run_is("running"), run_is("interrupted", QUEUED)],
    ),
    call("ids in other letters", "pending", ids("urn:uuid:{run}"), SKIPPED),
    *[
        call(
            "another action",
            "pending",
            ids("{run}"),
            SKIPPED,
            f"?action={word}",
        )
        for word in ("bogus", "ROLLBACK", "", "rollback&action=interrupt")
    ],
    call(
        "of two actions the last",
        "pending",
        ids("{run}"),
        UNDONE,
        "?action=interrupt&action=rollback",
    ),
    call(
        "an action in the body is none",
        "pending",
        ids("{run}") | {"action": "rollback", "x": 1},
        SKIPPED,
    ),
    call(
        "any content type",
        "pending",
        ids("{run}"),
        SKIPPED,
        headers={"content-type": "text/plain"},
    ),
    call("waits", "stubborn", ids("{run}"), STOPPED, "?wait=true"),
    call("waits", "stubborn", ids("{run}"), UNDONE, "?wait=1&action=rollback"),
]
BY_STATUS = [
    call(
        "by status running",
        f"nothing+{BOTH}",
        {"status": "running"},
        [run_is("interrupted"), run_is("running", QUEUED)],
    ),
    call(
        "by status pending",
        f"nothing+{BOTH}",
        {"status": "pending"},
        [run_is("running"), run_is("interrupted", QUEUED)],
    ),
    call(
        "by status all",
        f"nothing+{BOTH}",
        {"status": "all"},
        [*STOPPED, run_is("interrupted", QUEUED)],
    ),
    call(
        "by status running",
        "nothing+running",
        {"status": "running"},
        UNDONE,
        "?action=rollback",
    ),
    call(
        "by status pending",
        f"nothing+{BOTH}",
        {"status": "pending"},
        [run_is("running"), run_is(None, QUEUED)],
        "?action=rollback",
    ),
    call(
        "by status all",
        f"nothing+{BOTH}",
        {"status": "all"},
        [*UNDONE, run_is(None, QUEUED)],
        "?action=rollback",
    ),
    call(
        "what is stopping already",
        "nothing+stopping",
        {"status": "running"},
        [run_is("interrupted")],
    ),
    call(
        "with an empty thread_id",
        "nothing+pending",
        {"status": "all", "thread_id": ""},
        SKIPPED,
    ),
    call(
        "with empty run_ids",
        "nothing+pending",
        {"status": "all", "run_ids": []},
        SKIPPED,
    ),
    call("waits", "nothing+stubborn", {"status": "all"}, STOPPED, "?wait=yes"),
]
NOTHING = [
    nothing("unknown", ids("{none}"), NO_RUNS, "done"),
    nothing(
        "of another thread",
        ids("{run}", thread="{other}"),
        NO_RUNS,
        "done+other",
    ),
    nothing("of no thread", ids("{run}", thread="{none}"), NO_RUNS, "done"),
    nothing("no ids", ids(), NO_RUNS, "done"),
    nothing("over", ids("{run}"), NO_MATCH, "done"),
    nothing("over, and unknown", ids("{none}", "{run}"), NO_MATCH, "done"),
    nothing("over", ids("{run}"), NO_MATCH, "interrupted", "?action=rollback"),
    nothing("paused for input", ids("{run}"), NO_MATCH, "paused"),
    nothing("rolled back", ids("{run}"), NO_RUNS, "rolled_back"),
    *[
        nothing(
            f"{word} and none is", {"status": word}, NO_RUNS, "nothing", query
        )
        for word in ("pending", "running", "all")
        for query in ("", "?action=rollback", "?wait=1", "?dry_run=1")
    ],
]


def receipt(why, given, body, query, matched, outcomes, then):
    """Ours alone: what became of each run."""
    rows = [
        {
            "run_id": run,
            "thread_id": "{thread}" if was else None,
            "was": was,
            "outcome": outcome,
        }
        for run, was, outcome in outcomes
    ]
    return Row(
        why,
        f"POST /runs/cancel{query}",
        200,
        given,
        body=body,
        headers=WANTED,
        json={"matched": matched, "runs": rows, "truncated": False},
        keys="matched runs truncated",
        head={"preference-applied": "return=representation"},
        then=then,
    )


OURS = [
    receipt(
        "a receipt",
        BOTH,
        ids("{run}", "{queued}"),
        "",
        2,
        [
            ("{run}", "running", "stopping"),
            ("{queued}", "pending", "interrupted"),
        ],
        [run_is("interrupted")],
    ),
    receipt(
        "a receipt of a rollback that is over",
        "running",
        ids("{run}"),
        "?wait=1&action=rollback",
        1,
        [("{run}", "running", "rolled_back")],
        UNDONE,
    ),
    receipt(
        "a receipt by status",
        "nothing+pending",
        {"status": "all"},
        "",
        1,
        [("{run}", "pending", "interrupted")],
        SKIPPED,
    ),
    receipt(
        "what it would do",
        "pending",
        ids("{run}"),
        "?dry_run=true",
        1,
        [("{run}", "pending", "interrupted")],
        [run_is("pending")],
    ),
]
OTHER = [
    *[
        Row(
            f"{method} is not how",
            f"{method} /runs/cancel",
            405,
            detail="Method Not Allowed",
            head={"allow": "POST"},
        )
        for method in ("GET", "PUT", "DELETE", "PATCH")
    ],
    Row(
        "a slash too many",
        "POST /runs/cancel/?action=x",
        307,
        body={"status": "all"},
        head={"location": "{url}/runs/cancel?action=x"},
    ),
]
ROWS = BY_IDS + BY_STATUS + NOTHING + OURS + OTHER
