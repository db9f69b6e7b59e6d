"""One of everything that an address can name, and everybody who may ask for it. Made by the services alone."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from accounts import services as accounts
from accounts.models import Membership, Organisation, User
from accounts.permissions import OrganisationRole, StaffRole
from helpdesk.common.messages import Message as Text
from kb import confirming, remarks, wording
from kb import files as kb_files
from kb import services as kb
from kb.models import Category
from kb.status import mailing, seed
from kb.status import services as status
from kb.status.models import Subscriber
from kb.training import people as learners
from kb.training import services as training
from kb.training.models import Path
from tests.cases import a_ticket, again, an_invoice, face, looked_up
from tests.conftest import member, person
from tests.reconciliation.lists import rows_of, started, waiting
from tests.status.cases import a_window, an_incident, news_for
from tests.training.cases import a_path, a_question, passed, words
from tickets import services
from tickets.backfill import services as backfill
from tickets.backfill.models import Backfill
from tickets.batches import services as batches
from tickets.batches.work import work
from tickets.evidence import services as evidence
from tickets.evidence.models import Evidence
from tickets.models import Ticket
from tickets.notifications.reminders import remind
from tickets.papers import services as letters
from tickets.reconciliation import filing
from tickets.sla import policies
from tickets.triage import services as triage

_sizes = itertools.count(8)
#: The columns of the table.
ROLES = ("nobody", "alice", "bob", "vera", "charlie", "ann", "olga", "rita", "ed", "kate", "sam", "root")

LEVEL = {"name": "试行", "hours": "09:00-12:00, 13:30-18:00", "priority": None, "kind": "", "tier": "verified"}


@dataclass
class World:
    """`people` by name; `names` fill the placeholders of the table."""

    people: dict[str, User | None] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)


def build() -> World:
    world = World()
    _people(world)
    _cases(world)
    _lists(world)
    _articles(world)
    _comparisons(world)
    _board(world)
    _paths(world)
    return world


def _people(world: World) -> None:
    alpha = Organisation.objects.create(name="示例阿尔法科技有限公司", tax_id="91110108MA01ABCD5T")
    beta = Organisation.objects.create(name="示例贝塔贸易有限公司", tax_id="91110105MA00F1T226", is_verified=True)
    staff = {
        "ann": StaffRole.AGENT,
        "olga": StaffRole.BACKFILL_OPERATOR,
        "rita": StaffRole.BACKFILL_REVIEWER,
        "ed": StaffRole.KB_EDITOR,
        "kate": StaffRole.KB_REVIEWER,
        "sam": StaffRole.SUPERVISOR,
        "root": StaffRole.ADMINISTRATOR,
    }
    members = {
        "alice": (alpha, "owner"),
        "bob": (alpha, "member"),
        "vera": (alpha, "viewer"),
        "charlie": (beta, "owner"),
    }
    world.people = {"nobody": None}
    for name, (organisation, role) in members.items():
        world.people[name] = member(person(name, f"{name}@x.example"), organisation, OrganisationRole(role))
    world.people |= {name: person(name, f"{name}@desk.example", role) for name, role in staff.items()}
    guest = member(person("Guest", "guest@x.example"), alpha, OrganisationRole.VIEWER)
    invitation = accounts.invite(organisation=alpha, email="new@x.example", role="viewer", by=_of(world, "alice"))
    world.names |= {
        "alpha": alpha.pk,
        "guest": Membership.objects.get(user=guest).pk,
        "invitation": invitation.pk,
        "person": person("Target", "target@desk.example", StaffRole.AGENT).pk,
    }


def _of(world: World, name: str) -> User:
    found = world.people[name]
    assert found
    return found


def _png() -> bytes:
    """A small picture, another one each time."""
    data = io.BytesIO()
    Image.new("RGB", (8, next(_sizes)), "white").save(data, "PNG")
    return data.getvalue()


def picture(by: User, purpose: str = "other", *, is_read: bool = True) -> Evidence:
    """A picture that has passed its checks."""
    kept = evidence.receive(file=ContentFile(_png()), name="a.png", purpose=purpose, by=by)
    if is_read:
        evidence.extract(kept.pk)
    return kept


def a_log(by: User) -> Evidence:
    """A log with a phone number in it, read: its original is sealed."""
    kept = evidence.receive(
        file=ContentFile(b"upload failed, code 0499, tel 13800138000\n"), name="a.log", purpose="log", by=by
    )
    evidence.extract(kept.pk)
    return kept


def _cases(world: World) -> None:
    alice, ann, olga, rita = (_of(world, name) for name in ("alice", "ann", "olga", "rita"))
    alpha = Organisation.objects.get(pk=world.names["alpha"])
    file, upload, note = picture(alice), picture(alice), picture(ann)
    unchecked = picture(alice, is_read=False)
    log = a_log(alice)
    ticket = a_ticket(alice, alpha, *(an_invoice() for _ in range(3)), files=(file, unchecked, log))
    services.act(ticket=ticket, action="accept", by=ann)
    services.comment(ticket=ticket, body="内部", by=ann, visibility="internal", evidence_ids=[note.pk])
    triage.propose(ticket=ticket)
    asked = a_ticket(alice, alpha)
    services.act(ticket=asked, action="ask", by=ann, data={"body": "请补充日志"})
    first, second, third = ticket.invoices.all()
    papers, keyed = (backfill.open_backfill(invoice=invoice, by=ann) for invoice in (first, second))
    backfill.submit_material(backfill=papers, kind="statement", evidence_id=picture(alice).pk, by=alice)
    _keyed(keyed, alice, olga)
    done = backfill.open_backfill(invoice=asked.invoices.get(), by=ann)
    _keyed(done, alice, olga)
    backfill.act(backfill=done, action="rekey", by=rita, data={"fields": again(done)})
    backfill.act(backfill=done, action="approve", by=rita)
    letter = letters.make(ticket=ticket, kind="statement", language="zh-hans", by=alice)
    found = a_ticket(alice, alpha).invoices.get()
    services.look_up(invoice=found, told=looked_up("found"), by=ann)
    world.names |= {
        "settled": found.pk,
        "paper": letter.pk,
        "ticket": ticket.number,
        "asked": asked.number,
        "fresh": a_ticket(alice, alpha).number,
        "invoice": third.pk,
        "papers": papers.pk,
        "keyed": keyed.pk,
        "approved": done.pk,
        "file": file.pk,
        "upload": upload.pk,
        "note": note.pk,
        "log": log.pk,
        "unchecked": unchecked.pk,
        "reminder": remind(at=timezone.now() + dt.timedelta(days=1), text=Text("x"), url="/diagnose/", by=alice).pk,
    }


def _lists(world: World) -> None:
    """One that is checked, and one whose column nobody knows."""
    alpha = Organisation.objects.get(pk=world.names["alpha"])
    for name, text in (("batch", "发票号码\n12345670\n"), ("heads", "票据\n12345670\n")):
        file = ContentFile(text.encode())
        made, _new = batches.take_in(file=file, name="a.csv", organisation=alpha, by=_of(world, "alice"))
        work(made.pk)
        world.names[name] = made.pk


def _keyed(case: Backfill, alice: User, olga: User) -> None:
    for paper in case.materials.all():
        file = picture(alice, "material")
        backfill.submit_material(backfill=case, kind=paper.kind, evidence_id=file.pk, by=alice)
        backfill.review_material(backfill=case, kind=paper.kind, is_accepted=True, by=olga)
    backfill.act(backfill=case, action="accept_materials", by=olga)
    backfill.act(backfill=case, action="key", by=olga, data={"fields": face(case)})


def _comparisons(world: World) -> None:
    """One that waits, one with its result, and one of which a ticket was made."""
    alice, alpha = _of(world, "alice"), Organisation.objects.get(pk=world.names["alpha"])
    compared, filed = (started(alice, alpha, rows_of([an_invoice()]), rows_of([an_invoice()])) for _ in range(2))
    filing.file_missing(reconciliation=filed, by=alice)
    late = waiting(alice, alpha, rows_of([an_invoice()]), None)
    world.names |= {"compared": compared.pk, "filed": filed.pk, "waiting": late.pk}


def _board(world: World) -> None:
    """An open incident, planned maintenance, an announcement for everybody and one for the desk."""
    seed.load()
    sam = _of(world, "sam")
    incident = status.open_incident(given=an_incident(), by=sam)
    works = status.plan_maintenance(given=a_window(), by=sam)
    news, ours = (status.announce(given=news_for(who), by=sam) for who in ("public", "staff"))
    mailing.subscribe(email="subscriber@x.example", topics=["status"], language="en")
    world.names["token"] = mailing.token_of(Subscriber.objects.get())
    world.names["policy"] = policies.keep(series=None, seen=0, values=LEVEL, reason="试行", by=sam).series
    world.names |= {"incident": incident.pk, "works": works.pk, "news": news.pk, "ours": ours.pk}


def _paths(world: World) -> None:
    """A path for enterprises that alice has passed, one for the desk, a draft, and a trainee with a mentor."""
    ed, sam, alice = (_of(world, name) for name in ("ed", "sam", "alice"))
    learn = a_path(ed, a_question(article="ours"), slug="learn", articles=("ours",), audience="enterprises", roles=[])
    a_path(ed, slug="shift", articles=("inside",))
    planned = training.draft_of(path=training.create(slug="planned", given=words(), by=ed), by=ed)
    open_ = training.set_articles(draft=planned, articles=learn.articles.all(), by=ed, version=planned.version)
    trainee, mentor = (person(f"{name}@desk.example", f"{name}@desk.example", StaffRole.AGENT) for name in "xy")
    pair = learners.assign_mentor(trainee=trainee, mentor=mentor, by=sam)
    ticket = Ticket.objects.get(number=world.names["fresh"])
    world.names["held"] = services.comment(ticket=ticket, body="您好", by=trainee).pk
    world.names |= {"trainee": trainee.pk, "mentor": mentor.pk, "mentorship": pair.pk, "planned": open_.version}
    world.names |= {"attempt": passed(learn, alice).pk, "lesson": Path.objects.get(slug="learn").version}


def _articles(world: World) -> None:
    ed, kate = _of(world, "ed"), _of(world, "kate")
    world.names["synonyms"] = wording.keep(phrases=("甲方", "购方"), by=ed).pk
    category, _new = Category.objects.get_or_create(slug="no_record")
    text = {"title": "查验结果查无此票", "summary": "", "keywords": "", "body": "## 症状\n\n查无此票"}
    for slug, audience in (("ours", "enterprises"), ("inside", "staff"), ("draft", "public"), ("open", "public")):
        article = kb.create_article(slug=slug, category=category, audience=audience, by=ed)
        if slug == "inside":
            file = kb_files.receive(article=article, file=ContentFile(_png()), name="a.png", by=ed)
            world.names["picture"] = file.key
            text = {**text, "body": f"![图]({file.get_absolute_url()})"}
        draft = kb.save_draft(article=article, language="zh-hans", text=text, reason="", by=ed)
        if slug == "open":
            vote = {"language": "zh-hans", "visitor": "v", "is_helpful": False, "reason": "steps"}
            world.names["vote"] = kb.record_feedback(article=article, **vote).pk
        if slug == "draft":
            said = remarks.remark(revision=draft, passage=0, text="短", by=kate, version=draft.version)
            world.names["remark"] = said.pk
        if slug != "draft":
            kb.perform(revision=draft, action="submit", by=ed)
            live = kb.perform(revision=draft, action="approve", by=kate)
            if slug == "inside":
                world.names["inside_text"] = live.pk
                confirming.ask(article=article, is_asked=True, by=ed, version=1)
            world.names["seen"] = f"{live.pk}.{live.version}"  # the text that a reviewer has before the eyes
