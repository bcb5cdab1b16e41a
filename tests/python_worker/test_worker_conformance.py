"""The library's own conformance suite against the saver, over a real socket.

A saver serves one run and so one thread; the suite wants one saver for many
threads, so each thread gets a job here. Deleting a thread is the server's.
"""

from __future__ import annotations

import asyncio
import socket
from types import SimpleNamespace

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.conformance import checkpointer_test, validate
from server_side import Log, ServerSide

from heddle_worker.jobs import Job
from heddle_worker.loop import Worker
from heddle_worker.saver import Saver

BASE = {"put", "put_writes", "get_tuple", "list", "delete_thread"}


class ManyThreads(BaseCheckpointSaver):
    """Routes each call to the saver of its thread."""

    def __init__(self, worker: Worker, server: ServerSide) -> None:
        super().__init__()
        self.worker = worker
        self.server = server
        self.savers: dict[str, Saver] = {}

    def of(self, config) -> Saver:
        thread = config["configurable"]["thread_id"]
        if thread not in self.savers:
            number = len(self.savers) + 1
            self.server.logs[number] = Log(thread)
            job = Job(self.worker, number, thread)
            self.worker._jobs[number] = job
            self.savers[thread] = Saver(job)
        return self.savers[thread]

    def get_next_version(self, current, channel):
        return Saver.get_next_version(self, current, channel)

    async def aget_tuple(self, config):
        return await self.of(config).aget_tuple(config)

    async def alist(self, config, **given):
        savers = [self.of(config)] if config else list(self.savers.values())
        for saver in savers:
            async for found in saver.alist(config, **given):
                yield found

    async def aput(self, config, *given):
        return await self.of(config).aput(config, *given)

    async def aput_writes(self, config, *given, **named):
        return await self.of(config).aput_writes(config, *given, **named)

    async def adelete_thread(self, thread_id):
        self.server.checkpoints.delete_thread(thread_id)


@checkpointer_test(name="heddle")
async def heddle():
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    graphs = SimpleNamespace(sources=[], errors={})
    worker = Worker(asyncio.get_running_loop(), theirs, graphs)
    server = ServerSide(ours)
    await worker.begin()
    yield ManyThreads(worker, server)
    worker.loop.remove_reader(theirs.fileno())
    ours.close()


@pytest.fixture(scope="module")
def report():
    return asyncio.run(validate(heddle))


@pytest.mark.parametrize("capability", sorted(BASE))
def test_conformance(report, capability):
    result = report.results[capability]
    assert result.detected
    assert result.failures == [] and result.passed
    assert result.tests_passed > 2


def test_nothing_beyond_the_saver_is_claimed(report):
    claimed = {name for name, result in report.results.items() if result.detected}
    assert claimed == BASE
