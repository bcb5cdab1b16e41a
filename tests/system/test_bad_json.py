"""Malformed and extreme JSON in every route that reads a body."""

import json

import pytest

from api import detail, unknown

BAD_JSON = "Invalid JSON in request body"
ROUTES = [
    ("POST", "/assistants"),
    ("POST", "/assistants/search"),
    ("POST", "/assistants/count"),
    ("PATCH", "/assistants/{id}"),
    ("POST", "/threads"),
    ("POST", "/threads/search"),
    ("POST", "/threads/count"),
    ("PATCH", "/threads/{id}"),
    ("POST", "/threads/{id}/state"),
    ("POST", "/threads/{id}/state/checkpoint"),
    ("POST", "/threads/{id}/history"),
    ("POST", "/threads/{id}/runs"),
    ("POST", "/threads/{id}/runs/stream"),
    ("POST", "/threads/{id}/runs/wait"),
    ("POST", "/runs"),
    ("POST", "/runs/stream"),
    ("POST", "/runs/wait"),
    ("POST", "/runs/batch"),
    ("POST", "/runs/cancel"),
]
NO_JSON = [
    b"",
    b" ",
    b"{",
    b"{]",
    b"nul",
    b"{'a':1}",
    b'{"a":1,}',
    b'{"a":NaN}',
    b'{"a":Infinity}',
    b'{"a":1e400}',
    b'{"a":01}',
    b'{"a":"\x01"}',
    b'{"a":"\xff"}',
    b'{"a":"\xc0\xaf"}',
    b'{"a":"\\ud800"}',
    b'{"a":"\\x"}',
    b"\xef\xbb\xbf{}",
    b"{} {}",
]


def send(api, method, path, body):
    return api.request(method, path.format(id=unknown()), content=body)


@pytest.mark.parametrize("method, path", ROUTES)
def test_a_body_that_is_no_json_is_422_on_every_route(api, method, path):
    for body in NO_JSON:
        answer = send(api, method, path, body)
        assert answer.status_code == 422, body[:40]
        assert detail(answer) == BAD_JSON, body[:40]


@pytest.mark.parametrize("method, path", ROUTES)
def test_a_body_nested_too_deeply_is_400_on_every_route(api, method, path):
    for depth in (300, 1000):
        body = b'{"metadata":' + b"[" * depth + b"]" * depth + b"}"
        answer = send(api, method, path, body)
        assert answer.status_code == 400
        assert detail(answer) == "Recursion limit reached"


def test_a_body_of_brackets_alone_is_refused(api):
    answer = api.post("/threads", content=b"[" * 100_000)
    assert answer.status_code in (400, 422)
    assert api.get("/ok").status_code == 200


@pytest.mark.parametrize("method, path", ROUTES)
def test_a_body_of_the_wrong_kind_is_422_on_every_route(api, method, path):
    for body in (b"1", b'"x"', b"null", b"true"):
        assert send(api, method, path, body).status_code == 422, body
    other = b"{}" if path == "/runs/batch" else b"[]"
    assert send(api, method, path, other).status_code == 422


def test_a_hundred_levels_are_fine(api):
    deep = json.loads("[" * 100 + "1" + "]" * 100)
    thread = api.thread(metadata={"deep": deep})
    assert api.get_thread(thread)["metadata"] == {"deep": deep}
    done = api.wait(thread, "noop", {"x": deep})
    assert done["x"] == deep


def test_numbers_and_key_order_come_back_as_they_left(api):
    text = '{"z":1,"a":12345678901234567,"m":1.50,"e":1e3,"n":-0.0}'
    body = (
        '{"assistant_id":"noop","after_seconds":3600,'
        f'"if_not_exists":"create","input":{text}}}'
    )
    thread = unknown()
    answer = api.post(f"/threads/{thread}/runs", content=body)
    assert answer.status_code == 200
    run = answer.json()["run_id"]
    path = f"/threads/{thread}/runs/{run}"
    assert text in api.get(path).text.replace(": ", ":").replace(", ", ",")
    api.cancel(thread, run)


def test_an_integer_beyond_64_bits_reaches_the_graph_or_fails_its_run(api):
    thread = api.thread()
    body = (
        '{"assistant_id":"noop","input":{"x":123456789012345678901234567890}}'
    )
    answer = api.post(f"/threads/{thread}/runs/wait", content=body)
    assert answer.status_code == 200
    assert api.runs(thread)[0]["status"] in ("success", "error")
    assert api.wait(api.thread(), "noop", {}) == {"log": ["noop"]}


def test_a_null_character_is_no_server_error(api):
    body = b'{"metadata":{"a":"x\\u0000y"}}'
    answer = api.post("/threads", content=body)
    assert answer.status_code == 200
    assert answer.json()["metadata"]["a"] in ("x\ufffdy", "x\0y")
    body = b'{"assistant_id":"noop","config":{"configurable":{"a\\u0000":1}}}'
    answer = api.post(f"/threads/{api.thread()}/runs", content=body)
    assert answer.status_code == 422


def test_a_body_near_the_limit_is_accepted(api):
    size = 8 << 20
    done = api.wait(api.thread(), "noop", {"x": "y" * size})
    assert len(done["x"]) == size


@pytest.mark.parametrize(
    "path",
    [
        "/threads/{bad}",
        "/threads/{bad}/state",
        "/threads/{bad}/history",
        "/threads/{bad}/runs",
        "/threads/{bad}/runs/{good}",
        "/threads/{bad}/runs/{good}/join",
        "/threads/{bad}/runs/{good}/stream",
    ],
)
@pytest.mark.parametrize("bad", ["x", "1234", "zz" * 16, "a" * 33, "%20"])
def test_a_malformed_thread_id_is_422_on_every_route(api, path, bad):
    answer = api.get(path.format(bad=bad, good=unknown()))
    assert answer.status_code == 422
    assert detail(answer) == "Invalid thread ID: must be a UUID"


@pytest.mark.parametrize("route", ["", "/join", "/stream"])
def test_a_malformed_run_id_is_422_on_every_route(api, route):
    answer = api.get(f"/threads/{api.thread()}/runs/x{route}")
    assert answer.status_code == 422
    assert detail(answer) == "Invalid run ID: must be a UUID"


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE thread; --",
        "${jndi:ldap://x}",
        "%s%n%x",
        "\r\nSet-Cookie: a=b",
        "../../etc/passwd",
        "\u202e\u0000\ufffe",
        "😀" * 1000,
        "$.a[0]",
        "a.b['c']",
    ],
)
def test_text_is_only_text(api, text):
    metadata = {"k": text, text: 1} if "\0" not in text else {"k": "x"}
    thread = api.thread(metadata=metadata)
    assert api.get_thread(thread)["metadata"] == metadata
    body = {"metadata": metadata}
    found = api.ok("POST", "/threads/search", json=body)
    assert thread in [row["thread_id"] for row in found]
    body = {"assistant_id": text, "input": {}}
    answer = api.post(f"/threads/{thread}/runs", json=body)
    assert answer.status_code in (404, 422)
    assert "set-cookie" not in answer.headers
