"""Events of a run: one frame per loop turn, never more than the credit."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from heddle_worker.frames import FrameTooLarge

if TYPE_CHECKING:
    from heddle_worker.jobs import Job

# Upper bounds of what MessagePack adds to a frame and to an event in it.
_FRAME_BYTES = 24
_EVENT_BYTES = 11


class Credit:
    """Bytes of events that may be under way: of one run, or of all together."""

    def __init__(self, full: int) -> None:
        self.full = full
        self.left = full

    def takes(self, size: int) -> bool:
        """An event larger than the credit passes when the credit is full."""
        return size <= self.left or self.left >= self.full


class EventWriter:
    """Writes one run's events. Loop thread only."""

    def __init__(self, job: Job, process: Credit, run_bytes: int) -> None:
        self.sent = 0
        self._job = job
        self._process = process
        self._run = Credit(run_bytes)
        self._batch: list[tuple[str, bytes]] = []
        self._batch_bytes = 0
        self._room = asyncio.Event()

    async def write(self, name: str, data: bytes) -> None:
        """Queues an event; waits while there is no credit for it."""
        size = len(name) + len(data) + _EVENT_BYTES
        if size + _FRAME_BYTES > self._job.connection.frame_bytes_max:
            raise FrameTooLarge(
                f"an event `{name}` of {len(data)} bytes is over the limit of one frame"
            )
        while not self._takes(size):
            self.flush()
            if self._takes(size):
                break
            self._room.clear()
            self._job.worker.waiting_for_credit.add(self._room)
            await self._room.wait()
        if not self._batch:
            self._job.connection.before_flush(self.flush)
        self._batch.append((name, data))
        self._batch_bytes += size

    def flush(self) -> None:
        """Sends what is queued as one frame."""
        if not self._batch or self._job.closed:
            return
        batch, self._batch = self._batch, []
        self._batch_bytes = 0
        size = self._job.send("events", batch)
        self.sent += len(batch)
        self._run.left -= size
        self._process.left -= size

    def credit(self, size: int) -> None:
        """The server has taken in `size` bytes."""
        size = min(size, self._run.full - self._run.left)
        self._run.left += size
        self._process.left += size
        self._wake()

    def give_back(self) -> None:
        """The run has ended: what it had under way is nobody's any more."""
        self.credit(self._run.full - self._run.left)

    def _takes(self, size: int) -> bool:
        total = self._batch_bytes + size + _FRAME_BYTES
        if self._batch and total > self._job.connection.frame_bytes_max:
            return False
        if self._batch and total > min(self._run.left, self._process.left):
            return False
        return self._run.takes(total) and self._process.takes(total)

    def _wake(self) -> None:
        waiting = self._job.worker.waiting_for_credit
        for room in list(waiting):
            room.set()
        waiting.clear()
