"""Count the sittings with articles that are over; the service does it every hour by itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from kb import deflection


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        done = 0
        while counted := deflection.roll_up():
            done += counted
        self.stdout.write(f"{done} sittings")
