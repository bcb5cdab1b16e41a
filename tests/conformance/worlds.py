"""What rows find: threads and runs in every state that the table names."""

import uuid

from api import Api
from seen import Marks


class Worlds:
    """Makes what a row's `given` names, joined by `+`, and cleans up."""

    def __init__(self, api: Api, marks: Marks):
        self.api = api
        self.marks = marks
        self.names = {"none": str(uuid.uuid4()), "url": str(api.base_url)}
        self.in_flight = False

    def make(self, given: str) -> dict:
        for one in given.split("+"):
            if one:
                getattr(self, f"_{one}")()
        return self.names

    def clean(self) -> None:
        if self.in_flight:
            self.api.clear()

    def _have(self, thread: str, run: str) -> None:
        self.names |= {"thread": thread, "run": run}

    def _nothing(self) -> None:
        """In flight, that is."""
        self.api.clear()

    def _thread(self) -> None:
        self.names["thread"] = self.api.thread(metadata={"m": 1})

    def _misnamed(self) -> None:
        self.names["thread"] = self.api.thread(metadata={"graph_id": 5})

    def _other(self) -> None:
        self.names["other"] = self.api.thread()

    def _assistant(self) -> None:
        made = self.api.ok("POST", "/assistants", json={"graph_id": "noop"})
        self.names["assistant"] = made["assistant_id"]

    def _system(self) -> None:
        """The assistant that graph `noop` has of itself."""
        dns = uuid.UUID("6ba7b821-9dad-11d1-80b4-00c04fd430c8")
        self.names["system"] = str(uuid.uuid5(dns, "noop"))

    def _ended(self, graph: str, input: dict) -> None:
        thread = self.api.thread()
        self.api.wait(thread, graph, input)
        self._have(thread, self.api.runs(thread)[0]["run_id"])

    def _done(self) -> None:
        self._ended("noop", {"x": 1})
        self.names["checkpoint"] = self.api.state(self.names["thread"])[
            "checkpoint_id"
        ]

    def _stepped(self) -> None:
        """Three checkpoints before the last: steps 2, 1, 0 and -1."""
        self._ended("stepper", {"total": 3})
        past = self.api.history(self.names["thread"])
        self.names |= {
            f"step{one['metadata']['step']}".replace("-", "_"): one[
                "checkpoint_id"
            ]
            for one in past
        }

    def _configured(self) -> None:
        """The last run had a config of its own."""
        mine = {"configurable": {"a": 1}, "tags": ["t"], "recursion_limit": 7}
        thread = self.api.thread()
        self.api.wait(thread, "noop", {}, config=mine)
        self._have(thread, self.api.runs(thread)[0]["run_id"])

    def _failed(self) -> None:
        self._ended("fails", {"how": "value"})

    def _paused(self) -> None:
        self._ended("human", {"tag": "t"})

    def _pending(self) -> None:
        """A run that will not start while the row looks."""
        thread = self.api.thread()
        self.in_flight = True
        self._have(
            thread, self.api.run(thread, "slow", {}, after_seconds=3600)
        )

    def _execute(self, graph: str) -> None:
        thread = self.api.thread()
        self.in_flight = True
        slow = {"secs": 30, "tag": "t", "mark": str(self.marks)}
        self._have(thread, self.api.run(thread, graph, slow))
        self.marks.await_("work")

    def _running(self) -> None:
        self._execute("slow")

    def _stubborn(self) -> None:
        """Takes no notice of a cancel, so that it is stopping for a while."""
        self._execute("swallow")

    def _stopping(self) -> None:
        self._stubborn()
        self.api.cancel(self.names["thread"], self.names["run"])

    def _rolling(self) -> None:
        self._stubborn()
        self.api.cancel(
            self.names["thread"], self.names["run"], action="rollback"
        )

    def _queued(self) -> None:
        """Behind the run of this thread, which goes on."""
        thread = self.names["thread"]
        self.names["queued"] = self.api.run(thread, "slow", {"secs": 30})

    def _interrupted(self) -> None:
        self._running()
        self.api.cancel(self.names["thread"], self.names["run"], wait=1)

    def _stateless(self) -> None:
        body = {"assistant_id": "slow", "input": {}, "after_seconds": 3600}
        self.in_flight = True
        made = self.api.ok("POST", "/runs", json=body)
        self._have(made["thread_id"], made["run_id"])

    def _rolled_back(self) -> None:
        thread = self.api.thread()
        run = self.api.run(thread, "slow", {}, after_seconds=3600)
        self.api.cancel(thread, run, action="rollback")
        self._have(thread, run)
