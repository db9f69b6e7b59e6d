"""The words of a report."""

from __future__ import annotations

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.model import Severity

SEVERITY_LABELS = {Severity.ERROR: _("Errors"), Severity.WARNING: _("Warnings"), Severity.INFO: _("Hints")}
SEVERITY_LABEL = {Severity.ERROR: _("Error"), Severity.WARNING: _("Warning"), Severity.INFO: _("Hint")}
TONES = {Severity.ERROR: "danger", Severity.WARNING: "warning", Severity.INFO: "info"}
