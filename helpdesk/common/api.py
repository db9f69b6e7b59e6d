"""What every API view shares: strict JSON, problem+json (RFC 9457) and ETag."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, parsers
from rest_framework.exceptions import ErrorDetail
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.serializer_helpers import ReturnDict

from helpdesk.common.errors import (
    DomainError,
    FieldError,
    Forbidden,
    Invalid,
    Missing,
    Stale,
    TooLarge,
    Unavailable,
    VersionRequired,
)
from helpdesk.common.faults import passes
from helpdesk.common.http import say
from helpdesk.common.inputs import is_storable
from helpdesk.common.messages import Message, gettext_noop

logger = logging.getLogger(__name__)
PROBLEM = "application/problem+json"
CHALLENGE = 'Bearer realm="api"'
MAX_DEPTH = 32
TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


class StrictJSONParser(parsers.JSONParser):
    """JSON that every database can store: no NUL, no lone surrogate, no NaN, not nested past MAX_DEPTH."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            text = stream.read().decode("utf-8")
        except UnicodeDecodeError:
            raise Invalid(Message(gettext_noop("The body is not UTF-8.")), code="bad_encoding") from None
        if _depth(text) > MAX_DEPTH:
            raise Invalid(Message(gettext_noop("The JSON is nested too deeply.")), code="bad_json")
        try:
            value = json.loads(text, parse_constant=_no_constant) if text.strip() else {}
        except (ValueError, RecursionError):
            raise Invalid(Message(gettext_noop("The body is not valid JSON.")), code="bad_json") from None
        for path, item in _texts(value):
            if not is_storable(item):
                error = FieldError(
                    path, "bad_text", Message(gettext_noop("This contains characters that can't be stored."))
                )
                raise Invalid(code="bad_text", errors=[error])
        return value


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _depth(text: str) -> int:
    """The nesting of a JSON text, without recursion and without parsing; brackets inside strings don't count."""
    depth = deepest = 0
    in_string = escaped = False
    for char in text:
        if in_string:
            in_string = escaped or char != '"'
            escaped = not escaped and char == "\\"
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every string of a JSON value with its path, keys included."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield path, key
            yield from _texts(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}.{index}" if path else str(index))


class _Anything(JSONRenderer):
    """Accepted whatever the caller accepts: the view answers bytes, and only its refusals are rendered."""

    media_type = "*/*"
    format = ""


ANY = (_Anything,)


def problem(error: Exception, context: Any = None) -> Response:
    """DRF's exception handler: every refusal as problem+json, never HTML, never a trace."""
    body, status, headers = describe(error)
    response = Response(body, status=status, headers=headers)
    response.content_type = PROBLEM
    if request := (context or {}).get("request"):  # a view that answers YAML, or bytes, refuses in JSON too
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), PROBLEM
    return response


def problem_response(error: Exception) -> JsonResponse:
    """The same answer outside DRF."""
    body, status, headers = describe(error)
    return JsonResponse(body, status=status, headers=headers, content_type=PROBLEM)


def describe(error: Exception) -> tuple[dict[str, Any], int, dict[str, str]]:
    """(problem body, status, headers) of any exception; an unknown one is logged under the number that it shows."""
    if passes(error):
        logger.warning("unavailable", exc_info=error)
        error = Unavailable()
    if isinstance(error, DomainError) and error.retry_after:
        return _domain(error), error.status, {"Retry-After": str(error.retry_after)}
    if isinstance(error, DomainError):
        return _domain(error), error.status, {"WWW-Authenticate": CHALLENGE} if error.status == 401 else {}
    if isinstance(error, Http404):
        return _domain(Missing()), 404, {}
    if isinstance(error, PermissionDenied):
        return _domain(Forbidden()), 403, {}
    if isinstance(error, TOO_LARGE):
        return _domain(TooLarge()), 413, {}
    if isinstance(error, UnreadablePostError):  # the caller has gone in the middle; nobody reads this
        return _domain(Invalid(code="cut_off")), 400, {}
    if isinstance(error, exceptions.APIException):
        return _drf(error)
    number = uuid.uuid4().hex[:12]
    logger.error("error %s", number, exc_info=error)
    text = say(
        Message(
            gettext_noop("Something went wrong on our side. Number for the support: %(number)s"), {"number": number}
        )
    )
    return _body(500, "server_error", text) | {"instance": number}, 500, {}


def _body(status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "status": status,
        "title": code.replace("_", " "),
        "code": code,
        "detail": detail,
        "errors": errors or [],
    }


def _domain(error: DomainError) -> dict[str, Any]:
    errors = [{"field": e.field, "code": e.code, "detail": say(e.message)} for e in error.errors]
    body = _body(error.status, error.code, say(error.message), errors)
    return body | {"permission": error.permission} if isinstance(error, Forbidden) and error.permission else body


def _drf(error: exceptions.APIException) -> tuple[dict[str, Any], int, dict[str, str]]:
    headers: dict[str, str] = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if getattr(error, "wait", None) is not None:
        headers["Retry-After"] = str(int(error.wait) + 1)  # type: ignore[attr-defined]
    if isinstance(error, exceptions.ValidationError):
        invalid = Invalid()
        return _body(400, invalid.code, say(invalid.message), list(_details(error.detail))), 400, headers
    return _body(error.status_code, str(error.default_code), str(error.detail)), error.status_code, headers


def _details(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested errors as a flat list; indexes and names joined by dots."""
    if isinstance(detail, ErrorDetail):
        yield {
            "field": "" if path == "non_field_errors" else path.removesuffix(".non_field_errors"),
            "code": str(detail.code),
            "detail": str(detail),
        }
    elif isinstance(detail, dict | ReturnDict):
        for key, item in detail.items():
            yield from _details(item, f"{path}.{key}" if path else str(key))
    elif isinstance(detail, list):
        nested = any(isinstance(item, dict | list) for item in detail)
        for index, item in enumerate(detail):
            yield from _details(item, f"{path}.{index}" if nested and path else str(index) if nested else path)


IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag you read.")


def etag(version: int) -> str:
    return f'"{version}"'


def check_version(request: Request | HttpRequest, version: int) -> None:
    """Compare If-Match: VersionRequired (428) without, Stale (412) when it names another version."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise VersionRequired
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    if given != "*" and etag(version) not in tags:
        raise Stale
