"""Forms of the accounts pages."""

from __future__ import annotations

import zoneinfo
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.models import LANGUAGES, User, choices
from accounts.permissions import OrganisationRole, StaffRole
from helpdesk.common.errors import DomainError
from helpdesk.common.http import say

TAX_ID_HINT = _("18 characters; spaces and small letters are fine.")


def add_errors(form: forms.BaseForm, error: DomainError) -> None:
    """What a use-case refused, beside the fields it concerns."""
    for found in error.errors:
        form.add_error(found.field if found.field in form.fields else None, say(found.message))
    if not error.errors:
        form.add_error(None, say(error.message))


def zones() -> list[tuple[str, str]]:
    """Beijing first, then every place that has a name."""
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [(name, name.replace("_", " ")) for name in ["Asia/Shanghai", *names]]


class EnterpriseForm(forms.Form):
    """A company to register."""

    name = forms.CharField(label=_("Company name"), max_length=200, help_text=_("As on the business licence."))
    tax_id = forms.CharField(label=_("Unified social credit code"), max_length=60, help_text=TAX_ID_HINT)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                services.check_enterprise(name=data["name"], tax_id=data["tax_id"])
            except DomainError as error:
                add_errors(self, error)
        return data


class SignupForm(AllauthSignupForm):
    """What sign-up asks: the person, and the company at once when there is one to register."""

    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    company = forms.CharField(
        label=_("Company name"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        help_text=_("Leave it empty when a colleague invited you or will invite you."),
    )
    tax_id = forms.CharField(
        label=_("Unified social credit code"), max_length=60, required=False, help_text=TAX_ID_HINT
    )
    field_order = ["name", "email", "password1", "password2", "company", "tax_id"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # asked before the field folds the case, by which the Kelvin sign becomes a plain k
        self.fields["email"].validators.append(get_adapter().clean_email)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        company, tax_id = data.get("company", ""), data.get("tax_id", "")
        if not company and not tax_id:
            return data
        try:
            services.check_enterprise(name=company, tax_id=tax_id)
        except DomainError as error:
            for found in error.errors:
                self.add_error({"name": "company"}.get(found.field, found.field), say(found.message))
        return data

    def save(self, request: HttpRequest) -> User:
        """The person and the company, or neither."""
        with transaction.atomic():
            user: User = super().save(request)
            return user

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the person has a row."""
        data = self.cleaned_data
        user.name = data["name"]
        user.save(update_fields=["name"])
        services.record("person.signed_up", by=user, subject=user)
        if data["company"]:
            services.register_organisation(name=data["company"], tax_id=data["tax_id"], by=user)


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name and preferences of the person."""

    language = forms.ChoiceField(label=_("Language"), required=False, choices=[("", _("As the browser")), *LANGUAGES])
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones)

    class Meta:
        model = User
        fields = ["name", "phone", "language", "time_zone", "theme", "shortcuts"]


class InvitationForm(forms.Form):
    """Who is to join, as what."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(
        label=_("Role"), choices=lambda: choices(OrganisationRole), initial=OrganisationRole.MEMBER
    )


class StaffForm(forms.Form):
    """A person at the desk to create."""

    name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.EmailField(label=_("E-mail"))
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=lambda: choices(StaffRole), widget=forms.CheckboxSelectMultiple
    )
