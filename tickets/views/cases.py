"""What the desk does with single invoices: look them up, set them aside, backfill them; and the triage decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.forms import Form
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import DomainError, FieldError, Invalid, Missing, NotNow
from helpdesk.common.http import say
from helpdesk.common.messages import Message, gettext_noop
from kb.forms import explain
from tickets import services, workflow
from tickets.backfill import lifecycle, package, rules
from tickets.backfill import services as backfill
from tickets.backfill.models import Backfill
from tickets.checks.models import CheckList
from tickets.checks.services import Covers
from tickets.checks.sources import LookUp
from tickets.evidence import services as evidence
from tickets.evidence.models import Evidence, Purpose
from tickets.forms import CheckForm, ListForm
from tickets.invoices.kinds import KINDS
from tickets.models import Event, TicketInvoice
from tickets.triage import services as triage
from tickets.views.posting import kept_files, posting
from tickets.views.worksheet import case, refused


def _invoice(request: HttpRequest, number: str, pk: int) -> TicketInvoice:
    found = case(request, number)
    rows = TicketInvoice.objects.visible_to(request.user).select_related("ticket")
    return get_object_or_404(rows, pk=pk, ticket=found)


@posting("desk_ticket", "number")
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """Accept the proposal, or what was made of it."""
    found = case(request, number)
    names = ("symptom", "cause", "priority", "queue")
    values = {name: request.POST[name] for name in names if request.POST.get(name)}
    proposal = found.proposals.order_by("-pk").first()
    try:
        if proposal is None:
            raise NotNow
        triage.decide(proposal=proposal, values=values, by=request.user)
    except DomainError as error:
        return refused(request, found, error, form="proposal")
    messages.success(request, _("The triage is decided."))
    return _back(request, number)


def _back(request: HttpRequest, number: str, anchor: str = "") -> HttpResponse:
    where = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(reverse("desk_ticket", args=[number]) + where + anchor)


@posting("desk_ticket", "number")
def look_up(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Record what a look-up said, with a screenshot that only the desk sees."""
    invoice = _invoice(request, number, pk)
    form, files = CheckForm(request.POST), kept_files(request, Purpose.CHECK)
    try:
        if not form.is_valid():
            raise _wrong(form)
        services.look_up(invoice=invoice, told=_told(form), by=request.user, evidence_id=_first(files))
    except DomainError as error:
        return refused(request, invoice.ticket, error, form=f"check-{pk}", files=files)
    messages.success(request, _("Look-up recorded."))
    return _back(request, number, f"#i{pk}")


def _told(form: CheckForm) -> LookUp:
    given = form.cleaned_data
    return LookUp(given["site"], given["outcome"], given["looked_up_at"] or timezone.now(), given["note"])


def _first(files: list[Evidence]) -> Any:
    return files[0].pk if files else None


def _wrong(form: Form) -> Invalid:
    """What a form found, as the refusal that a use-case would have raised."""
    found = [(name, texts) for name, texts in form.errors.items()]
    return Invalid(errors=[FieldError(name, "invalid", Message(str(text))) for name, texts in found for text in texts])


