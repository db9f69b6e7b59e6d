"""Mails of this room."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Invitation


def send_invitation(invitation: Invitation, token: str) -> None:
    """The link, in the language of whoever invites."""
    address = settings.SITE_URL + reverse("invitation", args=[token])
    context = {"invitation": invitation, "organisation": invitation.organisation, "address": address}
    body = render_to_string("accounts/invitation.txt", context)
    # One line, whatever the company is called: a header can't hold another.
    subject = " ".join((_("Invitation to %(name)s") % {"name": invitation.organisation.name}).split())
    send_mail(subject, body, None, [invitation.email])
