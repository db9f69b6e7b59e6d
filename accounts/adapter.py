"""How allauth signs people up and in here."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts import services
from accounts.emails import folded, is_plain

#: The session's note of the address to which an invitation went that this browser has opened.
INVITED = "invited_address"


class AccountAdapter(DefaultAccountAdapter):
    """The service's own rules for sign-up, sign-in and redirects."""

    def clean_email(self, email: str) -> str:
        if not is_plain(email):
            raise forms.ValidationError(
                _("Only plain letters, digits and signs can be used in an e-mail address here."), code="not_plain"
            )
        return super().clean_email(email)

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Whoever opened the link that we mailed to this very address needs no second mail.

        allauth's own stash isn't used: it would give the invited address to an account that signs up with another one.
        """
        invited = request.session.get(INVITED, "")
        return bool(invited) and folded(invited) == folded(email)

    def is_safe_url(self, url: str) -> bool:
        """Stay on this very host: other allowed hosts are no place to be sent to."""
        request = context.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        services.set_password(user=user, password=password)  # type: ignore[arg-type]

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        super().login(request, user)
        services.record("person.signed_in", by=user, subject=user)  # type: ignore[arg-type]

    def get_password_change_redirect_url(self, request: HttpRequest) -> Any:
        return "/accounts/profile/"
