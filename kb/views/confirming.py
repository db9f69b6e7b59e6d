"""Rules to confirm: the reader's button, the editor's switch and list."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import require
from accounts.permissions import Permission
from kb import confirming
from kb.models import Article
from kb.views.subjects import number_of


@require_POST
@login_required
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """ "I have read version N", of the text that the reader has before the eyes."""
    article = get_object_or_404(Article.objects.visible_to(request.user), slug=slug)
    text = confirming.confirm(article=article, revision=number_of(request, "revision"), by=request.user).revision
    messages.success(request, _("Noted: you have read version %(number)s.") % {"number": text.number})
    return redirect(f"{reverse('kb_article', args=[slug])}?lang={text.language}")


@require_POST
@login_required
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Whether readers of the article confirm that they have read it."""
    require(request.user, Permission.KB_EDIT)
    article = get_object_or_404(Article.objects.visible_to(request.user), slug=slug)
    is_asked = request.POST.get("ask") == "yes"
    confirming.ask(article=article, is_asked=is_asked, by=request.user, version=number_of(request, "version"))
    messages.success(request, _("Saved."))
    return redirect("desk_kb_article", slug=slug)
