"""Runs on threads: create, get, list, wait, join, and without a thread."""

import time

import pytest

from api import detail, unknown
from sse import Stream

RUN_KEYS = {
    "run_id",
    "thread_id",
    "assistant_id",
    "created_at",
    "updated_at",
    "status",
    "metadata",
    "kwargs",
    "multitask_strategy",
}
NOT_FOUND = "Thread or assistant not found."


def create(api, thread, **body):
    body = {"assistant_id": "noop", "input": {}} | body
    return api.post(f"/threads/{thread}/runs", json=body)


def test_a_run_is_answered_as_pending_with_its_place(api):
    thread = api.thread()
    answer = create(api, thread, metadata={"m": 1})
    assert answer.status_code == 200
    run = answer.json()
    assert set(run) >= RUN_KEYS
    assert run["status"] == "pending"
    assert run["thread_id"] == thread
    assert run["multitask_strategy"] == "enqueue"
    assert run["metadata"]["m"] == 1
    assert run["metadata"]["assistant_id"] == run["assistant_id"]
    place = f"/threads/{thread}/runs/{run['run_id']}"
    assert answer.headers["content-location"] == place
    assert api.ended(thread, run["run_id"]) == "success"


def test_kwargs_show_what_was_asked(api):
    thread = api.thread()
    asked = {
        "input": {"x": [1, 2]},
        "config": {"configurable": {"a": "b"}, "tags": ["t"]},
        "stream_mode": ["updates", "values"],
        "interrupt_before": ["nowhere"],
        "durability": "sync",
        "stream_resumable": True,
        "stream_subgraphs": True,
    }
    run = create(api, thread, **asked).json()
    kwargs = run["kwargs"]
    assert kwargs["input"] == asked["input"]
    assert kwargs["stream_mode"] == asked["stream_mode"]
    assert kwargs["interrupt_before"] == ["nowhere"]
    assert kwargs["durability"] == "sync"
    assert kwargs["resumable"] is True
    assert kwargs["subgraphs"] is True
    assert kwargs["config"]["tags"] == ["t"]
    configurable = kwargs["config"]["configurable"]
    assert configurable["a"] == "b"
    assert configurable["run_id"] == run["run_id"]
    assert configurable["thread_id"] == thread
    assert configurable["graph_id"] == "noop"
    assert configurable["assistant_id"] == run["assistant_id"]
    assert api.ended(thread, run["run_id"]) == "success"


def test_a_graph_gets_config_context_and_metadata(api):
    thread = api.thread(metadata={"of_thread": 1})
    given = api.wait(
        thread,
        "echo",
        {},
        context={"tone": "loud", "depth": 2},
        config={"tags": ["t"], "metadata": {"of_config": 2}},
        metadata={"of_run": 3},
    )["given"]
    assert given["context"] == {"tone": "loud", "depth": 2}
    assert given["configurable"]["thread_id"] == thread
    assert given["configurable"]["tone"] == "loud"
    assert given["tags"] == ["t"]
    assert given["environment"] == "from langgraph.json"
    metadata = given["metadata"]
    assert metadata["of_thread"] == 1
    assert metadata["of_config"] == 2
    assert metadata["of_run"] == 3


def test_request_headers_do_not_become_configurable(api):
    body = {"assistant_id": "echo", "input": {}}
    headers = {"x-secret": "s", "x-api-key": "k", "user-agent": "u"}
    path = f"/threads/{api.thread()}/runs/wait"
    done = api.ok("POST", path, json=body, headers=headers)
    shown = done["given"]["configurable"]
    assert not {"x-secret", "x-api-key", "user-agent"} & set(shown)


def test_reserved_keys_are_removed_silently(api):
    done = api.wait(
        api.thread(),
        "echo",
        {},
        config={
            "configurable": {"langgraph_auth_user_id": "me", "mine": "yes"}
        },
    )
    configurable = done["given"]["configurable"]
    assert configurable["mine"] == "yes"
    assert configurable["langgraph_auth_user_id"] == ""


