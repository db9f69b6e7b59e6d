"""Forms of the enterprise and the desk. They turn text into values; every rule is the services'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from tickets import vocabulary as words
from tickets.checks.models import CheckOutcome, Site
from tickets.intake import MAX_BODY, MAX_SUBJECT
from tickets.invoices.amounts import parse_money
from tickets.invoices.kinds import KINDS
from tickets.invoices.model import Invoice
from tickets.lifecycle import LIFECYCLE
from tickets.models import choices
from tickets.sla.policy import HOURS, PAUSING, TIER_LABELS, write_hours

MONEY = ("amount", "tax", "total")
INVOICE_FIELDS = (
    "kind", "number", "code", "issue_date", "amount", "tax", "total",
    "seller_name", "seller_tax_id", "buyer_name", "buyer_tax_id", "check_code",
)  # fmt: skip

#: What people have usually tried; kept as msgids so that the desk reads them in its own language.
TRIED = (
    ("waited", _("Waited a day and looked again")),
    ("public_site", _("Looked it up on the national verification site")),
    ("uploaded_again", _("Uploaded it again")),
    ("asked_vendor", _("Asked the software vendor")),
    ("asked_counterpart", _("Asked the other party")),
    ("called_hotline", _("Called the tax hotline 12366")),
)


def kind_choices() -> list[tuple[str, Any]]:
    return [("", _("Not sure")), *((code, _(kind.name)) for code, kind in KINDS.items())]


class MoneyInput(forms.CharField):
    """Yuan as people type them: spaces, commas and ¥ are forgiven."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs
        )

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        money = parse_money(text)
        if money is None:
            raise forms.ValidationError(_("Give the amount in yuan, 12,800.00 for example"), code="amount.form")
        return money


class SituationForm(forms.Form):
    """Step 1: one question."""

    symptom = forms.ChoiceField(
        label=_("What do you see?"),
        choices=choices(words.SYMPTOM_LABELS),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you see")},
    )


