"""As much of S3 as a store of files needs: objects in a dictionary, behind HTTP on loopback."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Objects(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _found(self) -> bytes | None:
        if self.server.is_broken:  # type: ignore[attr-defined]
            self._answer(500, b"<Error><Code>InternalError</Code></Error>")
            return None
        found: bytes | None = self.server.objects.get(self.path.partition("?")[0])  # type: ignore[attr-defined]
        if found is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        return found

    def do_GET(self) -> None:
        data = self._found()
        if data is not None:
            kind = {"ETag": f'"{hashlib.md5(data).hexdigest()}"', "Content-Type": "application/octet-stream"}  # noqa: S324
            self._answer(200, data, **kind, Last_Modified="Tue, 24 Nov 2026 00:00:00 GMT")

    do_HEAD = do_GET

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.is_broken:  # type: ignore[attr-defined]
            self._answer(500, b"<Error><Code>InternalError</Code></Error>")
            return
        self.server.objects[self.path] = data  # type: ignore[attr-defined]
        self._answer(200, ETag='"x"')

    def do_DELETE(self) -> None:
        self.server.objects.pop(self.path, None)  # type: ignore[attr-defined]
        self._answer(204)

    def log_message(self, *args: object) -> None:
        """Silent."""


class Store(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Objects)
        self.objects: dict[str, bytes] = {}
        self.is_broken = False

    @property
    def url(self) -> str:
        return f"s3+http://key:secret@127.0.0.1:{self.server_address[1]}/evidence?region=cn-north-1"


@contextlib.contextmanager
def store() -> Iterator[Store]:
    with Store() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()
