"""The table of rules lists every code that a rule can say, as severe as the rule says it."""

from __future__ import annotations

import ast
from pathlib import Path

from tickets.invoices import identifiers, validate
from tickets.invoices.bases import RULES
from tickets.invoices.model import Severity
from tickets.invoices.packages import PROFILES

LISTED = {rule.code: rule for rule in RULES}
SAYING = {"_error": Severity.ERROR, "_warning": Severity.WARNING, "_info": Severity.INFO}
#: Reasons of a file and not of an invoice.
OF_FILES = ("file.", "member.", "package.")


def said() -> dict[str, set[Severity | None]]:
    """Code → severities, as the sources of the rules have them."""
    found: dict[str, set[Severity | None]] = {}
    for module in (validate, identifiers):
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                code = node.args[0]
                if node.func.id in {*SAYING, "Slip"} and isinstance(code, ast.Constant):
                    found.setdefault(str(code.value), set()).add(SAYING.get(node.func.id))
    return found


def test_every_code_of_a_rule_is_listed_once() -> None:
    assert len(LISTED) == len(RULES)
    assert not {code for code in said() if code not in LISTED and not code.startswith(OF_FILES)}
    assert not set(LISTED) - set(said()) - {"qr.crc", "source.differs"}


def test_a_listed_rule_is_as_severe_as_it_speaks() -> None:
    spoken = {code: {s or validate._severity(code) for s in severities} for code, severities in said().items()}
    assert {code: {LISTED[code].severity} for code in spoken} == spoken


def test_what_refuses_a_field_is_listed_as_an_error() -> None:
    assert {LISTED[code].severity for code in validate.BLOCKING} == {Severity.ERROR}


def test_every_rule_names_where_it_is_written_and_when_that_was_read() -> None:
    packages = [rule for profile in PROFILES.values() for rule in profile.rules]
    for rule in (*RULES, *packages):
        assert rule.basis.text.strip(), rule.code
        assert rule.basis.reviewed.year >= 2026, rule.code
