"""What heddle_load printed, as figures, Markdown and pictures."""

import statistics
from collections import Counter
from dataclasses import dataclass

from load_plots import Axis, Curve, Panel, draw
from page import number, table

QUANTILES = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999]
# Whose times are those of a cancel, and which part of them.
CANCELS = [
    ("cancel-pending", None),
    ("cancel-running", "answered"),
    ("cancel-running", "stream ended"),
    ("cancel-running", None),
    ("cancel-storm", None),
    ("cancel-storm", "over"),
    ("rollback", None),
    ("bulk-by-ids", None),
    ("bulk-by-status", None),
    ("idle-streams", None),
]


@dataclass
class Spread:
    """Of the rounds: the median, the lowest and the highest."""

    values: list[float]

    def __str__(self) -> str:
        if not self.values:
            return ""
        middle = number(statistics.median(self.values))
        if len(self.values) == 1:
            return middle
        return f"{middle} ({number(min(self.values))} – {number(max(self.values))})"


def times(of: Spread) -> str:
    return f"{of} ×" if of.values else ""


def time(us: float) -> str:
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if us >= size:
            return f"{us / size:.3g} {unit}"
    return f"{us:.3g} µs"


class Found:
    """All lines of one call of the generator."""

    def __init__(self, lines: list[dict]):
        self.lines = lines
        self.servers = [x for x in lines if x["kind"] == "server"]
        self.rounds = [x for x in lines if x["kind"] == "round"]
        self.bare = next((x for x in lines if x["kind"] == "bare"), None)

    def keys(self) -> list[tuple[str, int]]:
        """(scenario, connections), as they were measured."""
        return list(
            dict.fromkeys((x["scenario"], x["connections"]) for x in self.rounds)
        )

    def of(self, key: tuple[str, int], server: int) -> list[dict]:
        return [
            x
            for x in self.rounds
            if (x["scenario"], x["connections"]) == key and x["server"] == server
        ]

    def failed(self) -> int:
        return sum(x["failed"] for x in self.rounds)


def measured(rounds: list[dict]) -> list[dict]:
    return [x for x in rounds if not x["unsupported"] and x["done"]]


def speed(x: dict) -> float:
    """Operations per second, or of what the scenario counts."""
    return (x.get("units") or x["done"]) / x["seconds"]


def p50(x: dict) -> float:
    return x["main"]["p50_us"]


def bins_of(rounds: list[dict], part: str | None = None) -> list[tuple]:
    """The histograms of all rounds in one, ascending."""
    sums: Counter = Counter()
    for x in rounds:
        times = x["main"] if part is None else x.get("also", {}).get(part)
        for us, n in times["bins"] if times else []:
            sums[us] += n
    return sorted(sums.items())


def quantile(bins: list[tuple], q: float) -> float:
    wanted = max(1, q * sum(n for _, n in bins))
    seen = 0
    for us, n in bins:
        seen += n
        if seen >= wanted:
            return us
    return bins[-1][0]


# -- Markdown -----------------------------------------------------------------


def latency(rounds: list[dict], part: str | None = None) -> list[str]:
    bins = bins_of(rounds, part)
    if not bins:
        return ["", "", "", ""]
    whole = [x["main"] if part is None else x["also"].get(part) for x in rounds]
    worst = max(x["max_us"] for x in whole if x)
    return [time(quantile(bins, q)) for q in (0.5, 0.99, 0.999)] + [time(worst)]


def row(found: Found, key: tuple[str, int], server: int, names) -> list[str]:
    rounds = found.of(key, server)
    well = measured(rounds)
    head = [key[0], str(key[1]), names[server]]
    failed = str(sum(x["failed"] for x in rounds) or "")
    if not well:
        why = next((x["unsupported"] for x in rounds if x["unsupported"]), "")
        left = "not measured" if why else "**failed**"
        return [*head, left, *[""] * 6, failed]
    unit = well[0].get("unit", "")
    own = statistics.median(x["own_cpu_us"] for x in well)
    share = statistics.median(x.get("own_to_bare", 0) for x in well)
    theirs = statistics.median(x["server_cpu_us"] for x in well)
    speeds = [speed(x) for x in well if x["throughput"]]
    return [
        *head,
        f"{Spread(speeds)} {unit if speeds else ''}".strip(),
        *latency(well),
        f"{own:.3g} µs" + (f" ({share:.2f} ×)" if share else ""),
        f"{theirs:.3g} µs" if theirs else "",
        failed,
    ]


HEAD = ["scenario", "c", "server", "per second", "p50", "p99", "p99.9", "max",
        "own CPU (to bare)", "server's CPU", "failures"]


def figures(found: Found, names: list[str]) -> str:
    rows = [
        row(found, key, server["server"], names)
        for key in found.keys()
        for server in found.servers
    ]
    return table(HEAD, rows)


def parts(found: Found, names: list[str]) -> str:
    rows = []
    for key in found.keys():
        for server in found.servers:
            well = measured(found.of(key, server["server"]))
            for part in dict.fromkeys(p for x in well for p in x.get("also", {})):
                rows.append([key[0], str(key[1]), names[server["server"]], part,
                             *latency(well, part)])
    head = ["scenario", "c", "server", "part", "p50", "p99", "p99.9", "max"]
    return table(head, rows) if rows else ""


