"""The table of all rules about invoices, for the desk: what each says, where it is written, and who looked when."""

from __future__ import annotations

import re

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common.messages import gettext_noop
from tickets.invoices.bases import RULES
from tickets.invoices.packages import PROFILES
from tickets.invoices.packages.bases import RULE_SET
from tickets.invoices.validate import BLOCKING
from tickets.packages.words import SEVERITY_LABEL, TONES

ONE = gettext_noop("Single invoices: forms, files, lists and the API")


@require_safe
@login_required
def rules(request: HttpRequest) -> HttpResponse:
    """One table for single invoices and one for each kind of package."""
    require(request.user, Permission.KB_READ_STAFF)
    single = [(r.code, r.severity, _(r.says), r.basis, r.code in BLOCKING) for r in RULES]
    packages = [
        (profile.label, [(r.code, r.severity, _said(r.text), r.basis, False) for r in profile.rules])
        for profile in PROFILES.values()
    ]
    context = {"tables": [(ONE, single), *packages], "rule_set": RULE_SET, "words": SEVERITY_LABEL, "tones": TONES}
    return render(request, "desk/rules.html", context)


def _said(text: str) -> str:
    """The words of a rule without what it found."""
    return re.sub(r"%\(\w+\)s", "…", _(text))
