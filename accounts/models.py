"""Persons, enterprises, what ties them together, and the base of every audit row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ROLE_LABELS, ROLES, OrganisationRole, Permission, StaffRole
from accounts.querysets import MembershipQuerySet, OrganisationQuerySet, UserManager

LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
THEMES = [("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))]


#: Asked in every request; built by the ORM it takes five times as long. A row for each pair of a role at the desk and
#: one in an enterprise: people hold few of either.
RIGHTS = """
SELECT person.*, desk.role AS desk_role, mine.role AS own_role, enterprise.id AS own_id
FROM accounts_user person
LEFT JOIN accounts_staffmembership desk ON desk.user_id = person.id
LEFT JOIN accounts_membership mine ON mine.user_id = person.id
LEFT JOIN accounts_organisation enterprise ON enterprise.id = mine.organisation_id AND enterprise.is_active
WHERE person.id = %s
"""


def choices(roles: type[OrganisationRole] | type[StaffRole]) -> list[tuple[str, Any]]:
    return [(role.value, _(ROLE_LABELS[role])) for role in roles]


class User(AbstractBaseUser):
    """A person, who signs in with an e-mail address."""

    email = models.EmailField(_("E-mail"), unique=True)
    name = models.CharField(_("Name"), max_length=80)
    phone = models.CharField(_("Phone"), max_length=30, blank=True)
    language = models.CharField(_("Language"), max_length=10, choices=LANGUAGES, blank=True)
    time_zone = models.CharField(_("Time zone"), max_length=50, default="Asia/Shanghai")
    theme = models.CharField(_("Theme"), max_length=5, choices=THEMES, default="auto")
    shortcuts = models.BooleanField(_("Keyboard shortcuts"), default=True)
    is_active = models.BooleanField(default=True)
    password_is_initial = models.BooleanField(default=False)  # somebody else has chosen it, and so knows it
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_ignores_case")]

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def _rights(self) -> tuple[frozenset[str], dict[int, str]]:
        """Staff roles, and enterprise id → role; one query an instance, none for who is no longer active."""
        return self._rights_in(User.objects.raw(RIGHTS, [self.pk])) if self.is_active else (frozenset(), {})

    @staticmethod
    def _rights_in(rows: Iterable[Any]) -> tuple[frozenset[str], dict[int, str]]:
        pairs = [(row.desk_role, row.own_role, row.own_id) for row in rows]
        return frozenset(desk for desk, *_ in pairs if desk), {at: role for _, role, at in pairs if at}

    @classmethod
    def with_rights(cls, pk: Any) -> User | None:
        """The person and all rights in one query; None when there is no such person, or no longer."""
        rows = list(cls.objects.raw(RIGHTS, [pk]))
        if not rows or not rows[0].is_active:
            return None
        person: User = rows[0]
        person._rights = cls._rights_in(rows)
        return person

    @property
    def roles(self) -> frozenset[str]:
        """Staff roles."""
        return self._rights[0]

    @property
    def is_desk(self) -> bool:
        """Holds any role at the desk."""
        return bool(self.roles)

    @property
    def organisation_roles(self) -> dict[int, str]:
        """Enterprise id → role."""
        return self._rights[1]

    def organisation_ids(self, permission: Permission = Permission.ORG_TICKET_VIEW) -> list[int]:
        """Enterprises in which the person holds `permission`."""
        return [pk for pk, role in self.organisation_roles.items() if permission in ROLES[role]]

    @cached_property
    def _desk_permissions(self) -> frozenset[Permission]:
        return frozenset().union(*(ROLES[role] for role in self.roles))

    def permissions(self, organisation_id: int | None = None) -> frozenset[Permission]:
        """Everything the person may do at the desk and, when given, inside one enterprise."""
        role = self.organisation_roles.get(organisation_id) if organisation_id else None
        return self._desk_permissions | ROLES[role] if role else self._desk_permissions

    def can(self, permission: Permission, organisation_id: int | None = None) -> bool:
        return permission in self.permissions(organisation_id)


class StaffMembership(models.Model):
    """One staff role of one person."""

    user = models.ForeignKey(User, models.CASCADE, related_name="staff_roles")
    role = models.CharField(max_length=30, choices=choices(StaffRole))
    granted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="staff_role_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"


class Organisation(models.Model):
    """An enterprise, known by its unified social credit code (统一社会信用代码)."""

    name = models.CharField(_("Company name"), max_length=200)
    tax_id = models.CharField(_("Unified social credit code"), max_length=20, unique=True)
    is_verified = models.BooleanField(default=False)
    verified_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(User, through="Membership", related_name="organisations")

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person in an enterprise."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=choices(OrganisationRole))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.organisation_id}: {self.role}"


class Invitation(models.Model):
    """A single-use way into an enterprise; only the digest of its secret is kept."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=choices(OrganisationRole))
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.email} to {self.organisation_id}"


class ApiToken(models.Model):
    """A bearer token for the API; only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"token {self.pk} of {self.user_id}"


class EventBase(models.Model):
    """What happened, by whom, when: written in the transaction of the change it tells of, never edited."""

    kind = models.CharField(max_length=60)
    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    data = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class AccountEvent(EventBase):
    """Sign-ins, roles, memberships, verification."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, related_name="events")
    subject = models.ForeignKey(User, models.CASCADE, null=True, related_name="events")

    class Meta:
        indexes = [models.Index(fields=["kind", "at"], name="account_event_kind")]


class IdempotencyKey(models.Model):
    """The answer to a write, kept so that a repeated request gets it again instead of a second effect."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "route", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key
