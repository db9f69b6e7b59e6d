"""The HTTP source before every fault: unavailable with its reason, never not found, never late, never elsewhere."""

from __future__ import annotations

import ipaddress
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from helpdesk.common import outbound
from tests.cases import an_invoice
from tests.checks import gateway
from tests.checks.gateway import Mode, Place
from tickets.checks import http, words
from tickets.checks.models import OutboundCall
from tickets.checks.sources import CHECK_SOURCES, Gateway

pytestmark = pytest.mark.django_db
NEVER = "http://169.254.169.254/latest/meta-data/"


def ask(claim: Any = None) -> http.Said:
    return http.ask(claim or an_invoice(), pause=lambda seconds: None)


def test_a_record_is_found_and_compared(place: Place) -> None:
    claim = an_invoice()
    place.holds(claim)
    said = ask(claim)
    assert (said.outcome, said.fault, said.attempts, said.state) == ("found", "", 1, "normal")
    assert said.found is not None
    assert (said.found.total, said.found.issue_date) == (claim.total, claim.issue_date)
    assert place.tokens == ["Bearer token-of-tests"]


def test_what_the_place_does_not_hold_is_not_found(place: Place) -> None:
    assert ask().outcome == "not_found"


def without(name: str) -> Mode:
    return gateway.answering(lambda said: {n: v for n, v in said.items() if n != name})


def deep(handler: gateway.Handler) -> None:
    handler.send(b'{"outcome":' + b"[" * 100_000)


