"""The API as the tests speak it: thin, and without opinions."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx

NO_RUNS = "No runs found to cancel."
NO_MATCH = (
    "No matching runs to cancel. Please verify the thread ID and run IDs are "
    "correct, and the runs haven't been deleted or completed."
)
INTERRUPT_ONE = (
    "interrupt requested via POST /threads/{thread_id}/runs/{run_id}/cancel"
)
INTERRUPT_MANY = "interrupt requested via POST /runs/cancel"
LIVE = ("pending", "running")


def eventually(probe: Callable[[], Any], within: float = 10) -> Any:
    """The first true value of `probe`, which is asked every 10 ms."""
    until = time.monotonic() + within
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"not within {within} s; last: {value!r}")
        time.sleep(0.01)


def unknown() -> str:
    return str(uuid.uuid4())


class Api(httpx.Client):
    """A client of one server. Every request has a time limit."""

    def __init__(self, url: str, **kwargs):
        super().__init__(base_url=url, timeout=30, **kwargs)

    def ok(self, method: str, path: str, status: int = 200, **kwargs) -> Any:
        """The JSON of an answer that must have `status`."""
        answer = self.request(method, path, **kwargs)
        assert answer.status_code == status, (
            f"{method} {path}: {answer.status_code} {answer.text}"
        )
        return answer.json() if answer.content else None

    # -- threads

    def thread(self, **body) -> str:
        return self.ok("POST", "/threads", json=body)["thread_id"]

    def get_thread(self, thread: str) -> dict:
        return self.ok("GET", f"/threads/{thread}")

    def state(self, thread: str) -> dict:
        return self.ok("GET", f"/threads/{thread}/state")

    def history(self, thread: str) -> list:
        return self.ok(
            "POST", f"/threads/{thread}/history", json={"limit": 1000}
        )

    def picture(self, thread: str) -> dict:
        """All that a rollback must bring back, to compare as JSON."""
        row = self.get_thread(thread)
        row.pop("updated_at")
        return {
            "thread": row,
            "state": self.state(thread),
            "history": self.history(thread),
            "runs": self.runs(thread),
        }

    # -- runs

    def run(self, thread: str, graph: str, input: Any = None, **body) -> str:
        """Creates a run. @returns its id."""
        body = {"assistant_id": graph, "input": input} | body
        run = self.ok("POST", f"/threads/{thread}/runs", json=body)
        return run["run_id"]

    def wait(self, thread: str, graph: str, input: Any = None, **body) -> Any:
        body = {"assistant_id": graph, "input": input} | body
        return self.ok("POST", f"/threads/{thread}/runs/wait", json=body)

    def get_run(self, thread: str, run: str) -> dict | None:
        """None if there is none (any more)."""
        answer = self.get(f"/threads/{thread}/runs/{run}")
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, answer.text
        return answer.json()

    def status(self, thread: str, run: str) -> str | None:
        found = self.get_run(thread, run)
        return found["status"] if found else None

    def runs(self, thread: str) -> list:
        return self.ok("GET", f"/threads/{thread}/runs?limit=1000")

    def join(self, thread: str, run: str) -> Any:
        return self.ok("GET", f"/threads/{thread}/runs/{run}/join")

    def ended(self, thread: str, run: str, within: float = 10) -> str:
        """The terminal status, or "gone"."""

        def over():
            status = self.status(thread, run)
            return (status or "gone") if status not in LIVE else None

        return eventually(over, within)

    def running(self, thread: str, run: str, within: float = 10) -> None:
        eventually(lambda: self.status(thread, run) == "running", within)

    # -- cancel

    def cancel(self, thread: str, run: str, **query) -> httpx.Response:
        path = f"/threads/{thread}/runs/{run}/cancel"
        return self.post(path, params=query)

    def cancel_many(self, body: Any, headers=None, **query) -> httpx.Response:
        return self.post(
            "/runs/cancel", params=query, json=body, headers=headers
        )

    def clear(self) -> None:
        """Leaves nothing in flight behind."""
        self.cancel_many({"status": "all"}, action="rollback")

        def none():
            row = self.ok("GET", "/metrics?format=json")["queue"]
            return row["n_pending"] + row["n_running"] == 0

        eventually(none)


def detail(answer: httpx.Response) -> str:
    return answer.json()["detail"]
