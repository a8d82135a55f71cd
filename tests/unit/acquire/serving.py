"""A real server on loopback that stands for a package index."""

from __future__ import annotations

import hashlib
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from analyzer.archives.archive import read_archive

if TYPE_CHECKING:
    from pathlib import Path

JSON = "application/vnd.pypi.simple.v1+json"


class Server(ThreadingHTTPServer):
    """Answers with what `answers` holds by path: status, content type, body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, tuple[int, str, bytes]] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.etag = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/simple/"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.path, headers))
        status, kind, content = self.server.answers.get(self.path, (404, "text/plain", b""))
        if self.server.etag and headers.get("if-none-match") == self.server.etag:
            status, content = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if self.server.etag:
            self.send_header("ETag", self.server.etag)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def serve(server: Server, *paths: Path, html: bool = False) -> None:
    """List wheels and sdists of the project demo, with their metadata beside the wheels."""
    files, links = [], []
    for path in paths:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        server.answers[f"/files/{path.name}"] = (200, "application/octet-stream", content)
        file: dict[str, Any] = {"filename": path.name, "url": f"../../files/{path.name}", "hashes": {"sha256": digest}}
        if path.suffix == ".whl":
            metadata = next(iter(read_archive(path, path.name, lambda name: name.endswith("METADATA")).files.values()))
            server.answers[f"/files/{path.name}.metadata"] = (200, "text/plain", metadata)
            file["core-metadata"] = {"sha256": hashlib.sha256(metadata).hexdigest()}
        files.append(file | {"size": len(content), "yanked": False, "requires-python": ">=3.8"})
        links.append(
            f'<a href="../../files/{path.name}#sha256={digest}" data-requires-python="&gt;=3.8">{path.name}</a>'
        )
    document = json.dumps({"meta": {"api-version": "1.1"}, "name": "demo", "files": files}).encode()
    listing = f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>".encode()
    server.answers["/simple/demo/"] = (200, "text/html; charset=utf-8", listing) if html else (200, JSON, document)
