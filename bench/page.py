"""What ./bench/run and ./bench/load share: the machine, and the page."""

import datetime
import os
import pathlib
import platform
import subprocess
import sys

HOUSE = pathlib.Path(__file__).resolve().parent.parent
BUILD = HOUSE / "build" / "release"
PAGE = HOUSE / "docs" / "performance.md"


def build(target: str) -> None:
    run = {"cwd": HOUSE, "check": True, "stdout": sys.stderr}
    subprocess.run(["cmake", "--preset", "release"], **run)
    subprocess.run(["cmake", "--build", BUILD, "--target", target], **run)


def find_python(given: str | None) -> str | None:
    """One with the graph library."""
    places = [given, os.environ.get("HEDDLE_TEST_PYTHON"),
              str(HOUSE / ".venv" / "bin" / "python")]
    return next((p for p in places if p and os.path.exists(p)), None)


def unless_given(given: list[str], **options: str) -> list[str]:
    """The options for a program that are not among what it is given anyway."""
    names = {word.split("=")[0] for word in given}
    return [
        word
        for name, value in options.items()
        if f"--{name}" not in names
        for word in (f"--{name}", value)
    ]


def number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def table(head: list[str], rows: list[list[str]]) -> str:
    """In Markdown, with columns of one width."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    line = ["-" * width for width in widths]
    return "\n".join(
        "| " + " | ".join(map(str.ljust, cells, widths)) + " |"
        for cells in [head, line, *rows]
    )


def put_between(begin: str, end: str, text: str) -> None:
    """Into the page, between two lines of it."""
    page = PAGE.read_text()
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        sys.exit(f"{PAGE} has no place for the table")
    PAGE.write_text(f"{before}{begin}\n{text}\n\n{end}{after}")


def machine() -> dict:
    return {
        "date": datetime.datetime.now(datetime.timezone.utc)
        .isoformat(timespec="seconds"),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_1min": os.getloadavg()[0],
        "commit": subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=HOUSE,
            capture_output=True, text=True).stdout.strip(),
    }


def headline(where: dict) -> str:
    return ("{date}, {system}, {cores} cores, load {load_1min:.1f} before, "
            "commit {commit}").format(**where)
