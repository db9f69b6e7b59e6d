"""The guided form: what is kept between its steps, and the ticket that comes out."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from accounts.models import Organisation, User
from accounts.permissions import Permission
from tickets import drafts, services
from tickets.clusters import services as clusters
from tickets.clusters.rules import Likeness, kind_of
from tickets.diagnosis import record
from tickets.diagnosis.tree import Facts, Outcome
from tickets.evidence.facts import DOUBTFUL, SOURCES, sureness
from tickets.evidence.models import Evidence, State
from tickets.forms import INVOICE_FIELDS, MAX_INVOICES, MONEY
from tickets.invoices.amounts import parse_money
from tickets.invoices.kinds import KINDS
from tickets.invoices.model import Invoice
from tickets.invoices.reading_json import from_json
from tickets.models import Ticket
from tickets.vocabulary import FIELD_LABELS

#: What a person recognises an invoice by.
FACE = ("kind", "number", "issue_date", "total", "seller_name", "buyer_name")
#: Invoice fields that a person confirms rather than types, when a file gave them.
READ = tuple(name for name in INVOICE_FIELDS)


def organisations(user: User) -> list[Organisation]:
    """The enterprises that the person may file for."""
    ids = user.organisation_ids(Permission.ORG_TICKET_FILE)
    return list(Organisation.objects.visible_to(user).filter(pk__in=ids))  # type: ignore[arg-type]


def files(user: User, ids: Sequence[str]) -> list[Evidence]:
    """The person's own uploads that are not part of a ticket yet, in the order of upload."""
    rows = Evidence.objects.visible_to(user).unattached().filter(pk__in=known_ids(ids), uploaded_by=user)
    return list(rows.select_related("blob"))


def known_ids(ids: Sequence[str]) -> list[uuid.UUID]:
    """Those of `ids` that have the form of a file's key."""
    found = []
    for given in ids:
        with contextlib.suppress(ValueError):
            found.append(uuid.UUID(given))
    return found


def usable(uploads: Sequence[Evidence]) -> list[Evidence]:
    """What may go into a ticket; a refused file stays on the page with its reason, and stays behind."""
    return [upload for upload in uploads if upload.state not in (State.REFUSED, State.QUARANTINED)]


def read_invoices(uploads: Sequence[Evidence]) -> list[tuple[Evidence, Invoice]]:
    """Every different invoice that the uploads hold, each with the first file that tells most of it."""
    found: dict[str, tuple[Evidence, Invoice]] = {}
    for upload in uploads:
        if not upload.reading or not upload.reading.get("is_invoice"):
            continue
        reading = from_json(upload.reading)
        for invoice in (r.invoice for r in (reading, *reading.others) if r.is_invoice):
            key = invoice.identity or invoice.number or str(upload.pk)
            if key not in found or _known(found[key][1]) < _known(invoice):
                found[key] = (upload, invoice)
    return list(found.values())


def _known(invoice: Invoice) -> int:
    return sum(1 for name in READ if getattr(invoice, name) not in ("", None))


def initial(invoice: Invoice) -> dict[str, Any]:
    """Form values of an invoice, as texts that survive JSON."""
    values = {name: getattr(invoice, name) for name in INVOICE_FIELDS}
    return {
        name: "" if v is None else v.isoformat() if isinstance(v, dt.date) else str(v) for name, v in values.items()
    }


def fill(draft: dict[str, Any], upload: Evidence) -> None:
    """Put what a file says into the form's empty fields; what somebody typed stays."""
    forms = [dict(values) for values in draft.get("invoices", []) if any(values.values())]
    for _upload, invoice in read_invoices([upload]):
        said = initial(invoice)
        same = next((v for v in forms if v.get("number") == said["number"]), None)
        unnamed = next((v for v in forms if not v.get("number")), None)
        mine = same or unnamed
        if mine is None:
            mine = {}
            forms.append(mine)
        mine.update({name: value for name, value in said.items() if not mine.get(name)})
    draft["invoices"] = forms[:MAX_INVOICES]
    draft["filled"] = list(dict.fromkeys([*draft.get("filled", []), str(upload.pk)]))


