"""The rigs: each turns a seed into points, and tries a point.

`lay_out` says where the points of a seed are, `attempt` tries one and says what
is wrong (nothing if nothing is). The point lies beyond the end if the subject
was through before: that happens, because OS threads do not repeat to the call.
"""

import shutil
from typing import NamedTuple

from subject import (
    ALL_CALLS, ANSWER_CALLS, FILE_CALLS, KILLED, OPEN_CALLS, Room, count_calls,
    count_steps, cut_at, kill_at, spread,
)


class Point(NamedTuple):
    rig: str
    seed: int
    at: int
    how: str = ""

    def __str__(self) -> str:
        return f"{self.rig}:{self.seed}:{self.at}:{self.how}"


class Found(NamedTuple):
    wrong: str = ""
    beyond: bool = False


def base_of(seed: int) -> str:
    return "empty" if seed % 4 == 0 else "old"


class Kills:
    """SIGKILL at a system call: between two of them nothing can be seen from
    outside, so this is a crash at any instruction."""

    name = "kill"
    about = "SIGKILL at a system call of the workload"

    def __init__(self, words=()):
        self.words = words

    def lay_out(self, room: Room, seed: int, wanted: int | None):
        points = []
        for calls in (FILE_CALLS, ANSWER_CALLS, OPEN_CALLS):
            room.clear(base_of(seed))
            total = count_calls(room, calls, "play", seed, *self.words)
            share = None if wanted is None else -(-wanted // 3)
            points += [
                Point(self.name, seed, at, calls)
                for at in spread(total, share, seed)
            ]
        return points

    def attempt(self, room: Room, point: Point) -> Found:
        room.clear(base_of(point.seed))
        code = room.run("play", point.seed, *self.words,
                        before=kill_at(point.how, point.at))
        if code not in (0, KILLED):
            return Found(f"the script ended with {code}: {room.said()}")
        return Found(room.verify(), code == 0)


class Cuts:
    """The power goes at an I/O: of what was not synced, each sector, length and
    name is there or not."""

    name = "power"
    about = "power loss at an I/O of the workload"
    lies = False

    def lay_out(self, room: Room, seed: int, wanted: int | None):
        room.clear(base_of(seed))
        total = count_steps(room, "play", seed)
        return [
            Point(self.name, seed, at) for at in spread(total, wanted, seed)
        ]

    def attempt(self, room: Room, point: Point) -> Found:
        room.clear(base_of(point.seed))
        dice = point.seed * 1_000_003 + point.at
        code = room.run("play", point.seed,
                        **cut_at(room, point.at, dice, self.lies))
        if code not in (0, KILLED):
            return Found(f"the script ended with {code}: {room.said()}")
        return Found(room.verify(), code == 0)


class LyingCuts(Cuts):
    """For the teeth: no sync of this disk does anything."""

    name = "lying disk"
    lies = True


class Nested:
    """The recovery crashes too, by either way, and the next must end as if it
    had not."""

    name = "recovery"
    about = "SIGKILL or power loss within the recovery"

    def image(self, room: Room, seed: int) -> Room:
        """What a crash of the workload has left, made once."""
        kept = Room(room.old.folder.parent / f"image-{seed}")
        if kept.dump.exists():
            return kept
        room.clear("old")
        total = count_calls(room, FILE_CALLS, "play", seed)
        room.clear("old")
        at = spread(total, 1, seed * 7919)[0]
        room.run("play", seed, before=kill_at(FILE_CALLS, at))
        kept.copy(room)
        assert not (wrong := room.verify()), wrong
        shutil.copyfile(room.dump, kept.dump)
        return kept

    def lay_out(self, room: Room, seed: int, wanted: int | None):
        image = self.image(room, seed)
        share = None if wanted is None else -(-wanted // 2)
        room.copy(image)
        kills = count_calls(room, ALL_CALLS, "recover")
        room.copy(image)
        cuts = count_steps(room, "recover")
        return [
            Point(self.name, seed, at, how)
            for how, total in (("kill", kills), ("power", cuts))
            for at in spread(total, share, seed)
        ]

    def attempt(self, room: Room, point: Point) -> Found:
        image = self.image(room, point.seed)
        room.copy(image)
        if point.how == "kill":
            code = room.run("recover", before=kill_at(ALL_CALLS, point.at))
        else:
            dice = point.seed * 1_000_003 + point.at
            code = room.run("recover", **cut_at(room, point.at, dice))
        if code not in (0, KILLED):
            return Found(f"the recovery ended with {code}: {room.said()}")
        wrong = room.verify()
        if not wrong and room.what_it_holds() != image.what_it_holds():
            wrong = "a recovery after a crashed one ends in something else"
        return Found(wrong, code == 0)


RIGS = {rig.name: rig for rig in (Kills(), Cuts(), Nested())}