class InvoiceForm(forms.Form):
    """One invoice as the enterprise states it."""

    kind = forms.ChoiceField(label=_("Invoice kind"), choices=kind_choices, required=False)
    number = forms.CharField(
        label=_("Invoice number"),
        max_length=40,
        required=False,
        help_text=_("20 digits for digital invoices, 8 for others"),
    )
    code = forms.CharField(
        label=_("Invoice code"),
        max_length=40,
        required=False,
        help_text=_("10 or 12 digits; digital invoices have none"),
    )
    issue_date = forms.DateField(
        label=_("Issue date"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    amount = MoneyInput(label=_("Amount without tax"))
    tax = MoneyInput(label=_("Tax"))
    total = MoneyInput(label=_("Total with tax"))
    seller_name = forms.CharField(label=_("Seller"), max_length=300, required=False)
    seller_tax_id = forms.CharField(label=_("Seller's tax number"), max_length=40, required=False)
    buyer_name = forms.CharField(label=_("Buyer"), max_length=300, required=False)
    buyer_tax_id = forms.CharField(label=_("Buyer's tax number"), max_length=40, required=False)
    check_code = forms.CharField(
        label=_("Check code"), max_length=40, required=False, help_text=_("Last six digits are enough")
    )

    def invoice(self) -> Invoice:
        values: dict[str, Any] = {name: self.cleaned_data.get(name) for name in INVOICE_FIELDS}
        return Invoice(**values)


MAX_INVOICES = 20
InvoiceFormSet = formset_factory(
    InvoiceForm, extra=0, min_num=1, max_num=MAX_INVOICES, absolute_max=MAX_INVOICES, can_delete=False
)


class DetailsForm(forms.Form):
    """Step 2: the words around the files."""

    subject = forms.CharField(
        label=_("In one line: what is wrong?"),
        max_length=MAX_SUBJECT,
        error_messages={"required": _("Say in one line what is wrong")},
    )
    description = forms.CharField(
        label=_("What happened, and what did the system say?"),
        max_length=MAX_BODY,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    tried = forms.MultipleChoiceField(
        label=_("Already tried"), choices=TRIED, required=False, widget=forms.CheckboxSelectMultiple
    )
    software = forms.CharField(label=_("Issuing software"), max_length=80, required=False)
    software_version = forms.CharField(label=_("Software version"), max_length=40, required=False)


class MessageForm(forms.Form):
    body = forms.CharField(label=_("Message"), max_length=MAX_BODY, widget=forms.Textarea(attrs={"rows": 4}))


class CheckForm(forms.Form):
    """What a look-up said."""

    site = forms.ChoiceField(label=_("Where"), choices=Site.choices)
    outcome = forms.ChoiceField(label=_("What it said"), choices=CheckOutcome.choices)
    looked_up_at = forms.DateTimeField(
        label=_("When"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class ListForm(forms.Form):
    """A list exported from the tax side."""

    file = forms.FileField(label=_("List (CSV or XLSX)"))
    site = forms.ChoiceField(label=_("Where it comes from"), choices=Site.choices)
    exported_at = forms.DateTimeField(
        label=_("Exported at"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    since = forms.DateField(
        label=_("Holds all invoices issued from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(label=_("to"), required=False, widget=forms.DateInput(attrs={"type": "date"}))


class BatchForm(forms.Form):
    """What a list is about, for its ticket."""

    subject = forms.CharField(label=_("Subject"), max_length=MAX_SUBJECT)
    symptom = forms.ChoiceField(label=_("Situation"), choices=choices(words.SYMPTOM_LABELS))
    description = forms.CharField(
        label=_("What happened"), max_length=MAX_BODY, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class PropertiesForm(forms.Form):
    """The desk's fields of a ticket."""

    symptom = forms.ChoiceField(label=_("Situation"), choices=choices(words.SYMPTOM_LABELS))
    cause = forms.ChoiceField(
        label=_("Cause"), choices=[("", _("Not decided")), *choices(words.CAUSE_LABELS)], required=False
    )
    priority = forms.TypedChoiceField(label=_("Priority"), choices=choices(words.PRIORITY_LABELS), coerce=int)
    queue = forms.ChoiceField(label=_("Queue"), choices=choices(words.QUEUE_LABELS))


class ResolveForm(forms.Form):
    cause = forms.ChoiceField(label=_("Cause"), choices=choices(words.CAUSE_LABELS))
    resolution = forms.CharField(
        label=_("What solved it"), max_length=MAX_BODY, widget=forms.Textarea(attrs={"rows": 3})
    )
    article = forms.CharField(label=_("Article"), max_length=120, required=False)


class WorkingHours(forms.DecimalField):
    """Hours of working time as people write them; a whole number of minutes to the services."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.NumberInput(attrs={"step": "0.25"})
        super().__init__(required=False, min_value=0, max_value=1000, max_digits=8, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        hours = super().clean(value)
        return None if hours is None else round(hours * 60)


class PolicyForm(forms.Form):
    """One version of a policy of service levels."""

    name = forms.CharField(label=_("Name"), max_length=80)
    priority = forms.TypedChoiceField(
        label=_("Priority"),
        choices=[("", _("Any priority")), *choices(words.PRIORITY_LABELS)],
        coerce=int,
        empty_value=None,
        required=False,
    )
    kind = forms.ChoiceField(
        label=_("Invoice kind"),
        choices=lambda: [("", _("Any kind")), *kind_choices()[1:]],
        required=False,
        help_text=_("Holds when one invoice of the ticket is of this kind"),
    )
    tier = forms.ChoiceField(label=_("Enterprise"), choices=choices(TIER_LABELS), required=False)
    first_look = WorkingHours(label=_("First look, working hours"), help_text=_("Empty: not promised"))
    first_response = WorkingHours(label=_("First response, working hours"), help_text=_("Empty: not promised"))
    next_response = WorkingHours(label=_("Next response, working hours"), help_text=_("Empty: as the standard says"))
    resolution = WorkingHours(label=_("Resolution, working hours"), help_text=_("Empty: not promised"))
    pauses = forms.MultipleChoiceField(
        label=_("The clock of the resolution stands still while"),
        choices=[(name, _(LIFECYCLE.states[name].label)) for name in sorted(PAUSING)],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=sorted(PAUSING),
    )
    hours = forms.CharField(
        label=_("Worked hours of a day"),
        max_length=200,
        initial=write_hours(HOURS),
        help_text=_("Beijing time, like 09:00-12:00, 13:30-18:00"),
    )
    warn_before = WorkingHours(
        label=_("Warn before, working hours"), help_text=_("The assignee, or supervisors while nobody has it")
    )
    tells_supervisors = forms.BooleanField(label=_("Tell supervisors once it is overdue"), required=False)
    raises_priority = forms.BooleanField(label=_("Raise the priority once it is overdue"), required=False)
    is_retired = forms.BooleanField(label=_("Out of use"), required=False)
    reason = forms.CharField(label=_("Reason of the change"), max_length=300)
