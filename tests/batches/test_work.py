"""A list from its upload to its ticket: what is told, what is kept, what happens once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Organisation, User
from helpdesk.common.errors import Forbidden, Invalid, NotNow
from tests.batches.lists import HEADS, a_list, filed, invoices, taken
from tests.cases import a_ticket
from tests.invoices_factory import list_csv, list_xlsx
from tests.invoices_factory.books import xls, xlsx
from tickets import services
from tickets.batches import services as batches
from tickets.batches import work
from tickets.batches.models import Batch, BatchRow, ListColumns
from tickets.evidence.models import Evidence
from tickets.models import Event, Ticket

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = "2611200000001405"


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "CHUNK", 2)


def lines(*given: str) -> bytes:
    return "\n".join([HEADS, *given]).encode()


@pytest.mark.parametrize("shape", ["csv", "xlsx"])
def test_a_sound_list_becomes_one_ticket(shape: str, alpha: Organisation, alice: User) -> None:
    given = invoices(5)
    data = list_csv(given) if shape == "csv" else list_xlsx(given)
    batch = taken(data, alpha, alice, f"清单.{shape}")
    assert (batch.state, batch.rows, batch.ok, batch.position, batch.about) == ("checked", 5, 5, 6, 5)
    ticket = filed(batch, alice)
    batch.refresh_from_db()
    assert (batch.state, batch.filed, batch.ticket) == ("filed", 5, ticket)
    items = list(ticket.invoices.all())
    assert [i.identity for i in items] == [i.identity for i in given]
    assert [i.position for i in items] == [1, 2, 3, 4, 5]
    assert [i.total for i in items] == [i.total for i in given]
    assert [e.kind for e in Event.objects.filter(ticket=ticket, kind__startswith="batch")] == ["batch.filed"]
    assert Evidence.objects.get(pk=batch.evidence_id).ticket == ticket
    assert [e.kind for e in batch.events.order_by("pk")] == [
        "batch.received", "batch.started", "batch.checked", "batch.filing", "batch.filed",
    ]  # fmt: skip


def test_an_old_workbook_is_read_too(alpha: Organisation, alice: User) -> None:
    day = timezone.localdate() - dt.timedelta(days=9)
    batch = taken(xls([["发票号码", "开票日期"], ["12345678", day]]), alpha, alice, "a.xls")
    assert (batch.state, batch.ok, batch.about) == ("checked", 1, 1)
    assert batch.lines.get().claim == {"number": "12345678", "issue_date": day.isoformat()}


def test_rows_that_are_wrong_or_double_stay_out(
    alpha: Organisation, beta: Organisation, alice: User, charlie: User
) -> None:
    one, two, three = invoices(3)
    known = a_ticket(alice, alpha, one)
    a_ticket(charlie, beta, two)  # another enterprise's: never told
    plain = [f"{i.number},{i.issue_date},{i.total},{i.seller_tax_id}" for i in (one, two, three)]
    batch = taken(lines(*plain, plain[1], "2.4952E+19,,,", ""), alpha, alice)
    found = {r.position: (r.result, [f["code"] for f in r.findings]) for r in batches.rows_of(batch)}
    assert found == {
        2: ("duplicate", ["double.ticket"]), 3: ("ok", []), 4: ("ok", []), 5: ("duplicate", ["double.row"]),
        6: ("error", ["number.excel"]),
    }  # fmt: skip
    assert batch.lines.get(position=2).findings[0]["params"] == {"ticket": known.number}
    assert (batch.ok, batch.warning, batch.error, batch.duplicate) == (2, 0, 1, 2)
    assert [r.position for r in batches.rows_of(batch, "error")] == [6]
    assert [i.identity for i in filed(batch, alice).invoices.all()] == [two.identity, three.identity]


def test_the_same_file_is_the_same_list_and_is_filed_once(
    alpha: Organisation, beta: Organisation, alice: User, bob: User, charlie: User
) -> None:
    data = list_csv(invoices(2))
    first, again = taken(data, alpha, alice), taken(data, alpha, bob)
    assert first == again
    assert taken(data, beta, charlie) != first
    ticket = filed(first, alice)
    assert filed(Batch.objects.get(pk=first.pk), bob) == ticket
    assert taken(data, alpha, bob).ticket == ticket
    assert Ticket.objects.count() == 1


def test_a_list_that_was_cancelled_or_failed_may_come_again(alpha: Organisation, alice: User) -> None:
    data = list_csv(invoices(2))
    first = taken(data, alpha, alice)
    services.cancel_batch(batch=first, by=alice)
    assert taken(data, alpha, alice) != first


def test_unknown_heads_are_asked_for_and_remembered(alpha: Organisation, alice: User, bob: User) -> None:
    batch = taken("票据,付了\n12345678,5".encode(), alpha, alice)
    assert (batch.state, batch.heads, batch.rows) == ("columns", ["票据", "付了"], 0)
    for wrong in ({0: "price"}, {0: "number", 1: "number"}, {1: "total"}, {7: "number"}, {}):
        with pytest.raises(Invalid):
            batches.name_columns(batch=batch, columns=wrong, by=alice)
    batches.name_columns(batch=batch, columns={0: "number", 1: "total"}, by=bob)
    batch.refresh_from_db()
    assert (batch.state, batch.ok) == ("checked", 1)
    assert ListColumns.objects.get().said == {"票据": "number", "付了": "total"}
    assert taken("票据,付了\n12345679,5".encode(), alpha, alice).state == "checked"
    batches.name_columns(batch=batch, columns={0: "number", 1: ""}, by=bob)  # once more, from the start
    batch.refresh_from_db()
    assert (batch.state, batch.ok, batch.lines.get().claim) == ("checked", 1, {"number": "12345678"})


HOSTILE = {
    "program": (b"MZ" + b"\0" * 100, "a.xlsx"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "a.xlsx"),
    "entities": (xlsx("<row/>", head='<!DOCTYPE a [<!ENTITY b "x">]>'), "a.xlsx"),
    "16,384 columns": (xlsx('<row><c r="XFD1"><v>1</v></c></row>'), "a.xlsx"),
    "macros": (xlsx("<row/>", more={"xl/vbaProject.bin": "x"}), "a.xlsx"),
    "broken GB18030": ("发票号码\n".encode("gb18030") * 30_000 + b"\xff", "a.csv"),
    "rows": (b"number\n" + b"1\n" * 50_100, "a.csv"),
    "empty": (b"", "a.csv"),
    "an empty sheet": (xlsx("<row/>"), "a.xlsx"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE.values(), ids=HOSTILE)
def test_hostile_sheets_are_refused_at_the_door_without_a_trace(
    case: tuple[bytes, str], alpha: Organisation, alice: User
) -> None:
    data, name = case
    with pytest.raises(Invalid) as refusal:
        batches.take_in(file=ContentFile(data), name=name, organisation=alpha, by=alice)
    assert refusal.value.errors[0].field == "file"
    assert not Batch.objects.exists()
    assert not Evidence.objects.exists()


def test_what_only_shows_further_down_fails_the_list_with_a_word(alpha: Organisation, alice: User) -> None:
    head = '<row><c t="str"><v>number</v></c></row>'
    good = "".join(f'<row><c t="str"><v>{n:08d}</v></c></row>' for n in range(1, 3000))
    data = xlsx(head + good + "<row><c><v>x</v></c></row>")
    batch = taken(data, alpha, alice, "a.xlsx")
    assert (batch.state, batch.failure["code"]) == ("failed", "sheet.broken")
    assert batch.taken_at is None


def test_a_formula_without_its_result_is_told(alpha: Organisation, alice: User) -> None:
    sheet = (
        '<row><c t="str"><v>number</v></c></row><row><c><f>1+1</f></c></row><row><c><f>A</f><v>12345678</v></c></row>'
    )
    batch = taken(xlsx(sheet), alpha, alice, "a.xlsx")
    assert [(r.result, [f["code"] for f in r.findings]) for r in batches.rows_of(batch)] == [
        ("error", ["cell.error"]),
        ("ok", []),
    ]


def test_holes_in_the_numbers_are_noticed(alpha: Organisation, alice: User) -> None:
    numbers = [f"{GOOD}{n:04d},,,91110108MA01ABCD5T" for n in (1, 2, 3, 5, 6)]
    batch = taken(lines(*numbers), alpha, alice)
    assert batch.gaps == [{"seller": "91110108MA01ABCD5T", "first": f"{GOOD}0004", "last": f"{GOOD}0004", "count": 1}]


def test_rights_and_moments(alpha: Organisation, alice: User, charlie: User, ann: User) -> None:
    batch = a_list(alpha, alice)
    for stranger in (charlie, ann):
        with pytest.raises(Forbidden):
            filed(batch, stranger)
        with pytest.raises(Forbidden):
            services.cancel_batch(batch=batch, by=stranger)
        with pytest.raises(Forbidden):
            batches.take_in(file=ContentFile(b"number\n1"), name="a.csv", organisation=alpha, by=stranger)
    assert not Batch.objects.visible_to(charlie).exists()
    assert not BatchRow.objects.visible_to(charlie).exists()
    assert Batch.objects.visible_to(ann).count() == 1
    ticket = filed(batch, alice)
    batch.refresh_from_db()
    with pytest.raises(NotNow):
        services.cancel_batch(batch=batch, by=alice)
    assert ticket.is_open


def test_a_list_without_a_sound_row_is_not_filed(alpha: Organisation, alice: User) -> None:
    batch = taken(lines("x,,,"), alpha, alice)
    with pytest.raises(NotNow) as refusal:
        filed(batch, alice)
    assert refusal.value.code == "nothing_to_file"
    assert not Ticket.objects.exists()
