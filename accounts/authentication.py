"""Who is calling the API: a bearer token, or the page's own session."""

from __future__ import annotations

import hashlib

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts.models import ApiToken, User


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class BearerAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer <token>`; only the digest is compared."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, value = authentication.get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = ApiToken.objects.filter(digest=digest(value.decode("latin-1").strip())).first()
        if token is None or token.expires_at <= timezone.now():
            raise exceptions.AuthenticationFailed
        user = User.with_rights(token.user_id)
        if user is None:
            raise exceptions.AuthenticationFailed
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The signed-in page, CSRF checked; answers 401 like the token does."""

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class _BearerScheme(OpenApiAuthenticationExtension):
    """How the API's description names the token."""

    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class _SessionScheme(OpenApiAuthenticationExtension):
    """How the API's description names the page's own session."""

    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
