"""A server of chat groups: takes messages as the real ones do, and checks signatures by its own computation."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Group:
    """What the server answers, and what came."""

    status: int = 200
    answer: bytes = b'{"errcode": 0, "code": 0, "errmsg": "ok"}'
    wait_s: float = 0.0
    drip_s: float = 0.0
    """Pause before each byte of the answer."""
    location: str = ""
    came: list[Received] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/robot/send?access_token=0123456789abcdef"


@contextmanager
def serving(group: Group, port: int = 0) -> Iterator[Group]:
    """The server in a thread of its own, on `port` or any free one."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            group.came.append(Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            time.sleep(group.wait_s)
            try:
                self.send_response(group.status)
                if group.location:
                    self.send_header("Location", group.location)
                self.send_header("Content-Length", str(len(group.answer)))
                self.end_headers()
                for byte in group.answer if group.drip_s else ():
                    time.sleep(group.drip_s)
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                if not group.drip_s:
                    self.wfile.write(group.answer)
            except OSError:
                # The other side has hung up.
                return

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    group.port = server.server_address[1]
    try:
        yield group
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
