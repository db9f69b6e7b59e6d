"""Forms of the accounts pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class SignupForm(forms.Form):
    """What allauth's sign-up asks besides e-mail and password."""

    name = forms.CharField(label=_("Name"), max_length=80)
