"""PURE. Rules about the file as a whole; the profile's reader tells them."""

from __future__ import annotations

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.model import Severity
from tickets.invoices.packages import bases
from tickets.invoices.packages.contract import Rule

EMPTY = Rule("package.empty", Severity.ERROR, _("The package holds no invoice."), bases.FIELDS)
TOO_MANY = Rule(
    "package.too_many",
    Severity.ERROR,
    _("The package holds more than %(limit)s invoices. The first %(limit)s were checked; split the package."),
    bases.FIELDS,
)
NO_ARRAY = Rule(
    "package.array",
    Severity.ERROR,
    _("The package must be an array of invoices, even for a single one. Put it in square brackets."),
    bases.FIELDS,
)
ENCODING = Rule(
    "package.encoding",
    Severity.INFO,
    _("The file is written in %(encoding)s. JSON is exchanged in UTF-8 without a mark at its start."),
    bases.JSON,
)
SKIPPED = Rule(
    "package.skipped",
    Severity.INFO,
    _("%(count)s files in the archive are no invoice XML and were left out."),
    bases.LAYOUT,
)
TOO_MANY_LINES = Rule(
    "lines.unread",
    Severity.WARNING,
    _("The lines of this invoice were not checked: there are too many of them, or too many wrong cells."),
    bases.SERVICE,
)
NO_OBJECT = Rule("invoice.type", Severity.ERROR, _("This is no invoice: named fields in braces go here."), bases.FIELDS)
KNOWN = Rule("number.known", Severity.INFO, _("This number is part of your ticket %(tickets)s already."), bases.SERVICE)
FOUND = Rule(
    "number.found",
    Severity.WARNING,
    _("The tax system has a record of this number already, see ticket %(tickets)s. A second upload will be refused."),
    bases.SERVICE,
)
#: In the order of a list of rules; the reader and the service tell them.
TOLD = (EMPTY, TOO_MANY, NO_ARRAY, ENCODING, SKIPPED, TOO_MANY_LINES, NO_OBJECT, KNOWN, FOUND)
