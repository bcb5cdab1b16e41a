"""Threads: create, get, patch, delete, copy, search, count."""

import pytest

from api import detail, unknown

FRESH = {"status": "idle", "config": {}, "values": None, "metadata": {}}


def search(api, **body):
    return api.ok("POST", "/threads/search", json=body)


def ids(rows):
    return [row["thread_id"] for row in rows]


def test_a_thread_reads_as_it_was_created(api):
    given = unknown()
    body = {"thread_id": given, "metadata": {"a": {"b": [1, "x", None]}}}
    made = api.ok("POST", "/threads", json=body)
    assert made["thread_id"] == given
    assert set(made) >= {
        "thread_id",
        "created_at",
        "updated_at",
        "state_updated_at",
        "metadata",
        "status",
        "config",
        "values",
    }
    assert FRESH | {"metadata": body["metadata"]} == {
        key: made[key] for key in FRESH
    }
    read = api.get_thread(given)
    assert "error" not in read and "interrupts" not in read
    assert {k: read[k] for k in FRESH} == {k: made[k] for k in FRESH}


def test_times_are_iso_with_microseconds_and_offset(api):
    import datetime

    row = api.get_thread(api.thread())
    for key in ("created_at", "updated_at", "state_updated_at"):
        assert row[key].endswith("+00:00")
        at = datetime.datetime.fromisoformat(row[key])
        now = datetime.datetime.now(datetime.timezone.utc)
        assert abs((now - at).total_seconds()) < 5


def test_an_id_can_be_given_once(api):
    given = unknown()
    api.ok("POST", "/threads", json={"thread_id": given, "metadata": {"a": 1}})
    answer = api.post("/threads", json={"thread_id": given})
    assert answer.status_code == 409
    assert detail(answer) == f"Thread with ID {given} already exists"
    body = {"thread_id": given, "if_exists": "do_nothing", "metadata": {}}
    assert api.ok("POST", "/threads", json=body)["metadata"] == {"a": 1}


