"""Webhooks: once the run is over, with how it ended."""

import socket
import time
from ipaddress import ip_address

import pytest

from api import Api, INTERRUPT_MANY, INTERRUPT_ONE, detail, eventually
from cancelling import counted, executing
from process import Server
from receiver import Receiver

OPTIONS = {"webhook_allow_loopback": True}


@pytest.fixture
def hook():
    receiver = Receiver()
    yield receiver
    receiver.close()


def test_success_is_told_with_the_values(api, hook):
    thread = api.thread()
    api.wait(thread, "noop", {"x": 1}, webhook=hook.url, metadata={"m": 1})
    body = hook.await_one()
    run = api.runs(thread)[0]
    assert body["status"] == "success"
    assert body["values"] == {"x": 1, "log": ["noop"]}
    assert body["run_id"] == run["run_id"]
    assert body["thread_id"] == thread
    assert body["metadata"]["m"] == 1
    assert body["kwargs"]["input"] == {"x": 1}
    for key in ("run_started_at", "run_ended_at", "webhook_sent_at"):
        assert body[key]
    assert "error" not in body
    assert hook.got[0][1]["content-type"].startswith("application/json")


def test_failure_is_told_with_the_error(api, hook):
    thread = api.thread()
    api.wait(thread, "fails", {"how": "value"}, webhook=hook.url)
    body = hook.await_one()
    assert body["status"] == "error"
    assert body["error"] == {"error": "ValueError", "message": "a bad value"}


def test_a_human_pause_is_told_as_success(api, hook):
    thread = api.thread()
    api.wait(thread, "human", {}, webhook=hook.url)
    assert hook.await_one()["status"] == "success"


@pytest.mark.parametrize("graph", ["slow", "swallow"])
def test_an_interrupt_is_told_with_the_last_checkpoint(
    api, marks, slow, hook, graph
):
    thread, run = executing(api, marks, slow, graph=graph, webhook=hook.url)
    assert api.cancel(thread, run, wait=1).status_code == 200
    body = hook.await_one()
    assert body["status"] == "interrupted"
    assert body["error"] == {
        "error": "UserInterrupt",
        "message": INTERRUPT_ONE,
    }
    assert body["values"] == slow | {"log": ["pre"]}


def test_a_rollback_is_told_without_values(api, marks, slow, hook):
    thread, run = executing(api, marks, slow, webhook=hook.url)
    answer = api.cancel(thread, run, action="rollback", wait=1)
    assert answer.status_code == 200
    body = hook.await_one()
    assert body["status"] == "rollback"
    assert body["error"]["error"] == "UserRollback"
    assert body["values"] is None
    assert body["run_id"] == run


@pytest.mark.parametrize("action", ["interrupt", "rollback"])
def test_a_run_that_no_worker_had_is_not_told(api, hook, action):
    thread = api.thread()
    run = api.run(thread, "slow", {}, webhook=hook.url, after_seconds=3600)
    api.cancel(thread, run, action=action)
    time.sleep(0.5)
    assert hook.got == []


def test_a_cancel_by_status_is_told_as_interrupted(idle, marks, slow, hook):
    thread, run = executing(idle, marks, slow, webhook=hook.url)
    assert idle.cancel_many({"status": "running"}).status_code == 204
    body = hook.await_one()
    assert body["status"] == "interrupted"
    assert body["error"]["message"] == INTERRUPT_MANY


def test_each_end_is_told_once(api, marks, slow, hook):
    thread, run = executing(api, marks, slow, webhook=hook.url)
    queued = api.run(thread, "noop", {}, webhook=hook.url)
    api.cancel_many(counted(thread, run))
    assert api.ended(thread, queued) == "success"
    time.sleep(0.5)
    told = {b["run_id"]: b["status"] for b in hook.bodies()}
    assert told == {run: "interrupted", queued: "success"}
    assert len(hook.got) == 2


def test_it_is_told_after_the_terminal_commit(api, marks, slow, hook):
    thread, run = executing(
        api, marks, slow, graph="swallow", webhook=hook.url
    )
    api.cancel(thread, run)
    while not hook.got:
        status = api.status(thread, run)
        assert hook.got or status in ("running", "interrupted")
    assert api.status(thread, run) == "interrupted"


def test_a_stateless_run_is_told_too(api, hook):
    body = {"assistant_id": "noop", "input": {}, "webhook": hook.url}
    api.ok("POST", "/runs/wait", json=body)
    assert hook.await_one()["status"] == "success"


def test_a_receiver_that_fails_is_asked_again(api):
    receiver = Receiver(failures=1)
    try:
        api.wait(api.thread(), "noop", {}, webhook=receiver.url)
        deadline = time.monotonic() + 15
        while len(receiver.got) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(receiver.got) == 2
        assert receiver.bodies()[0]["run_id"] == receiver.bodies()[1]["run_id"]
    finally:
        receiver.close()


def test_a_redirect_is_not_followed(api, hook):
    lure = Receiver(leads_to=hook.url)
    try:
        api.wait(api.thread(), "noop", {}, webhook=lure.url)
        lure.await_one()
        api.wait(api.thread(), "noop", {}, webhook=hook.url, metadata={"m": 2})
        hook.await_one()
        assert [body["metadata"].get("m") for body in hook.bodies()] == [2]
    finally:
        lure.close()


def test_a_name_that_leads_inside_is_blocked_when_it_is_called(own):
    """A name tells nothing at the create: its address is judged at the call."""
    name = socket.gethostname()
    if not ip_address(socket.gethostbyname(name)).is_private:
        pytest.skip("the name of this machine leads to a public address")
    receiver = Receiver()
    try:
        port = receiver.server.server_port
        with Api(own.url) as api:
            url = f"http://{name}:{port}/hook"
            api.wait(api.thread(), "noop", {}, webhook=url)
        eventually(lambda: "Webhook host blocked" in own.log(), 10)
        assert not receiver.got
    finally:
        receiver.close()


def test_a_hook_outlives_a_crash(tmp_path):
    """The receiver is away, the server is killed, both come back."""
    away = Receiver()
    url, port = away.url, away.server.server_port
    away.close()
    server = Server(tmp_path, **OPTIONS)
    try:
        with Api(server.start().url) as api:
            thread = api.thread()
            api.wait(thread, "noop", {}, webhook=url)
        server.kill()
        back = Receiver(port=port)
        server.restart()
        assert back.await_one(60)["thread_id"] == thread
        back.close()
    finally:
        server.remove()


@pytest.mark.parametrize(
    "url, text",
    [
        ("http://10.0.0.1/x", "Webhook host blocked"),
        ("http://169.254.169.254/latest", "Webhook host blocked"),
        ("http://192.168.1.1/", "Webhook host blocked"),
        ("http://[fd00::1]/", "Webhook host blocked"),
        ("http://" + "a" * 5000, "Webhook URL too long"),
        ("ftp://example.com/", "Webhook"),
        ("http:///nowhere", "Invalid webhook hostname ''"),
    ],
    ids=lambda value: value[:30],
)
def test_a_url_that_must_not_be_called_is_422(api, url, text):
    body = {"assistant_id": "noop", "input": {}, "webhook": url}
    answer = api.post(f"/threads/{api.thread()}/runs", json=body)
    assert answer.status_code == 422
    assert text in detail(answer)
