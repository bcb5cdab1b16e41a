"""Everything that a Python program does with the official SDK."""

import asyncio
import threading
import time

import httpx
import pytest
from langgraph_sdk import get_client, get_sync_client
from langgraph_sdk.errors import ConflictError, NotFoundError

from api import eventually
from cutting import CuttingProxy

LIVE = ("pending", "running")


def thread_of(client) -> str:
    return client.threads.create()["thread_id"]


def executing(client, marks, slow, graph="slow", thread=None):
    thread = thread or thread_of(client)
    run = client.runs.create(thread, graph, input=slow)["run_id"]
    marks.await_("work")
    return thread, run


def ended(client, thread, run):
    def over():
        status = client.runs.get(thread, run)["status"]
        return status if status not in LIVE else None

    return eventually(over)


def test_assistants(client):
    made = client.assistants.create(
        "noop", metadata={"by": "sdk"}, name="From the SDK"
    )
    which = made["assistant_id"]
    assert client.assistants.get(which) == made
    changed = client.assistants.update(which, metadata={"more": 1})
    assert changed["metadata"] == {"by": "sdk", "more": 1}
    assert changed["version"] == 2
    found = client.assistants.search(metadata={"by": "sdk"})
    assert [a["assistant_id"] for a in found] == [which]
    assert client.assistants.count(metadata={"by": "sdk"}) == 1
    assert client.runs.wait(None, which, input={"x": 1})["log"] == ["noop"]
    client.assistants.delete(which)
    with pytest.raises(NotFoundError):
        client.assistants.get(which)


def test_threads(client):
    made = client.threads.create(metadata={"by": "sdk"})
    thread = made["thread_id"]
    assert client.threads.get(thread)["status"] == "idle"
    changed = client.threads.update(thread, metadata={"more": 1})
    assert changed["metadata"] == {"by": "sdk", "more": 1}
    client.runs.wait(thread, "stepper", input={"total": 3})
    found = client.threads.search(
        metadata={"more": 1}, values={"n": 3}, select=["thread_id"]
    )
    assert found == [{"thread_id": thread}]
    assert client.threads.count(metadata={"more": 1}) == 1
    state = client.threads.get_state(thread)
    assert state["values"]["log"] == [1, 2, 3]
    history = client.threads.get_history(thread)
    assert len(history) == 5
    before = history[0]["checkpoint"]
    assert client.threads.get_history(thread, before=before) == history[1:]
    past = client.threads.get_state(
        thread, checkpoint=history[1]["checkpoint"]
    )
    assert past["values"]["log"] == [1, 2]
    client.threads.update_state(thread, {"n": 1}, as_node="tick")
    assert client.threads.get_state(thread)["values"]["n"] == 1
    client.threads.copy(thread)
    assert client.threads.count(metadata={"more": 1}) == 2
    client.threads.delete(thread)
    with pytest.raises(NotFoundError):
        client.threads.get(thread)


def test_runs_are_created_listed_joined_and_deleted(client):
    thread = thread_of(client)
    told = []
    run = client.runs.create(
        thread,
        "slow",
        input={"secs": 0.2, "tag": "t"},
        metadata={"m": 1},
        on_run_created=told.append,
    )
    which = run["run_id"]
    assert told[0]["run_id"] == which and told[0]["thread_id"] == thread
    values = client.runs.join(thread, which)
    assert values["log"] == ["pre", "work", "after"]
    assert client.runs.get(thread, which)["status"] == "success"
    assert [r["run_id"] for r in client.runs.list(thread)] == [which]
    assert client.runs.list(thread, status="error") == []
    client.runs.delete(thread, which)
    assert client.runs.list(thread) == []


def test_runs_without_a_thread(client):
    assert client.runs.wait(None, "noop", input={"x": 1}) == {
        "x": 1,
        "log": ["noop"],
    }
    parts = list(client.runs.stream(None, "noop", input={"x": 1}))
    assert [p.event for p in parts] == ["metadata", "values", "values"]
    batch = client.runs.create_batch(
        [{"assistant_id": "noop", "input": {"x": i}} for i in range(3)]
    )
    assert len(batch) == 3