def test_a_factory_makes_its_graph_with_the_config(api):
    done = api.wait(
        api.thread(),
        "factory",
        {},
        config={"configurable": {"flavour": "mint"}},
    )
    assert done["log"] == ["mint"]


def test_creating_a_run_marks_its_thread(api):
    thread = api.thread(metadata={"mine": 1})
    run = api.run(thread, "slow", {}, after_seconds=3600)
    row = api.get_thread(thread)
    assert row["status"] == "busy"
    assert row["metadata"]["mine"] == 1
    assert row["metadata"]["graph_id"] == "slow"
    assert row["metadata"]["assistant_id"]
    api.cancel(thread, run)


def test_an_unknown_thread_or_assistant_is_404(api):
    answer = create(api, unknown())
    assert (answer.status_code, detail(answer)) == (404, NOT_FOUND)
    answer = create(api, api.thread(), assistant_id=unknown())
    assert (answer.status_code, detail(answer)) == (404, NOT_FOUND)


def test_if_not_exists_creates_the_thread(api):
    thread = unknown()
    answer = create(api, thread, if_not_exists="create")
    assert answer.status_code == 200
    assert api.ended(thread, answer.json()["run_id"]) == "success"
    assert api.get_thread(thread)["status"] == "idle"


def test_a_thread_made_for_a_run_that_was_rolled_back_stays(api):
    thread = unknown()
    answer = create(api, thread, if_not_exists="create", after_seconds=3600)
    run = answer.json()["run_id"]
    assert api.cancel(thread, run, action="rollback").status_code == 202
    assert api.status(thread, run) is None
    assert api.get_thread(thread)["status"] == "idle"


def test_an_unknown_graph_is_422_and_lists_the_known(api):
    answer = create(api, api.thread(), assistant_id="nope")
    assert answer.status_code == 422
    assert detail(answer).startswith(
        "Invalid assistant: 'nope'. Must be either:\n"
        "- A valid assistant UUID, or\n- One of the registered graphs: "
    )
    assert "noop" in detail(answer)


def test_a_run_can_be_read_and_the_wrong_thread_does_not_have_it(api):
    thread = api.thread()
    api.wait(thread, "noop", {"x": 1})
    run = api.runs(thread)[0]
    path = f"/threads/{thread}/runs/{run['run_id']}"
    assert api.ok("GET", path) == run
    assert run["status"] == "success"
    other = f"/threads/{api.thread()}/runs/{run['run_id']}"
    assert api.get(other).status_code == 404
    assert api.get(f"/threads/{thread}/runs/{unknown()}").status_code == 404
    answer = api.get(f"/threads/{thread}/runs/x")
    assert answer.status_code == 422
    assert detail(answer) == "Invalid run ID: must be a UUID"


def test_runs_are_listed_newest_first_and_can_be_filtered(api):
    thread = api.thread()
    for i in range(3):
        api.wait(thread, "noop", {"x": i})
    api.wait(thread, "fails", {})
    path = f"/threads/{thread}/runs"
    rows = api.ok("GET", path)
    assert [r["kwargs"]["input"].get("x") for r in rows] == [None, 2, 1, 0]
    assert [r["status"] for r in rows] == ["error"] + ["success"] * 3
    assert api.ok("GET", f"{path}?limit=2&offset=1") == rows[1:3]
    assert api.ok("GET", f"{path}?status=error") == rows[:1]
    assert api.ok("GET", f"{path}?status=nonsense") == []
    found = api.ok("GET", f"{path}?select=run_id&select=status")
    assert found == [
        {"run_id": r["run_id"], "status": r["status"]} for r in rows
    ]
    assert api.get(f"{path}?select=color").status_code == 422
    assert api.get(f"{path}?limit=x").status_code == 400


def test_a_deferred_run_waits_and_blocks_nobody(api, marks):
    thread = api.thread()
    later = api.run(
        thread, "slow", {"secs": 0, "mark": str(marks)}, after_seconds=1
    )
    row = api.get_run(thread, later)
    assert row["status"] == "pending"
    api.wait(thread, "noop", {"x": 1})
    assert api.status(thread, later) == "pending"
    started = time.monotonic()
    assert api.ended(thread, later) == "success"
    assert time.monotonic() - started < 3


