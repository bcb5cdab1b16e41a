"""What an operator reads: one event a line, with what is needed to act."""

import json

import pytest

from api import Api, eventually
from cancelling import executing
from process import Server


def test_a_run_that_needed_the_kill_is_named_in_the_log(
    server, api, marks, slow
):
    thread, run = executing(api, marks, slow, graph="swallow")
    assert api.cancel(thread, run, wait=1).status_code == 200
    eventually(
        lambda: any(
            run in line and "kill" in line
            for line in server.log().splitlines()
        ),
        3,
    )


def test_a_blocked_loop_is_shown_with_the_file_and_line_of_the_user(
    server, api, marks, slow
):
    thread, run = executing(api, marks, slow, graph="async_cpu")
    eventually(lambda: "stopping.py:" in server.log(), 5)
    api.cancel(thread, run, wait=1)


def test_an_unknown_field_is_logged_once(server, api):
    for _ in range(3):
        body = {"assistant_id": "noop", "input": {}, "colour_of_it": 1}
        api.ok("POST", f"/threads/{api.thread()}/runs/wait", json=body)
    eventually(lambda: "colour_of_it" in server.log(), 3)
    assert server.log().count("colour_of_it") == 1


def test_text_of_a_client_cannot_forge_a_line(server, api):
    forged = "x\n2026-01-01 error   forged line\x1b[31m"
    body = {"assistant_id": "noop", "input": {}, forged: 1}
    api.ok("POST", f"/threads/{api.thread()}/runs/wait", json=body)
    api.get("/nowhere", headers={"x-request-id": "a\tb"})
    log = server.log()
    assert "\x1b" not in log
    assert not any(
        line.startswith("2026-01-01 error") for line in log.splitlines()
    )


def test_payloads_are_not_in_the_log(server, api):
    secret = "the-payload-of-a-client"
    api.wait(api.thread(), "noop", {"x": secret})
    api.wait(api.thread(), "fails", {"how": "secret", "mark": ""})
    assert secret not in server.log()


@pytest.mark.parametrize("graph", ["noop", "fails"])
def test_as_json_each_line_is_an_object(tmp_path, graph):
    server = Server(tmp_path, log_format="json", workers="1")
    try:
        with Api(server.start().url) as api:
            api.wait(api.thread(), graph, {})
        server.stop()
        lines = server.err.read_text().splitlines()
        assert lines
        for line in lines:
            entry = json.loads(line)
            assert {"level"} <= set(entry)
    finally:
        server.remove()
