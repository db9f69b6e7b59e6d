"""The one way out over HTTP: bounded in time and size, to no address that was not meant, and told to the log.

Nobody else opens a connection to an address that comes from a setting or a person. What is refused, and why:
redirects (each is a fault: the other side would choose where we go), addresses of the own network unless the setting
allows them, link-local ones always (the clouds keep credentials there), packed bodies (a small one may unpack to any
size). The name is resolved once and the connection goes to the very address that was looked at.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpcore
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

#: Faults that may pass when the call is made again a moment later.
PASSING = frozenset({
    "resolve", "connect", "timeout_connect", "timeout_read", "cut_off", "protocol", "status_5xx", "throttled",
})  # fmt: skip
LOCAL_NAMES = ipaddress.ip_network("64:ff9b::/96")  # IPv4 behind NAT64
_resolvers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="resolve")  # getaddrinfo takes no time-out

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Fault(Exception):
    """A call that brought no answer to use; `code` is a name for the log, `retry_after` in seconds."""

    def __init__(self, code: str, detail: str = "", *, status: int | None = None, retry_after: int = 0) -> None:
        self.code, self.detail, self.status, self.retry_after = code, detail, status, retry_after
        self.attempts = 0  # made before this was given up
        super().__init__(f"{code} {detail}".strip())


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, bytes and how many attempts; `total` bounds all attempts together with the waiting between them."""

    connect: float = 3
    read: float = 5
    total: float = 15
    max_bytes: int = 256 * 1024
    attempts: int = 3


@dataclass(frozen=True, slots=True)
class Request:
    """One call; `purpose` names who makes it in the log."""

    purpose: str
    method: str
    url: str
    headers: Mapping[bytes | str, bytes | str] = field(default_factory=dict)
    body: bytes = b""
    may_be_private: bool = False  # addresses of the own network are meant
    ca_file: str = ""  # instead of the authorities that the machine trusts


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer; `attempt` is the one that brought it."""

    status: int
    media_type: str
    body: bytes
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt as the log keeps it; without query, body and headers, for there the secrets are."""

    purpose: str
    method: str
    url: str
    attempt: int
    took_ms: int
    status: int | None
    fault: str
    detail: str


#: Called with every attempt, failed or not; filled by whoever keeps the table.
RECORDERS: list[Callable[[Call], None]] = []


def ask(request: Request, limits: Limits, *, pause: Callable[[float], None] = time.sleep) -> Answer:
    """The 2xx answer to `request`. Raises Fault; one that may pass is tried again with growing, random pauses."""
    end = time.monotonic() + limits.total
    backoff = wait_random_exponential(multiplier=0.3, max=4)
    retrying = Retrying(
        stop=lambda state: stop_after_attempt(limits.attempts)(state) or _too_late(state, end),
        wait=lambda state: max(backoff(state), _asked_for(state)),
        retry=retry_if_exception(lambda error: isinstance(error, Fault) and error.code in PASSING),
        sleep=pause,
        reraise=True,
    )
    try:
        answer: Answer = retrying(lambda: _attempt(request, limits, end, retrying.statistics["attempt_number"]))
    except Fault as error:
        error.attempts = retrying.statistics["attempt_number"]
        raise
    return answer


def shown(url: str) -> str:
    """An address without what may be secret in it."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _asked_for(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return float(error.retry_after) if isinstance(error, Fault) else 0.0


def _too_late(state: RetryCallState, end: float) -> bool:
    """Whether the next attempt would start after the time for all is over."""
    return time.monotonic() + state.upcoming_sleep >= end


def _attempt(request: Request, limits: Limits, end: float, number: int) -> Answer:
    """One attempt, told to the recorders however it ends."""
    start, fault, answer = time.monotonic(), None, None
    try:
        answer = _fetch(request, limits, end, number)
    except Fault as error:
        fault = error
        raise
    finally:
        status = answer.status if answer else fault.status if fault else None
        took, code = round((time.monotonic() - start) * 1000), fault.code if fault else ""
        detail = fault.detail[:200] if fault else ""
        call = Call(request.purpose, request.method, shown(request.url), number, took, status, code, detail)
        for record in RECORDERS:
            record(call)
    return answer


def _fetch(request: Request, limits: Limits, end: float, number: int) -> Answer:
    parts = urlsplit(request.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise Fault("bad_address")
    if parts.scheme == "http" and not request.may_be_private:
        raise Fault("bad_address", "https is needed")
    headers: dict[bytes | str, bytes | str] = {
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Host": parts.netloc,
        **request.headers,
    }
    timeout = {"connect": limits.connect, "read": limits.read, "write": limits.read, "pool": limits.connect}
    network = _Network(end, limits, may_be_private=request.may_be_private)
    try:
        with (
            httpcore.ConnectionPool(
                ssl_context=_trust(request.ca_file), max_connections=1, network_backend=network
            ) as pool,
            pool.stream(
                request.method, request.url, headers=headers, content=request.body, extensions={"timeout": timeout}
            ) as response,
        ):
            return _accept(response, limits, number)
    except Fault:
        raise
    except httpcore.ConnectTimeout as error:
        raise Fault("timeout_connect") from error
    except httpcore.TimeoutException as error:
        raise Fault("timeout_read") from error
    except httpcore.ConnectError as error:
        raise Fault("connect", str(error)) from error
    except httpcore.RemoteProtocolError as error:
        raise Fault("cut_off" if "without sending" in str(error) else "protocol", str(error)) from error
    except httpcore.NetworkError as error:
        raise Fault("cut_off", str(error)) from error
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        raise Fault("protocol", str(error)) from error


def _trust(ca_file: str) -> ssl.SSLContext:
    """Whose certificates are believed: the file's authorities, or those that the machine trusts."""
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise Fault("tls", f"{ca_file}: {error}") from error


