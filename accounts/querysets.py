"""Who may see which person and enterprise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.db import models

from accounts.emails import folded
from accounts.permissions import Permission, StaffRole, roles_with

if TYPE_CHECKING:
    from accounts.models import User


class UserQuerySet(models.QuerySet["User"]):
    def staff(self) -> Self:
        """Active persons with a role at the desk."""
        return self.filter(is_active=True, staff_roles__isnull=False).distinct()

    def at_desk(self, email: str = "") -> Self:
        """Everybody who holds a role, or whoever has exactly this address."""
        wanted = models.Q(email=folded(email)) if email else models.Q(staff_roles__isnull=False)
        return self.filter(wanted).distinct().prefetch_related("staff_roles").order_by("name", "pk")

    def holding(self, permission: Permission) -> Self:
        """Active staff whose roles give `permission`."""
        return self.filter(is_active=True, staff_roles__role__in=roles_with(permission)).distinct()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Persons by e-mail; addresses are compared without case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user: User = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.create_user(email, password, **fields)
        user.staff_roles.create(role=StaffRole.ADMINISTRATOR)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class OrganisationQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, user: User) -> Self:
        """Own enterprises; all of them for the desk; none for anybody else."""
        if not user.is_authenticated:
            return self.none()
        if user.can(Permission.TICKET_VIEW) or user.can(Permission.ORG_VERIFY):
            return self
        return self.filter(pk__in=user.organisation_ids())


class MembershipQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, user: User) -> Self:
        """Memberships of own enterprises, all for the desk."""
        if not user.is_authenticated:
            return self.none()
        if user.can(Permission.TICKET_VIEW) or user.can(Permission.ORG_VERIFY):
            return self
        return self.filter(organisation__in=user.organisation_ids())
