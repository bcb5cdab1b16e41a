"""Graphs whose nodes start threads and processes of their own."""

import asyncio
import multiprocessing
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from langgraph.config import get_stream_writer

from graphs import chain


def says(given):
    get_stream_writer()({"said": given})


async def keeps_a_process(state):
    """Waits for a shell that has a child of its own."""
    process = await asyncio.create_subprocess_exec(
        "sh", "-c", state["given"], stdout=asyncio.subprocess.PIPE
    )
    says([process.pid, int(await process.stdout.readline())])
    await process.wait()


def keeps_a_process_sync(state):
    process = subprocess.Popen(["sh", "-c", state["given"]], stdout=subprocess.PIPE)
    says([process.pid, int(process.stdout.readline())])
    process.wait()


def keeps_a_process_forked(state):
    fork = multiprocessing.get_context("spawn")
    process = fork.Process(target=time.sleep, args=(60,))
    process.start()
    says([process.pid])
    process.join()


async def leaves_a_process(state):
    says([subprocess.Popen(["sleep", "60"]).pid])


def spin_for(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


async def keeps_a_thread(state):
    threading.Thread(target=spin_for, args=(60,)).start()
    says([])
    await asyncio.sleep(60)


async def keeps_a_pool(state):
    pool = ThreadPoolExecutor(1)
    work = asyncio.get_running_loop().run_in_executor(pool, spin_for, 60)
    says([])
    await work


async def leaves_threads(state):
    threading.Thread(target=time.sleep, args=(30,)).start()
    leaves_threads.pool = ThreadPoolExecutor(1)
    leaves_threads.pool.submit(time.sleep, 30)


async def leaves_idle_threads(state):
    leaves_idle_threads.pool = ThreadPoolExecutor(1)
    leaves_idle_threads.pool.submit(int).result()
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    says([])
    await asyncio.sleep(60)


keeping_process = chain(keeps_a_process)
keeping_process_sync = chain(keeps_a_process_sync)
keeping_process_forked = chain(keeps_a_process_forked)
leaving_process = chain(leaves_a_process)
keeping_thread = chain(keeps_a_thread)
keeping_pool = chain(keeps_a_pool)
leaving_threads = chain(leaves_threads)
leaving_idle_threads = chain(leaves_idle_threads)
