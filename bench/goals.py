"""What `./bench/run` shows, and what was asked for."""

from typing import NamedTuple

LEAST, MOST = "≥", "≤"


class Goal(NamedTuple):
    bench: str
    words: str
    key: str  # Of the figure in what the benchmark printed.
    sign: str | None  # Whether the figure must reach the goal or stay below.
    limit: float | None
    unit: str

    def reached(self, value: float) -> bool:
        assert self.limit is not None
        return value >= self.limit if self.sign == LEAST else value <= self.limit


def _of(bench: str, *rows: tuple) -> list[Goal]:
    """Each row: words, key, unit, and the sign and the limit if there is one."""
    return [
        Goal(bench, words, key, *(wanted or (None, None)), unit)
        for words, key, unit, *wanted in rows
    ]


GOALS = [
    *_of(
        "cancel_nothing",
        ("cancel of nothing, live thread, c64, to bare 204",
         "live_to_bare_ratio", "×", LEAST, 0.8),
        ("the same, CPU of the server", "live_cpu_us", "µs", MOST, 15),
        ("the same, to the CPU of bare 204",
         "live_cpu_to_bare_ratio", "×", MOST, 2.4),
        ("the same, unknown thread, to bare 204", "thread_to_bare_ratio", "×"),
        ("bare 204, c64", "bare_per_s", "/s"),
        ("the same, CPU of the server", "bare_cpu_us", "µs", MOST, 9.5),
    ),
    *_of(
        "cancel_in_process",
        ("cancel of nothing in process, one core, to the same through HTTP",
         "http_cpu_to_own_ratio", "×", LEAST, 5),
        ("the same, CPU", "own_cpu_us", "µs"),
        ("the same, c64, per second", "own_per_s", "/s"),
    ),
    *_of(
        "cancel_pending",
        ("cancel of pending runs, durable, c64, to the store",
         "http_to_store_c64_ratio", "×", LEAST, 0.4),
        ("the same, per second", "http_c64_per_s", "/s"),
        ("the same, CPU of the server", "http_c64_cpu_us", "µs", MOST, 44),
        ("the same, to the CPU of bare 204",
         "http_cpu_to_bare_ratio", "×", MOST, 6.9),
        ("the same, c1 p50, to one fdatasync",
         "http_c1_to_sync_p50_ratio", "×", MOST, 3),
        ("one fdatasync of as much, p50", "sync_p50_us", "µs"),
    ),
    *_of(
        "create",
        ("create thread, durable, c64, to bare 204",
         "thread_to_bare_ratio", "×", LEAST, 0.45),
        ("the same, CPU of the server", "thread_cpu_us", "µs", MOST, 21),
        ("the same, to the CPU of bare 204",
         "thread_cpu_to_bare_ratio", "×", MOST, 3.3),
        ("create run (0.8 KB), durable, c64, to the store",
         "run_to_store_ratio", "×", LEAST, 0.4),
        ("the same, CPU of the server", "run_cpu_us", "µs", MOST, 60),
        ("the same, to the CPU of bare 204",
         "run_cpu_to_bare_ratio", "×", MOST, 9.5),
    ),
    *_of(
        "read_run",
        ("GET run, warm, c64, to bare 204",
         "warm_to_bare_ratio", "×", LEAST, 0.5),
        ("GET run, cold, c64, to bare 204",
         "cold_to_bare_ratio", "×", LEAST, 0.5),
        ("ping beside cold GETs, p99", "cold_ping_p99_us", "µs", MOST, 1000),
    ),
    *_of(
        "bulk_cancel",
        ("10 000 pending cancelled by status: answered",
         "n10k_answered_ms", "ms", MOST, 20),
        ("10 000: worst stall of another write",
         "n10k_stall_max_ms", "ms", MOST, 20),
        ("100 000: answered", "n100k_answered_ms", "ms", MOST, 110),
        ("100 000: worst stall of another write",
         "n100k_stall_max_ms", "ms", MOST, 110),
        ("100 000: applied", "n100k_applied_ms", "ms", MOST, 1500),
        ("100 000: WAL", "n100k_wal_mib", "MiB", MOST, 19),
        ("1 000 000: answered", "n1m_answered_ms", "ms", MOST, 1010),
        ("1 000 000: worst stall of another write",
         "n1m_stall_max_ms", "ms", MOST, 1010),
        ("1 000 000: applied", "n1m_applied_ms", "ms"),
        ("1 000 000: WAL", "n1m_wal_mib", "MiB"),
    ),
    *_of(
        "cancel_running",
        ("cancel of a node that awaits: answered, p50",
         "answered_p50_ms", "ms", MOST, 1),
        ("the same: over, p50", "over_p50_ms", "ms", MOST, 5),
        ("cancel of a CPU loop: over (grace 500 ms)",
         "loop_over_max_ms", "ms", MOST, 600),
        ("other requests meanwhile, p99", "ping_p99_ms", "ms", MOST, 10),
    ),
    *_of(
        "run_wait",
        ("runs/wait, trivial Python graph, c1 p50",
         "c1_p50_us", "µs", MOST, 3600),
        ("the same workers without a server, c1 p50", "harness_c1_p50_us", "µs"),
        ("runs/wait, c50, to the same workers without a server",
         "c50_to_harness_ratio", "×", LEAST, 0.8),
        ("the same, per second", "c50_per_s", "/s"),
        ("the same, CPU of the server", "c50_cpu_us", "µs"),
    ),
    *_of(
        "sse_tokens",
        ("tokens of one SSE client, custom, to the worker alone",
         "custom_to_harness_ratio", "×", LEAST, 0.8),
        ("the same, per second", "custom_per_s", "/s"),
        ("the same, CPU of the server", "custom_cpu_us", "µs"),
        ("tokens of one SSE client, messages, to the worker alone",
         "messages_to_harness_ratio", "×", LEAST, 0.8),
        ("the same, per second", "messages_per_s", "/s"),
        ("the same, CPU of the server", "messages_cpu_us", "µs"),
    ),
    *_of(
        "cpp_graphs",
        ("trivial C++ runs, durable, 64 in flight, async, to the store",
         "async_to_store_ratio", "×", LEAST, 0.6),
        ("the same, per second", "run_async_per_s", "/s"),
        ("the same with exit, to the store",
         "exit_to_store_ratio", "×", LEAST, 0.6),
        ("the same, per second", "run_exit_per_s", "/s"),
        ("cancel of a C++ node that watches its token, p50, to one commit",
         "cancel_to_commit_p50_ratio", "×", MOST, 2),
        ("the same", "cancel_p50_us", "µs"),
        ("events of a C++ node to one SSE client", "tokens_per_s", "/s",
         LEAST, 200_000),
        ("the same to 64 clients of one run, together", "frames_64_per_s", "/s",
         LEAST, 500_000),
    ),
    *_of(
        "cpp_waiting",
        ("100 000 C++ runs that wait in a coroutine: memory of each",
         "waiting_bytes_each", "B", MOST, 6144),
        ("the same, cancelled by status: answered",
         "waiting_answered_ms", "ms", MOST, 100),
        ("the same: all over", "waiting_over_ms", "ms", MOST, 5000),
    ),
    *_of(
        "fan_out",
        ("500 streams of one run: all told of its cancel",
         "all_told_ms", "ms", MOST, 20),
        ("the same, the first", "first_told_ms", "ms"),
        ("the same, CPU while nothing happens",
         "idle_cpu_ms_per_s", "ms/s", MOST, 5),
    ),
    *_of(
        "footprint",
        ("memory idle", "idle_rss_mib", "MiB", MOST, 14.3),
        ("the same, without what is mapped from files",
         "idle_private_mib", "MiB"),
        ("memory with 100 000 queued runs", "queued_rss_mib", "MiB", MOST, 76),
        ("CPU idle", "idle_cpu_ms_per_s", "ms/s", MOST, 5),
        ("start to listening, empty", "start_ms", "ms", MOST, 20),
        ("start to listening, 100 000 runs", "start_full_ms", "ms", MOST, 20),
    ),
    *_of(
        "bulk_cancel",
        ("start to listening, a store of 1 GB", "start_1gb_ms", "ms", MOST, 20),
    ),
    *_of(
        "restart",
        ("kill -9, 10 000 queued, 10 running: serving again",
         "serving_ms", "ms", MOST, 200),
        ("the same: the interrupted ones executing again",
         "executing_ms", "ms", MOST, 2000),
    ),
]