def test_wait_answers_with_the_values_and_says_where(api):
    thread = api.thread()
    body = {"assistant_id": "noop", "input": {"x": 1}}
    answer = api.post(f"/threads/{thread}/runs/wait", json=body)
    assert answer.status_code == 200
    assert answer.json() == {"x": 1, "log": ["noop"]}
    run = api.runs(thread)[0]["run_id"]
    headers = answer.headers
    assert headers["content-type"] == "application/json"
    assert headers["location"] == f"/threads/{thread}/runs/{run}/join"
    assert headers["content-location"] == f"/threads/{thread}/runs/{run}"


def test_wait_with_other_stream_modes_falls_back_to_the_thread(api):
    done = api.wait(api.thread(), "noop", {"x": 1}, stream_mode=["updates"])
    assert done == {"x": 1, "log": ["noop"]}


def test_join_answers_with_the_values_before_and_after_the_end(api):
    thread = api.thread()
    run = api.run(thread, "slow", {"secs": 0.3, "tag": "t"})
    done = api.join(thread, run)
    assert done == {"secs": 0.3, "tag": "t", "log": ["pre", "work", "after"]}
    assert api.status(thread, run) == "success"
    asked = time.monotonic()
    assert api.join(thread, run) == done
    assert time.monotonic() - asked < 0.3


def test_join_of_an_unknown_run_has_the_404_in_its_body(api):
    gone = {"error": "HTTPException", "message": "404: Run not found"}
    assert api.join(api.thread(), unknown()) == {"__error__": gone}


def test_many_joiners_all_get_the_answer(api):
    thread = api.thread()
    run = api.run(thread, "slow", {"secs": 0.5})
    path = f"/threads/{thread}/runs/{run}/join"
    joiners = [Stream(api, "GET", path) for _ in range(20)]
    bodies = set()
    for joiner in joiners:
        joiner.reader.join(10)
        bodies.add(joiner.body.strip())
    assert len(bodies) == 1 and b'"after"' in bodies.pop()


@pytest.mark.parametrize(
    "body",
    [
        {"input": {}},
        {"assistant_id": 1},
        {"assistant_id": "noop", "stream_mode": "nonsense"},
        {"assistant_id": "noop", "stream_mode": ["values", "tools"]},
        {"assistant_id": "noop", "if_not_exists": "maybe"},
        {"assistant_id": "noop", "durability": "never"},
        {"assistant_id": "noop", "after_seconds": "soon"},
        {"assistant_id": "noop", "metadata": []},
        {"assistant_id": "noop", "config": {"recursion_limit": "x"}},
        {"assistant_id": "noop", "interrupt_before": "some"},
        {"assistant_id": "noop", "webhook": "http://127.0.0.1:1/x"},
        {"assistant_id": "noop", "checkpoint_id": "x"},
    ],
    ids=lambda body: str(body)[:60],
)
def test_a_bad_run_is_422_and_leaves_nothing(api, body):
    thread = api.thread()
    answer = api.post(f"/threads/{thread}/runs", json=body)
    assert answer.status_code == 422
    assert api.runs(thread) == []
    assert api.get_thread(thread)["status"] == "idle"


def test_a_loopback_webhook_is_refused_with_its_reason(api):
    answer = create(api, api.thread(), webhook="http://127.0.0.1:1/x")
    assert answer.status_code == 422
    assert detail(answer) == "Webhook host blocked: loopback IP range"


def test_configurable_and_context_exclude_each_other(api):
    answer = create(
        api,
        api.thread(),
        config={"configurable": {"a": 1}},
        context={"b": 1},
    )
    assert answer.status_code == 400
    assert detail(answer).startswith("Cannot specify both configurable")


def test_unknown_fields_are_ignored(api):
    answer = create(api, api.thread(), nonsense={"a": 1}, strict_resume=True)
    assert answer.status_code == 200
