"""Let somebody in at the desk, the first administrator above all."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.permissions import StaffRole
from helpdesk.common.errors import DomainError
from helpdesk.common.http import say


class Command(BaseCommand):
    help = "Create a person at the desk and print the password for the first sign-in."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--role", action="append", required=True, choices=[role.value for role in StaffRole])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            _, password = services.create_staff(
                email=options["email"], name=options["name"], roles=tuple(options["role"])
            )
        except DomainError as error:
            raise CommandError(" ".join(say(e.message) for e in error.errors) or say(error.message)) from None
        self.stdout.write(password)