FAULTS: dict[str, tuple[Mode, str]] = {
    "500": (gateway.status(500), "status_5xx"),
    "503": (gateway.status(503, Retry_After="1"), "status_5xx"),
    "429": (gateway.status(429, Retry_After="1"), "throttled"),
    "401": (gateway.status(401), "refused"),
    "404 is no miss": (gateway.status(404), "refused"),
    "204": (gateway.status(204), "json"),
    "to the metadata of a cloud": (gateway.redirect(NEVER), "redirect"),
    "to ourselves": (gateway.redirect("http://127.0.0.1:1/"), "redirect"),
    "to another host": (gateway.redirect("https://elsewhere.example/", 307), "redirect"),
    "to the same host": (gateway.redirect("/checks/v1/look-ups?again", 308), "redirect"),
    "silent": (gateway.silent, "timeout_read"),
    "silent after the headers": (gateway.silent_after_the_headers, "timeout_read"),
    "huge": (gateway.huge, "too_large"),
    "bomb": (gateway.packed, "encoding"),
    "cut off": (gateway.cut_off, "cut_off"),
    "reset": (gateway.reset, "cut_off"),
    "not HTTP": (gateway.gibberish, "protocol"),
    "a page": (gateway.saying(b"<html>not found</html>", "text/html"), "content_type"),
    "broken JSON": (gateway.saying(b'{"outcome": "not_found"'), "json"),
    "NaN": (gateway.saying(b'{"outcome": NaN}'), "json"),
    "a name twice": (gateway.saying(b'{"outcome": "found", "outcome": "not_found"}'), "json"),
    "NUL": (gateway.saying(rb'{"outcome": "not_found", "identity": "\u0000"}'), "json"),
    "half a character": (gateway.saying(rb'{"outcome": "not_found", "identity": "\ud800"}'), "json"),
    "not UTF-8": (gateway.saying('{"outcome": "查无"}'.encode("gb18030")), "json"),
    "deep": (deep, "json"),
    "empty": (gateway.saying(b""), "json"),
    "null": (gateway.saying(b"null"), "schema"),
    "no outcome": (without("outcome"), "schema"),
    "no identity": (without("identity"), "schema"),
    "another outcome": (gateway.answering(lambda said: {**said, "outcome": "missing"}), "schema"),
    "one name more": (gateway.answering(lambda said: {**said, "hint": "x"}), "schema"),
    "not found with a record": (
        gateway.answering(lambda said: {**said, "record": gateway.record_of(an_invoice())}),
        "schema",
    ),
    "another invoice": (gateway.answering(lambda said: {**said, "identity": an_invoice().identity}), "mismatch"),
    "a list": (gateway.answering(lambda said: [said]), "schema"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_no_fault_is_ever_a_miss(name: str, place: Place, settings: Any) -> None:
    mode, fault = FAULTS[name]
    if fault == "timeout_read":
        settings.CHECK_LIMITS = {**settings.CHECK_LIMITS, "read": 0.3}
    place.modes = [mode]
    start = time.monotonic()
    said = ask()
    assert (said.outcome, said.fault) == ("unavailable", fault)
    assert said.attempts == (2 if fault in outbound.PASSING and len(place.asked) == 2 else 1) == len(place.asked)
    assert time.monotonic() - start < 5
    kept = list(OutboundCall.objects.order_by("pk"))
    assert [call.attempt for call in kept] == list(range(1, said.attempts + 1))
    is_answer = fault in {"content_type", "json", "schema", "mismatch"}  # came in sound HTTP, and is of no use
    assert {call.fault for call in kept} == ({""} if is_answer else {fault})


RECORDS: dict[str, Any] = {
    "no such day": {"issue_date": "2026-02-30"},
    "money in words": {"total": "一千"},
    "a number as money": {"total": 1130},
    "infinite": {"total": "Infinity"},
    "too many decimals": {"total": "1.005"},
    "a short number": {"number": "123"},
    "no state": {"state": None},
    "a name of 5000 letters": {"seller_name": "长" * 5000},
    "a new line in a name": {"seller_name": "a\nb"},
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_out_of_form_is_no_record(name: str, place: Place) -> None:
    claim = an_invoice()
    wrong = {n: v for n, v in {**gateway.record_of(claim), **RECORDS[name]}.items() if v is not None}
    place.modes = [gateway.answering(lambda said: {"outcome": "found", "identity": claim.identity, "record": wrong})]
    assert ask(claim).outcome == "unavailable"


def test_a_record_of_another_invoice_is_no_record(place: Place) -> None:
    claim = an_invoice()
    other = gateway.record_of(an_invoice())
    place.modes = [gateway.answering(lambda said: {"outcome": "found", "identity": claim.identity, "record": other})]
    assert ask(claim).fault == "mismatch"


@pytest.mark.parametrize("mode", [gateway.dripping, gateway.dripping_headers], ids=["body", "headers"])
def test_drops_do_not_outlast_the_whole(mode: Mode, place: Place, settings: Any) -> None:
    """No read is ever late: only the end of the whole stops it."""
    settings.CHECK_LIMITS = {"connect": 0.5, "read": 2, "total": 0.7, "attempts": 3}
    place.modes = [mode]
    start = time.monotonic()
    assert ask().fault == "timeout_total"
    assert time.monotonic() - start < 2


def test_nobody_listens(settings: Any, place: Place) -> None:
    with gateway.closed() as settings.CHECK_URL:
        assert ask().fault == "connect"


def test_nobody_answers_the_door(settings: Any, place: Place) -> None:
    with gateway.deaf() as settings.CHECK_URL:
        assert ask().fault == "timeout_connect"


def test_a_name_that_nobody_knows(settings: Any, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    settings.CHECK_URL = "http://gateway.example/"
    assert ask().fault == "resolve"


def test_it_comes_right_after_failures(place: Place, settings: Any) -> None:
    settings.CHECK_LIMITS = {"total": 5, "attempts": 3}
    place.modes = [gateway.status(500), gateway.cut_off, gateway.sound]
    said = ask()
    assert (said.outcome, said.attempts, said.fault) == ("not_found", 3, "")
    assert len({asked["request"] for asked in place.asked}) == 1  # one question, three times
    assert [call.fault for call in OutboundCall.objects.order_by("pk")] == ["status_5xx", "cut_off", ""]


def test_it_waits_as_long_as_it_was_asked_to(place: Place) -> None:
    waited: list[float] = []
    place.modes = [gateway.status(429, Retry_After="2"), gateway.sound]
    assert http.ask(an_invoice(), pause=waited.append).outcome == "not_found"
    assert waited == [2.0]


def test_a_wait_past_the_end_is_not_begun(place: Place) -> None:
    waited: list[float] = []
    place.modes = [gateway.status(429, Retry_After="600")]
    said = http.ask(an_invoice(), pause=waited.append)
    assert (said.fault, said.attempts, waited) == ("throttled", 1, [])
    until = http.BREAKER.rests_until()
    assert until is not None
    assert 590 < (until - timezone.now()).total_seconds() <= 600
    assert ask().fault == "circuit_open"
    assert len(place.asked) == 1


def test_after_failures_in_a_row_it_is_left_alone_and_then_asked_once(place: Place, monkeypatch: Any) -> None:
    place.modes = [gateway.status(400)] * 5 + [gateway.sound]
    for _ in range(5):
        assert ask().fault == "refused"
    assert (ask().fault, len(place.asked)) == ("circuit_open", 5)
    later = timezone.now() + (http.BREAKER.rests_until() - timezone.now()) * 1.1  # type: ignore[operator]
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert http.BREAKER.admits()
    assert not http.BREAKER.admits()  # one asks first
    http.BREAKER.failed()
    assert (http.BREAKER.rests_until() - later).total_seconds() > 100  # type: ignore[operator]  # twice as long
    http.BREAKER.succeeded()
    assert ask().outcome == "not_found"


def test_a_bad_certificate_is_not_talked_to(place: Place, settings: Any, tmp_path: Path) -> None:
    wrong, right = (
        gateway.certificate(tmp_path / "a", "DNS:other.example"),
        gateway.certificate(tmp_path / "b", "IP:127.0.0.1"),
    )
    for pair, trusted, fault in ((right, "", "tls"), (wrong, wrong[0], "tls"), (right, right[0], "")):
        with gateway.serving(pair) as secure:
            settings.CHECK_URL, settings.CHECK_CA_FILE = secure.url, str(trusted)
            assert ask().fault == fault
            assert len(secure.asked) == (0 if fault else 1)


def test_the_own_network_is_not_called_unless_it_is_meant(place: Place, settings: Any) -> None:
    settings.CHECK_ALLOW_PRIVATE = False
    assert ask().fault == "bad_address"  # without TLS
    for host in ("127.0.0.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "localhost", "10.0.0.1", "169.254.169.254"):
        settings.CHECK_URL = f"https://{host}:1/"
        http.BREAKER.succeeded()
        assert ask().fault == "private_address", host
    settings.CHECK_ALLOW_PRIVATE = True
    settings.CHECK_URL = NEVER
    assert ask().fault == "private_address"
    assert place.asked == []


def test_the_connection_goes_to_the_address_that_was_looked_at(
    place: Place, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that means another address at the second question is asked for once."""
    asked: list[str] = []
    real = socket.getaddrinfo
    port = int(place.url.split(":")[2].split("/")[0])

    def resolve(host: str, *more: Any, **named: Any) -> list[Any]:
        if host[0].isdigit():  # an address is no name
            return real(host, *more, **named)
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1" if len(asked) == 1 else "169.254.169.254", port))]

    monkeypatch.setattr("socket.getaddrinfo", resolve)
    settings.CHECK_URL = f"http://gateway.example:{port}/checks/v1"
    assert ask().outcome == "not_found"
    assert asked == ["gateway.example"]


def test_one_wrong_address_of_a_name_is_enough(settings: Any, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", (address, 443)) for address in ("93.184.215.14", "10.0.0.7")]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: found)
    settings.CHECK_URL, settings.CHECK_ALLOW_PRIVATE = "https://gateway.example/", False
    assert ask().fault == "private_address"


@pytest.mark.parametrize(
    ("address", "public", "private"),
    [
        ("93.184.215.14", True, True), ("2606:2800:21f::1", True, True), ("10.1.2.3", False, True),
        ("192.168.0.1", False, True), ("127.0.0.1", False, True), ("::1", False, True), ("fd00::1", False, True),
        ("169.254.169.254", False, False), ("fe80::1", False, False), ("0.0.0.0", False, False),  # noqa: S104
        ("224.0.0.1", False, False), ("::", False, False), ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::a9fe:a9fe", False, False), ("64:ff9b::5db8:d70e", True, True), ("2002:a00:1::", False, True),
        ("::ffff:10.0.0.1", False, True), ("100.64.0.1", False, False),
    ],
)  # fmt: skip
def test_which_addresses_may_be_reached(address: str, public: bool, private: bool) -> None:
    found = ipaddress.ip_address(address)
    assert outbound.may_reach(found, may_be_private=False) is public
    assert outbound.may_reach(found, may_be_private=True) is private


def test_the_log_holds_no_secret(place: Place, settings: Any) -> None:
    settings.CHECK_URL = place.url.replace("http://", "http://user:word@")
    assert ask().fault == "bad_address"
    assert outbound.shown("https://user:word@[::1]:8443/a/b?token=x#y") == "https://[::1]:8443/a/b"
    assert "word" not in OutboundCall.objects.get().url
    assert "token-of-tests" not in str(list(OutboundCall.objects.values()))


def test_a_claim_that_can_not_be_asked_for_is_not_sent(place: Place) -> None:
    claim = an_invoice()
    said = ask(type(claim)(number="2" * 20, kind="??"))
    assert (said.outcome, said.fault, said.attempts) == ("unavailable", "unsent", 0)
    assert place.asked == []


def test_the_registry_knows_the_gateway() -> None:
    assert CHECK_SOURCES["http"] is Gateway
    assert set(words.SOURCES) == set(CHECK_SOURCES)


def test_every_fault_has_words() -> None:
    codes = outbound.PASSING | {fault for _mode, fault in FAULTS.values()}
    codes |= {"bad_address", "private_address", "timeout_total", "tls", "circuit_open", "unsent"}
    assert codes == set(words.FAULTS)


def test_a_file_of_authorities_that_is_not_there(place: Place, settings: Any, tmp_path: Path) -> None:
    settings.CHECK_CA_FILE = str(tmp_path / "none.pem")
    assert ask().fault == "tls"
    assert place.asked == []
