"""The cast. Alice owns Alpha, Bob is her colleague, Charlie a stranger from Beta; the others work at the desk."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import translation
from rest_framework.test import APIClient

from accounts.models import Membership, Organisation, StaffMembership, User
from accounts.permissions import OrganisationRole, StaffRole

PASSWORD = "correct horse battery"
BEIJING = dt.timezone(dt.timedelta(hours=8))


#: Rooms of PURE modules: what asks no database there is the same on every database.
PURE = ("invoices", "logs", "packages", "sla")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("TEST_SERVICES"):
        same = [item for item in items if item.path.parent.name in PURE and not _asks_a_database(item)]
        items[:] = [item for item in items if item not in set(same)]
        config.hook.pytest_deselected(items=same)
    skip = pytest.mark.skip(reason="needs PostgreSQL, Redis and a worker: make test-services")
    for item in items:
        if item.get_closest_marker("services") and not os.environ.get("TEST_SERVICES"):
            item.add_marker(skip)


def _asks_a_database(item: pytest.Item) -> bool:
    names = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not {"db", "transactional_db"}.isdisjoint(names)


@pytest.fixture(autouse=True)
def _own_home(settings: Any, tmp_path: Any) -> None:
    """Every test has its own files and mails."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "helpdesk.storage.Folder",
            "OPTIONS": {"location": str(tmp_path / "files"), "base_url": None},
        },
    }
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    for kept in caches.all(initialized_only=True):
        kept.clear()


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """A request leaves its language in the thread, and the next test would speak it."""
    translation.deactivate()


def person(name: str, email: str, *roles: StaffRole) -> User:
    user = User.objects.create_user(email, PASSWORD, name=name)
    for role in roles:
        StaffMembership.objects.create(user=user, role=role)
    return user


def member(user: User, organisation: Organisation, role: OrganisationRole) -> User:
    Membership.objects.create(user=user, organisation=organisation, role=role)
    return user


@pytest.fixture
def alpha(db: None) -> Organisation:
    return Organisation.objects.create(name="示例阿尔法科技有限公司", tax_id="91110108MA01ABCD5T", is_verified=True)


@pytest.fixture
def beta(db: None) -> Organisation:
    return Organisation.objects.create(name="示例贝塔贸易有限公司", tax_id="91110105MA00F1T226", is_verified=True)


@pytest.fixture
def alice(alpha: Organisation) -> User:
    return member(person("Alice", "alice@alpha.example"), alpha, OrganisationRole.OWNER)


@pytest.fixture
def bob(alpha: Organisation) -> User:
    return member(person("Bob", "bob@alpha.example"), alpha, OrganisationRole.MEMBER)


@pytest.fixture
def charlie(beta: Organisation) -> User:
    return member(person("Charlie", "charlie@beta.example"), beta, OrganisationRole.OWNER)


@pytest.fixture
def ann(db: None) -> User:
    return person("Ann", "ann@desk.example", StaffRole.AGENT)


@pytest.fixture
def abe(db: None) -> User:
    return person("Abe", "abe@desk.example", StaffRole.AGENT)


@pytest.fixture
def olga(db: None) -> User:
    return person("Olga", "olga@desk.example", StaffRole.BACKFILL_OPERATOR)


@pytest.fixture
def rita(db: None) -> User:
    return person("Rita", "rita@desk.example", StaffRole.BACKFILL_REVIEWER)


@pytest.fixture
def ed(db: None) -> User:
    return person("Ed", "ed@desk.example", StaffRole.KB_EDITOR)


@pytest.fixture
def kate(db: None) -> User:
    return person("Kate", "kate@desk.example", StaffRole.KB_REVIEWER)


@pytest.fixture
def sam(db: None) -> User:
    return person("Sam", "sam@desk.example", StaffRole.SUPERVISOR)


@pytest.fixture
def client_of() -> Callable[[User | None], Client]:
    """A signed-in browser without JavaScript."""

    def make(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend="accounts.backends.Accounts")
        return client

    return make


@pytest.fixture
def api_of() -> Callable[[User | None], APIClient]:
    """An API caller who has signed in."""

    def make(user: User | None) -> APIClient:
        client = APIClient()
        if user is not None:
            client.force_authenticate(user)
        return client

    return make
