"""A few calls of the Graph API on loopback, whose answers a test may give beforehand. (tests/whatsapp is the whole.)"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_FILE_NAME = re.compile(rb'name="file"; filename="([^"]*)"')


class Graph:
    """One of it. `calls` are (path, JSON or the name of an uploaded file); `failures` are answered first."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.failures: deque[dict[str, Any]] = deque()
        self.files: dict[str, bytes] = {}
        self.tokens: set[str | None] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fails(self, code: int | None = None, status: int = 400, **how: Any) -> None:
        """The next call fails so: with Meta's code, or with a `raw` answer, or `cut` off without one."""
        error = {"message": "(#x) Rahasia Sari", "type": "OAuthException", "code": code, **how.pop("error", {})}
        self.failures.append({"status": status, "json": {"error": error} if code is not None else None, **how})

    def sent(self) -> list[dict[str, Any]]:
        """The messages that were sent, without those that were marked as read."""
        return [given for path, given in self.calls if path.endswith("/messages") and given.get("status") != "read"]

    def uploads(self) -> list[str]:
        return [given for path, given in self.calls if path.endswith("/media")]

    def answer(self, method: str, path: str, given: Any) -> tuple[int, Any]:
        self.calls.append((path, given))
        last = path.rpartition("/")[2]
        if "/files/" in path:
            return (200, self.files[last]) if last in self.files else (404, b"")
        if method == "GET":
            return self._media(last)
        if last == "media":
            return 200, {"id": str(len(self.calls))}
        if given.get("status") == "read":
            return 200, {"success": True}
        return 200, {"messaging_product": "whatsapp", "messages": [{"id": f"wamid.o{len(self.calls)}"}]}

    def _media(self, ref: str) -> tuple[int, Any]:
        if ref not in self.files:
            return 400, {"error": {"message": "Unsupported get request.", "code": 100, "error_subcode": 33}}
        return 200, {"url": f"{self.url}/files/{ref}", "file_size": len(self.files[ref]), "id": ref}


def _handler(graph: Graph) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16

        def do_GET(self) -> None:
            self._answer("GET", None)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            found = _FILE_NAME.search(raw)
            self._answer("POST", found[1].decode() if found else json.loads(raw))

        def _answer(self, method: str, given: Any) -> None:
            graph.tokens.add(self.headers.get("authorization"))
            failure = graph.failures.popleft() if graph.failures else None
            if failure and failure.get("cut"):
                self.close_connection = True
                return
            if failure:
                graph.calls.append((self.path, given))
                status, content = failure["status"], failure.get("raw", failure["json"])
            else:
                status, content = graph.answer(method, self.path, given)
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"content-length": str(len(raw)), **(failure or {}).get("headers", {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *args: object) -> None:
            """Nothing."""

    return Handler