def test_unknown_and_malformed_ids_are_404_and_422(api):
    which = unknown()
    answer = api.get(f"/threads/{which}")
    assert answer.status_code == 404
    assert detail(answer) == f"Thread with ID {which} not found"
    for method in ("GET", "PATCH", "DELETE"):
        answer = api.request(method, "/threads/x", json={})
        assert answer.status_code == 422
        assert detail(answer) == "Invalid thread ID: must be a UUID"
    answer = api.patch(f"/threads/{which}", json={"metadata": {}})
    assert (answer.status_code, detail(answer)) == (404, "Not Found")
    answer = api.post("/threads", json={"thread_id": "x"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "written",
    [
        "{0}",
        "{{{0}}}",
        "urn:uuid:{0}",
    ],
)
def test_a_uuid_may_be_written_in_other_ways(api, written):
    given = unknown()
    body = {"thread_id": written.format(given.upper())}
    assert api.ok("POST", "/threads", json=body)["thread_id"] == given


def test_a_patch_merges_metadata_at_the_top(api):
    thread = api.thread(metadata={"a": {"x": 1}, "b": 1})
    path = f"/threads/{thread}"
    body = {"metadata": {"a": {"y": 2}, "c": 3}}
    merged = {"a": {"y": 2}, "b": 1, "c": 3}
    patched = api.ok("PATCH", path, json=body)
    assert patched["metadata"] == merged
    assert api.get_thread(thread) == patched


def test_a_patch_can_ask_for_no_body(api):
    thread = api.thread()
    headers = {"prefer": "return=minimal"}
    body = {"metadata": {"a": 1}}
    answer = api.patch(f"/threads/{thread}", json=body, headers=headers)
    assert answer.status_code == 204
    assert answer.content == b""
    assert api.get_thread(thread)["metadata"] == {"a": 1}


def test_a_patch_moves_updated_at_and_not_state_updated_at(api):
    thread = api.thread()
    before = api.get_thread(thread)
    after = api.ok("PATCH", f"/threads/{thread}", json={"metadata": {"a": 1}})
    assert after["updated_at"] > before["updated_at"]
    assert after["state_updated_at"] == before["state_updated_at"]


def test_a_deleted_thread_is_gone_with_its_runs(api):
    thread = api.thread()
    api.wait(thread, "noop", {})
    run = api.runs(thread)[0]["run_id"]
    answer = api.delete(f"/threads/{thread}")
    assert answer.status_code == 204
    assert answer.content == b""
    assert api.get(f"/threads/{thread}").status_code == 404
    assert api.get(f"/threads/{thread}/runs").status_code == 404
    assert api.get(f"/threads/{thread}/runs/{run}").status_code == 404
    assert api.get(f"/threads/{thread}/state").status_code == 404
    assert api.delete(f"/threads/{thread}").status_code == 404


def test_a_copy_has_the_checkpoints_and_not_the_runs(api):
    thread = api.thread(metadata={"a": 1})
    api.wait(thread, "stepper", {"total": 3})
    copy = api.ok("POST", f"/threads/{thread}/copy")
    new = copy["thread_id"]
    assert new != thread
    assert copy["status"] == "idle"
    assert copy["metadata"]["a"] == 1
    assert not {"values", "error", "interrupts"} & set(copy)
    assert api.runs(new) == []
    assert api.state(new)["values"] == api.state(thread)["values"]
    old = [c["checkpoint"]["checkpoint_id"] for c in api.history(thread)]
    assert [c["checkpoint"]["checkpoint_id"] for c in api.history(new)] == old
    assert {c["checkpoint"]["thread_id"] for c in api.history(new)} == {new}
    api.wait(new, "stepper", {"total": 4})
    assert api.state(new)["values"]["log"] == [1, 2, 3, 4]
    assert api.state(thread)["values"]["log"] == [1, 2, 3]


def test_a_copy_of_an_unknown_thread_is_409(api):
    answer = api.post(f"/threads/{unknown()}/copy")
    assert (answer.status_code, detail(answer)) == (409, "Conflict")


def test_search_by_metadata_is_containment(api):
    mark = unknown()
    one = api.thread(metadata={"mark": mark, "deep": {"a": 1, "b": [1, 2]}})
    two = api.thread(metadata={"mark": mark, "deep": {"a": 2}})
    assert ids(search(api, metadata={"mark": mark})) == [two, one]
    found = search(api, metadata={"mark": mark, "deep": {"a": 1}})
    assert ids(found) == [one]
    found = search(api, metadata={"mark": mark, "deep": {"b": [1, 2]}})
    assert ids(found) == [one]
    assert search(api, metadata={"mark": mark, "deep": {"a": "1"}}) == []
    assert search(api, metadata={"mark": mark, "none": None}) == []
    body = {"metadata": {"mark": mark}}
    assert api.ok("POST", "/threads/count", json=body) == 2


def test_search_by_values_and_status(api):
    mark = unknown()
    done = api.thread(metadata={"mark": mark})
    api.wait(done, "noop", {"x": {"in": mark}})
    asked = api.thread(metadata={"mark": mark})
    api.wait(asked, "human", {"tag": mark})
    failed = api.thread(metadata={"mark": mark})
    api.wait(failed, "fails", {})
    busy = api.thread(metadata={"mark": mark})
    run = api.run(busy, "slow", {}, after_seconds=3600)
    for status, thread in [
        ("idle", done),
        ("interrupted", asked),
        ("error", failed),
        ("busy", busy),
    ]:
        body = {"metadata": {"mark": mark}, "status": status}
        assert ids(search(api, **body)) == [thread]
        assert api.ok("POST", "/threads/count", json=body) == 1
    assert ids(search(api, values={"x": {"in": mark}})) == [done]
    assert ids(search(api, values={"tag": mark})) == [asked]
    api.cancel(busy, run)


def test_search_by_ids(api):
    three = [api.thread() for _ in range(3)]
    found = search(api, ids=[three[0], three[2], unknown()])
    assert sorted(ids(found)) == sorted([three[0], three[2]])


def test_search_pages_and_sorts(api):
    mark = unknown()
    made = [api.thread(metadata={"mark": mark}) for _ in range(5)]
    where = {"metadata": {"mark": mark}}
    answer = api.post("/threads/search", json=where | {"limit": 2})
    assert ids(answer.json()) == made[:2:-1]
    assert answer.headers["x-pagination-next"] == "2"
    assert answer.headers["x-pagination-total"] == "3"
    answer = api.post(
        "/threads/search", json=where | {"limit": 2, "offset": 4}
    )
    assert ids(answer.json()) == made[:1]
    assert "x-pagination-next" not in answer.headers
    assert answer.headers["x-pagination-total"] == "5"
    found = search(api, **where, sort_by="created_at", sort_order="asc")
    assert ids(found) == made
    found = search(api, **where, sort_by="thread_id", sort_order="asc")
    assert ids(found) == sorted(made)
    api.ok("PATCH", f"/threads/{made[0]}", json={"metadata": {"touched": 1}})
    assert ids(search(api, **where))[0] == made[0]


def test_select_and_extract_shape_the_rows(api):
    mark = unknown()
    thread = api.thread(metadata={"mark": mark, "deep": {"a": [1, 2]}})
    api.wait(thread, "noop", {"x": {"y": [{"z": 5}]}})
    where = {"metadata": {"mark": mark}}
    found = search(api, **where, select=["thread_id", "status"])
    assert found == [{"thread_id": thread, "status": "idle"}]
    found = search(
        api,
        **where,
        select=["thread_id"],
        extract={"z": "values.x.y[-1].z", "m": "metadata.deep.a[0]"},
    )
    assert found[0]["extracted"] == {"z": 5, "m": 1}


@pytest.mark.parametrize(
    "body",
    [
        {"select": ["color"]},
        {"extract": {"1x": "values.a"}},
        {"extract": {"status": "values.a"}},
        {"extract": {"a": "runs.a"}},
        {"extract": {f"a{i}": "values.a" for i in range(11)}},
        {"limit": 0},
        {"limit": 1001},
        {"offset": -1},
        {"status": "done"},
        {"sort_by": "color"},
        {"metadata": 1},
    ],
    ids=lambda body: str(body)[:40],
)
def test_a_bad_search_is_422(api, body):
    assert api.post("/threads/search", json=body).status_code == 422


def test_supersteps_make_a_thread_with_a_state(api):
    body = {
        "metadata": {"graph_id": "slow"},
        "supersteps": [
            {"updates": [{"values": {"tag": "t"}, "as_node": "__start__"}]},
            {"updates": [{"values": {"log": ["x"]}, "as_node": "pre"}]},
        ],
    }
    thread = api.ok("POST", "/threads", json=body)["thread_id"]
    state = api.state(thread)
    assert state["values"] == {"tag": "t", "log": ["x"]}
    assert state["next"] == ["work"]


def test_supersteps_without_a_graph_are_201_with_the_reason(api):
    body = {
        "supersteps": [
            {"updates": [{"values": {"log": ["x"]}, "as_node": "pre"}]}
        ]
    }
    answer = api.post("/threads", json=body)
    assert answer.status_code == 201
    assert "was created, but there were problems updating the state: " in (
        detail(answer)
    )
    assert "has no assigned graph ID" in detail(answer)


def test_supersteps_of_an_unknown_node_are_400(api):
    given = unknown()
    body = {
        "thread_id": given,
        "metadata": {"graph_id": "slow"},
        "supersteps": [{"updates": [{"values": {}, "as_node": "zz"}]}],
    }
    answer = api.post("/threads", json=body)
    assert (answer.status_code, detail(answer)) == (
        400,
        "Node zz does not exist",
    )
    assert api.get(f"/threads/{given}").status_code == 200
