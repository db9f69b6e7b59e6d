"""How passwords are hashed."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """OWASP's parameters. Django's take 100 MB for each sign-in, and a few at once are more than a web process has."""

    time_cost = 2
    memory_cost = 19 * 1024  # KB
    parallelism = 1
