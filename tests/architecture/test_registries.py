"""Registries: adding a case is one line there and one test here."""

from __future__ import annotations

import dataclasses
import re

import pytest

from tests.architecture.source import ROOT, files


def text_of_tests() -> str:
    return "\n".join(p.read_text() for p in files(".py") if p.relative_to(ROOT).parts[0] == "tests")


def test_every_entry_of_a_registry_is_named_by_a_test() -> None:
    from helpdesk.common.scanners import SCANNERS
    from kb.lifecycle import LIFECYCLE as ARTICLE
    from tickets.backfill.lifecycle import LIFECYCLE as BACKFILL
    from tickets.batches.lifecycle import LIFECYCLE as BATCH
    from tickets.checks.sources import CHECK_SOURCES
    from tickets.invoices.limits import _TEXTS
    from tickets.invoices.parse import PARSERS
    from tickets.lifecycle import LIFECYCLE as TICKET

    words = {"test_file": "EICAR", "Person": "look_up", "ImportedList": "import_list"}  # what tests call them
    names = [
        *_TEXTS,
        *(f"Carrier.{carrier.name}" for carrier in PARSERS),
        *(source.__name__ for source in CHECK_SOURCES.values()),
        *(scanner.__name__ for scanner in SCANNERS),
        *(action for table in (TICKET, BACKFILL, ARTICLE, BATCH) for action in table.transitions),
    ]
    text = text_of_tests()
    assert not [n for n in names if not re.search(rf"(?<![\w.]){re.escape(words.get(n, n))}\b", text)]


def test_every_triage_rule_makes_a_difference_to_a_tested_case(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.triage.test_rules import CAUSES, PRIORITIES, facts, item
    from tickets.invoices.validate import validate
    from tickets.triage import rules

    wrong = item(number="2.4112E+19")
    slip = dataclasses.replace(wrong, findings=validate(wrong.claim, now=facts().now))
    assert rules.propose(facts(invoices=(slip,))).values["cause"][0] == "data_entry"
    cases = [known for known, _ in (*CAUSES.values(), *PRIORITIES.values())]
    cases += [facts(duplicates=("2026-0001-7",), invoices=(item(),)), facts(invoices=(slip,))]
    every = list(rules.TRIAGE_RULES)
    before = [rules.propose(known) for known in cases]
    for rule in every:
        monkeypatch.setattr(rules, "TRIAGE_RULES", [other for other in every if other is not rule])
        assert _proposed(rules, cases) != before, rule.__name__


def _proposed(rules: object, cases: list[object]) -> list[object]:
    """A case that a missing rule leaves without any suggestion is a difference too."""
    try:
        return [rules.propose(known) for known in cases]  # type: ignore[attr-defined]
    except (KeyError, IndexError, StopIteration):
        return []