def _accept(response: httpcore.Response, limits: Limits, number: int) -> Answer:
    """The body of an answer that may be used, counted while it is read."""
    names = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
    _check_status(response.status, names)
    if names.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise Fault("encoding", names["content-encoding"][:40], status=response.status)
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > limits.max_bytes:
            raise Fault("too_large", status=response.status)
    media_type = names.get("content-type", "").partition(";")[0].strip().lower()
    return Answer(response.status, media_type, bytes(body), number)


def _check_status(status: int, headers: Mapping[str, str]) -> None:
    if 300 <= status < 400:
        raise Fault("redirect", shown(headers.get("location", ""))[:200], status=status)
    if status in (429, 503) or status >= 500:
        code = "throttled" if status == 429 else "status_5xx"
        raise Fault(code, status=status, retry_after=_seconds(headers.get("retry-after", "")))
    if status >= 400:
        raise Fault("refused", status=status)
    if not 200 <= status < 300:
        raise Fault("protocol", status=status)


def _seconds(text: str) -> int:
    """Retry-After as seconds, a day at most; a date is not worth its parser and counts as a minute."""
    if not text.strip():
        return 0
    given = text.strip()
    return min(int(given), 86_400) if given.isascii() and given.isdecimal() and len(given) < 8 else 60


class _Network(httpcore.NetworkBackend):
    """Resolves once, looks at the addresses, connects to one of those, and lets no read outlast the call."""

    def __init__(self, end: float, limits: Limits, *, may_be_private: bool) -> None:
        self.end, self.limits, self.may_be_private = end, limits, may_be_private
        self.plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = addresses(host, port, left(self.end, self.limits.connect))
        if wrong := next((a for a in found if not may_reach(a, may_be_private=self.may_be_private)), None):
            raise Fault("private_address", str(wrong))
        error: Exception = Fault("connect")
        for address in found[:4]:
            try:
                wait = left(self.end, self.limits.connect)
                return _Stream(self.plain.connect_tcp(str(address), port, wait, None, socket_options), self.end)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as tried:
                error = tried
        raise error


class _Stream(httpcore.NetworkStream):
    """A connection on which the end of the whole call comes before any single time-out."""

    def __init__(self, inner: httpcore.NetworkStream, end: float) -> None:
        self.inner, self.end = inner, end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        wait = left(self.end, timeout)
        try:
            return self.inner.read(max_bytes, wait)
        except httpcore.ReadTimeout:
            left(self.end, timeout)  # says so when it was the whole call's time that ran out
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, left(self.end, timeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            return _Stream(self.inner.start_tls(ssl_context, server_hostname, left(self.end, timeout)), self.end)
        except httpcore.ConnectError as error:
            raise Fault("tls", str(error)) from error

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


def left(end: float, most: float | None) -> float:
    """Seconds that one step may take. Raises Fault when the whole call's time is over."""
    rest = end - time.monotonic()
    if rest <= 0:
        raise Fault("timeout_total")
    return rest if most is None else min(most, rest)


def addresses(host: str, port: int, seconds: float) -> list[Address]:
    """What the name stands for, each once. Raises Fault."""
    try:
        found = _resolvers.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM).result(seconds)
    except TooLate as error:
        raise Fault("resolve", "too slow") from error
    except (OSError, UnicodeError) as error:
        raise Fault("resolve", str(error)) from error
    return list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


def may_reach(address: Address, *, may_be_private: bool) -> bool:
    """Whether a call may go there; an IPv4 address inside an IPv6 one counts as itself."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in LOCAL_NAMES:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return may_reach(inner, may_be_private=may_be_private)
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return address.is_global or (may_be_private and (address.is_private or address.is_loopback))
