"""Entry point: `<python> <path>/heddle_worker --config /abs/langgraph.json`."""

from __future__ import annotations

import argparse
import os
import socket
import sys


def import_self() -> None:
    """Makes this package importable without leaving a trace on `sys.path`.

    Python put this folder there; the user's own `runs.py` must not meet ours.
    """
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [p for p in sys.path if os.path.abspath(p or ".") != here]
    parent = os.path.dirname(here)
    sys.path.insert(0, parent)
    try:
        __import__("heddle_worker.loop")
    finally:
        sys.path.remove(parent)


def take_socket() -> socket.socket:
    """The protocol's socket, hidden from the user's child processes."""
    fd = int(os.environ.pop("HEDDLE_WORKER_FD", "3"))
    sock = socket.socket(fileno=fd)
    sock.set_inheritable(False)
    sock.setblocking(False)
    os.register_at_fork(after_in_child=lambda: os.close(fd))
    return sock


def main() -> None:
    parser = argparse.ArgumentParser(prog="heddle_worker")
    parser.add_argument("--config", required=True)
    args = parser.parse_args()
    import_self()
    # A pipe would keep what user code prints until its buffer is full.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    from heddle_worker.loop import serve

    serve(os.path.abspath(args.config), take_socket())


if __name__ == "__main__":
    main()
