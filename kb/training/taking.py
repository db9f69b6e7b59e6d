"""Taking a path: reading marks, attempts at the quiz, completions."""

from __future__ import annotations

import random
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from helpdesk.common.errors import FieldError, Invalid, LostRace, Missing, NotNow
from helpdesk.common.messages import Message, gettext_noop
from kb.models import Revision
from kb.training import quiz
from kb.training.models import Attempt, Completion, Edition, ReadMark
from kb.training.reading import Progress, progress_of


def mark_read(*, edition: Edition, revision: Revision, by: User) -> Progress:
    """The person has read this text of the path; without a quiz the last one completes it. Twice is once.

    Raises Missing when the text is none of the path's.
    """
    if not edition.steps.filter(article=revision.article_id).exists():
        raise Missing
    with transaction.atomic():
        ReadMark.objects.get_or_create(person=by, revision=revision)
        progress = progress_of(edition, by)
        if progress.is_read and not edition.questions:
            _complete(edition, by=by)
            progress = progress_of(edition, by)
    return progress


def _complete(edition: Edition, *, by: User, attempt: Attempt | None = None) -> None:
    given = {"attempt": attempt, "at": timezone.now()}
    Completion.objects.get_or_create(edition=edition, person=by, defaults=given)


def start(*, edition: Edition, by: User) -> Attempt:
    """An attempt at the quiz; the open one when there is one.

    Raises NotNow: no quiz, passed already, not everything read, too soon after a failed attempt.
    """
    open_ = Attempt.objects.filter(edition=edition, person=by, finished_at=None).first()
    if open_ is not None:
        return open_
    progress = progress_of(edition, by)
    if not edition.questions or progress.is_valid:
        raise NotNow(Message(gettext_noop("There is no quiz to take now.")), code="no_quiz")
    if not progress.is_read:
        raise NotNow(Message(gettext_noop("Read all articles of the path first.")), code="unread")
    if progress.retry_at and progress.retry_at > timezone.now():
        text = gettext_noop("You can try again after the waiting time. Use it to read the articles once more.")
        raise NotNow(Message(text), code="too_soon")
    try:
        with transaction.atomic():
            seed = random.SystemRandom().randrange(2**31)
            return Attempt.objects.create(edition=edition, person=by, seed=seed)
    except IntegrityError:
        raise LostRace from None


def submit(*, attempt: Attempt, answers: Sequence[Sequence[int]], by: User) -> Attempt:
    """Mark the attempt, once; a pass completes the path. `answers` are chosen places, by question of the edition.

    Raises Missing (another's), Invalid (unanswered), NotNow (marked already, or the path was revised meanwhile).
    """
    edition = attempt.edition
    if attempt.person_id != by.pk:
        raise Missing
    if edition.ended_at:
        text = gettext_noop("The path was revised in the meantime. Please start the quiz anew.")
        raise NotNow(Message(text), code="revised")
    questions = edition.quiz
    chosen = [
        sorted({place for place in given if 0 <= place < len(q.choices)})
        for q, given in zip(questions, answers, strict=True)
    ]
    if bare := [at for at, given in enumerate(chosen) if not given]:
        text = gettext_noop("Choose an answer.")
        raise Invalid(errors=[FieldError(f"q{at}", "required", Message(text)) for at in bare])
    score = quiz.score(quiz.marks(questions, chosen))
    has_passed, now = score >= edition.pass_mark, timezone.now()
    with transaction.atomic():
        rows = Attempt.objects.filter(pk=attempt.pk, finished_at=None)
        if not rows.update(answers=chosen, score=score, has_passed=has_passed, finished_at=now):
            raise NotNow(Message(gettext_noop("This attempt is marked already.")), code="marked")
        attempt.refresh_from_db()
        if has_passed:
            _complete(edition, by=by, attempt=attempt)
    return attempt
