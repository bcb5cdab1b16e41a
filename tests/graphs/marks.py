"""What a graph really did, as seen from outside.

A node appends one line per event to the file its input names. O_APPEND makes
each line land whole, whichever process or thread writes it, so a test can tell
what was executed, how often and when, without asking the server.
"""

import os
import time


def mark(state: dict, what: str) -> None:
    path = state.get("mark")
    if not path:
        return
    line = f"{time.monotonic_ns()} {os.getpid()} {what}\n"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(fd, line.encode())
    finally:
        os.close(fd)
