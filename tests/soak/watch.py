"""What a server uses, and how that went over time."""

import os
import re
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
from process import parents

# Names in /metrics of what must come back to where it was.
GAUGES = {
    "actors": "heddle_actors_live",
    "threads_live": "heddle_threads_live",
    "timers": "heddle_timers_waiting",
    "connections": "heddle_http_connections",
    "pending": "heddle_runs_pending",
    "running": "heddle_runs_running",
}


@dataclass
class Sample:
    at: float  # Seconds since the start.
    rss_mb: float
    worker_mb: float
    fds: int
    os_threads: int
    actors: int
    threads_live: int
    timers: int
    connections: int
    pending: int
    running: int

    def __str__(self) -> str:
        shown = asdict(self)
        shown.pop("at")
        return " ".join(f"{name} {value:g}" for name, value in shown.items())


def status_of(pid: int) -> dict:
    """@raises OSError if it is gone"""
    text = Path("/proc", str(pid), "status").read_text()
    return dict(re.findall(r"^(\w+):\s+(\d+)", text, re.M))


def descendants(pid: int) -> set[int]:
    table = parents()
    found, new = set(), {pid}
    while new:
        new = {p for p, parent in table.items() if parent in new} - found
        found |= new
    return found


def resident_mb(pids) -> float:
    total = 0
    for pid in pids:
        try:
            total += int(status_of(pid).get("VmRSS", 0))
        except OSError:
            pass
    return total / 1024


def sample(server, began: float) -> Sample:
    """@raises OSError, httpx.TransportError while the server is down"""
    text = httpx.get(f"{server.url}/metrics", timeout=30).text
    gauges = {}
    for name, metric in GAUGES.items():
        [value] = re.findall(rf"^{metric} (\S+)", text, re.M)
        gauges[name] = int(float(value))
    status = status_of(server.pid)
    return Sample(
        at=time.monotonic() - began,
        rss_mb=round(int(status["VmRSS"]) / 1024, 1),
        worker_mb=round(resident_mb(descendants(server.pid)), 1),
        fds=len(os.listdir(f"/proc/{server.pid}/fd")),
        os_threads=int(status["Threads"]),
        **gauges,
    )


def svg(samples: list[Sample], kills: list[float], title: str) -> str:
    """Resident memory of the server over time; a line for each kill."""
    width, height, left, bottom = 900, 300, 50, 30
    last = max(samples[-1].at, 1)
    top = max(s.rss_mb for s in samples) * 1.1

    def x(at):
        return left + at / last * (width - left - 10)

    def y(mb):
        return height - bottom - mb / top * (height - bottom - 30)

    points = " ".join(f"{x(s.at):.1f},{y(s.rss_mb):.1f}" for s in samples)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
        f'height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{left}" y="18">{title}</text>',
    ]
    for part in range(5):
        mb = top * part / 4
        parts.append(
            f'<path d="M{left} {y(mb):.1f}H{width - 10}" stroke="#ddd"/>'
            f'<text x="4" y="{y(mb) + 4:.1f}">{mb:.0f} MB</text>'
        )
        at = last * part / 4
        parts.append(
            f'<text x="{x(at) - 20:.1f}" y="{height - 8}">'
            f"{at / 60:.1f} min</text>"
        )
    for at in kills:
        parts.append(
            f'<path d="M{x(at):.1f} 30V{height - bottom}" stroke="#c33" '
            'stroke-dasharray="3 3"/>'
        )
    parts.append(
        f'<polyline fill="none" stroke="#226" points="{points}"/></svg>'
    )
    return "\n".join(parts) + "\n"
