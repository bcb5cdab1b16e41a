"""What a row of the table is, and what it is compared with.

A row is one request and its answer. Words in braces stand for what its world
(`given`) made: `{thread}`, `{run}`; `{none}` is a UUID that nothing has.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

NO_RUNS = "No runs found to cancel."
NO_MATCH = (
    "No matching runs to cancel. Please verify the thread ID and run IDs are "
    "correct, and the runs haven't been deleted or completed."
)
BAD_JSON = "Invalid JSON in request body"
BAD_THREAD = "Invalid thread ID: must be a UUID"
BAD_RUN = "Invalid run ID: must be a UUID"
BAD_ASSISTANT = "Invalid assistant ID: must be a UUID"
NO_THREAD = "Thread with ID {none} not found"
NOWHERE = "Thread or assistant not found."
CANCEL_ONE = "/threads/{{thread_id}}/runs/{{run_id}}/cancel"

ABSENT = object()  # A header or a member that must not be there.


class Like:
    """Any text of this form."""

    def __init__(self, form: str):
        self.form = re.compile(form)

    def __eq__(self, other):
        return isinstance(other, str) and bool(self.form.fullmatch(other))

    def __repr__(self):
        return f"Like({self.form.pattern!r})"


class Anything:
    __hash__ = object.__hash__

    def __eq__(self, other):
        return True

    def __repr__(self):
        return "ANY"


class Has:
    """An object with at least these members."""

    def __init__(self, **members):
        self.members = members

    def __eq__(self, other):
        return isinstance(other, dict) and all(
            name not in other if value is ABSENT else other.get(name) == value
            for name, value in self.members.items()
        )

    def __repr__(self):
        return f"Has({self.members!r})"


ANY = Anything()
UUID = Like(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = Like(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")


@dataclass
class Then:
    """What is to be seen after the answer, perhaps not at once."""

    call: str
    status: int = 200
    json: Any = ANY


@dataclass
class Row:
    """One request and its answer, and what the reference says of it."""

    why: str
    call: str
    status: int
    given: str = ""
    body: Any = None
    headers: dict = field(default_factory=dict)
    json: Any = ANY
    keys: str = ""  # Of the object or of each of an array, in their order.
    detail: str = ""
    text: str | None = None
    head: dict = field(default_factory=dict)
    then: list = field(default_factory=list)

    @property
    def method(self) -> str:
        return self.call.split(" ", 1)[0]

    @property
    def name(self) -> str:
        return f"{self.call.replace('{', '').replace('}', '')}: {self.why}"


def fill(value: Any, names: dict) -> Any:
    """`value` with what the braces stand for; doubled braces are braces."""
    if isinstance(value, str):

        def named(found):
            word = found[1]
            return "{" + word[1:-1] + "}" if word[:1] == "{" else names[word]

        return re.sub(r"\{(\{\w+\}|\w+)\}", named, value)
    if isinstance(value, dict):
        return {fill(k, names): fill(v, names) for k, v in value.items()}
    if isinstance(value, list):
        return [fill(one, names) for one in value]
    if isinstance(value, Has):
        return Has(**fill(value.members, names))
    return value


def printed(value: Any) -> str:
    """As the texts of a refusal show a value."""
    return json.dumps(
        value, separators=(",", ":"), sort_keys=True, ensure_ascii=False
    )


def at(path: str) -> str:
    return "".join(
        f"[{one}]" if one.isdigit() else f'["{one}"]'
        for one in path.split(".")
        if one
    )


def broken(
    message: str, rule: str, value: Any, schema: str = "", path: str = ""
) -> str:
    """How the reference's validator prints a broken rule. The paths are
    written with dots."""
    return (
        f'{message}\n\nFailed validating "{rule}" in schema{at(schema)}'
        f"\n\nOn instance{at(path)}:\n    {printed(value)}"
    )


def place(path: str) -> str:
    """Where the schema of a member stands, if no schema has a name."""
    return ".".join(
        "items" if one.isdigit() else f"properties.{one}"
        for one in path.split(".")
        if one
    )


def wrong_type(value: Any, kind: str, path: str = "", schema=None) -> str:
    kinds = kind.split()
    plural = "s" if len(kinds) > 1 else ""
    named = ", ".join(f'"{one}"' for one in kinds)
    return broken(
        f"{printed(value)} is not of type{plural} {named}",
        "type",
        value,
        place(path) if schema is None else schema,
        path,
    )


def not_one_of(value: Any, words: str, path: str, schema=None) -> str:
    return broken(
        f"{printed(value)} is not one of {words}",
        "enum",
        value,
        place(path) if schema is None else schema,
        path,
    )


def fits_none(value: Any, path: str, schema=None, rule="anyOf") -> str:
    return broken(
        f"{printed(value)} is not valid under any of the schemas listed in "
        f"the '{rule}' keyword",
        rule,
        value,
        place(path) if schema is None else schema,
        path,
    )


def missing(name: str, value: Any, schema: str = "", path: str = "") -> str:
    return broken(
        f'"{name}" is a required property', "required", value, schema, path
    )


def beyond(value: Any, limit: int, path: str, least=False) -> str:
    words = "less than the minimum" if least else "greater than the maximum"
    return broken(
        f"{printed(value)} is {words} of {limit}",
        "minimum" if least else "maximum",
        value,
        place(path),
        path,
    )
