"""What the journeys of the desk share."""

from __future__ import annotations

import re

from django.core.files.base import ContentFile
from playwright.sync_api import Page

from accounts.models import Organisation, User
from tests.cases import a_file, a_ticket, an_invoice
from tests.invoices_factory import pdf
from tickets.evidence.services import receive
from tickets.models import Ticket


def a_case(by: User, organisation: Organisation) -> Ticket:
    """One invoice with its PDF and the log of the failed upload."""
    invoice = an_invoice()
    face = receive(file=ContentFile(pdf(invoice)), name="发票.pdf", purpose="invoice", by=by)
    return a_ticket(by, organisation, invoice, files=(face, a_file(by, name="upload.log", purpose="log")))


def typed(page: Page, fields: dict[str, str]) -> None:
    for name, value in fields.items():
        field = page.locator(f"#k-{name}")
        field.select_option(value) if name == "kind" else field.fill(value)


def post(page: Page, name: str | re.Pattern[str]) -> None:
    """Press a button and wait for the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=isinstance(name, str)).first.click()
