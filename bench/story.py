"""Who and what the main job is about: the people, the invoice with its files, and what has come of it so far."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass, field

from bench.client import Person
from tests.invoices_factory import einvoice_xml, make, ofd, pdf, upload_log
from tickets.invoices.model import Invoice

BEIJING = zoneinfo.ZoneInfo("Asia/Shanghai")
EMAILS = {
    "alice": "alice@alpha.example",
    "charlie": "charlie@beta.example",
    "ann": "ann@desk.example",
    "olga": "olga@desk.example",
    "rita": "rita@desk.example",
}
KEYED = (
    "kind", "number", "issue_date", "amount", "tax", "total",
    "seller_name", "seller_tax_id", "buyer_name", "buyer_tax_id",
)  # fmt: skip
REKEYED = ("number", "issue_date", "amount", "seller_tax_id", "buyer_tax_id")


@dataclass
class Story:
    """One run. Steps read what earlier ones left here."""

    people: dict[str, Person]
    invoice: Invoice
    seed: int
    claim: dict[str, str] = field(default_factory=dict)  # the invoice as the service read it
    files: dict[str, str] = field(default_factory=dict)  # carrier → evidence id
    ticket: str = ""
    invoice_id: int = 0
    backfill: int = 0

    @classmethod
    def begin(cls, base_url: str, password: str, seed: int) -> Story:
        people = {name: Person(base_url, email, password) for name, email in EMAILS.items()}
        issued = dt.datetime.now(BEIJING).date() - dt.timedelta(days=7)
        return cls(people, make(kind="82", seed=seed, issue_date=issued), seed)

    @property
    def alice(self) -> Person:
        return self.people["alice"]

    @property
    def charlie(self) -> Person:
        return self.people["charlie"]

    @property
    def ann(self) -> Person:
        return self.people["ann"]

    @property
    def olga(self) -> Person:
        return self.people["olga"]

    @property
    def rita(self) -> Person:
        return self.people["rita"]

    @property
    def of_ticket(self) -> str:
        """API address of the ticket."""
        return f"/tickets/{self.ticket}"

    @property
    def of_backfill(self) -> str:
        return f"/backfills/{self.backfill}"

    @property
    def of_checks(self) -> str:
        return f"/invoices/{self.invoice_id}/checks/"

    def carriers(self) -> dict[str, tuple[str, bytes, str]]:
        """The enterprise's files: key → (name, bytes, purpose)."""
        one = self.invoice
        return {
            "xml": (f"dzfp_{one.number}.xml", einvoice_xml(one), "invoice"),
            "ofd": (f"dzfp_{one.number}.ofd", ofd(one), "invoice"),
            "pdf": (f"dzfp_{one.number}.pdf", pdf(one), "invoice"),
            "log": (f"上传日志_{self.seed}.log", upload_log([one], encoding="gb18030"), "log"),
        }

    def face(self, *names: str) -> dict[str, str]:
        """What a person types from the face of the invoice."""
        return {name: str(getattr(self.invoice, name) or "") for name in names}
