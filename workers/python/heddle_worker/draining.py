"""The library's cooperative drain; our own for versions before 1.2, which have
none: it looks between super-steps, where the library hands us a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from heddle_worker.runs import Run

try:
    from langgraph.errors import GraphDrained
    from langgraph.runtime import RunControl

    LIBRARY_DRAINS = True
except ImportError:
    LIBRARY_DRAINS = False

    class GraphDrained(Exception):  # type: ignore[no-redef]
        """The run stopped at a super-step because it was asked to."""

    class RunControl:  # type: ignore[no-redef]
        """Whether a run was asked to stop, and why."""

        def __init__(self) -> None:
            self.drain_reason: str | None = None

        @property
        def drain_requested(self) -> bool:
            return self.drain_reason is not None

        def request_drain(self, reason: str) -> None:
            self.drain_reason = reason


def control_options(run: Run) -> dict[str, Any]:
    """What makes the library heed the run's drain."""
    return {"control": run.control} if LIBRARY_DRAINS else {}


def stop_if_drained(run: Run, ns: tuple[str, ...], mode: str) -> None:
    """Raises `GraphDrained` where the library would not by itself."""
    if LIBRARY_DRAINS or ns or not run.control.drain_requested:
        return
    if mode == "checkpoints" or run.temporary:
        raise GraphDrained(run.control.drain_reason or "drain")
