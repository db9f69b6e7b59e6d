"""What the editor's pages stand on: an article and its texts in one language."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from helpdesk.common.errors import Missing
from kb import scope
from kb.comparing import Line, compare
from kb.lifecycle import LIFECYCLE, PUBLISHED
from kb.models import Article, Revision


class Subject(NamedTuple):
    """The article, its published and its open text in the language of the address."""

    article: Article
    live: Revision | None
    draft: Revision | None


def languages() -> dict[str, str]:
    return dict(settings.LANGUAGES)


def subject(request: HttpRequest, slug: str, language: str) -> Subject:
    """Raises Missing for an unknown language, Http404 for an article that the person doesn't see."""
    if language not in languages():
        raise Missing
    article = get_object_or_404(Article.objects.visible_to(request.user).select_related("category"), slug=slug)
    texts = Revision.objects.visible_to(request.user).filter(article=article, language=language)
    texts = texts.select_related("article__category", "author", "reviewer")
    return Subject(
        article, texts.filter(status=PUBLISHED).first(), texts.filter(status__in=LIFECYCLE.open_states).first()
    )


def number_of(request: HttpRequest, name: str) -> int:
    """A whole number that a form carries; 0 for anything else."""
    given = request.POST.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 10 else 0


def differences(before: Revision, after: Revision) -> list[Line]:
    return compare(whole(before), whole(after))


def whole(text: Revision) -> list[str]:
    """Every line that readers get, those beside the text as well."""
    return whole_of(
        {name: getattr(text, name) for name in ("title", "summary", "keywords", "sources", "scope", "body")}
    )


def whole_of(values: dict[str, Any]) -> list[str]:
    head = [values["title"], values["summary"], values["keywords"], *values["sources"].splitlines()]
    told = _("Applies to: %(what)s") % {"what": _(", ").join(_(tag) for tag in scope.tags(values["scope"]))}
    return [line for line in (*head, told if values["scope"] else "") if line] + values["body"].splitlines()
