"""The checker by itself: histories that are good, and some that are not."""

import pytest

import checker
import history
import spec
from checker import Event
from spec import INTERRUPT, NO_MATCH, NO_RUNS, ROLLBACK, Op


def events(*lines, threads=None):
    """(begin, end, kind, args, answer): of thread 0 unless it is for all."""
    return [
        Event(Op(kind, None if kind in spec.ON_ALL else 0, args, answer), b, e)
        for b, e, kind, args, answer in lines
    ]


def create(begin, end, name="r1", gated=False, deferred=True, answer="200"):
    how = (name, "enqueue", gated, deferred)
    return begin, end, "create", how, answer


def get(begin, end, status, name="r1", cancelled=None):
    if status == "404":
        return begin, end, "get", (name,), "404"
    if cancelled is None:
        cancelled = status == "interrupted"
    return begin, end, "get", (name,), (name, status, cancelled)


def cancel(begin, end, action, answer="20x", names=("r1",)):
    return begin, end, "cancel", (names, action), answer


MADE = create(0, 1)
FREE = create(0, 1, deferred=False)
GATED = create(0, 1, gated=True, deferred=False)

GOOD = {
    "nothing": [],
    "a run goes its way": [
        FREE,
        get(2, 3, "pending"),
        get(4, 5, "running"),
        get(6, 7, "success"),
        cancel(8, 9, INTERRUPT, NO_MATCH),
    ],
    "steps that nobody saw": [FREE, get(2, 3, "success")],
    "a read beside a cancel sees either": [
        MADE,
        cancel(2, 9, INTERRUPT),
        get(3, 4, "pending"),
        get(5, 6, "interrupted"),
    ],
    "an intent may be seen before its answer": [
        GATED,
        get(2, 3, "running"),
        cancel(4, 20, ROLLBACK),
        get(5, 6, "running", cancelled=True),
        get(7, 8, "404"),
    ],
    "a higher intent wins": [
        GATED,
        get(2, 3, "running"),
        cancel(4, 5, INTERRUPT),
        cancel(6, 7, ROLLBACK),
        cancel(8, 9, INTERRUPT),
        get(10, 11, "404"),
    ],
    "two cancels at once": [
        MADE,
        cancel(2, 6, INTERRUPT),
        cancel(3, 7, ROLLBACK, NO_MATCH),
    ],
    "an unanswered cancel that happened": [
        MADE,
        cancel(2, 99, ROLLBACK, None),
        get(3, 4, "pending"),
        get(5, 6, "404"),
    ],
    "an unanswered cancel that did not": [
        MADE,
        cancel(2, 3, ROLLBACK, None),
        get(4, 5, "pending"),
    ],
    "executing between start and end": [
        GATED,
        (3, 3, "executes", ("r1",), "yes"),
        (4, 5, "tell", ("r1",), "told"),
        (6, 6, "executes", ("r1",), "yes"),
        get(7, 8, "success"),
    ],
    "a crash finishes what was accepted": [
        GATED,
        get(2, 3, "running"),
        cancel(4, 5, INTERRUPT),
        (6, 9, "crash", (), "up"),
        get(10, 11, "interrupted"),
    ],
    "a crash requeues": [
        GATED,
        get(2, 3, "running"),
        (6, 9, "crash", (), "up"),
        get(10, 11, "pending"),
        get(12, 13, "running"),
    ],
}

