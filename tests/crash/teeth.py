"""What is broken must be found: a rig that cannot fail shows nothing."""

import sqlite3

from rigs import Kills, LyingCuts, Point
from subject import Room

POINTS_MAX = 400

# What a store could have done wrong, done by hand to one that is well. Each
# touches something of which the ledger knows.
TAMPERED = {
    "a finished run comes back":
        "UPDATE run SET status=0, head=1 WHERE status=2",
    "an interrupted run comes back":
        "UPDATE run SET status=0, cancel=NULL, head=1 WHERE status=5",
    "an interrupted run has succeeded":
        "UPDATE run SET status=2, cancel=NULL WHERE status=5",
    "runs are lost":
        "DELETE FROM run",
    "the bodies of runs are lost":
        "DELETE FROM run_body",
    "a thread is lost":
        "DELETE FROM thread WHERE n=(SELECT min(n) FROM thread)",
    "checkpoints of a finished run are lost":
        "DELETE FROM checkpoint",
    "a value is another":
        "UPDATE value SET json='0'",
    "writes are lost":
        "DELETE FROM write",
    "checkpoints of nobody":
        "UPDATE checkpoint SET run=123456789 WHERE run<>0",
    "events are lost":
        "DELETE FROM event",
    "an event says something else":
        "UPDATE event SET data='{}' WHERE name='values'",
    "metadata are lost":
        "UPDATE thread_body SET metadata='{}'",
    "an item is lost":
        "DELETE FROM item",
    "an assistant is lost":
        "DELETE FROM assistant WHERE id NOT IN (SELECT assistant FROM run)",
    "a run still runs a second time":
        "UPDATE run SET status=5, cancel=1 WHERE status=2",
    "a page is torn":
        None,
}


def tear(room: Room) -> None:
    """A page in the middle of the file holds rubbish."""
    file = room.data / "heddle.db"
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    content = bytearray(file.read_bytes())
    for page in range(2, len(content) // 4096, 3):
        content[page * 4096:page * 4096 + 4096] = b"\xa5" * 4096
    file.write_bytes(content)


def tamper(room: Room, sql: str | None) -> str:
    """What the judge says to it."""
    room.copy(room.old)
    if sql is None:
        tear(room)
    else:
        with sqlite3.connect(room.data / "heddle.db") as db:
            changed = db.execute(sql).rowcount
        db.close()
        assert changed > 0, f"changes nothing: {sql}"
    return room.verify()


def first_found(rig, room: Room, seeds) -> Point | None:
    tried = 0
    for seed in seeds:
        for point in rig.lay_out(room, seed, 60):
            tried += 1
            if rig.attempt(room, point).wrong:
                return point
            if tried > POINTS_MAX:
                return None
    return None


def checks(room: Room):
    """Name and test of each; a test gives a complaint, or nothing."""

    def tampering(sql):
        return lambda: "" if tamper(room, sql) else "it is not found"

    def finding(rig):
        def test():
            found = first_found(rig, room, range(1, 9))
            return "" if found else "it is not found"
        return test

    for name, sql in TAMPERED.items():
        yield f"found: {name}", tampering(sql)
    yield "found: a disk that lies about syncs", finding(LyingCuts())
    yield "found: an answer before the commit", finding(Kills(["hasty"]))
