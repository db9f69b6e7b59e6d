"""The guided diagnosis: one question a screen, everything in the address; no account and no JavaScript needed."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Sequence
from decimal import Decimal
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
from django.views.decorators.http import require_POST, require_safe

from helpdesk.common.errors import DomainError, Invalid
from helpdesk.common.http import say, visitor
from helpdesk.common.messages import Message, gettext_noop
from helpdesk.common.pace import slow_down
from kb import deflection, search
from kb import reading as articles
from kb import services as kb
from kb.models import Article
from kb.status import reading as board
from tickets import drafts, wizard
from tickets.diagnosis import ics, record
from tickets.diagnosis import services as diagnosis
from tickets.diagnosis.leaves import KIND_LABELS, Kind
from tickets.diagnosis.questions import QUESTIONS
from tickets.diagnosis.services import Diagnosis
from tickets.diagnosis.tree import Ask, Given, Outcome
from tickets.evidence.services import clean_name
from tickets.invoices.kinds import KINDS
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.model import Reading
from tickets.invoices.read import read
from tickets.sla.services import filing_ahead
from tickets.vocabulary import SYMPTOM_LABELS

EACH_MINUTE = 20
MORE = 2  # articles beside the outcome's own
DEDUCTIBLE = ("digital_special", "control_special", "travel")
TONES = {
    Kind.WAIT: ("amber", "clock"),
    Kind.FIX: ("blue", "wrench"),
    Kind.COUNTERPART: ("violet", "mail"),
    Kind.NOT_INVOICE: ("green", "circle-check"),
    Kind.TICKET: ("red", "life-buoy"),
}
View = Callable[[HttpRequest, Diagnosis], HttpResponse]


def address(opened: Diagnosis, page: str = "diagnose", **more: Any) -> str:
    """A page of the diagnosis with everything that was said so far."""
    return f"{reverse(page)}?{opened.query(**more)}"


def diagnosing(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """A view of what the address holds; an address that can't be read leads to the beginning, with the reason."""

    @functools.wraps(view)
    def wrapper(request: HttpRequest) -> HttpResponse:
        try:
            opened = diagnosis.open_address(request.GET.dict(), user=request.user)
        except Invalid as error:
            return render(request, "diagnose/refused.html", {"error": error, "nav": "diagnose"}, status=400)
        return view(request, opened)

    return wrapper


def ended(view: Callable[[HttpRequest, Diagnosis, Outcome], HttpResponse]) -> View:
    """A view of an outcome; before the end, and without a post where one is needed, it is the diagnosis itself."""

    @functools.wraps(view)
    def wrapper(request: HttpRequest, opened: Diagnosis) -> HttpResponse:
        if not isinstance(opened.found, Outcome):
            return redirect(address(opened))
        return view(request, opened, opened.found)

    return wrapper


def posted(view: View) -> View:
    """Whoever comes by GET was sent to sign in, and lands on the outcome again."""

    @functools.wraps(view)
    def wrapper(request: HttpRequest, opened: Diagnosis) -> HttpResponse:
        return view(request, opened) if request.method == "POST" else redirect(address(opened))

    return wrapper


@require_safe
@diagnosing
def diagnose(request: HttpRequest, opened: Diagnosis) -> HttpResponse:
    """The next question, the question that is to be changed, or the outcome."""
    asked = next((g for g in opened.found.trail if g.question.key == opened.change and g.source == "answer"), None)
    if asked or isinstance(opened.found, Ask):
        return _question(request, opened, asked)
    return render(request, "diagnose/outcome.html", _told(request, opened, opened.found))


