"""How cost grows with the threads in the store, and with connections.

Without a URL: own servers of this build, one for each size, filled through the
API; rounds of a scenario take turns between them. Those below the largest are
made anew for each scenario, so that what it creates does not make them large.
With a URL: that server, which grows from size to size; its figures are held
against those of GET /ok of the same minute.
"""

import argparse
import math
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import load_report
from load_plots import Axis, Curve, Panel, draw, short
from page import BUILD, HOUSE, find_python, headline, machine, number
from page import put_between, table, unless_given

SCENARIOS = ["ping", "create-thread", "get-run", "create-run", "cancel-pending",
             "list-runs", "search-threads"]
CONNECTIONS = "1,8,64,512"
# So few that a store of a hundred threads stays of a thousand.
OPERATIONS = {"count": "100", "rounds": "15", "connections": "16"}
SECONDS_START = 30
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
# Beyond this a curve grows, and is not what the machine does besides.
FLAT = 1.15


class Server:
    """One of this build with an empty store, until it is closed."""

    def __init__(self, python: str | None):
        self.data = tempfile.mkdtemp(prefix="heddle-growth-", dir="/var/tmp")
        command = [str(BUILD / "heddle"), "serve", "--port", "0", "--workers", "1",
                   "--config", str(HOUSE / "bench" / "graphs" / "langgraph.json"),
                   "--data", self.data, "--log-level", "error"]
        if python:
            command += ["--python", python]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = self.address()

    def address(self) -> str:
        for line in self.process.stdout:
            if found := ADDRESS.search(line):
                return found[0]
        raise RuntimeError("the server did not start")

    def close(self) -> None:
        self.process.kill()
        self.process.wait(SECONDS_START)
        shutil.rmtree(self.data, ignore_errors=True)


class Growth:
    """Rounds of every scenario at every size."""

    def __init__(self, sizes: list[int], generate, rest: list[str]):
        self.sizes = sizes
        self.generate = generate
        self.rest = rest
        self.code = 0
        # (scenario, size): its rounds, those of one place in the list together.
        self.rounds: dict[tuple[str, int], list[dict]] = {}
        self.missing: dict[int, str] = {}

    def fill(self, url: str, size: int) -> bool:
        lines, code = self.generate(
            [*self.rest, "--no-bare", "--fill", str(size), url])
        filled = next((x for x in lines if x["kind"] == "fill"), {})
        if code:
            self.missing[size] = (
                f"the store has {filled.get('threads', 0)} threads after "
                f"{filled.get('seconds', 0):.0f} s")
        return code == 0

    def measure(self, scenario: str, urls: dict[int, str]) -> None:
        lines, code = self.generate(
            [*unless_given(self.rest, **OPERATIONS), *self.rest, "--no-bare",
             "--scenario", scenario, *urls.values()])
        self.code = self.code or code
        for line in lines:
            if line["kind"] == "round":
                size = list(urls)[line["server"]]
                self.rounds.setdefault((scenario, size), []).append(line)

    def well(self, scenario: str, size: int) -> list[dict]:
        return load_report.measured(self.rounds.get((scenario, size), []))


def on_own_servers(growth: Growth, python: str | None) -> list[dict]:
    """@returns the lines of the curves over connections, at the largest size."""
    *small, largest = growth.sizes
    big = Server(python)
    try:
        if not growth.fill(big.url, largest):
            return []
        for scenario in SCENARIOS:
            fresh = {size: Server(python) for size in small}
            try:
                urls = {size: server.url for size, server in fresh.items()}
                if all(growth.fill(url, size) for size, url in urls.items()):
                    growth.measure(scenario, urls | {largest: big.url})
            finally:
                for server in fresh.values():
                    server.close()
        return over_connections(growth, big.url)
    finally:
        big.close()


def on_that_server(growth: Growth, url: str) -> list[dict]:
    for size in growth.sizes:
        if growth.fill(url, size):
            for scenario in SCENARIOS:
                growth.measure(scenario, {size: url})
    return over_connections(growth, url)


def over_connections(growth: Growth, url: str) -> list[dict]:
    chosen = [word for each in SCENARIOS for word in ("--scenario", each)]
    lines, code = growth.generate(
        [*unless_given(growth.rest, connections=CONNECTIONS, time="0.5",
                       rounds="3"),
         *growth.rest, "--no-bare", *chosen, url])
    growth.code = growth.code or code
    return lines


# -- what that says -------------------------------------------------------------


def per_second(x: dict) -> float:
    return 1e6 / load_report.speed(x)


def cpu(x: dict) -> float:
    return x["server_cpu_us"]


def ratio(growth: Growth, scenario: str, size: int, cost) -> list[float]:
    """Of a size to the smallest one, round by round."""
    first = growth.well(scenario, growth.sizes[0])
    return [
        cost(b) / cost(a)
        for a, b in zip(first, growth.well(scenario, size))
        if cost(a) > 0
    ]


