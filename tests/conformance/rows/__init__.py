"""The table: one file for each resource, in the API's order."""

from rows import (
    assistants,
    cancel_many,
    cancel_one,
    every_route,
    joins,
    not_built,
    runs,
    state,
    stateless,
    system,
    threads,
)

PARTS = [
    assistants,
    threads,
    state,
    runs,
    joins,
    cancel_one,
    stateless,
    cancel_many,
    not_built,
    system,
    every_route,
]
ALL = [row for part in PARTS for row in part.ROWS]