def test_wait_raises_what_the_graph_raised(client):
    with pytest.raises(Exception, match="ValueError: a bad value"):
        client.runs.wait(thread_of(client), "fails", input={"how": "value"})
    done = client.runs.wait(
        thread_of(client), "fails", input={}, raise_error=False
    )
    assert done["__error__"]["error"] == "ValueError"


def test_streams_of_every_mode(client):
    said = {"messages": [{"role": "user", "content": "hi"}]}
    parts = list(
        client.runs.stream(
            thread_of(client),
            "chat",
            input=said,
            stream_mode=["values", "messages-tuple", "updates"],
        )
    )
    assert parts[0].event == "metadata"
    chunks = [p.data[0]["content"] for p in parts if p.event == "messages"]
    assert "".join(chunks) == "one two three"
    assert parts[-1].data["messages"][-1]["content"] == "one two three"
    parts = list(
        client.runs.stream(
            thread_of(client),
            "nested",
            input={"secs": 0},
            stream_mode="updates",
            stream_subgraphs=True,
        )
    )
    assert any(p.event.startswith("updates|child:") for p in parts)


def test_a_stream_survives_a_bad_network(server, client):
    """The SDK reconnects by itself; nothing may be lost or doubled."""
    proxy = CuttingProxy(server.port, cuts=3, after=3000)
    try:
        through = get_sync_client(url=proxy.url)
        thread = thread_of(client)
        parts = list(
            through.runs.stream(
                thread,
                "tokens",
                input={"count": 200, "pause": 0.005},
                stream_mode=["custom", "values"],
                stream_resumable=True,
            )
        )
    finally:
        proxy.close()
    assert proxy.left == 0
    tokens = [p.data["token"] for p in parts if p.event == "custom"]
    assert tokens == list(range(200))
    assert [p.event for p in parts].count("metadata") == 1
    assert parts[-1].data["log"] == ["talk"]


def test_wait_survives_a_bad_network(server, client):
    proxy = CuttingProxy(server.port, cuts=1, after=100)
    try:
        through = get_sync_client(url=proxy.url)
        done = through.runs.wait(
            thread_of(client), "slow", input={"secs": 0.5}
        )
    finally:
        proxy.close()
    assert done["log"] == ["pre", "work", "after"]


def test_join_stream_replays_after_an_id(client):
    thread = thread_of(client)
    run = client.runs.create(
        thread,
        "tokens",
        input={"count": 5},
        stream_mode=["custom"],
        stream_resumable=True,
    )["run_id"]
    full = list(client.runs.join_stream(thread, run, last_event_id="-1"))
    tokens = [p.data["token"] for p in full if p.event == "custom"]
    assert tokens == [0, 1, 2, 3, 4]
    rest = client.runs.join_stream(thread, run, last_event_id=full[2].id)
    assert [p.data for p in rest] == [p.data for p in full[3:]]


def test_a_question_is_answered(client):
    thread = thread_of(client)
    done = client.runs.wait(thread, "human", input={"tag": "t"})
    assert done["__interrupt__"][0]["value"] == {"q": "ok?"}
    assert client.threads.get(thread)["status"] == "interrupted"
    done = client.runs.wait(thread, "human", command={"resume": "yes"})
    assert done["log"] == ["answer:yes", "work"]


@pytest.mark.parametrize("wait", [False, True])
def test_cancel_one(client, marks, slow, wait):
    thread, run = executing(client, marks, slow)
    assert not client.runs.cancel(thread, run, wait=wait)
    if wait:
        assert client.runs.get(thread, run)["status"] == "interrupted"
    assert ended(client, thread, run) == "interrupted"
    assert client.threads.get_state(thread)["next"] == ["work"]
    with pytest.raises(NotFoundError):
        client.runs.cancel(thread, run)


