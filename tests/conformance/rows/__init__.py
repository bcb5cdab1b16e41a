"""The table: one file for each resource, in the API's order."""

from rows import (
    assistants,
    cancel_many,
    cancel_many_refused,
    cancel_one,
    every_route,
    history,
    joins,
    not_built,
    runs,
    runs_refused,
    state,
    stateless,
    system,
    threads,
    threads_search,
)

PARTS = [
    assistants,
    threads,
    threads_search,
    state,
    history,
    runs,
    runs_refused,
    joins,
    cancel_one,
    stateless,
    cancel_many,
    cancel_many_refused,
    not_built,
    system,
    every_route,
]
ALL = [row for part in PARTS for row in part.ROWS]