def ratios(found: Found, names: list[str]) -> str:
    """Of the second server to the first, round by round."""
    rows = []
    for key in found.keys():
        first, second = (measured(found.of(key, i)) for i in (0, 1))
        pairs = [
            (a, b)
            for a in first
            for b in second
            if a["round"] == b["round"]
        ]
        if pairs:
            rows.append([
                key[0], str(key[1]),
                times(Spread([
                    speed(b) / speed(a) for a, b in pairs if a["throughput"]])),
                times(Spread([p50(b) / p50(a) for a, b in pairs])),
            ])
    head = ["scenario", "c", f"per second, {names[1]} / {names[0]}", "p50"]
    return table(head, rows) if rows else ""


def left_out(found: Found, names: list[str]) -> list[str]:
    said = {
        f"* *{x['scenario']}*, {names[x['server']]}: {x['unsupported']}": None
        for x in found.rounds
        if x["unsupported"]
    }
    said |= {
        f"* *{x['scenario']}* at {x['rate']:g}/s, {names[x['server']]}: "
        f"{x['unserved']} operations were due and never sent": None
        for x in found.rounds
        if x["unserved"]
    }
    return list(said)


def failures(found: Found, names: list[str]) -> list[str]:
    sums: Counter = Counter()
    for x in found.rounds:
        for why, n in x["failures"].items():
            sums[(x["scenario"], names[x["server"]], why)] += n
    return [f"* *{s}*, {name}: {why} ({n} ×)" for (s, name, why), n in sums.items()]


def about(found: Found, names: list[str]) -> list[str]:
    lines = []
    for x in found.servers:
        info = x["info"] or {}
        version = info.get("version", "says no version")
        library = info.get("langgraph_py_version")
        lines.append(
            f"* {names[x['server']]}: {x['url']}, {version}"
            + (f", langgraph {library}" if library else "")
            + f"; graphs {x['trivial']}, {x['slow']}, {x['tokens']}"
        )
    if found.bare:
        lines.append(
            f"* The generator spends {found.bare['own_cpu_us']:.3g} µs of CPU for a "
            "request where there is as little as possible to do, a bare Beast "
            f"server {found.bare['server_cpu_us']:.3g} µs: "
            f"{found.bare['ratio']:.2f} ×."
        )
    return lines


def markdown(head: str, found: Found, names: list[str]) -> str:
    """All of it: what was measured, what went wrong, what was not measured."""
    blocks = [f"{head}:", "\n".join(about(found, names)), figures(found, names)]
    if len(names) > 1:
        blocks += ["Ratios, from rounds that took turns:", ratios(found, names)]
    if text := parts(found, names):
        blocks += ["Parts of these:", text]
    wrong = failures(found, names)
    blocks.append("Every answer was right." if not wrong else
                  "**Wrong answers:**\n\n" + "\n".join(wrong))
    if lines := left_out(found, names):
        blocks.append("Not measured:\n\n" + "\n".join(lines))
    return "\n\n".join(blocks)


# -- pictures -----------------------------------------------------------------


def tail(q: float) -> float:
    """Where a quantile is on an axis of nines."""
    return 1 / (1 - q)


NINES = Axis("percentile", log=True,
             marks=[(tail(q), f"{q * 100:g}") for q in (0, 0.9, 0.99, 0.999)])


def distribution(bins: list[tuple], name: str, colour: int) -> Curve:
    count = sum(n for _, n in bins)
    points = [
        (tail(q), quantile(bins, q) / 1000)
        for q in QUANTILES
        if q <= 1 - 1 / count
    ]
    return Curve(name, points, colour)


def latency_picture(head: str, found: Found, names: list[str]) -> str:
    panels = []
    for key in found.keys():
        curves = [
            distribution(bins, names[s["server"]], s["server"])
            for s in found.servers
            if (bins := bins_of(measured(found.of(key, s["server"]))))
        ]
        if curves:
            title = f"{key[0]}, {key[1]} connections"
            panels.append(Panel(title, NINES, Axis("ms", log=True), curves))
    return draw(f"Latency by percentile. {head}", panels)


def concurrency_picture(head: str, found: Found, names: list[str]) -> str:
    panels = []
    for scenario in dict.fromkeys(s for s, _ in found.keys()):
        points = sorted(c for s, c in found.keys() if s == scenario)
        curves = []
        for server in (s["server"] for s in found.servers):
            line = [
                (c, statistics.median(speed(x) for x in well))
                for c in points
                if (well := measured(found.of((scenario, c), server)))
            ]
            if line:
                curves.append(Curve(names[server], line, server))
        if curves:
            panels.append(Panel(
                scenario,
                Axis("connections", log=True, marks=[(c, str(c)) for c in points]),
                Axis("per second"), curves))
    return draw(f"Throughput over concurrency. {head}", panels)


def cancel_picture(head: str, found: Found, names: list[str]) -> str:
    panels = []
    for scenario, part in CANCELS:
        for key in (k for k in found.keys() if k[0] == scenario):
            curves = [
                distribution(bins, names[s["server"]], s["server"])
                for s in found.servers
                if (bins := bins_of(measured(found.of(key, s["server"])), part))
            ]
            if curves:
                title = f"{scenario}{': ' + part if part else ''}, c{key[1]}"
                panels.append(Panel(title, NINES, Axis("ms", log=True), curves))
    return draw(f"How long a cancel takes. {head}", panels)
