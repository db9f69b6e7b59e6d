"""Keeping published articles right: what is due, the address, "checked, still right", dead links."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common.errors import Invalid
from kb import confirming, reading, upkeep
from kb.forms import AddressForm, CheckedForm, explain
from kb.models import Article, Revision
from kb.views.subjects import number_of


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """What an editor should look at: checks that are due, translations that are behind, links and pictures."""
    require(request.user, Permission.KB_READ_STAFF)
    titles = {text.article_id: text.title for text in _live(request)}
    context = {
        "due": [(article, titles.get(article.pk, article.slug)) for article in upkeep.due()],
        "behind": reading.behind(request.user),
        "edits": request.user.can(Permission.KB_EDIT),
        "faults": [(fault, upkeep.FAULTS[fault.code]) for fault in upkeep.faults()],
    }
    return render(request, "desk/kb/upkeep.html", context)


def _live(request: HttpRequest) -> list[Revision]:
    rows = Revision.objects.visible_to(request.user).published()
    return reading.in_language(rows.defer("body"), get_language() or "")


@require_safe
@login_required
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """The address of one article and the day of its next check."""
    require(request.user, Permission.KB_EDIT)
    return _page(request, _article(request, slug), AddressForm(initial={"slug": slug}), CheckedForm())


def _article(request: HttpRequest, slug: str) -> Article:
    rows: Any = Article.objects.visible_to(request.user).select_related("category")
    return get_object_or_404(rows, slug=slug)


def _page(request: HttpRequest, found: Article, address: Any, checked: Any) -> HttpResponse:
    former = found.former_addresses.order_by("slug").values_list("slug", flat=True)
    context: dict[str, Any] = {"article": found, "address": address, "checked": checked, "former": former}
    if found.must_confirm:
        context |= {"readers": confirming.readers(found), "others": confirming.others(found)}
    is_wrong = address.is_bound or checked.is_bound
    return render(request, "desk/kb/article.html", context, status=422 if is_wrong else 200)


@require_POST
@login_required
def rename(request: HttpRequest, slug: str) -> HttpResponse:
    require(request.user, Permission.KB_EDIT)
    found, form = _article(request, slug), AddressForm(request.POST)
    if form.is_valid():
        try:
            given = form.cleaned_data["slug"]
            upkeep.rename(article=found, slug=given, by=request.user, version=number_of(request, "version"))
            messages.success(request, _("The article has its new address; the old one leads there."))
            return redirect("desk_kb_article", slug=given)
        except Invalid as refusal:
            explain(form, refusal)
    return _page(request, found, form, CheckedForm())


@require_POST
@login_required
def verified(request: HttpRequest, slug: str) -> HttpResponse:
    """ "Checked, still right": from the list with one click, or with another day."""
    require(request.user, Permission.KB_EDIT)
    found, form = _article(request, slug), CheckedForm(request.POST)
    if form.is_valid():
        day = form.cleaned_data["review_by"]
        try:
            upkeep.verify(article=found, by=request.user, version=number_of(request, "version"), review_by=day)
            messages.success(request, _("Noted. Readers see today as the day of the last check."))
            return redirect("desk_kb_upkeep") if "list" in request.POST else redirect("desk_kb_article", slug=slug)
        except Invalid as refusal:
            explain(form, refusal)
    return _page(request, found, AddressForm(initial={"slug": slug}), form)
