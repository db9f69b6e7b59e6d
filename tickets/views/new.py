"""The guided form: situation, files and words, check and send. Every step is a page; going back keeps everything."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.common.errors import DomainError, Invalid
from helpdesk.common.http import visitor
from kb import deflection, queries, votes
from kb import services as kb
from kb.models import Article
from kb.search import suggest_for
from kb.visit_models import Place
from tickets import drafts, intake, telling, wizard
from tickets.diagnosis import record
from tickets.evidence.models import Purpose
from tickets.forms import MAX_INVOICES, TRIED, DetailsForm, InvoiceFormSet, SituationForm
from tickets.incidents import services as incidents
from tickets.invoices.kinds import KINDS
from tickets.invoices.validate import validate
from tickets.models import Ticket
from tickets.views.enterprise import files_of
from tickets.vocabulary import FIELD_LABELS, SYMPTOM_LABELS

WORDS = ("subject", "description", "software", "software_version")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def situation(request: HttpRequest) -> HttpResponse:
    """Step 1. A person without an enterprise is led to register one first."""
    draft = drafts.load(request.user, drafts.NEW_TICKET)
    asked = request.GET.get("symptom", draft.get("symptom", ""))
    form = SituationForm(request.POST or None, initial={"symptom": asked})
    mine = wizard.organisations(request.user)
    if request.method == "POST" and form.is_valid() and mine:
        given = {**draft, "symptom": form.cleaned_data["symptom"]}
        if request.GET.get("q") and not given.get("subject"):
            given["subject"] = request.GET["q"][:200]
        given["asked"] = request.GET.get("s", "")[:16] or given.get("asked", "")
        drafts.save(request.user, drafts.NEW_TICKET, given)
        deflection.recognise(request)
        return redirect("ticket_new_details")
    code = 422 if request.method == "POST" else 200
    context = {"form": form, "organisations": mine, "has_draft": bool(draft.get("subject")), "nav": "new"}
    return render(request, "tickets/new/situation.html", context, status=code)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def details(request: HttpRequest) -> HttpResponse:
    """Step 2. Files first: what they say fills the form, and the person confirms it."""
    user = request.user
    draft = drafts.load(user, drafts.NEW_TICKET)
    if not draft.get("symptom"):
        return redirect("ticket_new")
    if request.method != "POST":
        return _show_details(request, draft, DetailsForm(initial=draft), _invoice_forms(request, draft))
    words, invoices = DetailsForm(request.POST), InvoiceFormSet(request.POST, prefix="invoices")
    wrong = _keep(request, draft, invoices)
    if "autosave" in request.POST:
        return _beside(request, draft, wrong)
    _turn_down(request, draft)
    for text in wrong:
        messages.error(request, text)
    if "next" not in request.POST:
        return redirect(reverse("ticket_new_details") + ("?add=1" if "add" in request.POST else ""))
    if words.is_valid() & invoices.is_valid() and not wrong:
        return redirect("ticket_new_review")
    return _show_details(request, draft, words, invoices, status=422)


def _keep(request: HttpRequest, draft: dict[str, Any], invoices: Any) -> list[str]:
    """Everything typed and uploaded goes into the draft, right or wrong; returns what was wrong with files."""
    user = request.user
    kept, wrong = files_of(request, Purpose.INVOICE)
    given = [*draft.get("files", []), *request.POST.getlist("evidence"), *(str(f.pk) for f in kept)]
    remaining = [f for f in dict.fromkeys(given) if f != request.POST.get("remove")]
    draft |= {name: request.POST.get(name, "")[:20_000] for name in WORDS} | {"tried": request.POST.getlist("tried")}
    draft["files"] = remaining[: settings.EVIDENCE_MAX_FILES]
    draft["invoices"] = [_typed(form) for form in invoices.forms]
    for upload in wizard.files(user, [f for f in request.POST.getlist("fill") if f in draft["files"]]):
        wizard.fill(draft, upload)
    drafts.save(user, drafts.NEW_TICKET, draft)
    if len(remaining) > settings.EVIDENCE_MAX_FILES:
        wrong.append(_("At most %(limit)s files at a time.") % {"limit": settings.EVIDENCE_MAX_FILES})
    return wrong


def _turn_down(request: HttpRequest, draft: dict[str, Any]) -> None:
    """A suggestion beside the form was none: it makes room for another, and why is kept."""
    reason, _colon, slug = request.POST.get("reject", "").partition(":")
    article = Article.objects.visible_to(request.user).filter(slug=slug).first() if slug else None
    if article is not None:
        votes.reject(article=article, visitor=visitor(request), place=Place.TICKET_FORM, reason=reason)
        draft["rejected"] = [*draft.get("rejected", []), slug][-20:]
        drafts.save(request.user, drafts.NEW_TICKET, draft)


def _beside(request: HttpRequest, draft: dict[str, Any], wrong: list[str]) -> HttpResponse:
    """What changes around the form while somebody writes: articles, the time of the draft, uploads that came in."""
    context = _uploads(request, draft) | {"wrong": wrong, "now": timezone.now(), "came": "evidence" in request.POST}
    context |= {"all_told": [telling.typed(values) for values in draft["invoices"]], "labels": FIELD_LABELS}
    return render(request, "tickets/new/_beside.html", context)


@require_safe
@login_required
def files(request: HttpRequest) -> HttpResponse:
    """The list of files while they are being read; the page asks for it until all are."""
    draft = drafts.load(request.user, drafts.NEW_TICKET)
    return render(request, "tickets/new/_beside.html", _uploads(request, draft) | {"came": True})


def _uploads(request: HttpRequest, draft: dict[str, Any]) -> dict[str, Any]:
    """The files with what they say, and the articles that follow from them and from the words."""
    uploads = wizard.files(request.user, draft.get("files", []))
    return {
        "rows": [wizard.row(upload, draft.get("filled", [])) for upload in uploads],
        "reading": any(not upload.is_final for upload in uploads),
        "suggestions": suggestions(request, draft, uploads),
    }


def _typed(form: Any) -> dict[str, str]:
    return {name: str(form.data.get(form.add_prefix(name), ""))[:300] for name in form.fields}


def _invoice_forms(request: HttpRequest, draft: dict[str, Any]) -> Any:
    """What was typed or filled in, and an empty invoice when one was asked for."""
    known = [values for values in draft.get("invoices", []) if any(values.values())]
    more: list[dict[str, str]] = [{}] if "add" in request.GET or not known else []
    return InvoiceFormSet(prefix="invoices", initial=[*known, *more][:MAX_INVOICES])


def _with_sources(request: HttpRequest, draft: dict[str, Any], invoices: Any) -> list[Any]:
    """Each invoice with its fields, the file that each value came from, and what the rules say of it."""
    filled = wizard.files(request.user, draft.get("filled", []))
    claims = []
    for form in invoices:
        values = {name: str(form[name].value() or "") for name in form.fields}
        sources = wizard.sources(values, filled)
        claims.append({"fields": [(f, sources.get(f.name, "")) for f in form], "told": telling.typed(values)})
    return claims


def _show_details(
    request: HttpRequest, draft: dict[str, Any], words: Any, invoices: Any, *, status: int = 200
) -> HttpResponse:
    context = _uploads(request, draft) | {
        "form": words,
        "invoices": invoices,
        "claims": _with_sources(request, draft, invoices),
        "may_add": len(invoices) < MAX_INVOICES,
        "labels": FIELD_LABELS,
        "symptom": SYMPTOM_LABELS.get(draft["symptom"], ""),
        "outages": outages_of(draft),
        "nav": "new",
    }
    return render(request, "tickets/new/details.html", context, status=status)


def outages_of(draft: dict[str, Any]) -> Any:
    """Open incidents that may explain what is being written."""
    kinds = [values.get("kind", "") for values in draft.get("invoices", [])]
    return incidents.fitting(situation=draft.get("symptom", ""), kinds=kinds)


def suggestions(request: HttpRequest, draft: dict[str, Any], uploads: Any) -> Any:
    """Articles fed by the words and by what the files and typed values show."""
    found = list(telling.codes(upload.reading for upload in uploads))
    for values in draft.get("invoices", []):
        if any(values.values()):
            found += [f.code for f in telling.typed(values).findings]
    symptom = say_symptom(draft.get("symptom", ""))
    text = " ".join([symptom, draft.get("subject", ""), draft.get("description", "")])
    language, turned_down = get_language() or "zh-hans", draft.get("rejected", [])
    hits = suggest_for(
        text, codes=tuple(dict.fromkeys(found)), user=request.user, language=language, limit=5 + len(turned_down)
    )
    return [hit for hit in hits if hit.slug not in turned_down]


def say_symptom(symptom: str) -> str:
    return _(SYMPTOM_LABELS[symptom]) if symptom in SYMPTOM_LABELS else ""  # type: ignore[index]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def review(request: HttpRequest) -> HttpResponse:
    """Step 3. Everything once more, then send."""
    user = request.user
    draft = drafts.load(user, drafts.NEW_TICKET)
    if not draft.get("subject"):
        return redirect("ticket_new_details")
    mine = wizard.organisations(user)
    chosen = [
        o for o in mine if str(o.pk) == request.POST.get("organisation", str(mine[0].pk) if len(mine) == 1 else "")
    ]
    error: DomainError | None = None
    if request.method == "POST" and chosen:
        try:
            ticket = wizard.submit(user=user, organisation=chosen[0])
            queries.filed(token=draft.get("asked", ""))
            return redirect("ticket_received", number=ticket.number)
        except Invalid as refusal:
            error = refusal
    context = _review_context(request, draft, mine) | {"error": error}
    return render(request, "tickets/new/review.html", context, status=422 if request.method == "POST" else 200)


def _review_context(request: HttpRequest, draft: dict[str, Any], mine: Any) -> dict[str, Any]:
    uploads = wizard.files(request.user, draft.get("files", []))
    invoices = [intake.normalise(wizard.stated(v)) for v in draft.get("invoices", []) if any(v.values())]
    known = [o.pk for o in mine]
    doubles = [t.number for pk in known for t in intake.duplicates_of(invoices, organisation_id=pk)]
    return {
        "draft": draft,
        "symptom": SYMPTOM_LABELS.get(draft.get("symptom", ""), ""),
        "outages": outages_of(draft),
        "files": uploads,
        "invoices": [(i, KINDS.get(i.kind), validate(i, now=timezone.now())) for i in invoices],
        "tried": [label for key, label in TRIED if key in draft.get("tried", [])],
        "diagnosis": record.recall(draft.get("diagnosis", {})).leaf,
        "organisations": mine,
        "others": wizard.others(draft, uploads, invoices, known),
        "duplicates": list(dict.fromkeys(doubles)),
        "nav": "new",
    }


@require_safe
@login_required
def received(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt: the number, and what happens next."""
    ticket = get_object_or_404(Ticket.objects.visible_to(request.user), number=number)
    return render(request, "tickets/new/received.html", {"ticket": ticket, "nav": "new"})


@require_POST
@login_required
def solved(request: HttpRequest, slug: str) -> HttpResponse:
    """ "No need to file it": an article ended the matter; the draft goes, the deflection stays."""
    draft = drafts.load(request.user, drafts.NEW_TICKET)
    article = get_object_or_404(Article.objects.visible_to(request.user), slug=slug)
    words = f"{draft.get('symptom', '')} {draft.get('subject', '')}"
    kb.record_deflection(
        article=article,
        visitor=visitor(request),
        user=request.user,
        place="ticket_form",
        context=words,
    )
    queries.solved(token=draft.get("asked", ""), article=article)
    drafts.drop(request.user, drafts.NEW_TICKET)
    messages.success(request, _("Good to hear. Nothing was filed."))
    return redirect("kb_article", slug=slug)


@require_POST
@login_required
def discard(request: HttpRequest) -> HttpResponse:
    drafts.drop(request.user, drafts.NEW_TICKET)
    messages.success(request, _("The draft is gone."))
    return redirect("my_tickets")
