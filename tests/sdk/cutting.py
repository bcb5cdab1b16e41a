"""A proxy that cuts connections: what a bad network does to a stream."""

import socket
import threading


class CuttingProxy:
    """Forwards to a port; ends the first `cuts` streams after some bytes."""

    def __init__(self, port: int, cuts: int, after: int):
        self.target = port
        self.left = cuts
        self.after = after
        self.made = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.made += 1
            threading.Thread(
                target=self._serve, args=(client,), daemon=True
            ).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.target))
        up = threading.Thread(
            target=self._forward, args=(client, server), daemon=True
        )
        up.start()
        passed = 0
        try:
            while data := server.recv(512):
                passed += len(data)
                client.sendall(data)
                if passed > self.after and self.left > 0:
                    self.left -= 1
                    break
        except OSError:
            pass
        for sock in (client, server):
            try:
                # A close alone says nothing while `_forward` still reads.
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass

    def close(self) -> None:
        self.listener.close()
