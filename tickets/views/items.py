"""The invoices of a long list, page by page: for the enterprise to follow, for the desk to settle many at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from helpdesk.common.errors import DomainError, FieldError, Invalid, Missing
from helpdesk.common.http import say
from helpdesk.common.messages import Message, gettext_noop
from tickets import services
from tickets.batches.models import Batch
from tickets.checks.sources import LookUp
from tickets.forms import CheckForm
from tickets.keyset import position_page
from tickets.models import Ticket, TicketInvoice
from tickets.views.posting import posting, sent_or_held
from tickets.views.worksheet import case
from tickets.vocabulary import OUTCOME_LABELS, Outcome

AT_ONCE = 10_000  # items that one click settles: some seconds of one transaction
NAMED = 50  # numbers that a question to the enterprise names
STATES = {"open": Outcome.OPEN, "found": Outcome.FOUND, "set_aside": Outcome.SET_ASIDE}


def _narrowed(ticket: Ticket, given: Any) -> tuple[Any, dict[str, str]]:
    """The rows that the filters leave, and the filters."""
    state, q = given.get("state", ""), "".join(given.get("q", "").split())[:20]
    rows = ticket.invoices.all()
    if state in STATES:
        rows = rows.filter(outcome=STATES[state])
    if q:
        rows = rows.filter(Q(number__startswith=q) | Q(digital_number__startswith=q))
    return rows, {"state": state if state in STATES else "", "q": q}


def items_context(request: HttpRequest, ticket: Ticket, given: Any = None) -> dict[str, Any]:
    given = request.GET if given is None else given
    rows, chosen = _narrowed(ticket, given)
    counts = ticket.invoices.outcomes()
    page = position_page(rows.prefetch_related("checks"), after=given.get("after", ""), before=given.get("before", ""))
    names = [("", _("All"), counts["all"]), *((n, _(OUTCOME_LABELS[o]), counts[n]) for n, o in STATES.items())]
    batch = Batch.objects.visible_to(request.user).filter(ticket=ticket).first()
    return {
        "ticket": ticket,
        "page": page,
        "counts": counts,
        "chosen": chosen,
        "filling": batch if batch and batch.is_at_work else None,
        "batch": batch,
        "tabs": [
            {"label": label, "count": count, "url": f"?state={name}", "current": name == chosen["state"]}
            for name, label, count in names
        ],
    }


@require_safe
@login_required
def items(request: HttpRequest, number: str) -> HttpResponse:
    """For the enterprise: every invoice of the ticket with its state."""
    found = get_object_or_404(Ticket.objects.visible_to(request.user).for_list(), number=number)
    if request.user.can(Permission.TICKET_VIEW) and found.organisation_id not in request.user.organisation_ids():
        return redirect("desk_items", number=number)
    return render(request, "tickets/items.html", items_context(request, found) | {"nav": "tickets"})


@require_safe
@login_required
def desk_items(request: HttpRequest, number: str) -> HttpResponse:
    """For the desk: the same with what can be done to many."""
    return render(request, "desk/items.html", _desk_context(request, case(request, number)))


def _desk_context(request: HttpRequest, found: Ticket, **more: Any) -> dict[str, Any]:
    user = request.user
    can = {p.name.lower(): user.can(p) for p in (Permission.CHECK_RECORD, Permission.TICKET_ANSWER)}
    given = request.POST if request.method == "POST" else request.GET
    asks = {t.action for t in found.lifecycle.allowed(found.status, user.permissions(found.organisation_id))}
    more = {"can": can, "may_ask": "ask" in asks, "check_form": CheckForm(), "at_once": AT_ONCE, **more}
    return items_context(request, found, given) | more


@posting("desk_items", "number")
def bulk(request: HttpRequest, number: str) -> HttpResponse:
    """Settle, look up or ask about the chosen invoices, or all that the filters leave."""
    found = case(request, number)
    do = DOINGS.get(request.POST.get("do", ""))
    try:
        if do is None:
            raise Missing
        text = do(request, found, _meant(request, found))
    except DomainError as error:
        if isinstance(error, Missing):
            raise
        texts = [say(e.message) for e in error.errors] or [say(error.message)]
        context = _desk_context(request, found, errors=texts, sent=request.POST)
        return render(request, "desk/items.html", context, status=422 if error.status == 400 else error.status)
    messages.success(request, text)
    kept = "&".join(f"{name}={value}" for name, value in _narrowed(found, request.POST)[1].items() if value)
    return redirect(reverse("desk_items", args=[number]) + (f"?{kept}" if kept else ""))


def _meant(request: HttpRequest, found: Ticket) -> Any:
    """The open invoices that the click is about, at most AT_ONCE. Raises Invalid when there are none."""
    if request.POST.get("scope") == "all":
        rows = _narrowed(found, request.POST)[0].filter(outcome=Outcome.OPEN)
        last = rows.order_by("position").values_list("position", flat=True)[AT_ONCE - 1 : AT_ONCE].first()
        rows = rows.filter(position__lte=last) if last else rows
    else:
        ids = [int(pk) for pk in request.POST.getlist("item") if pk.isdecimal() and len(pk) < 19]
        rows = TicketInvoice.objects.visible_to(request.user).filter(ticket=found, pk__in=ids, outcome=Outcome.OPEN)
    if not rows.exists():
        text = Message(gettext_noop("Choose at least one invoice that is open."))
        raise Invalid(text, errors=[FieldError("item", "required", text)])
    return rows


def _set_aside(request: HttpRequest, found: Ticket, rows: Any) -> str:
    reason = request.POST.get("reason", "")
    count = services.set_aside_many(ticket=found, invoices=rows, reason=reason, by=request.user)
    return ngettext("%(n)s invoice set aside.", "%(n)s invoices set aside.", count) % {"n": count}


def _look_up(request: HttpRequest, found: Ticket, rows: Any) -> str:
    form = CheckForm(request.POST)
    if not form.is_valid():
        wrong = [(name, Message(str(text))) for name, texts in form.errors.items() for text in texts]
        raise Invalid(errors=[FieldError(name, "invalid", text) for name, text in wrong])
    given = form.cleaned_data
    told = LookUp(given["site"], given["outcome"], given["looked_up_at"] or timezone.now(), given["note"])
    count = services.look_up_many(ticket=found, invoices=rows, told=told, by=request.user)
    return ngettext("Look-up of %(n)s invoice recorded.", "Look-up of %(n)s invoices recorded.", count) % {"n": count}


def _ask(request: HttpRequest, found: Ticket, rows: Any) -> str:
    """The question with the numbers that it is about, as one message."""
    numbers = [str(one) for one in rows.order_by("position")[: NAMED + 1]]
    body = request.POST.get("body", "").strip()
    more = ["…"] if len(numbers) > NAMED else []
    text = "\n".join([body, "", *numbers[:NAMED], *more]) if body else ""
    sent = services.act(ticket=found, action="ask", by=request.user, data={"body": text})
    return sent_or_held(sent, _("The enterprise has been asked."))


DOINGS = {"set_aside": _set_aside, "look_up": _look_up, "ask": _ask}
