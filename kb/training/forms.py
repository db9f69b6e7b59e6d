"""Forms of the training's staff. They turn text into values; every rule is the services'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User, choices
from accounts.permissions import Permission, StaffRole
from kb.training.models import READERS, Edition, Path
from kb.training.quiz import CHOICES, MAX_TEXT, Choice, Question
from kb.training.services import MAX_INTRO


def _people(permission: Permission | None = None) -> list[tuple[str, str]]:
    rows = User.objects.holding(permission) if permission else User.objects.staff()
    return [("", str(_("Choose"))), *((str(row.pk), str(row)) for row in rows.order_by("name"))]


def _person(value: str) -> User | None:
    return User.objects.staff().filter(pk=value).first() if value.isdecimal() else None


def _day(label: Any, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, required=False, **more)


def _roles(label: Any, help_text: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=choices(StaffRole),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=help_text,
    )


def _text(label: Any, rows: int, limit: int = MAX_TEXT, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, widget=forms.Textarea(attrs={"rows": rows}), **more)


class PurposeForm(forms.Form):
    """For whom a path is, and who looks after it."""

    audience = forms.ChoiceField(label=_("For whom"), choices=lambda: [("", _("Choose")), *READERS])
    roles = _roles(_("Meant for the roles"), _("None chosen: everybody of the readers above"))
    owner = forms.ChoiceField(label=_("Looked after by"), choices=_people, required=False)
    review_by = _day(_("Review by"))
    required_roles = _roles(
        _("Required for the roles"), _("Without a completion these roles may look, but not change anything")
    )
    required_from = _day(_("Required from"), help_text=_("Until this day everybody works on as before"))

    def given(self) -> dict[str, Any]:
        return self.cleaned_data | {"owner": _person(self.cleaned_data["owner"])}

    @staticmethod
    def purpose_of(path: Path) -> dict[str, Any]:
        names = ("audience", "roles", "review_by", "required_roles", "required_from")
        return {name: getattr(path, name) for name in names} | {"owner": str(path.owner_id or "")}


class WordsForm(forms.Form):
    """What an edition says of itself, and when its quiz is passed."""

    title = forms.CharField(label=_("Title"), max_length=120)
    title_en = forms.CharField(label=_("Title in English"), max_length=120)
    body = _text(_("Introduction"), 4, MAX_INTRO)
    body_en = _text(_("Introduction in English"), 4, MAX_INTRO)
    pass_mark = forms.IntegerField(label=_("Pass mark in per cent"), min_value=1, max_value=100, initial=80)
    retry_hours = forms.IntegerField(label=_("Hours until another try"), min_value=0, max_value=720, initial=24)

    @staticmethod
    def words_of(edition: Edition) -> dict[str, Any]:
        return {name: getattr(edition, name) for name in WordsForm.base_fields}


class NewForm(WordsForm, PurposeForm):
    """A new path."""

    slug = forms.SlugField(label=_("Address"), max_length=60, help_text=_("Small letters, digits and hyphens."))
    field_order = ("slug", "title", "title_en", "body", "body_en", "audience", "roles", "owner")


class QuestionForm(forms.Form):
    """A question with up to six answers in both languages."""

    text = _text(_("Question"), 2)
    text_en = _text(_("Question in English"), 2)
    explanation = _text(_("Explanation"), 2)
    explanation_en = _text(_("Explanation in English"), 2)
    source = forms.ChoiceField(label=_("Where it is explained"), required=False)

    def __init__(
        self, data: Any = None, *, sources: Sequence[tuple[str, str]], question: Question | None = None
    ) -> None:
        initial: dict[str, Any] = {}
        if question:
            names = ("text", "text_en", "explanation", "explanation_en")
            initial = {name: getattr(question, name) for name in names}
            initial["source"] = f"{question.article}.{question.section}" if question.article else ""
        super().__init__(data, initial=initial)
        self.fields["source"].choices = [("", _("Nowhere")), *sources]  # type: ignore[attr-defined]
        self._add_choices(question.choices if question else ())

    def _add_choices(self, given: Sequence[Choice]) -> None:
        for at in range(CHOICES):
            choice = given[at] if at < len(given) else Choice("", "")
            label = {"n": at + 1}
            self.fields[f"zh{at}"] = forms.CharField(
                label=_("Answer %(n)s") % label, max_length=MAX_TEXT // 2, required=False, initial=choice.text
            )
            self.fields[f"en{at}"] = forms.CharField(
                label=_("Answer %(n)s in English") % label,
                max_length=MAX_TEXT // 2,
                required=False,
                initial=choice.text_en,
            )
            self.fields[f"right{at}"] = forms.BooleanField(
                label=_("Answer %(n)s is right") % label, required=False, initial=choice.is_right
            )

    def question(self) -> Question:
        given = self.cleaned_data
        rows = [Choice(given[f"zh{at}"], given[f"en{at}"], given[f"right{at}"]) for at in range(CHOICES)]
        article, _dot, section = given["source"].rpartition(".")
        return Question(
            given["text"],
            given["text_en"],
            tuple(row for row in rows if row.text or row.text_en),
            given["explanation"],
            given["explanation_en"],
            article,
            int(section or 0),
        )


class MentorForm(forms.Form):
    """Who guides whom."""

    trainee = forms.ChoiceField(label=_("Trainee"), choices=lambda: _people(Permission.TICKET_ANSWER))
    mentor = forms.ChoiceField(label=_("Mentor"), choices=lambda: _people(Permission.TICKET_ANSWER))

    def given(self) -> dict[str, Any]:
        return {name: _person(value) for name, value in self.cleaned_data.items()}
