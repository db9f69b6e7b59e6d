"""The phrases that mean the same, for editors; everybody at the desk may look."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common.errors import DomainError, Stale
from helpdesk.common.messages import gettext_noop
from kb import wording
from kb.comparing import compare
from kb.forms import SynonymsForm, explain

KINDS = {
    "synonyms.added": gettext_noop("Added"),
    "synonyms.changed": gettext_noop("Changed"),
    "synonyms.retired": gettext_noop("Taken out of use"),
    "synonyms.restored": gettext_noop("Back in use"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def groups(request: HttpRequest) -> HttpResponse:
    """All groups, and the form for a new one."""
    require(request.user, Permission.KB_EDIT if request.method == "POST" else Permission.KB_READ_STAFF)
    form = SynonymsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            wording.keep(phrases=form.cleaned_data["phrases"].splitlines(), by=request.user)
            messages.success(request, _("Saved. Searches use it from now on."))
            return redirect("desk_kb_synonyms")
        except DomainError as error:
            explain(form, error)
    q = request.GET.get("q", "").strip()[:100]
    edits = request.user.can(Permission.KB_EDIT)
    context = {"form": form, "groups": wording.groups(q), "q": q, "edits": edits, "tab": "synonyms"}
    return render(request, "desk/kb/synonyms.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """One group with its history; another's change in between is shown, never overwritten."""
    require(request.user, Permission.KB_EDIT)
    found = wording.find(pk)
    form = SynonymsForm(request.POST or None, initial={"phrases": "\n".join(found.phrases)})
    context = {"group": found, "form": form, "tab": "synonyms"}
    status = 200
    if request.method == "POST":
        if not (refused := _change(request, found, form)):
            return redirect("desk_kb_synonyms")
        context, status = context | refused, 412 if refused["theirs"] else 422
    context["events"] = [(KINDS[event.kind], event) for event in wording.history(found)]
    return render(request, "desk/kb/synonym_group.html", context, status=status)


def _change(request: HttpRequest, found: wording.SynonymGroup, form: SynonymsForm) -> dict[str, Any]:
    """Save the phrases, or take the group out of use and back; what to show when that was refused."""
    given, by = request.POST.get("version", ""), request.user
    version = int(given) if given.isdecimal() else 0
    refused: dict[str, Any] = {"theirs": []}
    try:
        if "use" in request.POST:
            wording.use(group=found, is_used=request.POST["use"] == "1", by=by, version=version)
        elif form.is_valid():
            wording.keep(phrases=form.cleaned_data["phrases"].splitlines(), by=by, group=found, version=version)
        else:
            return refused
    except Stale as stale:
        theirs = wording.find(found.pk)
        explain(form, stale)
        mine = request.POST.get("phrases", "").splitlines()
        return {"theirs": compare(theirs.phrases, mine), "group": theirs}
    except DomainError as error:
        explain(form, error)
        return refused
    messages.success(request, _("Saved. Searches use it from now on."))
    return {}
