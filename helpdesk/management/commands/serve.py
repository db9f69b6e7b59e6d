"""The whole service with one command: prepare, then web, worker and scheduler side by side."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from helpdesk import env


class Command(BaseCommand):
    help = "Migrate, compile, collect, load the demo once, then run web, worker and scheduler until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        self._check_port()
        call_command("compile_messages")
        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        call_command("load_content", verbosity=0)
        password = self._demo() if settings.DEMO else ""
        self._say(password)
        connections.close_all()  # and what was loaded until here goes
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, [sys.executable, "-m", "helpdesk.processes"])  # noqa: S606

    def _check_port(self) -> None:
        family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
        with contextlib.closing(socket.socket(family)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.HOST, settings.PORT))
            except (OSError, OverflowError) as error:
                why = getattr(error, "strerror", None) or error
                raise CommandError(f"{settings.HOST}:{settings.PORT}: {why}. Choose another with PORT=…") from error

    def _demo(self) -> str:
        """The demo password: the one of the environment, or one made once and kept in the data folder."""
        kept = Path(settings.HOME) / "demo-password"
        password = env.text("HELPDESK_DEMO_PASSWORD") or (
            kept.read_text().strip() if kept.exists() else secrets.token_urlsafe(9)
        )
        kept.touch(0o600)
        kept.write_text(password + "\n")
        call_command("load_demo", password=password, verbosity=0)
        return password

    def _say(self, password: str) -> None:
        self.stdout.write(f"\n  {settings.PRODUCT_NAME}: {settings.SITE_URL}/\n")
        if password:
            people = (
                "alice@alpha.example, bob@alpha.example, charlie@beta.example, ann@desk.example, abe@desk.example, "
            )
            people += "olga@desk.example, rita@desk.example, ed@desk.example, kate@desk.example, sam@desk.example"
            self.stdout.write(f"  Demo people: {people}\n  Password of all: {password}\n")
        self.stdout.write("  Ctrl-C stops everything.\n\n")
        self.stdout.flush()
