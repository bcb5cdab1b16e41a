"""The server's own routes, and what holds for every route."""

import re

import pytest

from api import eventually, unknown
from raw import exchange, request

NOT_BUILT = [
    ("POST", "/runs/crons"),
    ("POST", "/runs/crons/search"),
    ("POST", "/runs/crons/count"),
    ("GET", "/runs/crons/{id}"),
    ("PATCH", "/runs/crons/{id}"),
    ("DELETE", "/runs/crons/{id}"),
    ("POST", "/threads/{id}/runs/crons"),
    ("PUT", "/store/items"),
    ("GET", "/store/items"),
    ("DELETE", "/store/items"),
    ("POST", "/store/items/search"),
    ("POST", "/store/namespaces"),
    ("GET", "/threads/{id}/stream"),
    ("POST", "/threads/{id}/stream/events"),
    ("POST", "/threads/{id}/commands"),
    ("GET", "/threads/{id}/storage"),
    ("POST", "/threads/prune"),
    ("GET", "/assistants/{id}/graph"),
    ("GET", "/assistants/{id}/schemas"),
    ("GET", "/assistants/{id}/subgraphs"),
    ("POST", "/assistants/{id}/versions"),
    ("POST", "/assistants/{id}/latest"),
    ("POST", "/mcp"),
    ("POST", "/a2a/{id}"),
    ("GET", "/docs"),
]


@pytest.mark.parametrize("path", ["/", "/ok", "/ok?check_db=1"])
def test_ok_says_so(api, path):
    answer = api.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    if "check_db" not in path:
        assert answer.content == b'{"ok":true,"services":{}}'


def test_info_names_versions_and_flags(api):
    info = api.ok("GET", "/info")
    assert info["version"]
    assert info["langgraph_py_version"]
    assert info["flags"]["assistants"] is True
    assert isinstance(info["host"], dict)


def test_metrics_come_as_prometheus_text(api):
    for path in ("/metrics", "/metrics?format=bogus"):
        answer = api.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        assert re.search(r"^# TYPE \w+ \w+$", answer.text, re.M)


def test_metrics_have_histograms_of_cancels(api, marks):
    thread = api.thread()
    run = api.run(thread, "slow", {"secs": 30, "mark": str(marks)})
    marks.await_("work")
    api.cancel(thread, run, wait=1)
    text = api.get("/metrics").text
    found = {
        line.split("{")[0]
        for line in text.splitlines()
        if "cancel" in line and "_bucket{" in line
    }
    assert len(found) >= 2, "call -> answer, and answer -> stopped"
    assert re.search(r"cancel\w*_bucket\{[^}]*action=\"interrupt\"", text)


def gauges(api):
    names = "actors_live|timers_waiting|http_connections"
    text = api.get("/metrics").text
    return dict(re.findall(rf"^heddle_({names}) (\d+)$", text, re.M))


def test_metrics_show_what_must_not_be_left_behind(idle, marks):
    before = gauges(idle)
    assert len(before) == 3
    thread = idle.thread()
    run = idle.run(thread, "slow", {"secs": 30, "mark": str(marks)})
    marks.await_("work")
    during = gauges(idle)
    assert int(during["actors_live"]) >= int(before["actors_live"]) + 2
    idle.cancel(thread, run, wait=1)
    actors = before["actors_live"]
    eventually(lambda: gauges(idle)["actors_live"] == actors)


def test_metrics_come_as_json(idle, marks):
    thread = idle.thread()
    run = idle.run(thread, "slow", {"secs": 30, "mark": str(marks)})
    marks.await_("work")
    idle.run(thread, "slow", {})
    found = idle.ok("GET", "/metrics?format=json")
    assert found["queue"]["n_running"] == 1
    assert found["queue"]["n_pending"] == 1
    assert found["workers"]["max"] == 20
    assert found["workers"]["active"] == 1
    assert found["workers"]["available"] == 19
    idle.cancel(thread, run, wait=1)


def test_openapi_describes_the_routes(api):
    document = api.ok("GET", "/openapi.json")
    assert document["openapi"].startswith("3.")
    assert "post" in document["paths"]["/runs/cancel"]
    path = "/threads/{thread_id}/runs/{run_id}/cancel"
    assert "post" in document["paths"][path]


