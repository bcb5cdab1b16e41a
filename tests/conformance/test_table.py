"""Every row of the table against the real binary."""

import json
import re

import pytest

from api import Api, eventually
from process import ROOT
from rows import ALL
from table import ABSENT, ANY, Row, Then, fill


def send(api: Api, row: Row, names: dict):
    method, path = fill(row.call, names).split(" ", 1)
    body = fill(row.body, names)
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body, ensure_ascii=False).encode()
    return api.request(method, path, content=body, headers=row.headers)


def check_headers(answer, wanted: dict) -> None:
    assert answer.headers["vary"] == "Origin"
    for name, value in wanted.items():
        found = answer.headers.get(name, ABSENT)
        assert found == value, f"{name}: {found!r}"


def check_body(answer, row: Row, names: dict) -> None:
    if row.text is not None:
        assert answer.text == fill(row.text, names)
    if row.detail:
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == {"detail": fill(row.detail, names)}
    if row.json is not ANY:
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == fill(row.json, names)
    if row.keys:
        shown = answer.json()
        for one in shown if isinstance(shown, list) else [shown]:
            assert list(one) == row.keys.split()


def check_after(api: Api, then: Then, names: dict) -> None:
    method, path = fill(then.call, names).split(" ", 1)
    wanted = fill(then.json, names)

    def seen():
        answer = api.request(method, path)
        if answer.status_code != then.status:
            return False
        return wanted is ANY or answer.json() == wanted

    try:
        eventually(seen)
    except AssertionError:
        answer = api.request(method, path)
        assert (answer.status_code, answer.text) == (then.status, wanted)


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.name[:100])
def test_row(api, worlds, row):
    names = worlds.make(row.given)
    answer = send(api, row, names)
    assert answer.status_code == row.status, answer.text
    check_headers(answer, fill(row.head, names))
    check_body(answer, row, names)
    for then in row.then:
        check_after(api, then, names)


def routes() -> list[str]:
    """As the documentation lists them."""
    text = (ROOT / "docs" / "api.md").read_text()
    return re.findall(r"^\| `([A-Z]+ /\S*)` \|", text, re.MULTILINE)


def matches(route: str, row: Row) -> bool:
    method, path = route.split(" ")
    form = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
    form = form.replace(r"/\*", "/.+") + r"(\?.*)?"
    called = row.call.split(" ", 1)
    return called[0] == method and bool(re.fullmatch(form, called[1]))


@pytest.mark.parametrize("route", routes())
def test_every_route_has_a_row_that_succeeds_or_says_it_is_not_built(route):
    found = {row.status for row in ALL if matches(route, row)}
    assert found & {200, 201, 202, 204, 501}, found


def test_no_row_is_there_twice():
    names = [row.name for row in ALL]
    assert len(set(names)) == len(names), sorted(
        name for name in set(names) if names.count(name) > 1
    )
