"""A web page of the strictest kind with a fragment of the report on it, served from this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from coachline import report
from coachline.report.page import WEB_SCRIPTS, WEB_STYLES

ASSETS = Path(report.__file__).parent / "assets"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'"
KINDS = {".css": "text/css", ".js": "text/javascript"}


def page_with(inner: str) -> str:
    styles = "".join(f'<link rel="stylesheet" href="/static/report/{name}">' for name in WEB_STYLES)
    scripts = "".join(f'<script src="/static/report/{name}" defer></script>' for name in WEB_SCRIPTS)
    return (
        f'<!DOCTYPE html><html lang="zh" data-bs-theme="light"><head><meta charset="utf-8"><title>web</title>'
        f'<link rel="icon" href="data:,">{styles}{scripts}</head>'
        f'<body><h1>web</h1><table id="theirs"><tr><td>1</td></tr></table><div id="place">{inner}</div></body></html>'
    )


@contextmanager
def serving(pages: dict[str, str]) -> Iterator[str]:
    """The address of a server that has `pages` and the assets of the report, all under the strict policy."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.removeprefix("/static/report/")
            found = name in (*WEB_SCRIPTS, *WEB_STYLES)
            body = (ASSETS / name).read_bytes() if found else pages.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", f"{KINDS[Path(name).suffix] if found else 'text/html'}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
