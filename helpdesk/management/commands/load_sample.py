"""Load to measure against: many tickets, articles and enterprises, the same for the same seed."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand
from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.permissions import OrganisationRole
from kb import services as kb
from tickets import lifecycle, numbers
from tickets import vocabulary as words
from tickets.models import Event, Message, Ticket, TicketInvoice

BATCH = 2000
DAYS = 90
SUBJECTS = (
    "查验平台查无此票",
    "数电票未归集到税务数字账户",
    "批量上传返回超时",
    "发票状态异常",
    "开票次日仍未同步",
    "查验信息不一致",
)
ASKED = ("请补充上传日志。", "请确认销方名称与税号。", "请提供开票软件版本。")
ANSWERED = ("已补充，见附件。", "次日再次查验，仍然查不到。", "软件版本为 5.2.1，上传时间为昨日上午。")
#: Status → the events that led there.
PATHS = {
    lifecycle.NEW: (),
    lifecycle.OPEN: ("triage.decided", "ticket.accepted", "ticket.assigned"),
    lifecycle.WAITING: ("triage.decided", "ticket.accepted", "ticket.asked"),
    lifecycle.AUTHORITY: ("triage.decided", "ticket.accepted", "check.recorded", "ticket.referred"),
    lifecycle.RESOLVED: ("triage.decided", "ticket.accepted", "check.recorded", "invoice.found", "ticket.resolved"),
    lifecycle.CLOSED: ("ticket.accepted", "check.recorded", "invoice.found", "ticket.resolved", "ticket.closed"),
    lifecycle.WITHDRAWN: ("ticket.withdrawn",),
}
#: As a desk looks: most cases have ended.
WEIGHTS = {
    lifecycle.NEW: 4,
    lifecycle.OPEN: 8,
    lifecycle.WAITING: 5,
    lifecycle.AUTHORITY: 3,
    lifecycle.RESOLVED: 10,
    lifecycle.CLOSED: 65,
    lifecycle.WITHDRAWN: 5,
}
INTERNAL = frozenset({"triage.decided", "ticket.assigned"})
ENDED = (lifecycle.RESOLVED, lifecycle.CLOSED)


class Command(BaseCommand):
    help = "Load sample tickets, articles and organisations straight into the tables, past the outbox."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--tickets", type=int, default=1000)
        parser.add_argument("--articles", type=int, default=0)
        parser.add_argument("--organisations", type=int, default=50)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--fill", action="store_true", help="count what is there already")

    def handle(self, *args: Any, **options: Any) -> None:
        self.random = random.Random(options["seed"])  # noqa: S311  sample data
        self.now = timezone.now()
        self.people = self._people(options["organisations"])
        self.agents: list[User | None] = [None, *User.objects.staff().order_by("pk")]
        wanted = options["tickets"] - (Ticket.objects.count() if options["fill"] else 0)
        last = Ticket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        for start in range(0, wanted, BATCH):
            with transaction.atomic():
                self._tickets(range(last + start + 1, last + min(start + BATCH, wanted) + 1))
        self._articles(options["articles"], options["seed"])

    def _people(self, count: int) -> list[tuple[Organisation, User]]:
        pairs = []
        for index in range(count):
            organisation, _ = Organisation.objects.get_or_create(
                tax_id=f"91110108MA9{index:07d}", defaults={"name": f"样例企业{index:05d}"}
            )
            email = f"user{index}@sample.example"
            user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=f"用户{index}")
            Membership.objects.get_or_create(
                user=user, organisation=organisation, defaults={"role": OrganisationRole.OWNER}
            )
            pairs.append((organisation, user))
        own: Any = Membership.objects.filter(organisation__is_active=True).select_related("organisation", "user")
        known = {organisation.pk for organisation, _ in pairs}
        return pairs + [(m.organisation, m.user) for m in own if m.organisation_id not in known]

    def _tickets(self, serials: range) -> None:
        """Rows with keys of their own, so that no number has to be written afterwards; then the sequence is told."""
        tickets = [self._ticket(serial) for serial in serials]
        Ticket.objects.bulk_create(tickets)
        TicketInvoice.objects.bulk_create(self._each(tickets, self._invoices))
        Event.objects.bulk_create(self._each(tickets, self._events))
        Message.objects.bulk_create(self._each(tickets, self._messages))
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [Ticket]):
                cursor.execute(statement)

    def _each(self, tickets: list[Ticket], make: Callable[[Ticket], Iterator[Any]]) -> list[Any]:
        return [row for ticket in tickets for row in make(ticket)]

    def _ticket(self, serial: int) -> Ticket:
        organisation, user = self.random.choice(self.people)
        status = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        state = lifecycle.LIFECYCLE.states[status]
        created = self.now - dt.timedelta(minutes=self.random.randrange(60 * 24 * DAYS))
        changed = min(created + dt.timedelta(hours=self.random.randrange(1, 72)), self.now)
        ended = changed if status in ENDED else None
        return Ticket(
            pk=serial,
            number=numbers.make(created.year, serial),
            organisation=organisation,
            requester=user,
            subject=f"{self.random.choice(SUBJECTS)} {serial}",
            description="开票后次日查验，平台提示查无此票；销方称已上传成功。请协助核实。",
            symptom=self.random.choice(list(words.Symptom)),
            cause="" if status == lifecycle.NEW else self.random.choice(list(words.Cause)),
            status=status,
            priority=self.random.choice(list(words.Priority)),
            queue=words.Queue.TRIAGE if status == lifecycle.NEW else self.random.choice(list(words.Queue)),
            assignee=None if status == lifecycle.NEW else self.random.choice(self.agents),
            resolution="已重新同步，查验平台可查到该发票。" if ended else "",
            due_at=created + dt.timedelta(days=self.random.randrange(1, DAYS))
            if state.is_open and not state.paused
            else None,
            created_at=created,
            updated_at=changed,
            resolved_at=ended,
            closed_at=ended if status == lifecycle.CLOSED else None,
        )

    def _invoices(self, ticket: Ticket) -> Iterator[TicketInvoice]:
        for position in range(1, self.random.choice((1, 1, 1, 1, 2, 5)) + 1):
            total = Decimal(self.random.randrange(10_000, 9_000_000)) / 100
            amount = (total / Decimal("1.13")).quantize(Decimal("0.01"))
            number = _number(ticket, position)
            ended = ticket.resolved_at
            yield TicketInvoice(
                ticket=ticket,
                position=position,
                kind="82",
                number=number,
                identity=number,
                issue_date=ticket.created_at.date(),
                amount=amount,
                tax=total - amount,
                total=total,
                seller_name=ticket.organisation.name,
                seller_tax_id=ticket.organisation.tax_id,
                outcome=words.Outcome.FOUND if ended else words.Outcome.OPEN,
                outcome_at=ended,
            )

    def _events(self, ticket: Ticket) -> Iterator[Event]:
        kinds = ("ticket.submitted", *PATHS[ticket.status])
        spent = (ticket.updated_at - ticket.created_at) / len(kinds)
        for turn, kind in enumerate(kinds):
            by_enterprise = kind in ("ticket.submitted", "ticket.withdrawn")
            yield Event(
                ticket=ticket,
                kind=kind,
                actor=ticket.requester if by_enterprise else ticket.assignee,
                at=ticket.created_at + spent * turn,
                is_public=kind not in INTERNAL,
                data={"number": _number(ticket, 1), "outcome": "found", "name": str(ticket.assignee or "")},
                delivered_at=self.now,
            )

    def _messages(self, ticket: Ticket) -> Iterator[Message]:
        rounds = 0 if ticket.status == lifecycle.NEW else self.random.randrange(4)
        for turn in range(rounds):
            by_desk = turn % 2 == 0 and ticket.assignee is not None
            yield Message(
                ticket=ticket,
                author=ticket.assignee if by_desk else ticket.requester,
                by_desk=by_desk,
                body=self.random.choice(ASKED if by_desk else ANSWERED),
                visibility=words.Visibility.PUBLIC,
                created_at=ticket.created_at + dt.timedelta(minutes=30 * (turn + 1)),
            )

    @transaction.atomic
    def _articles(self, count: int, seed: int) -> None:
        """A generator of their own: the same articles, however many tickets came before them."""
        chance = random.Random(seed)  # noqa: S311  sample data
        category = kb.category_of("sample")
        for index in range(count):
            parts = [chance.choice(SUBJECTS) for _ in range(3)]
            body = "\n\n".join(f"## {part}\n\n{part}时，先等待两小时再查验，仍查不到再重新上传。" for part in parts)
            kb.import_article(
                slug=f"sample-{index:05d}",
                language="zh-hans",
                category=category,
                audience="public",
                text={"title": f"{parts[0]}（样例 {index}）", "body": body},
            )


def _number(ticket: Ticket, position: int) -> str:
    return f"{ticket.created_at:%y}1120{ticket.pk:010d}{position:04d}"