BAD = {
    "a stale read": [MADE, cancel(2, 3, INTERRUPT), get(4, 5, "pending")],
    "back from the dead": [FREE, get(2, 3, "success"), get(4, 5, "running")],
    "a read that forgets what another saw": [
        MADE,
        cancel(2, 20, INTERRUPT),
        get(3, 4, "interrupted"),
        get(5, 6, "pending"),
    ],
    "accepted, and success all the same": [
        FREE,
        get(2, 3, "running"),
        cancel(4, 5, INTERRUPT),
        get(6, 7, "success"),
    ],
    "success and then interrupted": [
        FREE,
        get(2, 3, "success"),
        cancel(4, 5, INTERRUPT),
    ],
    "an intent that falls": [
        GATED,
        get(2, 3, "running"),
        cancel(4, 5, ROLLBACK),
        cancel(6, 7, INTERRUPT),
        get(8, 9, "interrupted"),
    ],
    "a created run that is not found": [MADE, get(2, 3, "404")],
    "a cancel that finds nothing": [MADE, cancel(2, 3, ROLLBACK, NO_RUNS)],
    "an end that nobody told": [GATED, get(2, 3, "success")],
    "a deferred run that starts": [MADE, get(2, 3, "running")],
    "wait answered too early": [
        GATED,
        get(2, 3, "running"),
        cancel(4, 5, INTERRUPT),
        (6, 6, "over", (("r1",),), "over"),
        get(7, 8, "running", cancelled=True),
    ],
    "executing after its end": [
        GATED,
        get(2, 3, "running"),
        cancel(4, 5, INTERRUPT),
        get(6, 7, "interrupted"),
        (8, 8, "executes", ("r1",), "yes"),
    ],
    "a cancelled run executes": [
        MADE,
        cancel(2, 3, INTERRUPT),
        (4, 4, "executes", ("r1",), "yes"),
    ],
    "two run at once": [
        GATED,
        create(2, 3, "r2", gated=True, deferred=False),
        (4, 4, "executes", ("r1",), "yes"),
        (5, 5, "executes", ("r2",), "yes"),
    ],
    "the second overtakes the first": [
        GATED,
        create(2, 3, "r2", gated=True, deferred=False),
        get(4, 5, "running", "r2"),
    ],
    "two rejecting creates win": [
        (0, 9, "create", ("r1", "reject", True, True), "200"),
        (1, 8, "create", ("r2", "reject", True, True), "200"),
    ],
    "half of a list is cancelled": [
        MADE,
        create(2, 3, "r2"),
        cancel(4, 20, INTERRUPT, names=("r1", "r2")),
        get(5, 6, "interrupted"),
        get(7, 8, "pending", "r2"),
    ],
    "a list that mixes two moments": [
        MADE,
        create(2, 3, "r2"),
        cancel(4, 5, INTERRUPT),
        cancel(6, 7, INTERRUPT, names=("r2",)),
        (
            4,
            7,
            "list",
            (),
            frozenset([("r1", "pending", False), ("r2", "interrupted", True)]),
        ),
    ],
    "a busy thread reads idle": [MADE, (2, 3, "status", (), "idle")],
    "a crash forgets an accepted cancel": [
        GATED,
        get(2, 3, "running"),
        cancel(4, 5, ROLLBACK),
        (6, 9, "crash", (), "up"),
        get(10, 11, "running"),
    ],
    "a crash forgets a run": [
        MADE,
        (6, 9, "crash", (), "up"),
        get(10, 11, "404"),
    ],
    "recovery after the socket opened": [
        GATED,
        get(2, 3, "running"),
        cancel(4, 5, INTERRUPT),
        (6, 9, "crash", (), "up"),
        get(10, 11, "running", cancelled=True),
    ],
    "a bulk that matched and says nothing did": [
        MADE,
        (2, 3, "bulk", ("pending", INTERRUPT), NO_RUNS),
    ],
    "a bulk that reaches into the future": [
        MADE,
        (2, 3, "bulk", ("all", INTERRUPT), "20x"),
        create(4, 5, "r2"),
        get(6, 7, "interrupted", "r2"),
    ],
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_history_is_accepted(name):
    requeues = "requeues" in name
    assert checker.is_linearizable(events(*GOOD[name]), requeues=requeues)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_history_is_rejected(name):
    assert not checker.is_linearizable(events(*BAD[name]), requeues=True)


def test_a_bulk_is_one_moment_for_all_threads():
    def on(thread, line):
        return events(line)[0]._replace(op=Op(line[2], thread, *line[3:]))

    both = [on(0, create(0, 1)), on(1, create(0, 1, "r2"))]
    bulk = events((2, 20, "bulk", ("all", INTERRUPT), "20x"))
    after = on(0, get(3, 4, "interrupted"))
    torn = on(1, get(5, 6, "pending", "r2"))
    whole = on(1, get(5, 6, "interrupted", "r2"))
    start = both + bulk
    assert checker.is_linearizable([*start, after, whole], threads=2)
    assert not checker.is_linearizable([*start, after, torn], threads=2)
    assert checker.is_linearizable(
        [*start, torn, on(0, get(7, 8, "interrupted"))], threads=2
    )


def test_what_is_drawn_is_the_violation_and_little_else():
    noise = [create(20, 21, "r9"), get(22, 23, "pending", "r9")]
    lines = [*BAD["a stale read"], *noise, get(6, 7, "interrupted")]
    small = history.minimised(events(*lines))
    assert not checker.is_linearizable(small)
    assert len(small) < len(lines) - 1
    drawn = history.timeline(small)
    assert "cancel r1 interrupt -> 20x" in drawn
    assert "get r1 -> r1 pending no" in drawn
    assert "r9" not in drawn


def test_without_an_answer_in_time_it_says_so(monkeypatch):
    monkeypatch.setattr(checker, "CONFIGURATIONS_MAX", 2)
    lines = [create(0, 9, f"r{i}") for i in range(4)]
    with pytest.raises(checker.TooHard):
        checker.is_linearizable(events(*lines, get(10, 11, "404", "r1")))
