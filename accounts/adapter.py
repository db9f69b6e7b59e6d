"""How allauth signs people up and in here."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """The service's own texts and rules for sign-in."""