def _question(
    request: HttpRequest, opened: Diagnosis, asked: Given | None = None, error: Message | None = None
) -> HttpResponse:
    found = opened.found
    question = asked.question if asked else found.question if isinstance(found, Ask) else QUESTIONS["who"]
    trail = [g for g in found.trail if g.question.key != question.key]
    own = {question.key, *(diagnosis.WORDS if question.key == "version" else ())}
    context = {
        "question": question,
        "chosen": asked.choice.key if asked else "",
        "hidden": opened.pairs(without=own),
        "words": opened.words if question.key == "version" else None,
        "number": 1 + sum(1 for g in trail if g.source == "answer"),
        "error": error,
        "nav": "diagnose",
        **_steps(opened, trail),
    }
    return render(request, "diagnose/question.html", context, status=422 if error else 200)


def _steps(opened: Diagnosis, trail: Any) -> dict[str, Any]:
    """The answers so far, each with the way to change it, and what the file gave."""
    rows = [(g, record.SOURCE_LABELS[g.source], _change(opened, g)) for g in trail]
    answered = [url for _given, _label, url in rows if url]
    return {
        "rows": rows,
        "back": answered[-1] if answered else "",
        "facts": opened.case.facts if opened.token else None,
        "without_file": address(opened, without=("f",)),
        "upload": address(opened, "diagnose_file", without=("f",)),
    }


def _change(opened: Diagnosis, step: Given) -> str:
    return address(opened, change=step.question.key) if step.source == "answer" else ""


def _told(request: HttpRequest, opened: Diagnosis, found: Outcome) -> dict[str, Any]:
    """What to do, until when, why, and every way on."""
    leaf, language = found.leaf, get_language() or "zh-hans"
    tone, sign = TONES[leaf.kind]
    pages = ("letter", "reminder", "remind", "ticket", "solved")
    filing = _filing(found)
    slugs = (leaf.article, *(("month-end-filing-risk",) if filing else ()))
    texts = [articles.article(request.user, slug, language) for slug in slugs]
    return {
        "leaf": leaf,
        "kind": KIND_LABELS[leaf.kind],
        "tone": tone,
        "sign": sign,
        "at": found.at,
        "outage": next((one for one in board.outages() if one.pk == found.outage), None),
        "has_passed": found.at is not None and found.at <= opened.case.now,
        "may_wait": found.at is not None and leaf.kind in (Kind.WAIT, Kind.COUNTERPART),
        "filing": filing,
        "articles": [text[0] for text in texts if text],
        "more": _more(request, opened, found, shown=slugs),
        "to": {page: address(opened, f"diagnose_{page}") for page in pages},
        "here": address(opened),
        "nav": "diagnose",
        **_steps(opened, found.trail),
    }


def _more(request: HttpRequest, opened: Diagnosis, found: Outcome, *, shown: Sequence[str]) -> list[search.Hit]:
    """Articles beside the outcome's own: by its words, by those that were typed, and by what was ticked."""
    leaf = found.leaf
    words = " ".join([_(leaf.title), _(SYMPTOM_LABELS[leaf.symptom]), *opened.words.values()])
    hits = search.suggest_for(words, user=request.user, language=get_language() or "zh-hans", limit=MORE + len(shown))
    return [hit for hit in hits if hit.slug not in shown][:MORE]


def _filing(found: Outcome) -> Any:
    """The next last day of filing, for a buyer who could deduct the invoice and has to wait for it."""
    said = {step.question.key: step.choice.key for step in found.trail}
    is_near = said["who"] == "buyer" and said.get("kind") in DEDUCTIBLE and found.leaf.kind != Kind.NOT_INVOICE
    return filing_ahead()[0] if is_near else None


@require_POST
@diagnosing
def file(request: HttpRequest, opened: Diagnosis) -> HttpResponse:
    """Read the invoice file, so that fewer questions are left. Nothing of it is stored."""
    slow_down(request, "check", each_minute=EACH_MINUTE)
    given = request.FILES.get("files")
    if given is None:
        return _question(request, opened, error=Message(gettext_noop("Choose a file first.")))
    try:
        reading = read(given.read(Limits().max_bytes + 1), name=clean_name(given.name or ""), now=timezone.now())
    except Refused as refused:
        return _question(request, opened, error=refused.message)
    if not reading.is_invoice:
        return _question(request, opened, error=reading.findings[0].message)
    return redirect(address(opened, f=token_of(request, reading)))


