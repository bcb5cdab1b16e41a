"""What the server says of itself, and its limits."""

import re


from api import eventually
from raw import exchange, request


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


def test_head_is_answered_where_get_is_without_a_body(api):
    for path in ("/ok", f"/threads/{api.thread()}"):
        answer = api.head(path)
        assert answer.status_code == 200
        assert answer.content == b""
        full = api.get(path).headers["content-length"]
        assert answer.headers["content-length"] == full


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
