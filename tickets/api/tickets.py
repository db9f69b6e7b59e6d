"""/tickets/: file, list, read, change, talk, act."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.shortcuts import get_object_or_404
from django_filters import FilterSet
from django_filters.utils import translate_validation
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.idempotency import idempotent
from accounts.models import Organisation, User
from accounts.permissions import Permission
from helpdesk.common.api import IF_MATCH, check_version, etag
from helpdesk.common.errors import FieldError, Forbidden, Invalid
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from helpdesk.common.paging import NEWEST_FIRST, OLDEST_FIRST, KeysetPagination, whole
from tickets import intake, services, workflow
from tickets.api import serializers as shapes
from tickets.api.filing import TicketWithFiles, ticket_of, uploads_of
from tickets.backfill.models import Backfill
from tickets.evidence.models import Evidence
from tickets.filters import ItemFilter, TicketFilter
from tickets.mentoring.models import HeldReply
from tickets.models import Event, Message, Ticket, TicketInvoice
from tickets.vocabulary import Channel

COLUMNS = ("created_at", "updated_at", "due_at", "priority")


class TicketPages(KeysetPagination):
    orderings = {**NEWEST_FIRST, **{sign + name: sign + name for name in COLUMNS for sign in ("", "-")}}


class ThreadPages(KeysetPagination):
    orderings = OLDEST_FIRST


OUTCOME = OpenApiParameter("outcome", str, enum=["open", "found", "set_aside"])


def narrowed(shape: type[FilterSet], request: Request, rows: Any) -> Any:
    """The rows of a list inside an object that the query's filters leave. Raises what a list's own filters raise."""
    given = shape(request.query_params, queryset=rows, request=request)
    if not given.is_valid():
        raise translate_validation(given.errors)
    return given.qs


def organisation_of(user: User, given: int | None) -> Organisation:
    """The enterprise a new ticket belongs to: the one named, or the only one the person may file for."""
    mine = user.organisation_ids()
    able = user.organisation_ids(Permission.ORG_TICKET_FILE)
    if not able:
        raise Forbidden(permission=Permission.ORG_TICKET_FILE)
    if given is None and len(able) == 1:
        given = able[0]
    found = Organisation.objects.visible_to(user).filter(pk=given, pk__in=mine).first()
    if found is None:
        text = gettext_noop("Name one of your enterprises.")
        raise Invalid(errors=[FieldError("organisation", "not_found", Text(text))])
    return found


class TicketViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Ticket]):
    """Tickets of the caller's enterprises; all of them for the desk."""

    lookup_field = "number"
    lookup_value_regex = r"[0-9-]{1,20}"
    pagination_class = TicketPages
    filterset_class = TicketFilter
    serializer_class = shapes.TicketDetail
    queryset = Ticket.objects.none()

    def get_queryset(self) -> Any:
        rows = Ticket.objects.visible_to(self.request.user).for_list()
        if self.action == "list":
            return rows
        return rows.prefetch_related(self._invoices(), Prefetch("backfills", Backfill.objects.order_by("pk")))

    def _invoices(self) -> Prefetch[Any]:
        """The first invoices; a list of thousands has pages of its own."""
        rows = TicketInvoice.objects.visible_to(self.request.user).filter(position__lte=intake.MAX_INVOICES)
        return Prefetch("invoices", rows)

    def get_serializer_class(self) -> Any:
        return shapes.TicketRow if self.action == "list" else shapes.TicketDetail

    def _detail(self, ticket: Ticket) -> Response:
        fresh = self.get_queryset().get(pk=ticket.pk)
        return Response(self.get_serializer(fresh).data, headers={"ETag": etag(fresh.version)})

    def _filed(self, ticket: Ticket, duplicates: list[str], *, has_invoices: bool) -> Response:
        """A ticket of this moment: nobody has changed it and it has no backfill, so neither is asked for."""
        named = self._invoices() if has_invoices else Prefetch("invoices", TicketInvoice.objects.none())
        prefetch_related_objects([ticket], named, Prefetch("backfills", Backfill.objects.none()))
        headers = {"ETag": etag(ticket.version), "Location": f"{self.request.path}{ticket.number}/"}
        told = {**self.get_serializer(ticket).data, "duplicates": duplicates}
        return Response(told, status.HTTP_201_CREATED, headers=headers)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A ticket with its invoices, files, backfills, deadlines, and what the caller may do now."""
        return self._detail(self.get_object())

    def get_parsers(self) -> list[Any]:
        """A ticket may come with its files in one request; everything else is JSON."""
        files = self.request is not None and self.action_map.get(str(self.request.method).lower()) == "create"
        return [*super().get_parsers(), MultiPartParser()] if files else super().get_parsers()

    @extend_schema(
        request={"application/json": shapes.TicketInput, "multipart/form-data": TicketWithFiles},
        responses={201: shapes.TicketDetail},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """File a ticket. `duplicates` names the enterprise's other open tickets with one of the invoices.

        As multipart/form-data, `ticket` is the JSON and each file is a part named by its purpose, all or nothing.
        """
        form = shapes.TicketInput(data=ticket_of(request))
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        organisation = organisation_of(request.user, given.pop("organisation", None))
        evidence = given.pop("evidence", ())
        texts = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
        new = services.NewTicket(**texts, channel=Channel.API)
        uploads = uploads_of(request)
        ticket = services.submit(
            new=new, organisation=organisation, by=request.user, evidence_ids=evidence, uploads=uploads
        )
        duplicates = [other.number for other in intake.open_duplicates(ticket)] if new.invoices else []
        return self._filed(ticket, duplicates, has_invoices=bool(new.invoices))

    @extend_schema(request=shapes.TicketPatch, responses=shapes.TicketDetail, parameters=[IF_MATCH])
    @idempotent
    def partial_update(self, request: Request, number: str) -> Response:
        """The enterprise changes its own words, the desk the rest; either all of it or nothing."""
        ticket = self.get_object()
        check_version(request, ticket.version)
        form = shapes.TicketPatch(data=request.data)
        form.is_valid(raise_exception=True)
        changes = dict(form.validated_data)
        with transaction.atomic():  # all of it or nothing
            if "assignee" in changes:
                assignee = self._assignee(changes.pop("assignee"))
                services.assign(ticket=ticket, assignee=assignee, by=request.user, version=ticket.version)
            if changes:
                services.update(ticket=ticket, changes=changes, by=request.user, version=ticket.version)
        return self._detail(ticket)

    def _assignee(self, pk: int | None) -> User | None:
        require(self.request.user, Permission.TICKET_VIEW)
        found = User.objects.holding(Permission.TICKET_VIEW).filter(pk=pk).first()
        if found is None and pk is not None:
            raise Invalid(errors=[FieldError("assignee", "not_found", Text(gettext_noop("There is no such agent.")))])
        return found

    @extend_schema(responses=shapes.EventSerializer(many=True))
    @action(detail=True, filterset_class=None, pagination_class=ThreadPages)
    def events(self, request: Request, number: str) -> Response:
        """The history, oldest first; an enterprise sees its public part."""
        ticket = get_object_or_404(self.get_queryset(), number=number)
        rows = Event.objects.visible_to(request.user).filter(ticket=ticket).select_related("actor")
        return self._page(rows, shapes.EventSerializer)

    @extend_schema(responses=shapes.TicketInvoiceSerializer(many=True), parameters=[OUTCOME])
    @action(detail=True, filterset_class=None, pagination_class=ThreadPages)
    def invoices(self, request: Request, number: str) -> Response:
        """Every invoice of the ticket; filter by `outcome`, where `open` is what has none yet."""
        ticket = get_object_or_404(self.get_queryset(), number=number)
        rows = TicketInvoice.objects.visible_to(request.user).filter(ticket=ticket)
        return self._page(narrowed(ItemFilter, request, rows), shapes.TicketInvoiceSerializer)

    @extend_schema(responses=shapes.MessageSerializer(many=True))
    @action(detail=True, filterset_class=None, pagination_class=ThreadPages)
    def messages(self, request: Request, number: str) -> Response:
        """The conversation, oldest first; internal notes for the desk alone."""
        ticket = get_object_or_404(self.get_queryset(), number=number)
        files = Prefetch("evidence", Evidence.objects.visible_to(request.user))
        rows = Message.objects.visible_to(request.user).filter(ticket=ticket)
        return self._page(rows.select_related("author").prefetch_related(files), shapes.MessageSerializer)

    def _page(self, rows: Any, shape: Any) -> Response:
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(shape(page, many=True, context={"request": self.request}).data)

    @extend_schema(
        request=shapes.MessageInput, responses={201: shapes.MessageSerializer, 202: shapes.HeldReplySerializer}
    )
    @messages.mapping.post
    @idempotent
    def write(self, request: Request, number: str) -> Response:
        """Write to the other side, or, at the desk, an internal note; a trainee's waits for the mentor (202)."""
        ticket = self.get_object()
        form = shapes.MessageInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        message = services.comment(
            ticket=ticket,
            body=given["body"],
            by=request.user,
            visibility=given["visibility"],
            evidence_ids=given.get("evidence", ()),
        )
        if isinstance(message, HeldReply):
            return Response(shapes.HeldReplySerializer(message).data, status.HTTP_202_ACCEPTED)
        return Response(shapes.MessageSerializer(message, context={"request": request}).data, status.HTTP_201_CREATED)

    @extend_schema(responses=shapes.ActionList)
    @action(detail=True, filterset_class=None, pagination_class=None)
    def actions(self, request: Request, number: str) -> Response:
        """What the caller may start now, and what each action needs."""
        ticket = get_object_or_404(self.get_queryset(), number=number)
        allowed = workflow.allowed(ticket, request.user)
        return Response(whole(shapes.ActionSerializer(allowed, many=True).data))

    @extend_schema(request=shapes.ActionInput, responses={200: shapes.TicketDetail, 202: shapes.HeldReplySerializer})
    @action(detail=True, methods=["post"], url_path=r"actions/(?P<name>[a-z_]{1,40})", filterset_class=None)
    @idempotent
    def act(self, request: Request, number: str, name: str) -> Response:
        """Start an action of the transition table; If-Match is welcome. A trainee's words wait for the mentor (202)."""
        ticket = self.get_object()
        if request.headers.get("If-Match"):
            check_version(request, ticket.version)
        form = shapes.ActionInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = {key: value for key, value in form.validated_data.items() if value not in ("", None)}
        done = services.act(ticket=ticket, action=name, by=request.user, data=given)
        if isinstance(done, HeldReply):
            return Response(shapes.HeldReplySerializer(done).data, status.HTTP_202_ACCEPTED)
        return self._detail(ticket)
