"""Assistants: create, get, search, count, patch."""

import uuid

import pytest

from api import detail, unknown

SYSTEM = uuid.UUID("6ba7b821-9dad-11d1-80b4-00c04fd430c8")


def create(api, **body):
    return api.ok("POST", "/assistants", json={"graph_id": "noop"} | body)


def search(api, **body):
    return api.ok("POST", "/assistants/search", json=body)


def test_each_graph_has_a_system_assistant(api):
    found = search(api, limit=1000, metadata={"created_by": "system"})
    by_graph = {row["graph_id"]: row for row in found}
    assert {"noop", "slow", "human", "chat"} <= set(by_graph)
    for graph, row in by_graph.items():
        assert row["assistant_id"] == str(uuid.uuid5(SYSTEM, graph))
        assert row["name"] == graph
        assert row["version"] == 1


def test_an_assistant_reads_as_it_was_created(api):
    made = create(
        api,
        config={"configurable": {"k": "v"}, "tags": ["t"]},
        metadata={"m": [1, {"n": None}]},
        name="Mine",
        description="what it is",
    )
    assert set(made) == {
        "assistant_id",
        "graph_id",
        "config",
        "context",
        "created_at",
        "updated_at",
        "metadata",
        "version",
        "name",
        "description",
    }
    assert made["graph_id"] == "noop"
    assert made["config"]["configurable"] == {"k": "v"}
    assert made["context"] == {"k": "v"}
    assert made["metadata"] == {"m": [1, {"n": None}]}
    assert (made["name"], made["version"]) == ("Mine", 1)
    assert api.ok("GET", f"/assistants/{made['assistant_id']}") == made


def test_an_assistant_is_untitled_by_default(api):
    made = create(api)
    assert made["name"] == "Untitled"
    assert made["description"] is None
    assert made["config"] == {}
    assert made["metadata"] == {}


def test_an_id_can_be_given_once(api):
    given = unknown()
    made = create(api, assistant_id=given.upper())
    assert made["assistant_id"] == given
    body = {"graph_id": "noop", "assistant_id": given}
    answer = api.post("/assistants", json=body)
    assert answer.status_code == 409
    assert detail(answer) == f"Assistant {given} already exists"
    body |= {"if_exists": "do_nothing", "name": "other"}
    assert api.ok("POST", "/assistants", json=body) == made


def test_an_unknown_graph_is_404_and_lists_the_known(api):
    answer = api.post("/assistants", json={"graph_id": "nope"})
    assert answer.status_code == 404
    text = detail(answer)
    assert text.startswith("Graph 'nope' not found. Expected one of: [")
    assert "'noop'" in text
    body = {"graph_id": "nope"}
    for what in ("search", "count"):
        answer = api.post(f"/assistants/{what}", json=body)
        assert answer.status_code == 404


def test_configurable_and_context_exclude_each_other(api):
    body = {
        "graph_id": "noop",
        "config": {"configurable": {"a": 1}},
        "context": {"b": 2},
    }
    answer = api.post("/assistants", json=body)
    assert answer.status_code == 400
    assert detail(answer).startswith(
        "Cannot specify both configurable and context"
    )


def test_an_unknown_or_malformed_id_is_404_or_422(api):
    answer = api.get(f"/assistants/{unknown()}")
    assert answer.status_code == 404
    for name in ("noop", "x"):
        answer = api.get(f"/assistants/{name}")
        assert answer.status_code == 422
        assert detail(answer) == "Invalid assistant ID: must be a UUID"


def test_a_patch_changes_what_it_names_and_makes_a_version(api):
    made = create(api, metadata={"a": 1, "b": 1}, name="old")
    path = f"/assistants/{made['assistant_id']}"
    patched = api.ok("PATCH", path, json={"metadata": {"b": 2}})
    assert patched["metadata"] == {"a": 1, "b": 2}
    assert (patched["name"], patched["version"]) == ("old", 2)
    patched = api.ok("PATCH", path, json={"name": "new", "graph_id": "slow"})
    assert (patched["name"], patched["graph_id"]) == ("new", "slow")
    assert patched["version"] == 3
    assert patched["created_at"] == made["created_at"]
    assert api.ok("GET", path) == patched


def test_a_patch_of_an_unknown_assistant_is_404(api):
    which = unknown()
    answer = api.patch(f"/assistants/{which}", json={"name": "x"})
    assert answer.status_code == 404
    assert detail(answer) == f"Assistant {which} not found"


def test_search_filters_sorts_pages_and_selects(api):
    mark = unknown()
    ids = [
        create(api, metadata={"mark": mark, "n": i}, name=f"Name{i}")[
            "assistant_id"
        ]
        for i in range(5)
    ]
    found = search(api, metadata={"mark": mark})
    assert [r["assistant_id"] for r in found] == ids[::-1]
    found = search(api, metadata={"mark": mark, "n": 3})
    assert [r["assistant_id"] for r in found] == [ids[3]]
    found = search(
        api, metadata={"mark": mark}, sort_by="name", sort_order="asc", limit=2
    )
    assert [r["name"] for r in found] == ["Name0", "Name1"]
    found = search(
        api, metadata={"mark": mark}, sort_by="name", limit=2, offset=1
    )
    assert [r["name"] for r in found] == ["Name3", "Name2"]
    found = search(api, metadata={"mark": mark}, name="nAmE4")
    assert [r["name"] for r in found] == ["Name4"]
    found = search(api, metadata={"mark": mark}, select=["name", "graph_id"])
    assert [set(r) for r in found] == [{"name", "graph_id"}] * 5
    count = {"metadata": {"mark": mark}, "graph_id": "noop"}
    assert api.ok("POST", "/assistants/count", json=count) == 5
    assert api.ok("POST", "/assistants/count", json={"name": mark}) == 0


def test_search_says_where_the_next_page_is(api):
    mark = unknown()
    for _ in range(3):
        create(api, metadata={"mark": mark})
    body = {"metadata": {"mark": mark}, "limit": 2}
    headers = api.post("/assistants/search", json=body).headers
    assert headers["x-pagination-next"] == "2"
    assert headers["x-pagination-total"] == "3"
    body["offset"] = 2
    headers = api.post("/assistants/search", json=body).headers
    assert "x-pagination-next" not in headers
    assert headers["x-pagination-total"] == "3"


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 0},
        {"limit": 1001},
        {"limit": "5"},
        {"offset": -1},
        {"sort_by": "color"},
        {"sort_order": "up"},
        {"select": ["color"]},
        {"metadata": []},
        {"name": 1},
    ],
    ids=str,
)
def test_a_bad_search_is_422(api, body):
    assert api.post("/assistants/search", json=body).status_code == 422


def test_a_run_uses_the_config_of_its_assistant(api):
    made = create(
        api,
        graph_id="echo",
        config={"configurable": {"tone": "assistant"}, "tags": ["a"]},
        metadata={"of": "assistant"},
    )
    thread = api.thread()
    given = api.wait(thread, made["assistant_id"], {})["given"]
    assert given["configurable"]["tone"] == "assistant"
    assert given["context"]["tone"] == "assistant"
    assert given["metadata"]["of"] == "assistant"
    run = api.runs(thread)[0]
    assert run["assistant_id"] == made["assistant_id"]
