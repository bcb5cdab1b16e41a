"""The subject and what is done to it: one point of a rig after the other.

A point is one crash: the subject plays its script in an empty or an old data
directory, is stopped somewhere, and what is left is recovered and judged.
"""

import os
import random
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = Path(os.environ.get("HEDDLE_BUILD", ROOT / "build" / "release"))
SUBJECT = BUILT / "tests" / "heddle_crash_subject"
SHIM = BUILT / "tests" / "libheddle_power_loss.so"
LIMIT_SECONDS = 120
OLD_SEED = 1 << 30

FILE_CALLS = "pwrite64,fdatasync,fsync,ftruncate,unlink,rename"
OPEN_CALLS = "openat,mkdir,fchmod,flock,fcntl,mmap,close"
ANSWER_CALLS = "write"
ALL_CALLS = f"{FILE_CALLS},openat,mkdir,fchmod,flock,write"
KILLED = 128 + 9


def scratch_folder() -> Path:
    """In memory: what a disk does is decided by the rigs, not by a disk."""
    memory = Path("/dev/shm")
    usable = os.access(memory, os.W_OK)
    if usable:
        free = os.statvfs(memory)
        usable = free.f_bavail * free.f_frsize > 1 << 30
    return Path(tempfile.mkdtemp(prefix="heddle-crash-",
                                 dir=memory if usable else None))


class Room:
    """Where one point at a time is tried."""

    def __init__(self, folder: Path, old: "Room | None" = None):
        self.folder = folder
        self.data = folder / "data"
        self.ledger = folder / "ledger"
        self.dump = folder / "dump"
        self.out = folder / "out"
        self.old = old
        folder.mkdir(exist_ok=True)

    def clear(self, base: str = "empty") -> None:
        if base == "old":
            self.copy(self.old)
        else:
            shutil.rmtree(self.data, ignore_errors=True)
            # Before the subject starts, or an old one would count as its own.
            self.ledger.write_bytes(b"")

    def copy(self, other: "Room") -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.copytree(other.data, self.data)
        shutil.copyfile(other.ledger, self.ledger)

    def run(self, *words, before=(), **variables) -> int:
        """The exit code, or 128 + the signal that ended it."""
        line = [*before, str(SUBJECT), words[0], str(self.data),
                str(self.ledger), *map(str, words[1:])]
        with open(self.out, "wb") as out:
            code = subprocess.Popen(
                line, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env=os.environ | variables, close_fds=False,
                cwd=self.folder,  # Where a core would land.
            )
            try:
                status = code.wait(LIMIT_SECONDS)
            except subprocess.TimeoutExpired:
                code.kill()
                status = code.wait()
        return 128 - status if status < 0 else status

    def said(self) -> str:
        return self.out.read_text("utf-8", "replace")

    def verify(self) -> str:
        """What is wrong with what is left; nothing if nothing is."""
        code = self.run("verify", self.dump)
        return "" if code == 0 else f"verify ended with {code}\n{self.said()}"

    def what_it_holds(self) -> str:
        return self.dump.read_text("utf-8", "replace")


def make_old(folder: Path) -> Room:
    """A data directory with everything in it that a life leaves behind."""
    room = Room(folder)
    room.clear()
    code = room.run("play", OLD_SEED, "all")
    assert code == 0, f"the script ended with {code}: {room.said()}"
    wrong = room.verify()
    assert not wrong, wrong
    return room


def strace(*words: str) -> list[str]:
    return ["strace", "-f", "-qq", "-o", "/dev/null", *words]


def kill_at(calls: str, count: int) -> list[str]:
    """SIGKILL at the count-th such call of whichever OS thread is first."""
    return strace("-e", f"trace={calls}", "-e",
                  f"inject={calls}:signal=SIGKILL:when={count}")


def cut_at(room: Room, count: int, seed: int, lies: bool = False) -> dict:
    return {
        "LD_PRELOAD": str(SHIM),
        "POWER_LOSS_DIR": str(room.data),
        "POWER_LOSS_AT": str(count),
        "POWER_LOSS_SEED": str(seed),
        "POWER_LOSS_LIES": "1" if lies else "0",
    }


def count_calls(room: Room, calls: str, *words) -> int:
    """How many such calls the busiest OS thread of a whole run makes."""
    trace = room.folder / "trace"
    line = ["strace", "-f", "-qq", "-o", str(trace), "-e", f"trace={calls}"]
    code = room.run(*words, before=line)
    assert code == 0, f"{words} ended with {code}: {room.said()}"
    threads = Counter(
        line.split(None, 1)[0]
        for line in trace.open(errors="replace")
        if "resumed>" not in line and "+++" not in line and "---" not in line
    )
    return max(threads.values(), default=0)


def count_steps(room: Room, *words) -> int:
    """How many steps of a whole run the shim counts."""
    to = room.folder / "count"
    to.unlink(missing_ok=True)
    code = room.run(*words, **cut_at(room, 0, 0), POWER_LOSS_COUNT=str(to))
    assert code == 0, f"{words} ended with {code}: {room.said()}"
    return int(to.read_text())


def spread(total: int, wanted: int | None, seed: int) -> list[int]:
    """All of 1..total, or as many as wanted, chosen by the seed."""
    everything = range(1, total + 1)
    if wanted is None or wanted >= total:
        return list(everything)
    return sorted(random.Random(seed).sample(everything, wanted))
