"""Python's logging, as `log` frames."""

from __future__ import annotations

import logging

from heddle_worker.frames import Connection

_TEXT_CHARS_MAX = 16_384


class FrameHandler(logging.Handler):
    """Sends each record to the server's log, from any thread."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
        except Exception:
            self.handleError(record)
            return
        send_log(self._connection, record.levelname.lower(), text)


def send_log(connection: Connection, level: str, text: str) -> None:
    """One line or a traceback, cut to a sane length. Any thread."""
    text = text.encode("utf-8", "replace").decode()[:_TEXT_CHARS_MAX]
    connection.send("log", 0, {"level": level, "text": text})
