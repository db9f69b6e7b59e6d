"""The check of an upload package. The page carries the package itself from button to button: nothing is kept here."""

from __future__ import annotations

import base64
import binascii
import functools
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.base import ContentFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from helpdesk.common.cells import MEDIA_TYPE
from helpdesk.common.messages import Message, gettext_noop
from helpdesk.common.pace import slow_down
from kb.search import suggest_for
from tickets import drafts, services
from tickets.evidence.models import Purpose
from tickets.evidence.services import clean_name, receive
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.model import Severity
from tickets.invoices.packages import PROFILES
from tickets.invoices.packages.contract import Checked, PackageFinding, Report
from tickets.models import Ticket
from tickets.packages import services as packages
from tickets.packages.words import SEVERITY_LABEL, SEVERITY_LABELS, TONES
from tickets.packages.workbook import workbook
from tickets.vocabulary import Symptom

EACH_MINUTE = 30
CARRIED = 1_500_000  # characters of a package in the page; a form post may have two million bytes
LISTED = 300  # findings on the page; the report lists all
TARGETS = 50
NEW = "new"


@dataclass(frozen=True, slots=True)
class Given:
    """A package as it came: from the file field, or carried by the page before."""

    data: bytes
    name: str
    profile: str

    @property
    def carried(self) -> str:
        """The package for a hidden field; "" when it is too large for one."""
        text = base64.b64encode(zlib.compress(self.data)).decode()
        return text if len(text) <= CARRIED else ""


View = Callable[[HttpRequest, Given, Report], HttpResponse]


