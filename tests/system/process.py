"""The real binary as a child process: started, watched, killed, restarted."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
GRAPHS = ROOT / "tests" / "graphs"
GRACE = 0.5
ADDRESS = re.compile(rb"http://127\.0\.0\.1:(\d+)")


def binary() -> Path:
    named = os.environ.get("HEDDLE_BIN")
    if named:
        return Path(named).resolve()
    built = [ROOT / "build" / kind / "heddle" for kind in ("release", "debug")]
    return next((path for path in built if path.exists()), built[0])


def python() -> str:
    return os.environ.get("HEDDLE_TEST_PYTHON", sys.executable)


def environment() -> dict:
    """Ours without what would change the server's options."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HEDDLE_", "BG_JOB_", "N_JOBS_"))
    }


class Server:
    """One data directory, and the server process that works on it, if any."""

    def __init__(self, folder: Path, config: Path | None = None, **options):
        self.folder = folder
        self.data = folder / "data"
        self.config = config or GRAPHS / "langgraph.json"
        self.options = {
            "host": "127.0.0.1",
            "port": "0",
            "data": self.data,
            "python": python(),
            "workers": "2",
            "jobs-per-worker": "10",
            "stop-grace": f"{GRACE}s",
            "log-format": "text",
        } | {name.replace("_", "-"): v for name, v in options.items()}
        self.process: subprocess.Popen | None = None
        self.starts = 0
        self.port = 0

    def command(self) -> list[str]:
        line = [str(binary()), "serve", "--config", str(self.config)]
        for name, value in self.options.items():
            line.append(f"--{name}")
            if value is not True:
                line.append(str(value))
        return line

    def spawn(self) -> None:
        """Starts the process, and waits for nothing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.starts += 1
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(
                self.command(), stdout=out, stderr=err, env=environment()
            )

    def start(self, warm: bool = True) -> "Server":
        """Until it answers; if `warm`, until its workers execute runs."""
        self.spawn()
        self.port = self.await_port()
        self.await_ok()
        if warm:
            self.await_graphs()
        return self

    @property
    def out(self) -> Path:
        return self.folder / f"stdout.{self.starts}"

    @property
    def err(self) -> Path:
        return self.folder / f"stderr.{self.starts}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def log(self) -> str:
        return self.out.read_text("utf-8", "replace") + self.err.read_text(
            "utf-8", "replace"
        )

    def await_port(self, within: float = 20) -> int:
        until = time.monotonic() + within
        while time.monotonic() < until:
            found = ADDRESS.search(self.out.read_bytes())
            if found:
                return int(found[1])
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise AssertionError(f"the server did not listen:\n{self.log()}")

    def await_ok(self, within: float = 10) -> None:
        until = time.monotonic() + within
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.url}/ok").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.02)
        raise AssertionError(f"/ok does not answer 200:\n{self.log()}")

    def await_graphs(self) -> None:
        done = httpx.post(
            f"{self.url}/runs/wait",
            json={"assistant_id": "noop", "input": {}},
            timeout=60,
        )
        assert done.json() == {"log": ["noop"]}, f"{done.text}\n{self.log()}"

    def kill(self) -> None:
        """As if the power of this one process were cut."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self, within: float = 20) -> int:
        """SIGTERM. @returns the exit status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise AssertionError(f"SIGTERM did not end it:\n{self.log()}")

    def restart(self, warm: bool = True) -> "Server":
        return self.start(warm)

    def remove(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        shutil.rmtree(self.data, ignore_errors=True)


def parents() -> dict[int, int]:
    """pid -> parent, of every process there is."""
    table = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = Path("/proc", entry, "stat").read_text()
        except OSError:
            continue
        table[int(entry)] = int(stat.rsplit(")", 1)[1].split()[1])
    return table


def is_running(pid: int) -> bool:
    """False for a zombie too: it executes nothing any more."""
    try:
        stat = Path("/proc", str(pid), "stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] not in ("Z", "X")
