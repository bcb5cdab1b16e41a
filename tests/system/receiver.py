"""A loopback receiver of webhooks."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from api import eventually


class Receiver:
    def __init__(self, failures: int = 0, port: int = 0, leads_to: str = ""):
        """Answers 500 `failures` times, then 200; or 307 to `leads_to`."""
        self.got: list[tuple[float, dict, dict]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["content-length"])
                body = json.loads(self.rfile.read(length))
                headers = {k.lower(): v for k, v in self.headers.items()}
                outer.got.append((time.monotonic(), headers, body))
                failed = len(outer.got) <= failures
                self.send_response(500 if failed else 307 if leads_to else 200)
                if leads_to:
                    self.send_header("location", leads_to)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.thread = threading.Thread(
            target=self.server.serve_forever, daemon=True
        )
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def bodies(self) -> list[dict]:
        return [body for _, _, body in self.got]

    def await_one(self, within: float = 10) -> dict:
        eventually(lambda: self.got, within)
        return self.got[0][2]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
