"""The report of a package check as a workbook. Words come from the package, so no cell is ever a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook

from helpdesk.common.cells import fill
from helpdesk.common.http import say
from helpdesk.common.messages import Message
from tickets.invoices.model import Severity
from tickets.invoices.packages import PROFILES
from tickets.invoices.packages.contract import PackageFinding, Report
from tickets.invoices.packages.rules.package import TOLD
from tickets.packages.words import SEVERITY_LABEL, SEVERITY_LABELS

_WIDTHS = (9, 24, 7, 10, 22, 34, 60, 24, 20, 44)


def workbook(report: Report, *, name: str) -> bytes:
    """Two sheets: a summary, and a row for each finding."""
    book = Workbook(write_only=True)
    fill(book.create_sheet(_("Summary")), (24, 60), _summary(report, name))
    fill(book.create_sheet(_("Findings")), _WIDTHS, _rows(report))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _summary(report: Report, name: str) -> Iterable[tuple[object, object]]:
    counts = report.counts
    yield _("Report of a package check"), name
    yield _("Kind of package"), _(PROFILES[report.profile].label)
    yield _("Rule set"), f"{report.version} ({report.reviewed.isoformat()})"
    yield _("Checked at"), timezone.localtime(report.checked_at).strftime("%Y-%m-%d %H:%M:%S")
    yield _("Invoices"), len(report.invoices)
    yield _("Lines"), report.lines
    yield _("Without errors and warnings"), report.sound
    for severity in Severity:
        yield _(SEVERITY_LABELS[severity]), counts[severity]
    if report.left_out:
        yield _("Not listed"), report.left_out


def _rows(report: Report) -> Iterable[tuple[object, ...]]:
    yield (
        _("Invoice"), _("Invoice number"), _("Line"), _("Severity"), _("Field"), _("Path"), _("Finding"),
        _("Suggestion"), _("Rule"), _("Source"),
    )  # fmt: skip
    numbers = {one.index: one.number for one in report.invoices}
    bases = {rule.code: rule.basis.text for rule in (*PROFILES[report.profile].rules, *TOLD)}
    yield from (_row(finding, numbers.get(finding.invoice, ""), bases) for finding in report.all())


def _row(finding: PackageFinding, number: str, bases: dict[str, str]) -> tuple[object, ...]:
    return (
        finding.invoice or "", number, finding.line or "", _(SEVERITY_LABEL[finding.severity]),
        say(Message(finding.label)) if finding.label else "", finding.field, say(finding.message), finding.suggestion,
        finding.code, bases.get(finding.code, ""),
    )  # fmt: skip
