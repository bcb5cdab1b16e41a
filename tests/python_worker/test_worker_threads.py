"""Pool threads: stopped without harm to the thread that did the work."""

from __future__ import annotations

import asyncio
import random
import sys
import threading
import time

import pytest

from heddle_worker.threads import StoppedByServer, ThreadBook, TrackingExecutor


@pytest.fixture
def eager_switches():
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)
    yield
    sys.setswitchinterval(before)


def test_a_stop_at_any_moment_costs_the_pool_no_thread(eager_switches):
    pool = TrackingExecutor()
    stopped = finished = 0
    for seed in range(200):
        book = ThreadBook(lambda: None)
        chance = random.Random(seed)
        span = chance.random() * 0.02
        started = threading.Event()

        def work(span=span, started=started):
            started.set()
            end = time.monotonic() + span
            while time.monotonic() < end:
                pass
            return "done"

        future = pool.submit(book.call, work)
        started.wait()
        time.sleep(max(0, span + (chance.random() - 0.7) * 0.004))
        book.stop()
        try:
            finished += future.result(5) == "done"
        except StoppedByServer:
            stopped += 1
    assert stopped + finished == 200
    assert stopped and finished
    for _ in range(50):  # No exception is left over for those who come after.
        assert pool.submit(sum, range(1000)).result(5) == 499500
    assert len(pool._threads) < 20 and all(t.is_alive() for t in pool._threads)
    assert pool.busy == 0


def test_idle_is_told_when_the_last_thread_is_done():
    told = threading.Event()
    book = ThreadBook(told.set)
    pool = TrackingExecutor()
    book.queued()
    book.queued()
    for wait in (0.0, 0.05):
        pool.submit(book.call, time.sleep, wait).add_done_callback(book.finished)
    assert book.busy and not told.is_set()
    assert told.wait(5) and not book.busy


def test_a_pool_without_a_job_is_a_plain_pool():
    async def main():
        loop = asyncio.get_running_loop()
        loop.set_default_executor(TrackingExecutor())
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 / 0)
        return await asyncio.to_thread(threading.get_ident)

    assert asyncio.run(main()) != threading.get_ident()