def test_an_unknown_path_is_404(api):
    for path in ("/nowhere", "/runs/x/y/z", "/threads/x/y"):
        answer = api.get(path)
        assert answer.status_code == 404
        assert answer.json() == {"detail": "Not Found"}


@pytest.mark.parametrize(
    "method, path, allowed",
    [
        ("GET", "/runs/cancel", "POST"),
        ("PUT", "/threads", "POST"),
        ("PATCH", "/runs/wait", "POST"),
        ("PATCH", f"/threads/{unknown()}/state", "GET"),
    ],
)
def test_a_method_that_a_path_has_not_is_405(api, method, path, allowed):
    answer = api.request(method, path)
    assert answer.status_code == 405
    assert answer.json() == {"detail": "Method Not Allowed"}
    assert allowed in answer.headers["allow"]


def test_a_trailing_slash_is_redirected_on_api_routes_only(api, server):
    for path in ("/threads/", "/assistants/search/", "/runs/"):
        answer = api.post(path, json={})
        assert answer.status_code == 307, path
        assert answer.headers["location"] == server.url + path[:-1]
    assert api.get("/info/").status_code == 404
    assert api.get("/ok/").status_code == 404


def test_head_is_answered_where_get_is_without_a_body(api):
    for path in ("/ok", f"/threads/{api.thread()}"):
        answer = api.head(path)
        assert answer.status_code == 200
        assert answer.content == b""
        full = api.get(path).headers["content-length"]
        assert answer.headers["content-length"] == full


@pytest.mark.parametrize("method, path", NOT_BUILT)
def test_a_route_that_is_not_built_is_501_and_says_so(api, method, path):
    path = path.format(id=unknown())
    answer = api.request(method, path, json={})
    assert answer.status_code == 501
    assert "not" in answer.json()["detail"].lower()


def test_every_answer_varies_by_origin(api):
    for method, path in [
        ("GET", "/ok"),
        ("GET", "/nowhere"),
        ("POST", "/runs/cancel"),
        ("GET", f"/threads/{unknown()}"),
        ("PUT", "/threads"),
    ]:
        assert api.request(method, path).headers["vary"] == "Origin"


def test_a_preflight_is_answered_as_browsers_need_it(api):
    answer = api.options(
        "/threads",
        headers={
            "origin": "http://example.com",
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,x-api-key",
        },
    )
    assert answer.status_code == 200
    assert answer.text == "OK"
    assert answer.headers["content-type"].startswith("text/plain")
    headers = answer.headers
    assert headers["access-control-allow-origin"] in (
        "*",
        "http://example.com",
    )
    assert headers["access-control-allow-methods"] == (
        "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, QUERY"
    )
    assert headers["access-control-max-age"] == "600"
    assert headers["access-control-allow-headers"] == "content-type,x-api-key"
    assert "access-control-allow-credentials" not in headers


def test_a_preflight_for_a_private_network_is_refused(api):
    answer = api.options(
        "/threads",
        headers={
            "origin": "http://example.com",
            "access-control-request-method": "POST",
            "access-control-request-private-network": "true",
        },
    )
    assert answer.status_code == 400
    assert answer.text == "Disallowed CORS private-network"


def test_an_answer_to_another_origin_exposes_what_clients_read(api):
    headers = api.get("/ok", headers={"origin": "http://example.com"}).headers
    assert headers["access-control-allow-origin"] == "*"
    exposed = headers["access-control-expose-headers"].lower().split(", ")
    assert set(exposed) == {
        "x-pagination-total",
        "x-pagination-next",
        "content-location",
    }


def test_a_body_that_announces_too_much_is_413(server, api):
    head = request(
        "POST", "/threads", headers={"Content-Length": str(33 << 20)}
    )
    answer = exchange(server.port, head)
    assert answer.status == 413
    limit = 32 << 20
    assert answer.json() == {
        "detail": f"Request body too large (limit: {limit} bytes)"
    }
    assert api.get("/ok").status_code == 200


def test_headers_beyond_the_limit_are_431(server, api):
    answer = exchange(
        server.port, request("GET", "/ok", headers={"X-Large": "x" * 20000})
    )
    assert answer.status == 431
    many = {f"X-{i}": "v" for i in range(150)}
    assert (
        exchange(server.port, request("GET", "/ok", headers=many)).status
        == 431
    )
    assert api.get("/ok").status_code == 200
