"""Facts in, proposal out: what each rule proposes and why."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.invoices.logs import traces
from tickets.invoices.model import Invoice
from tickets.sla.clock import BEIJING, Calendar
from tickets.sla.deadlines import PUBLISHED, Deadline, Kind, month_close, next_filing_day
from tickets.triage.rules import FIELDS, Facts, InvoiceFacts, propose
from tickets.vocabulary import CAUSE_LABELS, SYMPTOM_LABELS, Cause, Priority, Queue

NOW = dt.datetime(2026, 9, 4, 10, tzinfo=BEIJING)
OURS, THEIRS = "91110108MA01ABCD5T", "91310115MA1K4EXAM3"


def facts(**values: Any) -> Facts:
    given = {"symptom": "no_record", "now": NOW, "tax_id": OURS, **values}
    return Facts(**given)


def item(*, checks: tuple[str, ...] = (), differing: tuple[str, ...] = (), **claim: Any) -> InvoiceFacts:
    given = {
        "number": "26112000000012345678", "issue_date": dt.date(2026, 8, 20), "kind": "82", "total": Decimal(113), **claim,
    }  # fmt: skip
    return InvoiceFacts(Invoice(**given), checks=checks, differing=differing, has_file=True)


CAUSES = {
    "a log names a wrong format": (facts(traces=tuple(traces("upload\n报文格式错误 4063"))), Cause.FORMAT),
    "a log names a time-out": (facts(traces=tuple(traces("read timed out"))), Cause.NETWORK),
    "a log names a refused address": (facts(traces=tuple(traces("code=4067"))), Cause.SECURITY),
    "a log names a closed month": (
        facts(traces=tuple(traces("当前开票方开票日期所属年月已完成对账，不再允许上传"))), Cause.OMISSION,
    ),
    "the claim differs from the file": (facts(invoices=(item(differing=("number",)),)), Cause.DATA_ENTRY),
    "issued today": (facts(invoices=(item(issue_date=NOW.date()),)), Cause.SYNC_DELAY),
    "issued two days ago": (facts(invoices=(item(issue_date=dt.date(2026, 9, 2)),)), Cause.SYNC_DELAY),
    "older than five years": (facts(invoices=(item(issue_date=dt.date(2021, 8, 1)),)), Cause.QUERY),
    "a record with other data": (facts(invoices=(item(checks=("not_found", "differs")),)), Cause.DATA_ENTRY),
    "own invoice, not found": (facts(invoices=(item(checks=("not_found",), seller_tax_id=OURS),)), Cause.OMISSION),
    "supplier's invoice, not found": (
        facts(invoices=(item(checks=("not_found",), seller_tax_id=THEIRS, buyer_tax_id=OURS),)), Cause.COUNTERPART,
    ),
    "the description names the cause": (facts(words="升级软件以后就查不到了"), Cause.SOFTWARE),
    "nothing is known": (facts(), Cause.UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize(("known", "cause"), CAUSES.values(), ids=CAUSES)
def test_the_cause_and_its_reason(known: Facts, cause: Cause) -> None:
    value, reasons = propose(known).values["cause"]
    assert value == cause
    assert reasons
    assert all(str(reason) for reason in reasons)


def test_the_queue_follows_the_cause() -> None:
    assert propose(facts(traces=tuple(traces("timeout")))).values["queue"][0] == Queue.TECHNICAL
    assert (
        propose(facts(invoices=(item(checks=("not_found",), seller_tax_id=OURS),))).values["queue"][0] == Queue.BACKFILL
    )


def until(kind: Kind, month: int, day: int, **more: bool) -> Deadline:
    return Deadline(kind, dt.datetime(2026, month, day, tzinfo=BEIJING), **more)


# NOW is a Friday, 10:00: 6.5 working hours are left of it
PRIORITIES = {
    "the month closes": (facts(deadlines=(until(Kind.MONTH_CLOSE, 9, 5), until(Kind.FILING, 9, 16))), Priority.URGENT),
    "within 48 hours": (facts(deadlines=(until(Kind.UPLOAD, 9, 8),)), Priority.HIGH),
    "the year ends": (facts(deadlines=(until(Kind.YEAR_END, 9, 9),)), Priority.HIGH),
    "filing ends": (facts(deadlines=(until(Kind.FILING, 9, 7),)), Priority.URGENT),
    "filing ends in days": (facts(deadlines=(until(Kind.FILING, 9, 10),)), Priority.NORMAL),
    "much tax": (facts(invoices=(item(tax=Decimal("16640.00")),)), Priority.HIGH),
    "an ordinary one": (facts(invoices=(item(),)), Priority.NORMAL),
    "no invoice, no situation": (facts(symptom="other"), Priority.LOW),
}  # fmt: skip


@pytest.mark.parametrize(("known", "priority"), PRIORITIES.values(), ids=PRIORITIES)
def test_the_priority_follows_the_harm(known: Facts, priority: Priority) -> None:
    assert propose(known).values["priority"][0] == priority


def test_what_is_missing_is_named() -> None:
    assert [name for name, _ in propose(facts()).missing] == ["invoice"]
    bare = InvoiceFacts(Invoice(number="12345678", kind="01"))
    assert [name for name, _ in propose(facts(invoices=(bare,))).missing] == ["file", "code", "issue_date", "amount"]
    assert [name for name, _ in propose(facts(symptom="batch_upload_failed", invoices=(item(),))).missing] == ["log"]
    mismatch = facts(symptom="verification_mismatch", invoices=(item(),), files={"screenshot": 1})
    assert propose(mismatch).missing == ()


def test_duplicates_are_named() -> None:
    assert propose(facts(duplicates=("2026-0001-7",))).duplicates == ("2026-0001-7",)


def test_a_log_is_told_once_with_its_line() -> None:
    found = list(traces("start\ncode 4033 denied\ncode 4033 denied\nread timed out"))
    assert [(t.code, t.line) for t in found] == [("4033", 2), ("timeout", 4)]
    assert not list(traces("invoice 24033000 done"))  # digits inside a number are no code


@given(
    symptom=st.sampled_from(list(SYMPTOM_LABELS)),
    words=st.text(max_size=40),
    issued=st.dates(dt.date(2010, 1, 1), dt.date(2027, 12, 31)),
    checks=st.lists(st.sampled_from(["found", "not_found", "differs", "unavailable"]), max_size=4),
    kind=st.sampled_from(["", "01", "04", "81", "82"]),
    log=st.text(max_size=200),
)
def test_every_case_gets_a_whole_proposal(**values: Any) -> None:
    claim = item(issue_date=values["issued"], kind=values["kind"], checks=tuple(values["checks"]))
    made = propose(
        facts(symptom=values["symptom"], words=values["words"], invoices=(claim,), traces=tuple(traces(values["log"])))
    )
    assert tuple(made.values) == FIELDS
    assert made.values["cause"][0] in CAUSE_LABELS
    assert all(reasons for _, reasons in made.values.values())


def test_the_29th_of_february_is_a_day_of_birth_too() -> None:
    leap = dataclasses.replace(facts(), now=dt.datetime(2029, 3, 1, tzinfo=BEIJING))
    assert (
        propose(dataclasses.replace(leap, invoices=(item(issue_date=dt.date(2024, 2, 29)),))).values["cause"][0]
        == Cause.QUERY
    )


def test_filing_deadlines_are_the_published_ones_and_the_rule_elsewhere() -> None:
    free = Calendar()
    assert next_filing_day(dt.date(2026, 10, 16), PUBLISHED, lambda year: free)[0] == dt.date(2026, 10, 26)
    assert next_filing_day(dt.date(2026, 12, 16), PUBLISHED, lambda year: free)[0] == dt.date(2027, 1, 15)
    assert next_filing_day(dt.date(2027, 5, 1), PUBLISHED, lambda year: free)[0] == dt.date(
        2027, 5, 17
    )  # the 15th is a Saturday


def test_the_month_closes_on_the_13th_of_the_next() -> None:
    assert month_close(dt.date(2026, 12, 31)) == dt.datetime(2027, 1, 13, tzinfo=BEIJING)
