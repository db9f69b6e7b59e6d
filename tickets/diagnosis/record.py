"""PURE. A diagnosis as data of a ticket's history, and back; of an older tree, what is still known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk.common.messages import gettext_noop as _
from tickets.diagnosis.leaves import LEAVES, Leaf
from tickets.diagnosis.questions import QUESTIONS
from tickets.diagnosis.tree import VERSION, Given, Outcome

#: Where a step came from.
SOURCE_LABELS: Mapping[str, str] = {
    "answer": _("answered"),
    "answers": _("follows from the answers"),
    "file": _("from the invoice file"),
    "check": _("from look-ups on record"),
}

#: What an answer says of what was tried already, in the words of the ticket form: (question, choice) → key.
_TRIED = {
    ("who", "public"): "public_site",
    ("looked", "found"): "public_site",
    ("looked", "nothing"): "public_site",
    ("looked", "differs"): "public_site",
    ("asked", "uploaded"): "asked_counterpart",
    ("asked", "silent"): "asked_counterpart",
    ("state", "failed"): "uploaded_again",
}


def as_data(outcome: Outcome) -> dict[str, Any]:
    """{version, leaf, at (ISO or ""), trail: [[question, choice, source]]}"""
    return {
        "version": VERSION,
        "leaf": outcome.leaf.key,
        "at": outcome.at.isoformat() if outcome.at else "",
        "trail": [[step.question.key, step.choice.key, step.source] for step in outcome.trail],
    }


@dataclass(frozen=True, slots=True)
class Recalled:
    """A kept diagnosis: its leaf, and the steps that led there."""

    leaf: Leaf | None
    trail: tuple[Given, ...]


def recall(data: Mapping[str, Any]) -> Recalled:
    """The reverse of `as_data`; a question or choice that exists no longer is left out."""
    trail = []
    for key, chosen, source in data.get("trail", ()):
        question = QUESTIONS.get(key)
        choice = question.choice(chosen) if question else None
        if question and choice:
            trail.append(Given(question, choice, source))
    return Recalled(LEAVES.get(data.get("leaf", "")), tuple(trail))


def tried(outcome: Outcome) -> list[str]:
    """Keys of the ticket form's list of what was tried."""
    found = [_TRIED.get((step.question.key, step.choice.key), "") for step in outcome.trail]
    return [key for key in dict.fromkeys(found) if key]
