"""Every cause has a rule that names it with its reason; priority follows the nearest harm; papers follow the kind."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triage.test_rules import OURS, THEIRS, facts, item, until
from tickets.invoices.kinds import KINDS, lookup_fields
from tickets.invoices.logs import Sign, Trace, traces
from tickets.invoices.model import Finding, Invoice, Severity
from tickets.sla.clock import BEIJING
from tickets.sla.deadlines import Kind
from tickets.triage.causes import CAUSE_OF_SIGN, QUEUE_OF, WORDS
from tickets.triage.rules import (
    DUPLICATE,
    FIELDS,
    MISSING,
    Facts,
    InvoiceFacts,
    by_clock,
    lines_of,
    propose,
)
from tickets.triage.services import as_json
from tickets.vocabulary import CAUSE_LABELS, Cause, Priority

#: One case for every cause, in the words of the field: its eight families, data entry, synchronisation, interfaces.
CASES: dict[Cause, Facts] = {
    Cause.FORMAT: facts(words="上传的报文格式不符合规范"),
    Cause.NETWORK: facts(words="高峰时段网络拥塞"),
    Cause.SOFTWARE: facts(words="开票软件版本过旧"),
    Cause.DATA_ENTRY: facts(words="购方抬头录错了"),
    Cause.OMISSION: facts(words="财务忘记上传"),
    Cause.POLICY: facts(words="新规之后要补交证明"),
    Cause.CAPACITY: facts(words="税局服务器繁忙"),
    Cause.SECURITY: facts(words="当前用户没有权限"),
    Cause.SUPPORT: facts(words="客服热线一直占线"),
    Cause.SYNC_DELAY: facts(words="数据一直没有同步过来"),
    Cause.INTERFACE: facts(words="第三方接口返回错误"),
    Cause.COUNTERPART: facts(words="供应商说已经开了"),
    Cause.QUERY: facts(words="勾选平台里找不到"),
    Cause.UNKNOWN: facts(words="查不到"),
}


def test_there_is_a_case_for_every_cause() -> None:
    assert set(CASES) == set(Cause) == set(CAUSE_LABELS) == set(QUEUE_OF)


@pytest.mark.parametrize(("cause", "known"), CASES.items(), ids=[cause.value for cause in CASES])
def test_a_cause_is_named_with_its_reason_and_its_queue(cause: Cause, known: Facts) -> None:
    made = propose(known)
    value, reasons = made.values["cause"]
    assert (value, made.values["queue"][0]) == (cause, QUEUE_OF[cause])
    assert reasons[0].text
    assert str(reasons[0])


@pytest.mark.parametrize("sign", Sign)
def test_a_log_outweighs_what_people_say(sign: Sign) -> None:
    made = propose(facts(words="客服热线打不通", traces=(Trace("X1", sign, 7, "The log's own words"),)))
    value, reasons = made.values["cause"]
    assert value == CAUSE_OF_SIGN.get(sign, Cause.SUPPORT)
    assert ("7" in str(reasons[0])) == (sign in CAUSE_OF_SIGN)


@pytest.mark.parametrize("words", ["for your information", "the capital", "an invoice with an XML file", "reversion"])
def test_a_part_of_a_word_is_no_mention(words: str) -> None:
    assert propose(facts(words=words)).values["cause"][0] == Cause.UNKNOWN


@given(st.sampled_from([name for _cause, names in WORDS for name in names]))
def test_every_word_of_the_list_is_found(name: str) -> None:
    causes = [cause for cause, names in WORDS if any(other in name for other in names)]
    assert propose(facts(words=f"请看：{name.upper()}。")).values["cause"][0] in causes


def test_a_finding_that_can_not_be_true_is_a_slip_of_the_pen() -> None:
    finding = Finding("number.form", Severity.ERROR, "number", propose(facts()).values["cause"][1][0])
    weak = Finding("number.region", Severity.WARNING, "number", finding.message)
    claim = Invoice(number="1", issue_date=dt.date(2026, 8, 20))
    assert propose(facts(invoices=(InvoiceFacts(claim, (weak, finding)),))).values["cause"][0] == Cause.DATA_ENTRY
    assert propose(facts(invoices=(InvoiceFacts(claim, (weak,)),))).values["cause"][0] == Cause.UNKNOWN


def test_a_buyer_without_a_known_seller_is_not_told_to_ask_one() -> None:
    nobody = item(checks=("not_found",), buyer_tax_id=OURS)
    assert propose(facts(invoices=(nobody,))).values["cause"][0] == Cause.UNKNOWN
    stranger = item(checks=("not_found",), seller_tax_id=THEIRS)
    assert propose(facts(invoices=(stranger,))).values["cause"][0] == Cause.UNKNOWN
    assert propose(facts(tax_id="", invoices=(stranger,))).values["cause"][0] == Cause.UNKNOWN
    assert propose(facts(symptom="other", invoices=(nobody,))).values["cause"][0] == Cause.UNKNOWN


# Priority


def priority(known: Facts) -> Priority:
    return Priority(propose(known).values["priority"][0])


def test_the_nearest_deadline_says_the_priority_and_those_that_agree_their_reason() -> None:
    near = (until(Kind.UPLOAD, 9, 5), until(Kind.MONTH_CLOSE, 9, 6), until(Kind.FILING, 9, 8))
    value, reasons = propose(facts(deadlines=near)).values["priority"]
    assert value == Priority.URGENT
    assert [str(reason.params["deadline"]) for reason in reasons] == [one.label for one in near[:2]]
    assert str(reasons[0]).endswith("before 2026-09-05 00:00. At 2026-09-04 10:00 6.5 working hours were left.")


def test_the_time_left_is_never_said_to_be_more_than_it_is() -> None:
    for minute, hours in ((0, "8"), (1, "7.9"), (6, "7.9"), (7, "7.8")):
        now = dt.datetime(2026, 9, 3, 17, 30 + minute, tzinfo=BEIJING)
        (said,) = by_clock(facts(now=now, deadlines=(until(Kind.UPLOAD, 9, 5),)))
        assert said.reason.params["hours"] == hours


def test_a_deadline_that_is_not_published_is_said_to_be_reckoned() -> None:
    for is_reckoned in (False, True):
        value, reasons = propose(facts(deadlines=(until(Kind.FILING, 9, 8, is_estimated=is_reckoned),))).values[
            "priority"
        ]
        assert value == Priority.HIGH
        assert ("published" in str(reasons[0])) == is_reckoned


@given(st.lists(st.decimals(Decimal("-1e9"), Decimal("1e9"), places=2), max_size=5))
def test_the_tax_of_all_invoices_is_added_to_the_cent(taxes: list[Decimal]) -> None:
    known = facts(invoices=tuple(item(tax=tax) for tax in taxes))
    cents = sum(int(tax * 100) for tax in taxes)
    assert (priority(known) == Priority.HIGH) == (cents >= 1_000_000)


def test_a_claim_of_the_first_day_of_time_breaks_nothing() -> None:
    old = [item(seller_tax_id=OURS, issue_date=day) for day in (dt.date.min, dt.date(1, 12, 31), dt.date(1900, 2, 28))]
    assert propose(facts(invoices=tuple(old))).values["cause"][0] == Cause.QUERY


# Missing material


@pytest.mark.parametrize("kind", [*KINDS, ""])
def test_what_a_look_up_of_the_kind_asks_is_named(kind: str) -> None:
    bare = InvoiceFacts(Invoice(number="12345678", kind=kind))
    named = [name for name, _reason in propose(facts(invoices=(bare,))).missing]
    assert named == ["file", *(name for name in lookup_fields(kind) if name != "number")]


def test_nothing_is_asked_for_that_is_there() -> None:
    whole = Invoice(
        kind="04", code="011002100104", number="12345678", issue_date=dt.date(2026, 8, 20), check_code="123456"
    )
    assert propose(facts(invoices=(InvoiceFacts(whole, has_file=True),))).missing == ()
    wanted = propose(facts(invoices=(InvoiceFacts(Invoice(kind="04", seller_name="x")),))).missing
    assert [name for name, _ in wanted] == ["number", "code", "issue_date", "check_code"]


def test_a_situation_asks_for_its_proof() -> None:
    batch = facts(symptom="batch_upload_failed", invoices=(item(),))
    assert [name for name, _ in propose(batch).missing] == ["log"]
    for symptom in ("abnormal_status", "verification_mismatch"):
        assert [name for name, _ in propose(facts(symptom=symptom, invoices=(item(),))).missing] == ["screenshot"]


def test_a_log_of_long_lines_is_read_once_each() -> None:
    assert list(traces("x" * 25_000 + " 4033")) == []


def test_a_proposal_is_shown_line_by_line() -> None:
    known = facts(words="read timed out", duplicates=("26-00042-7",), invoices=(InvoiceFacts(Invoice(number="1")),))
    lines = lines_of(as_json(propose(known)))
    assert [line.name for line in lines] == [*FIELDS, MISSING, DUPLICATE]
    assert [line.raw for line in lines[:4]] == ["no_record", "network", "technical", 3]
    assert all(line.value and line.reasons for line in lines)
    assert {"network", "unknown"} <= {value for value, _text in lines[1].choices}
    assert [line.name for line in lines_of(as_json(propose(facts(invoices=(item(),)))))] == list(FIELDS)
