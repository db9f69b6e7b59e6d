"""Pages of an API list by key instead of by offset: stable while rows arrive, the last as cheap as the first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import F, Q
from rest_framework import pagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from helpdesk.common.errors import FieldError, Invalid
from helpdesk.common.messages import Message, gettext_noop

#: What `ordering` may name → column and direction; undated rows come last in both.
NEWEST_FIRST: Mapping[str, str] = {"": "-pk"}
OLDEST_FIRST: Mapping[str, str] = {"": "pk"}


@dataclass(frozen=True, slots=True)
class Order:
    """A column and a direction; ties are broken by id in the same direction, so that the order is total."""

    column: str
    is_descending: bool
    is_nullable: bool

    @classmethod
    def of(cls, text: str, model: Any) -> Order:
        column = text.removeprefix("-")
        return cls(column, text.startswith("-"), column != "pk" and model._meta.get_field(column).null)

    def key(self, row: Any) -> list[Any]:
        """The place of a row, as JSON."""
        value = getattr(row, self.column)
        return [value.isoformat() if isinstance(value, dt.datetime) else value, row.pk]

    def sort(self, rows: Any, *, back: bool) -> Any:
        """`rows` in this order, or in the exact reverse of it."""
        sign = "-" if self.is_descending != back else ""
        if not self.is_nullable:  # without NULLS LAST, which no index of such a column has
            return rows.order_by(*dict.fromkeys([sign + self.column, f"{sign}pk"]))
        column, ends = F(self.column), {"nulls_first": True} if back else {"nulls_last": True}
        return rows.order_by(column.desc(**ends) if sign else column.asc(**ends), f"{sign}pk")

    def beyond(self, key: list[Any], *, back: bool) -> Q:
        """The rows after `key`, or before it."""
        value, pk = key
        way = "lt" if self.is_descending != back else "gt"
        undated, later = Q(**{f"{self.column}__isnull": True}), Q(**{f"pk__{way}": pk})
        if value is None:
            return (undated & later) | ~undated if back else undated & later
        dated = Q(**{f"{self.column}__{way}e": value}) & (Q(**{f"{self.column}__{way}": value}) | later)
        return dated | undated if self.is_nullable and not back else dated


class KeysetPagination(pagination.BasePagination):
    """`{"next", "previous", "results"}`; the cursor is signed, so nobody asks for what no page has offered."""

    orderings: Mapping[str, str] = NEWEST_FIRST
    page_size, max_page_size = 25, 100

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.url = request.build_absolute_uri()
        order, size = self._order(request, queryset.model), self.size(request)
        self.salt = f"{queryset.model._meta.label}.{order}"
        key, back = self._cursor(request)
        rows = order.sort(queryset.filter(order.beyond(key, back=back)) if key else queryset, back=back)
        found = list(rows[: size + 1])
        more, found = len(found) > size, found[:size]
        if back:
            found.reverse()
        self.next = self._link(order, found[-1], back=False) if found and (more or back) else None
        self.previous = self._link(order, found[0], back=True) if found and key and (more or not back) else None
        return found

    def size(self, request: Request) -> int:
        """How many rows the caller wants on a page."""
        given = request.query_params.get("page_size", "")
        if not given:
            return self.page_size
        if not (given.isascii() and given.isdecimal() and given.strip("0")):
            text = Message(gettext_noop("From 1 to %(limit)s."), {"limit": self.max_page_size})
            raise Invalid(errors=[FieldError("page_size", "invalid", text)])
        return min(int(given[-9:]) if len(given) < 10 else self.max_page_size, self.max_page_size)

    def _order(self, request: Request, model: Any) -> Order:
        given = request.query_params.get("ordering", "")
        if given not in self.orderings:
            names = ", ".join(name for name in self.orderings if name)
            text = Message(gettext_noop("Choose one of: %(names)s."), {"names": names})
            raise Invalid(errors=[FieldError("ordering", "unknown", text)])
        return Order.of(self.orderings[given], model)

    def _cursor(self, request: Request) -> tuple[list[Any] | None, bool]:
        given = request.query_params.get("cursor", "")
        if not given:
            return None, False
        try:
            key, back = signing.loads(given, salt=self.salt)
        except signing.BadSignature:
            text = Message(gettext_noop("This page is not of this list. Start from its first page."))
            raise Invalid(errors=[FieldError("cursor", "invalid", text)]) from None
        return key, bool(back)

    def _link(self, order: Order, row: Any, *, back: bool) -> str:
        cursor = signing.dumps([order.key(row), int(back)], salt=self.salt)
        return replace_query_param(remove_query_param(self.url, "cursor"), "cursor", cursor)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next, "previous": self.previous, "results": data})

    # How the API's description tells of pages

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        names = ("next", "previous", "results")
        return {
            "type": "object",
            "required": list(names),
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        def parameter(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
            return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}

        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        found = [
            parameter("cursor", "Of `next` or `previous`; don't make one yourself.", {"type": "string"}),
            parameter("page_size", "Rows on a page.", size),
        ]
        if names := [name for name in self.orderings if name]:
            found.append(parameter("ordering", "Undated rows come last.", {"type": "string", "enum": names}))
        return found


def whole(rows: list[Any]) -> dict[str, Any]:
    """A short list, which is one page."""
    return {"next": None, "previous": None, "results": rows}
