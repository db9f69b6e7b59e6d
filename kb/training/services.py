"""Writing learning paths: what they are for, their articles and questions, and publishing an edition."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission, StaffRole
from helpdesk.common.errors import FieldError, Invalid, LostRace, NotNow, Stale
from helpdesk.common.inputs import text_error
from helpdesk.common.messages import Message, gettext_noop
from kb.models import Article
from kb.training import rights
from kb.training.models import READERS, Edition, Path, Step, TrainingEvent
from kb.training.quiz import CHOICES, MAX_QUESTIONS, MAX_TEXT, Question, faults

MAX_STEPS, MAX_INTRO, MAX_HOURS = 30, 5000, 720
WORDS = {"title": 120, "title_en": 120, "body": MAX_INTRO, "body_en": MAX_INTRO}
COPIED = (*WORDS, "pass_mark", "retry_hours", "questions")
Given = Mapping[str, Any]


def record(
    kind: str, *, by: User | None, path: Path | None = None, subject: User | None = None, **data: Any
) -> TrainingEvent:
    """The history of the training; call it inside the transaction of the change."""
    return TrainingEvent.objects.create(kind=kind, actor=by, at=timezone.now(), path=path, subject=subject, data=data)


def wrong(field: str, code: str, text: str) -> FieldError:
    return FieldError(field, code, Message(text))


def _refuse(errors: Sequence[FieldError]) -> None:
    if errors:
        raise Invalid(errors=errors)


def _purpose(given: Given) -> dict[str, Any]:
    """The columns of a path. Raises Invalid."""
    errors = []
    if given.get("audience") not in dict(READERS):
        errors.append(wrong("audience", "required", gettext_noop("Choose one of the list.")))
    for name in ("roles", "required_roles"):
        if not set(given.get(name, ())) <= set(StaffRole):
            errors.append(wrong(name, "unknown", gettext_noop("Choose one of the list.")))
    if given.get("required_roles") and given.get("audience") != "staff":
        errors.append(wrong("required_roles", "audience", gettext_noop("Only a path for staff can be required.")))
    if bool(given.get("required_roles")) != bool(given.get("required_from")):
        text = gettext_noop("Name the roles and the day from which it is required, or neither.")
        errors.append(wrong("required_from", "together", text))
    owner = given.get("owner")
    if owner is not None and not owner.is_desk:
        errors.append(wrong("owner", "not_desk", gettext_noop("Choose one of the list.")))
    _refuse(errors)
    names = ("audience", "owner", "review_by", "required_from")
    lists = {name: sorted(given.get(name, ())) for name in ("roles", "required_roles")}
    return {name: given.get(name) for name in names} | lists


def _words(given: Given) -> dict[str, Any]:
    """Title and introduction in both languages, pass mark and spacing. Raises Invalid."""
    found = (text_error(name, given.get(name, ""), limit=limit, is_needed=True) for name, limit in WORDS.items())
    errors = [error for error in found if error]
    mark, hours = given.get("pass_mark", 80), given.get("retry_hours", 24)
    if not 1 <= mark <= 100:
        errors.append(wrong("pass_mark", "range", gettext_noop("From 1 to 100.")))
    if not 0 <= hours <= MAX_HOURS:
        errors.append(wrong("retry_hours", "range", gettext_noop("At most 720 hours.")))
    _refuse(errors)
    return {name: given[name].strip() for name in WORDS} | {"pass_mark": mark, "retry_hours": hours}


def create(*, slug: str, given: Given, by: User) -> Path:
    """A new path with its first draft; `given` holds what `set_purpose` and `save_words` take. Raises Invalid."""
    require(by, Permission.TRAINING_EDIT)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) or len(slug) > 60:
        raise Invalid(errors=[wrong("slug", "format", gettext_noop("Small letters, digits and hyphens."))])
    purpose, words = _purpose(given), _words(given)
    try:
        with transaction.atomic():
            path = Path.objects.create(slug=slug, created_by=by, **purpose)
            Edition.objects.create(path=path, number=1, author=by, **words)
            record("path.created", by=by, path=path)
    except IntegrityError:
        text = gettext_noop("There is a learning path with this address already.")
        raise Invalid(errors=[wrong("slug", "taken", text)]) from None
    return path


def set_purpose(*, path: Path, given: Given, by: User, version: int) -> Path:
    """For whom it is, who owns it, and for which roles it is required from when. Raises Invalid, Stale."""
    require(by, Permission.TRAINING_EDIT)
    values = _purpose(given)
    before = {name: getattr(path, name) for name in ("required_roles", "required_from")}
    changed = [name for name, value in before.items() if value != values[name]]
    if changed:  # who may work is the supervisors' to say
        require(by, Permission.TRAINING_MANAGE)
    with transaction.atomic():
        if not Path.objects.filter(pk=path.pk, version=version).update(version=F("version") + 1, **values):
            raise Stale
        told = {"required_roles": values["required_roles"], "required_from": str(values["required_from"] or "")}
        record("path.changed", by=by, path=path, **(told if changed else {}))
        rights.forget()
    path.refresh_from_db()
    return path


def draft_of(*, path: Path, by: User) -> Edition:
    """The open draft, or a new one from what is published."""
    require(by, Permission.TRAINING_EDIT)
    found: Edition | None = path.editions.draft().first()
    if found is not None:
        return found
    live = path.editions.order_by("-number").first()
    last = path.editions.aggregate(last=Max("number"))["last"] or 0
    values = {name: getattr(live, name) for name in COPIED} if live else {}
    try:
        with transaction.atomic():
            made = Edition.objects.create(path=path, number=last + 1, author=by, **values)
            steps = live.steps.all() if live else ()
            Step.objects.bulk_create(Step(edition=made, article_id=s.article_id, position=s.position) for s in steps)
            record("edition.drafted", by=by, path=path, number=made.number)
    except IntegrityError:
        raise LostRace from None
    return made


def _change(draft: Edition, *, by: User, version: int, **values: Any) -> None:
    """UPDATE … WHERE version = read, of a draft alone; Stale when another was first."""
    rows = Edition.objects.draft().filter(pk=draft.pk, version=version)
    if not rows.update(version=F("version") + 1, author=by, **values):
        raise Stale
    record("edition.changed", by=by, path=draft.path, number=draft.number, fields=sorted(values))
    draft.refresh_from_db()


def save_words(*, draft: Edition, given: Given, by: User, version: int) -> Edition:
    """Title, introduction, pass mark and spacing of a draft. Raises Invalid, Stale."""
    require(by, Permission.TRAINING_EDIT)
    values = _words(given)
    with transaction.atomic():
        _change(draft, by=by, version=version, **values)
    return draft


def set_articles(*, draft: Edition, articles: Sequence[Article], by: User, version: int) -> Edition:
    """The articles in their order, each once. Raises Invalid, Stale."""
    require(by, Permission.TRAINING_EDIT)
    rows = list(dict.fromkeys(articles))
    if len(rows) > MAX_STEPS:
        raise Invalid(errors=[wrong("articles", "too_many", gettext_noop("At most 30 articles."))])
    with transaction.atomic():
        _change(draft, by=by, version=version)
        draft.steps.all().delete()
        Step.objects.bulk_create(Step(edition=draft, article=a, position=at) for at, a in enumerate(rows, 1))
    return draft


def set_questions(*, draft: Edition, questions: Sequence[Question], by: User, version: int) -> Edition:
    """The questions in their order. Raises Invalid (one can't be asked), Stale."""
    require(by, Permission.TRAINING_EDIT)
    if len(questions) > MAX_QUESTIONS:
        raise Invalid(errors=[wrong("text", "too_many", gettext_noop("At most 40 questions."))])
    _refuse([error for question in questions for error in _unsound(question)])
    with transaction.atomic():
        _change(draft, by=by, version=version, questions=[question.as_data() for question in questions])
    return draft


def _unsound(question: Question) -> list[FieldError]:
    said = {name: getattr(question, name) for name in ("text", "text_en", "explanation", "explanation_en")}
    said |= {f"choices.{at}": c.text + c.text_en for at, c in enumerate(question.choices[: CHOICES + 1])}
    long = (text_error(name.partition(".")[0], value, limit=MAX_TEXT) for name, value in said.items())
    return [error for error in long if error] or faults(question)


def publish(*, draft: Edition, is_major: bool, by: User, version: int) -> Edition:
    """The draft becomes what people take; a major one asks all who have completed an earlier one for a renewal.

    Raises Invalid (no article, a question without an article of the path), Stale.
    """
    require(by, Permission.TRAINING_EDIT)
    _ready(draft)
    with transaction.atomic():
        now = timezone.now()
        Edition.objects.live().filter(path=draft.path).update(ended_at=now)
        rows = Edition.objects.draft().filter(pk=draft.pk, version=version)
        first = draft.number == 1
        if not rows.update(published_at=now, is_major=is_major or first, author=by, version=F("version") + 1):
            raise Stale
        if is_major or first:
            Path.objects.filter(pk=draft.path_id).update(renewed_from=draft.number, version=F("version") + 1)
        record("edition.published", by=by, path=draft.path, number=draft.number, is_major=is_major or first)
        rights.forget()
    draft.refresh_from_db()
    return draft


def _ready(draft: Edition) -> None:
    slugs = set(draft.articles.values_list("slug", flat=True))
    if not slugs:
        raise Invalid(errors=[wrong("articles", "required", gettext_noop("Add at least one article first."))])
    if strange := {q.article for q in draft.quiz if q.article} - slugs:
        text = gettext_noop("A question points to “%(article)s”, which is no article of the path.")
        error = FieldError("articles", "strange", Message(text, {"article": min(strange)}))
        raise Invalid(errors=[error])


def withdraw(*, path: Path, by: User) -> None:
    """Nobody takes the path any more, and no role requires it; what was completed stays."""
    require(by, Permission.TRAINING_EDIT)
    if path.required_roles:
        require(by, Permission.TRAINING_MANAGE)
    with transaction.atomic():
        if not Edition.objects.live().filter(path=path).update(ended_at=timezone.now()):
            raise NotNow(Message(gettext_noop("It is not published.")))
        record("path.withdrawn", by=by, path=path)
        rights.forget()


def import_path(
    *, slug: str, purpose: Given, words: Given, articles: Sequence[Article], quiz: Sequence[Question]
) -> bool:
    """Publish a path as it comes, once; what a person has edited since is never overwritten. True when it changed."""
    values = _words(words) | {"questions": [question.as_data() for question in quiz]}
    _refuse([error for question in quiz for error in faults(question)])
    days = purpose.get("review_by")
    review_by = dt.date.fromisoformat(days) if days else None
    with transaction.atomic():
        fields = _purpose(purpose) | {"review_by": review_by}
        path, _new = Path.objects.get_or_create(slug=slug, defaults=fields)
        last = path.editions.order_by("-number").first()
        if path.editions.exclude(author=None).exists() or (last and _same(last, values, articles)):
            return False
        now = timezone.now()
        path.editions.live().update(ended_at=now)
        number = last.number + 1 if last else 1
        made = Edition.objects.create(path=path, number=number, is_major=number == 1, published_at=now, **values)
        Step.objects.bulk_create(Step(edition=made, article=a, position=at) for at, a in enumerate(articles, 1))
        record("path.imported", by=None, path=path, number=number)
        rights.forget()
    return True


def _same(edition: Edition, values: Given, articles: Sequence[Article]) -> bool:
    kept = [step.article_id for step in edition.steps.all()]
    return kept == [a.pk for a in articles] and all(getattr(edition, name) == value for name, value in values.items())
