"""Curves as SVG: small panels side by side, each with its own scales."""

import math
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 300, 210  # Pixels of a panel.
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 26, 34
ACROSS = 3
COLOURS = ["#2f6db3", "#c0562f", "#4a8f5c", "#8a5aa8", "#7a7a2a", "#444444"]


@dataclass
class Curve:
    name: str
    points: list[tuple[float, float]]
    colour: int = 0
    dashed: bool = False


@dataclass
class Axis:
    words: str
    log: bool = False
    # Where to put marks, and what to write there; else it is chosen.
    marks: list[tuple[float, str]] = field(default_factory=list)


@dataclass
class Panel:
    title: str
    x: Axis
    y: Axis
    curves: list[Curve]


class Scale:
    """From values to pixels."""

    def __init__(self, axis: Axis, values: list[float], low: int, high: int):
        self.log = axis.log
        values = [v for v in values if v > 0 or not self.log] or [1.0]
        if axis.marks:
            values = values + [at for at, _ in axis.marks]
        first, last = min(values), max(values)
        if self.log:
            first, last = first * 0.9, last * 1.1
        else:
            first, last = min(0.0, first), last * 1.05
        self.first, self.last = self.of(first), self.of(last)
        if self.last <= self.first:
            self.last = self.first + 1
        self.low, self.high = low, high
        self.marks = axis.marks or self.chosen(first, last)

    def of(self, value: float) -> float:
        return math.log10(value) if self.log else value

    def at(self, value: float) -> float:
        share = (self.of(value) - self.first) / (self.last - self.first)
        return self.low + share * (self.high - self.low)

    def chosen(self, first: float, last: float) -> list[tuple[float, str]]:
        if self.log:
            powers = range(math.ceil(self.first), math.floor(self.last) + 1)
            return [(10.0**p, short(10.0**p)) for p in powers]
        step = 10 ** math.floor(math.log10(last - first or 1))
        step = step / 2 if (last - first) / step < 3 else step
        count = int((last - first) / step) + 1
        return [(first + i * step, short(first + i * step)) for i in range(count)]


def short(value: float) -> str:
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if abs(value) >= size:
            return f"{value / size:g}{unit}"
    return f"{value:.3g}"


def marks_of(panel: Panel, x: Scale, y: Scale) -> list[str]:
    lines = []
    for at, words in x.marks:
        lines.append(
            f'<path d="M{x.at(at):.1f} {TOP} V{HEIGHT - BOTTOM}" stroke="#e4e4e4"/>'
            f'<text x="{x.at(at):.1f}" y="{HEIGHT - BOTTOM + 12}" '
            f'text-anchor="middle">{escape(words)}</text>'
        )
    for at, words in y.marks:
        lines.append(
            f'<path d="M{LEFT} {y.at(at):.1f} H{WIDTH - RIGHT}" stroke="#e4e4e4"/>'
            f'<text x="{LEFT - 4}" y="{y.at(at) + 3:.1f}" '
            f'text-anchor="end">{escape(words)}</text>'
        )
    return lines


def curve_of(curve: Curve, x: Scale, y: Scale) -> str:
    points = [
        (x.at(a), y.at(b))
        for a, b in curve.points
        if (a > 0 or not x.log) and (b > 0 or not y.log)
    ]
    colour = COLOURS[curve.colour % len(COLOURS)]
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    dash = ' stroke-dasharray="4 3"' if curve.dashed else ""
    dots = "".join(
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2" fill="{colour}"/>'
        for a, b in points
        if len(points) < 12
    )
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}"'
        f' stroke-width="1.5"{dash}/>{dots}'
    )


def legend(curves: list[Curve]) -> list[str]:
    names = {(c.name, c.colour, c.dashed): None for c in curves if c.name}
    return [
        f'<text x="{LEFT + 6}" y="{TOP + 11 + 11 * i}" '
        f'fill="{COLOURS[colour % len(COLOURS)]}">{"┄" if dashed else "━"} '
        f"{escape(name)}</text>"
        for i, (name, colour, dashed) in enumerate(names)
    ]


def panel_of(panel: Panel) -> str:
    points = [p for curve in panel.curves for p in curve.points]
    x = Scale(panel.x, [a for a, _ in points], LEFT, WIDTH - RIGHT)
    y = Scale(panel.y, [b for _, b in points], HEIGHT - BOTTOM, TOP)
    return "\n".join(
        [
            f'<text x="{LEFT}" y="14" font-weight="bold">'
            f"{escape(panel.title)}</text>",
            *marks_of(panel, x, y),
            f'<path d="M{LEFT} {TOP} V{HEIGHT - BOTTOM} H{WIDTH - RIGHT}" '
            'fill="none" stroke="#444"/>',
            *(curve_of(curve, x, y) for curve in panel.curves),
            *legend(panel.curves),
            f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 6}" '
            f'text-anchor="middle">{escape(panel.x.words)}</text>',
            f'<text x="4" y="{TOP - 12}">{escape(panel.y.words)}</text>',
        ]
    )


def draw(head: str, panels: list[Panel]) -> str:
    rows = math.ceil(len(panels) / ACROSS)
    width, height = ACROSS * WIDTH, rows * HEIGHT + 20
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
            f'height="{height}" font-family="sans-serif" font-size="9">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            f'<text x="4" y="12" font-size="11">{escape(head)}</text>',
            *(
                f'<g transform="translate({i % ACROSS * WIDTH} '
                f'{i // ACROSS * HEIGHT + 20})">{panel_of(panel)}</g>'
                for i, panel in enumerate(panels)
            ),
            "</svg>\n",
        ]
    )