def token_of(request: HttpRequest, reading: Reading) -> str:
    """The facts of a file, signed, for the address of the diagnosis."""
    return diagnosis.seal(diagnosis.facts_of(reading, own=diagnosis.tax_ids_of(request.user)))


@require_safe
@diagnosing
@ended
def letter(request: HttpRequest, opened: Diagnosis, found: Outcome) -> HttpResponse:
    """What to write to the other party, for paper or to copy."""
    if not found.leaf.letter:
        return redirect(address(opened))
    facts = opened.case.facts
    mine = wizard.organisations(request.user) if request.user.is_authenticated else []
    kind = KINDS[facts.kind].name if facts.kind in KINDS else ""
    context = {"leaf": found.leaf, "facts": facts, "kind": kind, "at": found.at, "today": timezone.localdate()}
    context |= {"sender": mine[0] if len(mine) == 1 else None, "here": address(opened), "nav": "diagnose"}
    context["total"] = Decimal(facts.total) if facts.total else None
    return render(request, "diagnose/letter.html", context)


@require_safe
@diagnosing
@ended
def reminder(request: HttpRequest, opened: Diagnosis, found: Outcome) -> HttpResponse:
    """The moment as a calendar entry."""
    if found.at is None:
        return redirect(address(opened))
    url = settings.SITE_URL + address(opened)
    uid = f"{hashlib.sha256(f'{found.at} {url}'.encode()).hexdigest()[:32]}@invoice-helpdesk"
    text = say(diagnosis.reminder_text(found, opened.case.facts))
    entry = ics.appointment(uid=uid, at=found.at, text=text, url=url, now=timezone.now())
    response = HttpResponse(entry, content_type=ics.MEDIA_TYPE)
    response["Content-Disposition"] = 'attachment; filename="reminder.ics"'
    return response


@login_required
@diagnosing
@posted
def remind(request: HttpRequest, opened: Diagnosis) -> HttpResponse:
    """A reminder in the service and by mail."""
    try:
        made = diagnosis.remind_of(diagnosis=opened, url=address(opened), by=request.user)
    except DomainError as error:
        messages.error(request, " ".join(say(e.message) for e in error.errors) or say(error.message))
    else:
        at = timezone.localtime(made.at).strftime("%Y-%m-%d %H:%M")
        messages.success(request, _("We will remind you at %(at)s.") % {"at": at})
    return redirect(address(opened))


@login_required
@diagnosing
@posted
@ended
def ticket(request: HttpRequest, opened: Diagnosis, found: Outcome) -> HttpResponse:
    """The ticket form with everything that is known; what somebody has typed there stays."""
    user = request.user
    draft = drafts.load(user, drafts.NEW_TICKET)
    wizard.diagnosed(draft, found, opened.case.facts, words=opened.words)
    drafts.save(user, drafts.NEW_TICKET, draft)
    deflection.recognise(request)
    messages.success(request, _("What you answered is in the form."))
    return redirect("ticket_new_details" if wizard.organisations(user) else "ticket_new")


@require_POST
@diagnosing
@ended
def solved(request: HttpRequest, opened: Diagnosis, found: Outcome) -> HttpResponse:
    """ "This solved it": counted for the article of the outcome."""
    slow_down(request, "solved", each_minute=EACH_MINUTE)
    article = get_object_or_404(Article.objects.visible_to(request.user), slug=found.leaf.article)
    user = request.user if request.user.is_authenticated else None
    kb.record_deflection(
        article=article, visitor=visitor(request), user=user, place="diagnosis", context=found.leaf.key
    )
    messages.success(request, _("Good to hear."))
    return redirect("kb_article", slug=article.slug)
