"""/auth/token/ and /me/: signing in by script, and who one is."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import authenticate
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, permissions, serializers, status, throttling
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.models import ApiToken, User
from helpdesk.common.errors import DomainError, Missing
from helpdesk.common.messages import gettext_noop


class BadCredentials(DomainError):
    """Wrong address or wrong password; which of the two is nobody's business."""

    status = 401
    code = "bad_credentials"
    text = gettext_noop("The e-mail address or the password is wrong.")


class CredentialsInput(serializers.Serializer[Any]):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=200, trim_whitespace=False)


class TokenSerializer(serializers.Serializer[Any]):
    """The secret is shown once."""

    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class SignInPace(throttling.AnonRateThrottle):
    """As many tries from one address as the page allows: one password against many accounts is slow too."""

    scope = "sign_in"
    rate = "30/min"


class Token(generics.GenericAPIView[Any]):
    """A bearer token for `Authorization: Bearer …`."""

    serializer_class = TokenSerializer

    def get_throttles(self) -> list[Any]:
        return [SignInPace()] if self.request.method == "POST" else super().get_throttles()

    def get_permissions(self) -> list[Any]:
        return [permissions.AllowAny()] if self.request.method == "POST" else list(super().get_permissions())

    def get_authenticators(self) -> list[Any]:
        # A broken or ended token must not stand in the way of a new one.
        return [] if self.request and self.request.method == "POST" else super().get_authenticators()

    @extend_schema(request=CredentialsInput, responses=TokenSerializer)
    def post(self, request: Request) -> Response:
        """A bearer token for `Authorization: Bearer …`; the secret is shown once."""
        form = CredentialsInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        # django-axes counts by this request and answers 429 in its middleware once the account is locked.
        user = authenticate(request._request, username=given["email"].strip(), password=given["password"])
        if not isinstance(user, User) or not _may_sign_in(user):
            raise BadCredentials
        token, secret = services.issue_token(by=user)
        shown_once = {"token": secret, "expires_at": token.expires_at}
        return Response(shown_once, headers={"Cache-Control": "no-store"})

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """End the token that this request came with."""
        if not isinstance(request.auth, ApiToken):
            raise Missing
        services.revoke_token(token=request.auth, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _may_sign_in(user: User) -> bool:
    """As on the page: neither with a password that somebody else knows, nor with an address never confirmed."""
    if user.password_is_initial:
        return False
    if settings.ACCOUNT_EMAIL_VERIFICATION != "mandatory":
        return True
    return bool(EmailAddress.objects.filter(user=user, verified=True).exists())


class MembershipSerializer(serializers.Serializer[Any]):
    """An enterprise of the person, and what the person may do in it."""

    id = serializers.IntegerField(source="organisation.pk")
    name = serializers.CharField(source="organisation.name")
    tax_id = serializers.CharField(source="organisation.tax_id")
    is_verified = serializers.BooleanField(source="organisation.is_verified")
    role = serializers.CharField()
    permissions = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_permissions(self, membership: Any) -> list[str]:
        held = membership.user.permissions(membership.organisation_id) - membership.user.permissions()
        return sorted(held)


class MeSerializer(serializers.Serializer[Any]):
    """The caller."""

    id = serializers.IntegerField()
    email = serializers.EmailField()
    name = serializers.CharField()
    language = serializers.CharField()
    time_zone = serializers.CharField()
    organisations = serializers.SerializerMethodField()
    roles = serializers.SerializerMethodField()
    permissions = serializers.SerializerMethodField()

    @extend_schema_field(MembershipSerializer(many=True))
    def get_organisations(self, user: User) -> list[dict[str, Any]]:
        rows = user.memberships.filter(organisation__is_active=True).select_related("organisation", "user")
        return list(MembershipSerializer(rows, many=True).data)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_roles(self, user: User) -> list[str]:
        return sorted(user.roles)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_permissions(self, user: User) -> list[str]:
        return sorted(user.permissions())


class Me(generics.GenericAPIView[Any]):
    """Who is calling."""

    serializer_class = MeSerializer

    def get(self, request: Request) -> Response:
        return Response(MeSerializer(request.user).data)


urlpatterns = [
    path("auth/token/", Token.as_view(), name="api-token"),
    path("me/", Me.as_view(), name="api-me"),
]
