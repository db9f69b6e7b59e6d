"""People, enterprises and tickets to try the service with. Only where DEMO=1, that is on loopback."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Membership, Organisation, StaffMembership, User
from accounts.permissions import OrganisationRole, StaffRole
from helpdesk import demo
from tickets.models import Ticket

ORGANISATIONS = {
    "alpha": ("示例阿尔法科技有限公司", "91110108MA01ABCD5T"),
    "beta": ("示例贝塔贸易有限公司", "91110105MA00F1T226"),
}
MEMBERS = (
    ("alice@alpha.example", "Alice", "alpha", OrganisationRole.OWNER),
    ("bob@alpha.example", "Bob", "alpha", OrganisationRole.MEMBER),
    ("charlie@beta.example", "Charlie", "beta", OrganisationRole.OWNER),
)
STAFF = (
    ("ann@desk.example", "Ann", StaffRole.AGENT),
    ("abe@desk.example", "Abe", StaffRole.AGENT),
    ("olga@desk.example", "Olga", StaffRole.BACKFILL_OPERATOR),
    ("rita@desk.example", "Rita", StaffRole.BACKFILL_REVIEWER),
    ("ed@desk.example", "Ed", StaffRole.KB_EDITOR),
    ("kate@desk.example", "Kate", StaffRole.KB_REVIEWER),
    ("sam@desk.example", "Sam", StaffRole.SUPERVISOR),
)


class Command(BaseCommand):
    help = "Load the demo people, enterprises and first tickets; what is there already stays as it is."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--password", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("DEMO=1 and a loopback HOST are needed.")
        with transaction.atomic():
            known = {key: self._organisation(*row) for key, row in ORGANISATIONS.items()}
            for email, name, key, role in MEMBERS:
                user = self._person(email, name, options["password"])
                Membership.objects.get_or_create(user=user, organisation=known[key], defaults={"role": role})
            for email, name, staff_role in STAFF:
                user = self._person(email, name, options["password"])
                StaffMembership.objects.get_or_create(user=user, role=staff_role)
        if not Ticket.objects.exists():
            cast = User.objects.filter(email__in=[row[0] for row in (*MEMBERS, *STAFF)])
            demo.tell({user.email.partition("@")[0]: user for user in cast})

    def _organisation(self, name: str, tax_id: str) -> Organisation:
        made, _ = Organisation.objects.get_or_create(tax_id=tax_id, defaults={"name": name, "is_verified": True})
        return made

    def _person(self, email: str, name: str, password: str) -> User:
        user = User.objects.filter(email=email).first() or User.objects.create_user(email, password, name=name)
        if not user.check_password(password):  # the password printed at start is the one that works
            user.set_password(password)
            user.save(update_fields=["password"])
        return user