def test_wait_of_a_cancelled_run_returns_the_last_values(
    server, client, marks, slow
):
    thread, got = thread_of(client), []

    def wait():
        mine = get_sync_client(url=server.url)
        got.append(mine.runs.wait(thread, "slow", input=slow))

    waiter = threading.Thread(target=wait)
    waiter.start()
    marks.await_("work")
    time.sleep(0.1)
    client.runs.cancel(thread, client.runs.list(thread)[0]["run_id"])
    waiter.join(10)
    assert got == [slow | {"log": ["pre"]}]


def test_roll_back_one(client, marks, slow):
    thread = thread_of(client)
    client.runs.wait(thread, "noop", input={"x": 1})
    before = client.threads.get_state(thread)
    history = client.threads.get_history(thread)
    _, run = executing(client, marks, slow, thread=thread)
    client.runs.cancel(thread, run, wait=True, action="rollback")
    with pytest.raises(NotFoundError):
        client.runs.get(thread, run)
    assert client.threads.get_state(thread) == before
    assert client.threads.get_history(thread) == history
    assert client.threads.get(thread)["status"] == "idle"


@pytest.mark.parametrize("action", ["interrupt", "rollback"])
def test_cancel_many(client, marks, slow, action):
    thread, running = executing(client, marks, slow)
    queued = client.runs.create(thread, "slow", input=slow)["run_id"]
    client.runs.cancel_many(
        thread_id=thread, run_ids=[running, queued], action=action
    )

    def settled():
        left = {r["status"] for r in client.runs.list(thread)}
        return not left & set(LIVE)

    eventually(settled)
    left = {r["run_id"]: r["status"] for r in client.runs.list(thread)}
    end = dict.fromkeys([running, queued], "interrupted")
    assert left == (end if action == "interrupt" else {})
    assert marks.count("work") == 1


def test_cancel_by_status(client, marks, slow):
    thread, running = executing(client, marks, slow)
    client.runs.cancel_many(status="all")
    assert ended(client, thread, running) == "interrupted"
    with pytest.raises(NotFoundError):
        client.runs.cancel_many(status="all")


def test_multitask_strategies(client, marks, slow):
    thread, old = executing(client, marks, slow)
    with pytest.raises(ConflictError):
        client.runs.create(
            thread, "slow", input=slow, multitask_strategy="reject"
        )
    quick = slow | {"secs": 0}
    new = client.runs.create(
        thread, "slow", input=quick, multitask_strategy="interrupt"
    )["run_id"]
    assert ended(client, thread, new) == "success"
    assert client.runs.get(thread, old)["status"] == "interrupted"
    third = client.runs.create(thread, "slow", input=slow)["run_id"]
    eventually(lambda: marks.count("work") == 3)
    last = client.runs.create(
        thread, "slow", input=quick, multitask_strategy="rollback"
    )["run_id"]
    assert ended(client, thread, last) == "success"
    with pytest.raises(NotFoundError):
        client.runs.get(thread, third)


def test_a_stream_left_with_on_disconnect_cancels(client, marks, slow):
    thread = thread_of(client)
    stream = client.runs.stream(
        thread, "slow", input=slow, on_disconnect="cancel"
    )
    run = next(iter(stream)).data["run_id"]
    marks.await_("work")
    stream.close()
    assert ended(client, thread, run) == "interrupted"


async def drive(url):
    client = get_client(url=url)
    thread = (await client.threads.create())["thread_id"]
    parts = []
    async for part in client.runs.stream(
        thread, "stepper", input={"total": 2}, stream_mode="updates"
    ):
        parts.append(part)
    done = await client.runs.wait(thread, "stepper", input={"total": 4})
    return parts, done


def test_the_asynchronous_client(server):
    parts, done = asyncio.run(drive(server.url))
    assert [p.event for p in parts] == ["metadata", "updates", "updates"]
    assert done["log"] == [1, 2, 3, 4]


def test_errors_carry_the_text_of_the_server(client):
    with pytest.raises(NotFoundError) as caught:
        client.threads.get("00000000-0000-4000-8000-000000000000")
    assert "not found" in str(caught.value)
    assert isinstance(caught.value, httpx.HTTPStatusError)
