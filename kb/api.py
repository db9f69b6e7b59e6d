"""/kb/: articles, search, suggestions, feedback. Readable without an account, each reader within the own audience."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import generics, permissions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import idempotent
from accounts.models import LANGUAGES
from helpdesk.common import markdown
from helpdesk.common.api import etag
from helpdesk.common.errors import Missing
from helpdesk.common.http import visitor
from helpdesk.common.pace import slow_down
from helpdesk.common.paging import KeysetPagination, whole
from kb import queries, search, services
from kb.models import Article, Feedback, Revision
from kb.upkeep import moved

MAX_RESULTS = 50
EACH_MINUTE = 30  # votes, as on the page
LANGUAGE = OpenApiParameter("language", str, enum=[code for code, _name in LANGUAGES])


def language_of(request: Request) -> str:
    """The language asked for, else the reader's."""
    asked = request.query_params.get("language", "")
    return asked if asked in dict(LANGUAGES) else get_language() or LANGUAGES[0][0]


class ArticleRow(serializers.Serializer[Any]):
    """An article in a list; `score` and `snippet` (HTML with <mark>) come with a search."""

    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    language = serializers.CharField()
    category = serializers.CharField()
    score = serializers.IntegerField(required=False)
    snippet = serializers.CharField(required=False)
    published_at = serializers.DateTimeField()


class RevisionRow(serializers.ModelSerializer[Revision]):
    slug = serializers.CharField(source="article.slug")
    category = serializers.CharField(source="article.category.slug")

    class Meta:
        model = Revision
        fields: tuple[str, ...] = ("slug", "title", "summary", "language", "category", "published_at")


class ArticleDetail(RevisionRow):
    """The whole text, as Markdown and as safe HTML."""

    html = serializers.SerializerMethodField()
    audience = serializers.CharField(source="article.audience")
    languages = serializers.SerializerMethodField()

    class Meta(RevisionRow.Meta):
        fields = (*RevisionRow.Meta.fields, "number", "audience", "languages", "body", "html", "sources")

    def get_html(self, revision: Revision) -> str:
        return markdown.render(revision.body)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_languages(self, revision: Revision) -> list[str]:
        rows = Revision.objects.published().filter(article=revision.article_id)
        return list(rows.order_by("language").values_list("language", flat=True))


class SuggestionList(serializers.Serializer[Any]):
    """At most five; one page, always."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ArticleRow(many=True)


class ArticleList(generics.ListAPIView[Any]):
    """Published articles; with `q` the best answers first."""

    permission_classes = (permissions.AllowAny,)
    serializer_class = ArticleRow
    pagination_class = KeysetPagination
    filter_backends: tuple[Any, ...] = ()

    @extend_schema(
        parameters=[OpenApiParameter("q", str), OpenApiParameter("category", str), LANGUAGE],
        responses=ArticleRow(many=True),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        q, category = request.query_params.get("q", "").strip(), request.query_params.get("category", "")
        language = language_of(request)
        if q:
            size = KeysetPagination().size(request)
            hits = search.search(
                q, user=request.user, language=language, category=category, limit=min(size, MAX_RESULTS)
            )
            if not category:
                queries.record(q=q, user=request.user, language=language, place=queries.Place.API, hits=hits)
            return Response(whole(ArticleRow(hits, many=True).data))
        rows = Revision.objects.visible_to(request.user).published().filter(language=language)
        if category:
            rows = rows.filter(article__category__slug=category)
        page = self.paginate_queryset(rows.select_related("article__category"))
        return self.get_paginated_response(RevisionRow(page, many=True).data)


def find(request: Request, slug: str) -> Revision:
    """The published text in the language asked for, else in any other."""
    rows = Revision.objects.visible_to(request.user).published().filter(article__slug=slug)
    found = list(rows.select_related("article__category"))
    if not found:
        raise Missing
    language = language_of(request)
    return next((row for row in found if row.language == language), found[0])


class ArticleView(generics.GenericAPIView[Any]):
    """One article, in the language asked for, else in any."""

    permission_classes = (permissions.AllowAny,)
    serializer_class = ArticleDetail

    @extend_schema(
        parameters=[LANGUAGE], responses={200: ArticleDetail, 301: OpenApiResponse(description="It has a new address.")}
    )
    def get(self, request: Request, slug: str) -> Response:
        former = moved(slug)
        if former and Article.objects.visible_to(request.user).filter(pk=former.pk).exists():
            here = reverse("api-kb-article", args=[former.slug])
            return Response(status=status.HTTP_301_MOVED_PERMANENTLY, headers={"Location": here})
        found = find(request, slug)
        return Response(ArticleDetail(found).data, headers={"ETag": etag(found.version)})


class Suggest(generics.GenericAPIView[Any]):
    """While somebody types: at most five."""

    permission_classes = (permissions.AllowAny,)
    serializer_class = SuggestionList

    @extend_schema(parameters=[OpenApiParameter("q", str, required=True), LANGUAGE])
    def get(self, request: Request) -> Response:
        hits = search.suggest(request.query_params.get("q", ""), user=request.user, language=language_of(request))
        return Response(whole(ArticleRow(hits, many=True).data))


class FeedbackInput(serializers.Serializer[Any]):
    """One vote a visitor; voting again changes it."""

    is_helpful = serializers.BooleanField()
    reason = serializers.ChoiceField(Feedback.Reason.values, required=False, allow_blank=True)
    text = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class FeedbackView(generics.GenericAPIView[Any]):
    """Whether the article helped, and if not, why."""

    permission_classes = (permissions.AllowAny,)
    serializer_class = FeedbackInput

    @extend_schema(request=FeedbackInput, responses={201: FeedbackInput})
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        slow_down(request, "feedback", each_minute=EACH_MINUTE)
        article = get_object_or_404(Article.objects.visible_to(request.user), slug=slug)
        form = FeedbackInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        services.record_feedback(article=article, language=language_of(request), visitor=visitor(request), **given)
        return Response(given, status.HTTP_201_CREATED)


urlpatterns = [
    path("kb/articles/", ArticleList.as_view(), name="api-kb-articles"),
    path("kb/articles/<str:slug>/", ArticleView.as_view(), name="api-kb-article"),
    path("kb/articles/<str:slug>/feedback/", FeedbackView.as_view(), name="api-kb-feedback"),
    path("kb/suggest/", Suggest.as_view(), name="api-kb-suggest"),
]
