"""What was measured, as bars against its goal: SVG."""

import math
from xml.sax.saxutils import escape

from goals import GOALS, LEAST

WORDS, BAR, LINE = 430, 360, 18  # Pixels; the goal is in the middle of a bar.
REACHED, BELOW = "#4a8f5c", "#b8503a"
RANGE = 10.0  # Ten times better or worse fills, or empties, a bar.


def share(better: float) -> float:
    """How much of a bar: 0.5 at the goal, by the logarithm."""
    bounded = min(max(better, 1 / RANGE), RANGE)
    return 0.5 + math.log(bounded) / math.log(RANGE) / 2


def bar(at: int, goal, value: float) -> str:
    better = value / goal.limit if goal.sign == LEAST else goal.limit / value
    width = max(share(better) * BAR, 2)
    colour = REACHED if goal.reached(value) else BELOW
    text = f"{value:.3g} {goal.unit} ({goal.sign} {goal.limit:g})"
    return (
        f'<text x="{WORDS - 8}" y="{at + 13}" text-anchor="end">'
        f"{escape(goal.words)}</text>"
        f'<rect x="{WORDS}" y="{at + 2}" width="{width:.0f}" '
        f'height="{LINE - 5}" fill="{colour}"/>'
        f'<text x="{WORDS + BAR + 8}" y="{at + 13}">{escape(text)}</text>'
    )


def draw(head: str, found: dict[str, dict]) -> str:
    """Longer is better; the line in the middle is the goal."""
    shown = [
        (goal, found[goal.bench][goal.key])
        for goal in GOALS
        if goal.sign and found.get(goal.bench, {}).get(goal.key)
    ]
    height = LINE * (len(shown) + 2)
    width = WORDS + BAR + 190
    middle = WORDS + BAR / 2
    bars = (bar(LINE * (i + 1), *one) for i, one in enumerate(shown))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
            f'height="{height}" font-family="sans-serif" font-size="11">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            f'<text x="8" y="13">{escape(head)}. Longer is better; the line is '
            "the goal.</text>",
            *bars,
            f'<path d="M{middle} {LINE} V{height - LINE}" stroke="#222"/>',
            "</svg>\n",
        ]
    )