def diagnosed(draft: dict[str, Any], found: Outcome, facts: Facts, *, words: Mapping[str, str]) -> None:
    """Put a diagnosis and what it knows into the form; what somebody typed stays."""
    draft |= {"symptom": found.leaf.symptom.value, "diagnosis": record.as_data(found)}
    draft["tried"] = list(dict.fromkeys([*draft.get("tried", []), *record.tried(found)]))
    filled = {"subject": f"{gettext(found.leaf.title)} {facts.number}".strip()[:200], **words}
    draft |= {name: draft.get(name) or text for name, text in filled.items()}
    forms = [dict(values) for values in draft.get("invoices", []) if any(values.values())]
    if facts.number and facts.number not in [values.get("number") for values in forms]:
        told = Invoice(kind=facts.kind, code=facts.code, number=facts.number, issue_date=facts.issue_date)
        forms.insert(0, initial(told) | {"total": facts.total})
    draft["invoices"] = forms[:MAX_INVOICES]


def sources(values: dict[str, str], uploads: Sequence[Evidence]) -> dict[str, str]:
    """The file that a value of one invoice came from, as long as nobody changed it."""
    found: dict[str, str] = {}
    for upload, invoice in read_invoices(uploads):
        said = initial(invoice)
        if said["number"] == values.get("number"):
            told = {name: value for name, value in said.items() if value and value == values.get(name)}
            found |= {name: _origin(upload, name, values["number"]) for name in told}
    return found


def _origin(upload: Evidence, name: str, number: str) -> str:
    """The file, the part of it that says the value, and how sure that is."""
    reading = from_json(upload.reading or {})
    mine = next((one for one in (reading, *reading.others) if one.invoice.number == number), reading)
    value = mine.fields.get(name)
    return f"{upload.name} · {SOURCES[value.source]} · {sureness(value)}" if value else upload.name


@dataclass(frozen=True, slots=True)
class Row:
    """One upload as the form shows it: (label, value, whether it is doubtful) for each line of its first invoice."""

    file: Evidence
    lines: list[tuple[Any, Any, bool]]
    invoices: int
    is_filled: bool


def row(upload: Evidence, filled: Sequence[str]) -> Row:
    if not upload.reading or not upload.reading.get("is_invoice"):
        return Row(upload, [], 0, is_filled=False)
    reading = from_json(upload.reading)
    known = [(name, reading.fields[name]) for name in FACE if name in reading.fields]
    lines = [(FIELD_LABELS[n], _shown(n, f.value), f.confidence < DOUBTFUL) for n, f in known]
    return Row(upload, lines, 1 + len(reading.others), is_filled=str(upload.pk) in filled)


def _shown(name: str, value: Any) -> Any:
    return gettext(KINDS[value].name) if name == "kind" and value in KINDS else value


def stated(values: dict[str, Any]) -> Invoice:
    """The reverse of `initial`."""
    given: dict[str, Any] = {name: values.get(name) or "" for name in INVOICE_FIELDS}
    given |= {name: parse_money(str(given[name])) if given[name] else None for name in MONEY}
    given["issue_date"] = dt.date.fromisoformat(given["issue_date"]) if given["issue_date"] else None
    return Invoice(**given)


def others(
    draft: dict[str, Any], uploads: Sequence[Evidence], invoices: Sequence[Invoice], organisations: Sequence[int]
) -> int:
    """How many other enterprises have reported what the draft tells, as far as it is told."""
    told = (draft.get("symptom", ""), kind_of(i.kind for i in invoices))
    software = (str(draft.get("software", "")).strip(), str(draft.get("software_version", "")).strip())
    like = Likeness(*told, *software, clusters.code_of(uploads))
    return clusters.others(like=like, organisations=organisations)


def submit(*, user: User, organisation: Organisation) -> Ticket:
    """File what the draft holds, and forget the draft in the same request."""
    draft = drafts.load(user, drafts.NEW_TICKET)
    texts = {name: draft.get(name, "") for name in ("subject", "description", "software", "software_version")}
    invoices = tuple(stated(v) for v in draft.get("invoices", []) if any(v.values()))
    new = services.NewTicket(
        symptom=draft.get("symptom", ""),
        invoices=invoices,
        tried=tuple(draft.get("tried", [])),
        diagnosis=draft.get("diagnosis", {}),
        **texts,
    )
    ids = [f.pk for f in usable(files(user, draft.get("files", [])))]
    ticket = services.submit(new=new, organisation=organisation, by=user, evidence_ids=ids)
    drafts.drop(user, drafts.NEW_TICKET)
    return ticket
