"""A service that speaks docs/check-source.openapi.json on the loopback, and every way in which it may not."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tickets.checks.http import validator
from tickets.invoices.model import Invoice

Mode = Callable[["Handler"], None]
RECORD = (
    "kind", "code", "number", "digital_number", "issue_date", "amount", "tax", "total", "seller_name",
    "seller_tax_id", "buyer_name", "buyer_tax_id",
)  # fmt: skip


def record_of(invoice: Invoice, state: str = "normal") -> dict[str, str]:
    known = {name: getattr(invoice, name) for name in RECORD if getattr(invoice, name) not in (None, "")}
    return {**{name: str(value) for name, value in known.items()}, "state": state}


@dataclass
class Place:
    """What the service holds and how it behaves: one mode for each question to come, the last for all others."""

    records: dict[str, dict[str, str]] = field(default_factory=dict)
    modes: list[Mode] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # questions that are not of the contract
    gone: threading.Event = field(default_factory=threading.Event)  # ends what hangs
    url: str = ""

    def holds(self, *invoices: Invoice, state: str = "normal") -> None:
        self.records |= {invoice.identity: record_of(invoice, state) for invoice in invoices}

    def next_mode(self) -> Mode:
        return self.modes.pop(0) if len(self.modes) > 1 else self.modes[0] if self.modes else sound


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    place: Place

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.place.asked.append(body)
        self.place.tokens.append(self.headers.get("Authorization", ""))
        self.place.wrong += [error.message for error in validator("LookUp").iter_errors(body)]
        if self.path != "/checks/v1/look-ups":
            self.place.wrong.append(self.path)
        with contextlib.suppress(OSError):
            self.place.next_mode()(self)
        self.close_connection = True

    def do_GET(self) -> None:
        """Nobody comes here but who follows a redirect."""
        self.place.wrong.append(f"GET {self.path}")

    def log_message(self, format: str, *args: Any) -> None:
        pass

    # What modes are made of

    def answer(self) -> dict[str, Any]:
        identity = self.place.asked[-1]["identity"]
        record = self.place.records.get(identity)
        said = {"outcome": "found", "record": record} if record else {"outcome": "not_found"}
        return {**said, "identity": identity}

    def send(self, body: bytes, status: int = 200, media_type: str = "application/json", **headers: str) -> None:
        self.head(status, {"Content-Type": media_type, "Content-Length": str(len(body)), **headers})
        self.wfile.write(body)

    def head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def sound(handler: Handler) -> None:
    said = handler.answer()
    handler.place.wrong += [error.message for error in validator("Answer").iter_errors(said)]
    handler.send(as_json(said))


def status(code: int, **headers: str) -> Mode:
    return lambda handler: handler.send(b'{"outcome": "not_found"}', code, **headers)


def redirect(to: str, code: int = 301) -> Mode:
    return lambda handler: handler.send(b"", code, Location=to)


def answering(change: Callable[[dict[str, Any]], Any]) -> Mode:
    """Sound JSON of another form."""
    return lambda handler: handler.send(as_json(change(handler.answer())))


def saying(body: bytes, media_type: str = "application/json", **headers: str) -> Mode:
    return lambda handler: handler.send(body, 200, media_type, **headers)


def silent(handler: Handler) -> None:
    handler.place.gone.wait(30)


def silent_after_the_headers(handler: Handler) -> None:
    handler.head(200, {"Content-Type": "application/json", "Content-Length": "60"})
    handler.place.gone.wait(30)


def dripping(handler: Handler) -> None:
    """Sound, one byte at a time: no single read is slow."""
    handler.head(200, {"Content-Type": "application/json", "Content-Length": "5000"})
    _drip(handler, b" " * 5000)


def dripping_headers(handler: Handler) -> None:
    _drip(handler, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 5000)


def _drip(handler: Handler, data: bytes) -> None:
    for at in range(len(data)):
        handler.wfile.write(data[at : at + 1])
        handler.wfile.flush()
        if handler.place.gone.wait(0.02):
            return


def huge(handler: Handler) -> None:
    handler.head(200, {"Content-Type": "application/json", "Connection": "close"})
    for _ in range(2000):
        handler.wfile.write(b" " * 65536)


BOMB = gzip.compress(b" " * (16 << 20), 1)  # 16 MB in 70 KB


def packed(handler: Handler) -> None:
    handler.send(BOMB, Content_Encoding="gzip")


def cut_off(handler: Handler) -> None:
    handler.head(200, {"Content-Type": "application/json", "Content-Length": "500"})
    handler.wfile.write(as_json(handler.answer()))


def reset(handler: Handler) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    handler.connection.close()


def gibberish(handler: Handler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


@contextlib.contextmanager
def serving(certificate: tuple[Path, Path] | None = None) -> Iterator[Place]:
    place = Place()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"place": place}))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up are the point
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    place.url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}/checks/v1"
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    try:
        yield place
    finally:
        place.gone.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def deaf() -> Iterator[str]:
    """An address that takes no connection and refuses none: its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def closed() -> Iterator[str]:
    """An address that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for `name` ("IP:127.0.0.1", "DNS:gateway.example")."""
    folder.mkdir(exist_ok=True)
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=test", "-addext", f"subjectAltName={name}"]
    subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True)  # noqa: S603
    return cert, key
