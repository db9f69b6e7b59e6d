"""What starts a reconciliation on the page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.permissions import Permission
from helpdesk.common.errors import DomainError
from helpdesk.common.http import say
from tickets.reconciliation.models import Against
from tickets.reconciliation.services import Upload


class StartForm(forms.Form):
    """Two lists, an enterprise, a period. Which files are read is the evidence room's to say."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Enterprise"), empty_label=None)
    own = forms.FileField(
        label=_("Your own list"), allow_empty_file=True, error_messages={"required": _("Choose your own list.")}
    )
    against = forms.ChoiceField(
        label=_("Compare with"), choices=Against.choices, initial=Against.FILE, widget=forms.RadioSelect
    )
    theirs = forms.FileField(label=_("List of the tax side"), required=False, allow_empty_file=True)
    starts = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    ends = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.filter(  # type: ignore[attr-defined]
            pk__in=user.organisation_ids(Permission.ORG_TICKET_FILE)
        ).order_by("name")
        self.mine = list(self.fields["organisation"].queryset)  # type: ignore[attr-defined]
        self.fields["organisation"].required = len(self.mine) != 1

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("organisation") and len(self.mine) == 1:
            given["organisation"] = self.mine[0]
        if given.get("against") == Against.FILE and not given.get("theirs"):
            self.add_error("theirs", _("Choose the list of the tax side, or compare with the recorded look-ups."))
        if bool(given.get("starts")) != bool(given.get("ends")):
            self.add_error("ends" if given.get("starts") else "starts", _("Give both days, or neither."))
        return given

    def given(self) -> dict[str, Any]:
        """The arguments of `services.start`."""
        data = self.cleaned_data
        theirs = data["theirs"] if data["against"] == Against.FILE else None
        return {
            "own": Upload(data["own"], data["own"].name),
            "theirs": Upload(theirs, theirs.name) if theirs else None,
            "organisation": data["organisation"],
            "period": (data["starts"], data["ends"]) if data["starts"] else None,
        }

    def refuse(self, error: DomainError) -> None:
        """What the service had against it, at its fields."""
        for wrong in error.errors:
            self.add_error(wrong.field if wrong.field in self.fields else None, say(wrong.message))
        if not error.errors:
            self.add_error(None, say(error.message))