def slope(points: list[tuple[float, float]]) -> float:
    """The exponent k of the curve n^k that fits best."""
    logs = [(math.log(n), math.log(v)) for n, v in points if n > 0 and v > 0]
    if len(logs) < 2:
        return 0.0
    mean_x, mean_y = (statistics.mean(column) for column in zip(*logs))
    below = sum((x - mean_x) ** 2 for x, _ in logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / below


def kind(points: list[tuple[float, float]]) -> str:
    """How the last of a curve compares with its first, and with log n."""
    if len(points) < 2:
        return ""
    (n, least), (m, most) = points[0], points[-1]
    if most <= least * FLAT:
        return "flat"
    logarithmic = math.log(m) / math.log(max(n, 2))
    return "within log n" if most / least <= logarithmic else "**worse than log n**"


def costs(growth: Growth, scenario: str, cost) -> list[tuple[float, float]]:
    return [
        (size, statistics.median(map(cost, well)))
        for size in growth.sizes
        if (well := growth.well(scenario, size))
    ]


def thread_rows(growth: Growth) -> list[list[str]]:
    rows = []
    for scenario in SCENARIOS:
        for words, cost in (("time", per_second), ("server's CPU", cpu)):
            points = costs(growth, scenario, cost)
            if not points or not points[0][1]:
                continue
            last = ratio(growth, scenario, growth.sizes[-1], cost)
            rows.append([
                scenario, words,
                *(f"{number(dict(points).get(n, 0))} µs" for n in growth.sizes),
                f"{load_report.Spread(last)} ×", f"{slope(points):+.3f}",
                kind(points),
            ])
    return rows


def connection_rows(found: load_report.Found) -> list[list[str]]:
    rows = []
    steps = sorted({c for _, c in found.keys()})
    for scenario in SCENARIOS:
        for words, cost in (("time", per_second), ("server's CPU", cpu)):
            points = [
                (c, statistics.median(map(cost, well)))
                for c in steps
                if (well := load_report.measured(found.of((scenario, c), 0)))
            ]
            if points and points[0][1]:
                rows.append([
                    scenario, words,
                    *(f"{number(dict(points).get(c, 0))} µs" for c in steps),
                    f"{slope(points):+.3f}", kind(points),
                ])
    return rows


def markdown(head: str, growth: Growth, found: load_report.Found) -> str:
    sizes = growth.sizes
    blocks = [
        f"{head}:",
        "An operation, by the threads in the store: time (of which as many pass "
        "at once as there are connections) and CPU of the server. The ratio is "
        "that of the largest to the smallest, round by round; the slope is k of "
        "n^k.",
        table(["scenario", "", *(short(n) for n in sizes),
               f"{short(sizes[-1])} / {short(sizes[0])}", "slope", ""],
              thread_rows(growth)),
    ]
    if found.rounds:
        steps = sorted({c for _, c in found.keys()})
        blocks += [
            "By the connections, at the largest size:",
            table(["scenario", "", *(f"c{c}" for c in steps), "slope", ""],
                  connection_rows(found)),
        ]
    if growth.missing:
        blocks.append("Not measured:\n\n" + "\n".join(
            f"* {short(n)} threads: {why}" for n, why in growth.missing.items()))
    return "\n\n".join(blocks)


def picture(head: str, growth: Growth) -> str:
    marks = [(n, short(n)) for n in growth.sizes]
    panels = []
    for scenario in SCENARIOS:
        curves = [
            Curve(words, points, i)
            for i, (words, cost) in enumerate(
                [("time", per_second), ("server's CPU", cpu)])
            if (points := costs(growth, scenario, cost))
        ]
        if curves:
            panels.append(Panel(scenario, Axis("threads", log=True, marks=marks),
                                Axis("µs"), curves))
    return draw(f"Cost of an operation by threads in the store. {head}", panels)


def main(args: argparse.Namespace, rest: list[str], generate) -> int:
    urls = [word for word in rest if word.startswith("http://")]
    rest = [word for word in rest if word not in urls]
    growth = Growth([int(n) for n in args.threads.split(",")], generate, rest)
    where = machine()
    if urls:
        lines = on_that_server(growth, urls[0])
    else:
        lines = on_own_servers(growth, find_python(args.python))
    head = headline(where)
    text = markdown(head, growth, load_report.Found(lines))
    write(text, picture(head, growth), args)
    return growth.code or (1 if growth.missing else 0)


def write(text: str, drawn: str, args: argparse.Namespace) -> None:
    out: pathlib.Path = args.out
    out.mkdir(parents=True, exist_ok=True)
    (out / "growth.md").write_text(f"# Growth\n\n{text}\n\n![growth](growth.svg)\n")
    (out / "growth.svg").write_text(drawn)
    if args.page:
        folder = HOUSE / "docs" / "performance"
        (folder / "load-growth.svg").write_text(drawn)
        put_between("<!-- ./bench/load --growth: begin -->\n",
                    "<!-- ./bench/load --growth: end -->", text)
    print(f"{text}\n\nKept in {out}")


if __name__ == "__main__":
    sys.exit("this is a part of ./bench/load --growth")
