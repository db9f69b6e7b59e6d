"""What the rules say of an invoice: nothing of a right one, one thing of each thing that is wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.common.messages import Message
from tests.invoices_factory import make, with_lines
from tickets.intake import BLOCKING
from tickets.invoices.kinds import KINDS
from tickets.invoices.model import FIELDS, Finding, Invoice, Line, Severity
from tickets.invoices.validate import VALIDATORS, rate_of, validate

NOW = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 24)
GOOD, OTHER = "91110108MA01ABCD5T", "91110105MA00F1T226"


def told(invoice: Invoice, now: dt.datetime = NOW) -> list[tuple[str, str, str]]:
    return [(f.code, f.severity.value, f.field) for f in validate(invoice, now=now)]


def only(invoice: Invoice, code: str) -> Finding:
    (finding,) = (f for f in validate(invoice, now=NOW) if f.code == code)
    return finding


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("made", [{}, {"discount": True}, {"exempt": True}, {"red": True}, {"lines": 20}], ids=str)
def test_a_right_invoice_has_nothing_to_say(kind: str, made: dict[str, object]) -> None:
    for seed in range(5):
        assert told(make(kind, seed, **made)) == []


def test_nothing_known_is_nothing_wrong() -> None:
    assert told(Invoice()) == []


@pytest.mark.parametrize(
    ("fields", "code", "severity", "field"),
    [
        ({"number": "2611200000000001234"}, "number.form", "error", "number"),
        ({"number": "2.4112E+19"}, "number.excel", "error", "number"),
        ({"number": "26992000000000012345"}, "number.region", "warning", "number"),
        ({"number": "26112000000012300000"}, "number.zeros", "warning", "number"),
        ({"number": "25112000000000012345"}, "number.year", "error", "number"),
        ({"number": "12345678"}, "number.kind", "error", "number"),
        ({"digital_number": "12345678"}, "number.form", "error", "digital_number"),
        ({"code": "011002600111"}, "code.extra", "warning", "code"),
        ({"kind": "51"}, "number.channel", "warning", "number"),
        ({"kind": "61"}, "number.channel", "warning", "number"),
        ({"seller_tax_id": "9111O108MA01ABCD5T"}, "tax_id.form", "error", "seller_tax_id"),
        ({"buyer_tax_id": "91110108MA01ABCD50"}, "tax_id.check", "warning", "buyer_tax_id"),
        ({"buyer_tax_id": "110108123456789"}, "tax_id.organisation", "info", "buyer_tax_id"),
        ({"buyer_tax_id": "L110105194912310021"}, "tax_id.shape", "warning", "buyer_tax_id"),
        ({"buyer_tax_id": GOOD, "seller_tax_id": GOOD.lower()}, "party.same", "warning", "buyer_tax_id"),
        ({"kind": "81", "buyer_tax_id": ""}, "buyer.missing", "warning", "buyer_tax_id"),
        ({"check_code": "12345"}, "check_code.form", "warning", "check_code"),
        ({"issue_date": TODAY}, "date.today", "info", "issue_date"),
        ({"issue_date": TODAY + dt.timedelta(days=1)}, "date.future", "error", "issue_date"),
        ({"tax": Decimal("0.001"), "total": None}, "amount.form", "error", "tax"),
        ({"total": Decimal("1E+16")}, "amount.form", "error", "total"),
        ({"amount": Decimal("NaN")}, "amount.form", "error", "amount"),
        ({"tax": Decimal("-6.00"), "lines": ()}, "amount.sign", "error", "total"),
        ({"total": Decimal("106.01"), "total_in_words": ""}, "amount.sum", "error", "total"),
        ({"total_in_words": "壹佰零柒圆整"}, "words.total", "error", "total_in_words"),
        ({"total_in_words": "壹佰零陆"}, "words.form", "warning", "total_in_words"),
        ({"is_red": True, "original_number": "26112000000000054321"}, "red.sign", "error", "total"),
    ],
)  # fmt: skip
def test_one_wrong_thing_is_told_once(fields: dict[str, object], code: str, severity: str, field: str) -> None:
    line = Line(
        "*餐饮服务*餐费", "", "次", Decimal(1), Decimal(100), Decimal("100.00"), "6%", Decimal("6.00"), "3" * 19
    )
    right = with_lines(
        make("82", number="26112000000000012345", issue_date=dt.date(2026, 11, 20), seller_tax_id=OTHER), [line]
    )
    assert told(right) == []
    assert told(replace(right, **fields)) == [(code, severity, field)]


@pytest.mark.parametrize(
    ("fields", "code", "severity", "field"),
    [
        ({"code": ""}, "code.missing", "warning", "code"),
        ({"code": "01100190031"}, "code.form", "error", "code"),
        ({"code": "990001900311"}, "code.shape", "warning", "code"),
        ({"code": "099001900311"}, "code.region", "warning", "code"),
        ({"code": "011002000311"}, "code.year", "warning", "code"),
        ({"kind": "04"}, "code.kind", "warning", "kind"),
        ({"number": "26112000000000012345"}, "number.kind", "error", "number"),
        ({"issue_date": dt.date(2019, 11, 20)}, "date.old", "info", "issue_date"),
        ({"check_code": ""}, "check_code.missing", "info", "check_code"),
    ],
)
def test_one_wrong_thing_of_an_older_kind(fields: dict[str, object], code: str, severity: str, field: str) -> None:
    right = make("10", seed=4, code="011001900311", number="12345678", issue_date=dt.date(2019, 12, 20))
    now = dt.datetime(2024, 12, 1, tzinfo=dt.UTC)
    assert told(right, now) == []
    assert (code, severity, field) in told(replace(right, **fields), now)


@pytest.mark.parametrize(
    ("fields", "suggestion"),
    [
        ({"total": Decimal("9.00")}, "106"),
        ({"total_in_words": "壹佰零陆"}, "壹佰零陆圆整"),
        ({"kind": "04", "code": "011002600111", "number": "12345678"}, "10"),
        ({"seller_tax_id": "9111O108MA01ABCD5T"}, GOOD),
    ],
)
def test_a_repair_is_shown_where_there_is_only_one(fields: dict[str, object], suggestion: str) -> None:
    invoice = Invoice(amount=Decimal(100), tax=Decimal(6), total=Decimal(106))
    assert suggestion in {f.suggestion for f in validate(replace(invoice, **fields), now=NOW)}


def test_the_codes_that_refuse_a_field_are_errors() -> None:
    wrong = Invoice(
        number="1", digital_number="2.4112E+19", code="1", seller_tax_id="1", issue_date=dt.date(2027, 1, 1),
        amount=Decimal("0.001"),
    )  # fmt: skip
    assert {f.code for f in validate(wrong, now=NOW) if f.severity == Severity.ERROR} >= BLOCKING


def test_the_day_is_the_day_in_beijing() -> None:
    evening = dt.datetime(2026, 11, 23, 16, 30, tzinfo=dt.UTC)
    assert told(Invoice(issue_date=TODAY), evening) == [("date.today", "info", "issue_date")]
    assert told(Invoice(issue_date=TODAY), evening - dt.timedelta(hours=1)) == [("date.future", "error", "issue_date")]


@pytest.mark.parametrize(("day", "is_old"), [(dt.date(2021, 11, 24), False), (dt.date(2021, 11, 23), True)])
def test_the_site_answers_for_five_years(day: dt.date, is_old: bool) -> None:
    assert bool(told(Invoice(issue_date=day))) is is_old


def test_a_leap_day_is_no_trouble() -> None:
    assert told(Invoice(issue_date=dt.date(2020, 2, 29)))


def test_a_number_of_a_year_to_come_needs_no_date_to_be_wrong() -> None:
    assert told(Invoice(number="27112000000000012345")) == [("number.year", "error", "number")]
    assert told(Invoice(number="26112000000000012345")) == []


def test_paper_may_be_named_by_its_digital_number() -> None:
    paper = make("85", seed=1)
    assert told(replace(paper, number=paper.digital_number)) == []
    wrong = replace(paper, digital_number="25" + paper.digital_number[2:])
    assert told(wrong) == [("number.year", "error", "digital_number")]


def test_an_air_ticket_holds_the_airport_fund() -> None:
    ticket = make("61", seed=1)
    fund = replace(ticket, total=ticket.total + 50, total_in_words="")
    assert told(fund) == []
    assert told(replace(fund, kind="")) == [("amount.sum", "error", "total")]


def test_a_toll_invoice_may_call_itself_an_ordinary_one() -> None:
    assert told(replace(make("14", seed=1), kind="10")) == []


def test_more_tax_than_any_rate_allows() -> None:
    assert told(Invoice(amount=Decimal(100), tax=Decimal("14.27"))) == []
    assert told(Invoice(amount=Decimal(100), tax=Decimal("14.28"))) == [("tax.rate", "warning", "tax")]


@pytest.mark.parametrize("total", [None, Decimal("-106.00")])
def test_a_red_invoice_names_the_blue_one(total: Decimal | None) -> None:
    invoice = Invoice(is_red=True, total=total)
    assert told(invoice) == [("red.original", "info", "original_number")]
    assert told(replace(invoice, original_number="26112000000000054321")) == []


def _line(**fields: object) -> Line:
    return replace(Line("*餐饮服务*餐费", amount=Decimal("100.00"), tax_rate="6%", tax=Decimal("6.00")), **fields)


def of_lines(*lines: Line, **fields: object) -> list[tuple[str, str, str]]:
    return told(replace(with_lines(Invoice(), lines), **fields))


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"tax": Decimal("6.06")}, "", ""),
        ({"tax": Decimal("5.94")}, "", ""),
        ({"tax": Decimal("6.07")}, "line.tax", "tax"),
        ({"tax": Decimal("5.93")}, "line.tax", "tax"),
        ({"tax": None, "tax_rate": "免税"}, "", ""),
        ({"tax": None, "tax_rate": "***"}, "", ""),
        ({"tax": None}, "", ""),
        ({"tax": None, "tax_rate": "不知道"}, "line.rate", "tax_rate"),
        ({"tax": Decimal("7.00"), "tax_rate": "7%"}, "line.rate", "tax_rate"),
        ({"tax_rate": "0.06"}, "", ""),
        ({"quantity": Decimal(3), "unit_price": Decimal("33.33")}, "", ""),
        ({"quantity": Decimal(3), "unit_price": Decimal("33.34")}, "line.price", "amount"),
        ({"quantity": Decimal(3)}, "", ""),
        ({"quantity": Decimal(3), "unit_price": Decimal(1), "amount": None, "tax": None}, "", ""),
        ({"classification": "3070401000000000000"}, "", ""),
        ({"classification": "30704010000"}, "line.classification", "classification"),
        ({"classification": "٣" * 19}, "line.classification", "classification"),
    ],
)
def test_each_line_is_reckoned_within_the_tolerances_of_an_upload(
    fields: dict[str, object], code: str, field: str
) -> None:
    right = _line()
    wanted = [(code, "warning", f"lines[1].{field}")] if code else []
    assert of_lines(right, _line(**fields)) == wanted


def test_price_and_amount_may_be_a_cent_apart() -> None:
    line = _line(quantity=Decimal(3), unit_price=Decimal("33.33"), amount=Decimal("100.02"))
    assert of_lines(line) == [("line.price", "warning", "lines[0].amount")]
    assert str(only(with_lines(Invoice(), [line]), "line.price").message).count("-0.03") == 1


def test_taxes_are_rounded_within_a_line_and_over_all() -> None:
    line = _line(amount=Decimal("97.09"), tax_rate="3%", tax=Decimal("2.91"))
    assert of_lines(*[line] * 100) == []
    off = replace(line, tax=Decimal("2.97"))
    assert of_lines(*[off] * 22) == []
    assert of_lines(*[off] * 25) == [("lines.rounding", "warning", "tax")]


def test_what_is_taxed_on_its_margin_has_another_tax() -> None:
    line = _line(amount=Decimal("10000.00"), tax=Decimal("60.00"))
    assert [code for code, _, _ in of_lines(line)] == ["line.tax", "lines.rounding"]
    assert of_lines(line, remark="差额征税：9000.00。") == []


def test_lines_add_up_to_the_face() -> None:
    lines = [_line(), _line()]
    whole = with_lines(Invoice(), lines)
    assert told(replace(whole, amount=Decimal("200.01"), total=None, total_in_words="")) == []
    assert told(replace(whole, amount=Decimal("200.02"), total=None, total_in_words="")) == [
        ("lines.amount", "warning", "amount")
    ]
    assert told(replace(whole, tax=Decimal("12.02"), total=None, total_in_words="")) == [
        ("lines.tax", "warning", "tax")
    ]
    assert told(replace(whole, lines=(*lines, _line(amount=None, tax=None)))) == []


def test_a_discount_stands_right_behind_its_goods() -> None:
    goods = _line(role="02")
    off = _line(role="01", amount=Decimal("-10.00"), tax=Decimal("-0.60"))
    wrong = ("line.discount", "warning", "lines[1]")
    assert of_lines(goods, off) == []
    assert of_lines(replace(goods, role="00"), off) == [wrong]
    assert of_lines(goods, replace(off, name="*餐饮服务*住宿")) == [wrong]
    assert of_lines(goods, replace(off, tax_rate="9%", tax=Decimal("-0.90"))) == [wrong]
    assert of_lines(off, goods) == [("line.discount", "warning", "lines[0]")]


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("13%", Decimal("0.13")), ("0.13", Decimal("0.13")), ("1.5%", Decimal("0.015")), ("0%", Decimal(0)), ("0", Decimal(0)),
        ("13", None), ("免税", None), ("", None), ("-6%", None), ("1%%", None), ("６%", None), ("100%", None),
    ],
)  # fmt: skip
def test_a_rate_is_a_percentage_or_a_fraction(text: str, rate: Decimal | None) -> None:
    assert rate_of(text) == rate


FIGURES = st.none() | st.decimals(allow_nan=True, allow_infinity=True) | st.decimals(-10_000, 10_000, places=2)
FINITE = st.none() | st.decimals(-(10**18), 10**18, places=4)
LINES = st.builds(
    Line, name=st.sampled_from(["a", "b"]), quantity=FINITE, unit_price=FINITE, amount=FINITE, tax=FINITE,
    tax_rate=st.text(max_size=6) | st.sampled_from(["13%", "6%", "免税"]), classification=st.text(max_size=20),
    role=st.sampled_from(["00", "01", "02"]),
)  # fmt: skip


@given(
    st.builds(
        Invoice, kind=st.sampled_from([*KINDS, "", "99"]), code=st.text(max_size=14) | st.from_regex("[0-9]{10,12}"),
        number=st.text(max_size=22) | st.from_regex("[0-9]{8}|[0-9]{20}"), digital_number=st.from_regex("([0-9]{20})?"),
        issue_date=st.none() | st.dates(), amount=FIGURES, tax=FIGURES, total=FIGURES, total_in_words=st.text(max_size=20),
        seller_name=st.text(max_size=9), seller_tax_id=st.text(max_size=20), buyer_name=st.text(max_size=9),
        buyer_tax_id=st.text(max_size=20), check_code=st.text(max_size=21), is_red=st.booleans(),
        original_number=st.text(max_size=21), remark=st.text(max_size=9), lines=st.lists(LINES, max_size=4).map(tuple),
    ),
    st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2090, 1, 1), timezones=st.just(dt.UTC)),  # noqa: DTZ001
)  # fmt: skip
def test_no_invoice_is_too_strange(invoice: Invoice, now: dt.datetime) -> None:
    findings = validate(invoice, now=now)
    for finding in findings:
        assert finding.field.partition("[")[0] in {*FIELDS, "lines"}
        assert isinstance(finding.message, Message)
        assert str(finding.message)
        assert str(finding.code).count(".") == 1
    assert [f.code for f in findings] == [f.code for rule in VALIDATORS for f in rule(invoice, now)]
