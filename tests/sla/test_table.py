"""The table that the desk keeps, and the deadlines of a ticket on its pages and in the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Organisation, User
from helpdesk.common.errors import Forbidden, Invalid, Stale
from tests.cases import a_ticket, an_invoice
from tickets.sla import services
from tickets.sla.models import FilingDay

pytestmark = pytest.mark.django_db
MONTH = dt.date(2027, 2, 1)


def test_the_newest_change_of_a_month_counts(sam: User, ann: User) -> None:
    given = {"month": MONTH, "source": "公告", "by": sam}
    services.set_filing_day(day=dt.date(2027, 2, 22), seen=0, **given)
    assert services.filing_table()[MONTH] == dt.date(2027, 2, 22)
    services.set_filing_day(day=dt.date(2027, 2, 23), seen=1, **given)
    assert services.filing_table()[MONTH] == dt.date(2027, 2, 23)
    services.set_filing_day(day=None, seen=2, **given)
    assert MONTH not in services.filing_table()
    services.set_filing_day(month=dt.date(2026, 12, 1), day=None, source="x", by=sam, seen=0)
    assert services.filing_table()[dt.date(2026, 12, 1)] == dt.date(2026, 12, 15)
    assert FilingDay.objects.count() == 4
    with pytest.raises(Stale):
        services.set_filing_day(day=None, seen=1, **given)
    with pytest.raises(Invalid):
        services.set_filing_day(day=dt.date(2027, 3, 1), seen=3, **given)
    with pytest.raises(Forbidden):
        services.set_filing_day(month=MONTH, day=None, source="x", by=ann, seen=3)


def test_a_supervisor_changes_it_on_its_page(client_of: Callable[..., Any], sam: User) -> None:
    client, month = client_of(sam), f"{timezone.localdate().year + 1}-03"
    assert client.post("/desk/deadlines/", {"month": month, "day": "x", "source": "公告"}).status_code == 422
    assert client.post("/desk/deadlines/", {"month": month, "day": f"{month}-17", "source": ""}).status_code == 422
    assert (
        client.post(
            "/desk/deadlines/", {"month": month, "day": f"{month}-17", "source": "公告", "seen": "0"}
        ).status_code
        == 302
    )
    assert (
        client.post("/desk/deadlines/", {"month": month, "day": "", "source": "公告", "seen": "0"}).status_code == 412
    )
    assert f"{month}-17" in client.get("/desk/deadlines/").content.decode()


def test_a_ticket_tells_its_deadlines_to_both_sides_and_the_api(
    client_of: Callable[..., Any], api_of: Callable[..., Any], alice: User, ann: User, alpha: Organisation
) -> None:
    today = timezone.localdate()
    invoice = an_invoice(issue_date=today, seller_tax_id=alpha.tax_id, tax=Decimal(1000))
    ticket = a_ticket(alice, alpha, invoice)
    kinds = {one["kind"] for one in api_of(alice).get(f"/api/v1/tickets/{ticket.number}/").json()["deadlines"]}
    assert {"upload", "month_close", "year_end", "filing"} <= kinds
    for who, place in ((alice, "/tickets/"), (ann, "/desk/tickets/")):
        page = client_of(who).get(f"{place}{ticket.number}/").content.decode()
        assert "征期截止日" in page
        assert "¥0.50" in page
