"""Writing and taking learning paths."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from helpdesk.common.errors import Forbidden, Invalid, Missing, NotNow, Stale
from kb import content
from kb import services as kb
from kb.training import people, seed, services, taking
from kb.training.models import Attempt, Completion, Edition, Path, TrainingEvent
from kb.training.quiz import faults
from kb.training.reading import progress_of
from kb.training.rights import Untrained
from tests.cases import a_ticket
from tests.training.cases import a_path, a_question, an_article, answered, passed, read_all, words
from tickets import services as tickets
from tickets import workflow

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]


def ago(attempt: Attempt, **time: int) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(finished_at=timezone.now() - dt.timedelta(**time))


def revised(edition: Edition, by: User, *, is_major: bool) -> Edition:
    draft = services.draft_of(path=edition.path, by=by)
    return services.publish(draft=draft, is_major=is_major, by=by, version=draft.version)


# Taking


def test_a_path_without_a_quiz_is_completed_by_its_last_article(ann: User, ed: User) -> None:
    edition = a_path(ed, articles=("first", "second"))
    first, second = (stop.text for stop in progress_of(edition, ann).stops)
    assert not taking.mark_read(edition=edition, revision=first, by=ann).is_valid
    taking.mark_read(edition=edition, revision=first, by=ann)
    assert taking.mark_read(edition=edition, revision=second, by=ann).is_valid
    assert Completion.objects.filter(person=ann).count() == 1


def test_a_new_text_of_an_article_asks_to_be_read_again(ann: User, ed: User, kate: User) -> None:
    edition = a_path(ed, a_question())
    read_all(edition, ann)
    draft = kb.save_draft(
        article=edition.articles.get(), language="zh-hans", text={"title": "新", "body": "新"}, reason="新规", by=ed
    )
    kb.perform(revision=draft, action="submit", by=ed)
    kb.perform(revision=draft, action="approve", by=kate)
    (stop,) = progress_of(edition, ann).stops
    assert stop.is_changed
    assert not stop.is_read


def test_the_quiz_opens_when_everything_is_read(ann: User, ed: User) -> None:
    edition = a_path(ed, a_question())
    with pytest.raises(NotNow) as refused:
        taking.start(edition=edition, by=ann)
    assert refused.value.code == "unread"
    read_all(edition, ann)
    assert taking.start(edition=edition, by=ann) == taking.start(edition=edition, by=ann)


def test_a_failed_attempt_waits_and_stays_in_the_history(ann: User, ed: User) -> None:
    edition = a_path(ed, a_question(), a_question(right=(0, 1)))
    failed = answered(edition, ann, [0], [0])
    assert (failed.score, failed.has_passed) == (50, False)
    with pytest.raises(NotNow) as refused:
        taking.start(edition=edition, by=ann)
    assert refused.value.code == "too_soon"
    ago(failed, hours=25)
    assert passed(edition, ann).has_passed
    assert list(Attempt.objects.filter(person=ann).values_list("score", flat=True)) == [100, 50]
    assert progress_of(edition, ann).is_valid


def test_an_attempt_is_marked_once(ann: User, ed: User, abe: User) -> None:
    attempt = passed(a_path(ed, a_question()), ann)
    for by, refusal in ((ann, NotNow), (abe, Missing)):
        with pytest.raises(refusal):
            taking.submit(attempt=attempt, answers=[[1]], by=by)
    attempt.refresh_from_db()
    assert (attempt.score, attempt.answers) == (100, [[0]])
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(score=None)


def test_every_question_needs_an_answer(ann: User, ed: User) -> None:
    with pytest.raises(Invalid) as refused:
        answered(a_path(ed, a_question(), a_question()), ann, [0], [7])
    assert [error.field for error in refused.value.errors] == ["q1"]
    assert not Attempt.objects.exclude(finished_at=None).exists()


def test_only_a_major_revision_asks_for_a_renewal(ann: User, ed: User) -> None:
    edition = a_path(ed, a_question())
    passed(edition, ann)
    minor = revised(edition, ed, is_major=False)
    assert progress_of(minor, ann).is_valid
    major = revised(edition, ed, is_major=True)
    assert progress_of(Edition.objects.select_related("path").get(pk=major.pk), ann).needs_renewal
    assert passed(Edition.objects.get(pk=major.pk), ann).has_passed
    assert Completion.objects.filter(person=ann).count() == 2


# Writing


def test_a_draft_leaves_what_is_published_alone(ed: User) -> None:
    edition = a_path(ed, a_question())
    draft = services.draft_of(path=edition.path, by=ed)
    services.save_words(draft=draft, given=words(title="改过"), by=ed, version=draft.version)
    edition.refresh_from_db()
    assert (edition.title, draft.quiz, draft.steps.count()) == ("新客服入门", edition.quiz, 1)
    with pytest.raises(Stale):
        services.set_articles(draft=draft, articles=[], by=ed, version=1)
    with pytest.raises(Stale):  # a published edition is never edited
        services.set_questions(draft=edition, questions=[], by=ed, version=edition.version)


def test_a_question_points_into_the_path(ed: User) -> None:
    with pytest.raises(Invalid):
        a_path(ed, a_question(article="elsewhere"))
    assert not Edition.objects.live().exists()


def test_both_languages_are_needed(ed: User, ann: User) -> None:
    with pytest.raises(Invalid) as refused:
        services.create(slug="half", given=words(title_en="", body_en=""), by=ed)
    assert [error.field for error in refused.value.errors] == ["title_en", "body_en"]
    with pytest.raises(Forbidden):
        services.create(slug="half", given=words(), by=ann)


def test_who_may_work_is_for_supervisors_to_say(ed: User, sam: User) -> None:
    path = a_path(ed).path
    needing = words(required_roles=["agent"], required_from=timezone.localdate())
    path.refresh_from_db()
    with pytest.raises(Forbidden):
        services.set_purpose(path=path, given=needing, by=ed, version=path.version)
    services.set_purpose(path=path, given=needing, by=sam, version=path.version)
    assert TrainingEvent.objects.filter(kind="path.changed", actor=sam).exists()


SEEDS = sorted(seed.FOLDER.glob("*.json"))


@pytest.mark.parametrize("file", SEEDS, ids=lambda file: file.stem)
def test_a_path_that_comes_as_a_file_is_whole_and_points_at_what_is_there(file: Any) -> None:
    given = json.loads(file.read_text())
    assert len(given["questions"]) >= 6
    assert all(given[name] for name in services.WORDS)
    for language in ("zh-hans", "en"):
        bodies = {slug: (content.FOLDER / language / f"{slug}.md").read_text() for slug in given["articles"]}
        heads = {slug: body.count("\n## ") for slug, body in bodies.items()}
        assert all(question["section"] <= heads[question["article"]] for question in given["questions"])
    assert not [fault for data in given["questions"] for fault in faults(seed.question(data))]


def test_files_are_loaded_once_and_never_over_what_people_wrote(tmp_path: Any, ed: User) -> None:
    an_article("first")
    given = words(review_by="2027-05-31", articles=["first"], questions=[])
    file = tmp_path / "start.json"
    file.write_text(json.dumps(given))
    assert (seed.load(tmp_path), seed.load(tmp_path)) == (1, 0)
    file.write_text(json.dumps(given | {"title": "新版"}))
    assert seed.load(tmp_path) == 1
    live = Edition.objects.live().get()
    assert (live.title, live.path.renewed_from) == ("新版", 1)
    draft = services.draft_of(path=live.path, by=ed)
    services.save_words(draft=draft, given=words(), by=ed, version=draft.version)
    file.write_text(json.dumps(given | {"title": "再改"}))
    assert seed.load(tmp_path) == 0


# What a role requires


@pytest.fixture
def needed(ed: User, sam: User) -> Edition:
    """Agents work only after this path."""
    edition = a_path(ed, a_question())
    path = Path.objects.get(pk=edition.path_id)
    given = words(required_roles=["agent"], required_from=timezone.localdate())
    services.set_purpose(path=path, given=given, by=sam, version=path.version)
    cache.clear()  # the transaction of the test never commits
    return Edition.objects.select_related("path").get(pk=edition.pk)


def test_without_the_required_path_an_agent_looks_but_changes_nothing(
    needed: Edition, ann: User, alice: User, alpha: Any, client_of: Browser
) -> None:
    ticket = a_ticket(alice, alpha)
    browser = client_of(ann)
    assert browser.get(f"/desk/tickets/{ticket.number}/").status_code == 200
    answer = browser.post(f"/desk/tickets/{ticket.number}/actions/accept/")
    with pytest.raises(Untrained):
        workflow.may_start(ticket, "accept", by=ann)
    with pytest.raises(Untrained):
        tickets.comment(ticket=ticket, body="您好", by=ann)
    assert answer.status_code == 403
    assert "/training/start/" in answer.content.decode()
    assert "新客服入门" in answer.content.decode()
    passed(needed, ann)
    assert browser.post(f"/desk/tickets/{ticket.number}/actions/accept/").status_code == 302


def test_the_requirement_starts_on_its_day(needed: Edition, ann: User, alice: User, alpha: Any, sam: User) -> None:
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    path, given = needed.path, words(required_roles=["agent"], required_from=tomorrow)
    services.set_purpose(path=path, given=given, by=sam, version=path.version)
    cache.clear()  # the transaction of the test never commits
    tickets.comment(ticket=a_ticket(alice, alpha), body="您好", by=ann)


def test_a_supervisor_excuses_with_a_reason(needed: Edition, ann: User, sam: User, alice: User, alpha: Any) -> None:
    with pytest.raises(Invalid):
        people.waive(path=needed.path, person=ann, reason=" ", by=sam)
    with pytest.raises(Forbidden):
        people.waive(path=needed.path, person=ann, reason="轮岗", by=ann)
    people.waive(path=needed.path, person=ann, reason="轮岗", by=sam)
    tickets.comment(ticket=a_ticket(alice, alpha), body="您好", by=ann)
    event = TrainingEvent.objects.get(kind="path.waived")
    assert (event.actor, event.subject, event.data["reason"]) == (sam, ann, "轮岗")


def test_another_role_that_gives_the_right_is_enough(needed: Edition, sam: User, alice: User, alpha: Any) -> None:
    sam.staff_roles.create(role="agent")
    both = User.objects.get(pk=sam.pk)
    tickets.comment(ticket=a_ticket(alice, alpha), body="您好", by=both)


# The report


def test_the_report_says_who_is_overdue_and_neutralises_formulas(
    needed: Edition, ann: User, abe: User, sam: User, client_of: Browser, django_assert_max_num_queries: Any
) -> None:
    passed(needed, ann)
    User.objects.filter(pk=abe.pk).update(name="=HYPERLINK()")
    states = {row.person: row.state for row in people.report(by=sam)}
    assert states == {ann: "done", abe: "overdue"}
    browser = client_of(sam)
    with django_assert_max_num_queries(12):
        page = browser.get("/desk/training/report/")
    assert "已超时" in page.content.decode()
    sheet = b"".join(client_of(sam).get("/desk/training/report/export/?state=overdue"))
    assert b"'=HYPERLINK()" in sheet
    assert b"ann@" not in sheet


# Pages


def test_pages_of_learners_ask_as_often_for_one_path_as_for_ten(
    ann: User, ed: User, client_of: Browser, django_assert_max_num_queries: Any
) -> None:
    for at in range(10):
        a_path(ed, a_question(article=f"a{at}"), slug=f"p{at}", articles=(f"a{at}", "first"))
    browser = client_of(ann)
    with django_assert_max_num_queries(12):
        assert browser.get("/training/").status_code == 200
    with django_assert_max_num_queries(12):
        assert browser.get("/training/p3/").status_code == 200


def test_an_editor_makes_a_path_by_its_pages(ed: User, ann: User, client_of: Browser) -> None:
    an_article("first")
    an_article("second")
    browser = client_of(ed)
    assert browser.post("/desk/training/new/", words() | {"slug": "made"} | NUMBERS).status_code == 302
    for slug in ("first", "second"):
        draft = Edition.objects.get(path__slug="made")
        browser.post("/desk/training/made/articles/", {"add": slug, "version": draft.version})
    draft.refresh_from_db()
    browser.post("/desk/training/made/articles/", {"up": "second", "version": draft.version})
    assert list(draft.steps.values_list("article__slug", flat=True)) == ["second", "first"]
    draft.refresh_from_db()
    made = browser.post("/desk/training/made/questions/1/", QUESTION | {"version": draft.version})
    assert made.status_code == 302
    draft.refresh_from_db()
    (question,) = draft.quiz
    assert (question.right, question.article, question.section) == ({1}, "first", 2)
    assert browser.post("/desk/training/made/questions/1/", QUESTION | {"version": 1}).status_code == 412
    assert client_of(ann).get("/training/made/").status_code == 404
    browser.post("/desk/training/made/publish/", {"version": draft.version})
    assert client_of(ann).get("/training/made/").status_code == 200
    browser.post("/desk/training/made/withdraw/")
    assert client_of(ann).get("/training/made/").status_code == 404


NUMBERS = {"pass_mark": 80, "retry_hours": 24}
QUESTION = {
    "text": "问", "text_en": "q", "explanation": "因为", "explanation_en": "because", "source": "first.2",
    "zh0": "甲", "en0": "a", "zh1": "乙", "en1": "b", "right1": "on",
}  # fmt: skip