@posting("desk_ticket", "number")
def set_aside(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    invoice, reason = _invoice(request, number, pk), request.POST.get("reason", "")
    try:
        services.set_aside(invoice=invoice, reason=reason, by=request.user)
    except DomainError as error:
        return refused(request, invoice.ticket, error, form=f"aside-{pk}")
    messages.success(request, _("Set aside."))
    return _back(request, number, f"#i{pk}")


@posting("desk_ticket", "number")
def open_backfill(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    invoice = _invoice(request, number, pk)
    try:
        made = backfill.open_backfill(invoice=invoice, by=request.user)
    except DomainError as error:
        return refused(request, invoice.ticket, error, form=f"backfill-{pk}")
    messages.success(request, _("The backfill is open. The enterprise has been asked for the papers."))
    return redirect("desk_backfill", pk=made.pk)


def _backfill(request: HttpRequest, pk: int) -> Backfill:
    require(request.user, Permission.TICKET_VIEW)
    rows = Backfill.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("ticket__organisation", "invoice", "keyed_by", "rekeyed_by", "approved_by"), pk=pk
    )


TABS: dict[str, str] = {
    "todo": gettext_noop("For you now"),
    "open": gettext_noop("All open"),
    "done": gettext_noop("Ended"),
}


@require_safe
@login_required
def backfills(request: HttpRequest) -> HttpResponse:
    """The backfills: those that wait for this person first."""
    require(request.user, Permission.TICKET_VIEW)
    seen = Backfill.objects.visible_to(request.user)
    rows = {"todo": seen.waiting_for(request.user), "open": seen.open(), "done": seen.exclude(pk__in=seen.open())}
    tab = request.GET.get("tab", "todo")
    chosen = rows.get(tab, rows["todo"]).select_related("ticket__organisation", "invoice", "keyed_by").order_by("pk")
    page = Paginator(chosen, 25).get_page(request.GET.get("page"))
    tabs = [(name, label, rows[name].count() if name != "done" else None) for name, label in TABS.items()]
    context = {"page": page, "tabs": tabs, "tab": tab if tab in rows else "todo"}
    return render(request, "desk/backfill/list.html", context)


@require_safe
@login_required
def bench(request: HttpRequest, pk: int) -> HttpResponse:
    """The backfill bench: evidence left, form right."""
    return render(request, "desk/backfill/bench.html", bench_context(request, _backfill(request, pk)))


def _not_done(request: HttpRequest, found: Backfill, error: DomainError, *, form: str) -> HttpResponse:
    """The bench again with what was typed and what is wrong with it."""
    if isinstance(error, Missing):
        raise error
    found.refresh_from_db()
    errors = [(e.field.removeprefix("fields."), say(e.message)) for e in error.errors]
    sent = {"form": form, "message": say(error.message), "errors": errors, "values": request.POST}
    status = 422 if error.status == 400 else error.status
    return render(request, "desk/backfill/bench.html", bench_context(request, found, sent), status=status)


def bench_context(request: HttpRequest, found: Backfill, sent: dict[str, Any] | None = None) -> dict[str, Any]:
    """What this person may see of the entries now: while it is re-keyed, the first entry is nobody's to look at, and
    neither is the claim that it was keyed from."""
    user = request.user
    actions = {t.action: t for t in workflow.allowed(found, user)}
    own = found.keyed_by_id == user.pk
    shown = found.status not in (lifecycle.KEYING, lifecycle.REKEYING) or own
    files = list(Evidence.objects.visible_to(user).filter(ticket=found.ticket).select_related("blob"))
    materials = list(found.materials.select_related("evidence"))
    return {
        "backfill": found,
        "ticket": found.ticket,
        "title": _("invoice %(position)s of ticket %(ticket)s")
        % {"position": found.invoice.position, "ticket": found.ticket.number},
        "is_blind": found.status == lifecycle.REKEYING and not own,
        "materials": materials,
        "files": files,
        "shown": _shown(files, {m.evidence_id for m in materials}),
        "actions": actions,
        "others": [t for name, t in actions.items() if name not in _closed(found, own=own)],
        "waits_for_another": own and bool(EYES & set(actions)),
        "fields": _fields(found, actions, sent),
        "kinds": KINDS,
        "entry": _entry(found) if shown and found.keyed else [],
        "sent_back": _sent_back(found, user),
        "has_package": found.status in package.READY,
        "path": _path(found),
        "may_review": user.can(Permission.BACKFILL_REVIEW_MATERIAL),
        "may_verify": user.can(Permission.ORG_VERIFY),
        "sent": sent or {},
    }


#: Actions that need another person than the one who keyed.
EYES = frozenset({"rekey", "approve"})


def _closed(found: Backfill, *, own: bool) -> set[str]:
    """Actions without a button of their own: the forms above it, another person's, and what the difference forbids."""
    return {"key", "rekey"} | (EYES if own else set()) | ({"approve"} if found.differing else set())


def _shown(files: list[Evidence], papers: set[Any]) -> list[Evidence]:
    """What can be looked at comes first; a paper without a picture stands in the checklist already."""
    seen = [file for file in files if file.media_type in PICTURED]
    return seen + [file for file in files if file.media_type not in PICTURED and file.pk not in papers]


#: Media types of which there is a preview.
PICTURED = frozenset({"application/pdf", "image/png", "image/jpeg"})


def _fields(found: Backfill, actions: Mapping[str, Any], sent: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    """Field, text, what is wrong with it: as it was typed, else the last entry, else the claim; empty when blind."""
    names = rules.KEYED if "key" in actions else rules.REKEYED
    claim = found.invoice.claim
    start = (found.keyed or {name: _text(getattr(claim, name)) for name in rules.KEYED}) if "key" in actions else {}
    if not sent or sent["form"] != "entry":
        return [(name, start.get(name, ""), "") for name in names]
    wrong, typed = dict(sent["errors"]), sent["values"]
    return [(name, typed.get(f"field.{name}", ""), wrong.get(name, "")) for name in names]


def _path(found: Backfill) -> list[tuple[str, str]]:
    """The states on the way to a record and where this case is on it: "done", "on" or ""."""
    names = [name for name in lifecycle.LIFECYCLE.states if name != lifecycle.CANCELLED]
    at = names.index(found.status) if found.status in names else -1
    end = found.status == lifecycle.DONE
    marks = ["done" if i < at or (end and i == at) else "on" if i == at else "" for i in range(len(names))]
    return [(lifecycle.LIFECYCLE.states[name].label, mark) for name, mark in zip(names, marks, strict=True)]


def _sent_back(found: Backfill, user: User) -> Event | None:
    """Why the case stands again where it stood before."""
    kinds = {lifecycle.KEYING: "backfill.sent_back", lifecycle.MATERIALS: "backfill.materials_returned"}
    if found.status not in kinds:
        return None
    rows = Event.objects.visible_to(user).filter(ticket=found.ticket, kind=kinds[found.status])
    return rows.filter(data__backfill=found.pk).select_related("actor").last()


def _entry(found: Backfill) -> list[tuple[str, str, str, bool, bool]]:
    """Field, first entry, second entry, whether it is re-keyed, whether both differ."""
    first, second = found.keyed or {}, found.rekeyed or {}
    rows = [(n, first.get(n, ""), second.get(n, ""), n in rules.REKEYED, n in found.differing) for n in rules.KEYED]
    return [(n, _(KINDS[a].name) if n == "kind" and a in KINDS else a, *more) for n, a, *more in rows]  # type: ignore[misc]


def _text(value: object) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, dt.date) else str(value)


@posting("desk_backfill", "pk")
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Start an action of the backfill's table; entries come as `field.<name>`."""
    found = _backfill(request, pk)
    given: dict[str, Any] = {n: request.POST[n] for n in INPUTS if request.POST.get(n)}
    has_fields = "fields" in lifecycle.LIFECYCLE.find(action).needs
    if has_fields:
        prefix = "field."
        given["fields"] = {n.removeprefix(prefix): v for n, v in request.POST.items() if n.startswith(prefix)}
    version = request.POST.get("version", "")
    seen = int(version) if version.isdecimal() and len(version) < 10 else None
    try:
        backfill.act(backfill=found, action=action, by=request.user, data=given, version=seen)
    except DomainError as error:
        return _not_done(request, found, error, form="entry" if has_fields else action)
    messages.success(request, _("Done. Status now: %(status)s") % {"status": _(found.state.label)})
    return redirect("desk_backfill", pk=pk)


INPUTS = ("reason", "department", "receipt_number")


@posting("desk_backfill", "pk")
def material(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Hand a paper in from the ticket's files, accept it, or refuse it with a reason."""
    found, given = _backfill(request, pk), request.POST
    try:
        if given.get("evidence"):
            backfill.submit_material(backfill=found, kind=kind, evidence_id=given["evidence"], by=request.user)
        elif given.get("decision") in {"accept", "refuse"}:
            review = {"is_accepted": given["decision"] == "accept", "reason": given.get("reason", "")}
            backfill.review_material(backfill=found, kind=kind, by=request.user, **review)
    except DomainError as error:
        return _not_done(request, found, error, form=f"material-{kind}")
    messages.success(request, _("Saved."))
    return redirect(reverse("desk_backfill", args=[pk]) + f"#p-{kind}")


@require_safe
@login_required
def download_package(request: HttpRequest, pk: int) -> FileResponse:
    bundle = package.build(backfill=_backfill(request, pk), by=request.user)
    return FileResponse(bundle, as_attachment=True, filename=f"backfill-{pk}.zip")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def lists(request: HttpRequest) -> HttpResponse:
    """Import a list exported from the tax side."""
    require(request.user, Permission.CHECK_RECORD)
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = _import(request, form.cleaned_data)
        except DomainError as error:
            explain(form, error)
        else:
            text = _("%(rows)s rows read, %(matched)s waiting invoices found.")
            messages.success(request, text % {"rows": made.rows, "matched": made.matched})
            return redirect("desk_lists")
    recent = CheckList.objects.select_related("evidence", "imported_by").order_by("-pk")[:20]
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/lists.html", {"form": form, "lists": recent}, status=status)


def _import(request: HttpRequest, given: dict[str, Any]) -> CheckList:
    """The file is scanned and read at once: whoever imports it waits for the result, and a worker told afterwards finds
    it done."""
    file = given["file"]
    with transaction.atomic():
        stored = evidence.receive(file=file, name=file.name, purpose=Purpose.CHECK, by=request.user)
        evidence.extract(stored.pk)
    stored.refresh_from_db()
    covers = Covers(given["site"], given["exported_at"], given["since"], given["until"])
    return services.import_list(evidence=stored, covers=covers, by=request.user)