def checking(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """A view of a package that was checked; refusals lead back to the page with their reason."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @functools.wraps(view)
    def wrapper(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return _page(request)
        slow_down(request, "check-package", each_minute=EACH_MINUTE)
        given = _given(request)
        if given is None:
            return _page(request, error=Message(gettext_noop("Choose a file first.")))
        try:
            report = packages.check(data=given.data, name=given.name, profile=given.profile, by=request.user)
        except Refused as refused:
            return _page(request, error=refused.message, name=given.name, profile=given.profile)
        return view(request, given, report)

    return wrapper


def _given(request: HttpRequest) -> Given | None:
    profile = request.POST.get("profile", "")
    profile = profile if profile in PROFILES else ""
    file = request.FILES.get("file") or request.FILES.get("files")  # the self-check hands its file on
    if file is not None:
        return Given(file.read(Limits().max_bytes + 1), clean_name(file.name or ""), profile)
    data = _uncarried(request.POST.get("package", ""))
    return Given(data, clean_name(request.POST.get("name", "")), profile) if data else None


def _uncarried(text: str) -> bytes:
    """The reverse of `carried`; what was tampered with is no package."""
    try:
        return zlib.decompressobj().decompress(base64.b64decode(text, validate=True), Limits().max_bytes + 1)
    except (binascii.Error, ValueError, zlib.error):
        return b""


def _page(request: HttpRequest, **given: Any) -> HttpResponse:
    context = {"profiles": PROFILES.values(), "nav": "check", **given}
    return render(request, "check_package.html", context, status=422 if "error" in given else 200)


@checking
def package(request: HttpRequest, given: Given, report: Report) -> HttpResponse:
    """The form, and what was found in the package that came with it."""
    chosen = {name: request.POST.get(name, "") for name in ("severity", "code", "invoice")}
    groups, shown, fitting = _groups(report, chosen)
    codes = Counter(finding.code for finding in report.all())
    return _page(
        request,
        **_told(given, report),
        chosen=chosen,
        groups=groups,
        hidden=fitting - shown,
        fitting=fitting,
        codes=sorted(codes.items()),
        severities=[(s.value, SEVERITY_LABELS[s], report.counts[s]) for s in Severity],
        targets=_targets(request),
        may_attach=request.user.is_authenticated and bool(request.user.organisation_ids(Permission.ORG_TICKET_FILE)),
        articles=_articles(request, codes),
    )


def _told(given: Given, report: Report) -> dict[str, Any]:
    return {
        "name": given.name,
        "profile": given.profile,
        "carried": given.carried,
        "report": report,
        "kind": PROFILES[report.profile].label,
        "errors": report.counts[Severity.ERROR],
        "warnings": report.counts[Severity.WARNING],
        "tones": TONES,
        "words": SEVERITY_LABEL,
    }


Group = tuple[Checked | None, list[PackageFinding]]


def _groups(report: Report, chosen: dict[str, str]) -> tuple[list[Group], int, int]:
    """(each invoice with its findings that fit the filters, how many are shown, how many fit)."""
    groups: list[Group] = []
    shown = fitting = 0
    for one in (None, *report.invoices):
        findings = report.findings if one is None else one.findings
        fit = [finding for finding in findings if _fits(finding, chosen)]
        keep = fit[: max(0, LISTED - shown)]
        shown, fitting = shown + len(keep), fitting + len(fit)
        if keep:
            groups.append((one, keep))
    return groups, shown, fitting


def _fits(finding: PackageFinding, chosen: dict[str, str]) -> bool:
    own = {"severity": finding.severity.value, "code": finding.code, "invoice": str(finding.invoice)}
    return all(not chosen[name] or chosen[name] == value for name, value in own.items())


def _articles(request: HttpRequest, codes: Counter[str]) -> Any:
    language = get_language() or "zh-hans"
    most = tuple(code for code, _count in codes.most_common(5))
    return suggest_for("", codes=most, user=request.user, language=language) if most else []


def _targets(request: HttpRequest) -> Any:
    """The open tickets that the person may write in for an enterprise."""
    if not request.user.is_authenticated:
        return Ticket.objects.none()
    own = request.user.organisation_ids(Permission.ORG_TICKET_FILE)
    rows = Ticket.objects.visible_to(request.user).open().filter(organisation__in=own)
    return rows.order_by("-updated_at", "-pk")


def _report_name(given: Given) -> str:
    stem = given.name.rpartition(".")[0] or given.name
    return clean_name(f"{stem[:100]}-{_('check-report')}.xlsx")


@checking
def report(request: HttpRequest, given: Given, report: Report) -> HttpResponse:
    """The report as a workbook."""
    response = HttpResponse(workbook(report, name=given.name), content_type=MEDIA_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, _report_name(given))  # noqa: FBT003
    return response


@checking
def printed(request: HttpRequest, given: Given, report: Report) -> HttpResponse:
    """The report as a page for paper, every finding of it."""
    rules = {rule.code: rule for rule in PROFILES[report.profile].rules}
    used = {finding.code for finding in report.all()}
    bases = [(code, rules[code].basis) for code in sorted(used & rules.keys())]
    return render(request, "check_package_print.html", {"nav": "check", "bases": bases, **_told(given, report)})


@login_required
@checking
def attach(request: HttpRequest, given: Given, report: Report) -> HttpResponse:
    """Package and report become evidence, of a new ticket or of an open one."""
    target = request.POST.get("target", NEW)
    ticket = None if target == NEW else get_object_or_404(_targets(request), number=target)
    files = ((given.name, given.data), (_report_name(given), workbook(report, name=given.name)))
    ids = [
        str(receive(file=ContentFile(data), name=name, purpose=Purpose.OTHER, by=request.user).pk)
        for name, data in files
    ]
    if ticket is None:
        return _into_draft(request, ids)
    counts = {"name": given.name, "errors": report.counts[Severity.ERROR], "warnings": report.counts[Severity.WARNING]}
    body = _("Package check of %(name)s: %(errors)s errors, %(warnings)s warnings. Package and report are attached.")
    services.comment(ticket=ticket, body=body % counts, by=request.user, evidence_ids=ids)
    messages.success(request, _("Sent."))
    return redirect("ticket", number=ticket.number)


def _into_draft(request: HttpRequest, ids: list[str]) -> HttpResponse:
    draft = drafts.load(request.user, drafts.NEW_TICKET)
    draft.setdefault("symptom", Symptom.BATCH_UPLOAD_FAILED.value)
    draft["files"] = [*ids, *draft.get("files", [])]
    drafts.save(request.user, drafts.NEW_TICKET, draft)
    messages.success(request, _("The package and its report are in your draft."))
    return redirect("ticket_new_details")
