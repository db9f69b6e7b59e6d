"""What people do with their account and their enterprise, and what the desk does with people."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts import mail, tax_ids
from accounts.access import require
from accounts.authentication import digest
from accounts.emails import folded, is_plain
from accounts.models import AccountEvent, ApiToken, Invitation, Membership, Organisation, StaffMembership, User
from accounts.permissions import OrganisationRole, Permission, StaffRole, roles_with
from helpdesk.common.errors import FieldError, Forbidden, Invalid, LostRace, Missing, NotNow
from helpdesk.common.messages import Message, gettext_noop

INVITATION_DAYS = 7
OPEN_INVITATIONS = 50
TOKEN_DAYS = 30
TOKENS_EACH = 20
PROFILE = frozenset({"name", "phone", "language", "time_zone", "theme", "shortcuts"})


def record(
    kind: str, *, by: User | None, organisation: Organisation | None = None, subject: User | None = None, **data: Any
) -> AccountEvent:
    """The line of the audit log; call it inside the transaction of the change. `by` is None for the command line."""
    return AccountEvent.objects.create(
        kind=kind, actor=by, at=timezone.now(), data=data, organisation=organisation, subject=subject
    )


def _invalid(field: str, code: str, text: str) -> Invalid:
    return Invalid(errors=[FieldError(field, code, Message(text))])


# Enterprises


def check_enterprise(*, name: str, tax_id: str) -> tuple[str, str]:
    """Name and code as they would be registered, or what is wrong with them."""
    name, code = " ".join(name.split()), tax_ids.normalise(tax_id)
    if not 2 <= len(name) <= 200:
        raise _invalid("name", "length", gettext_noop("Enter the full company name, 2 to 200 characters."))
    if not tax_ids.is_well_formed(code):
        text = gettext_noop("A unified social credit code has 18 digits and capital letters, without I, O, S, V and Z.")
        raise _invalid("tax_id", "format", text)
    if Organisation.objects.filter(tax_id=code).exists():
        raise _already_registered()
    return name, code


def _already_registered() -> Invalid:
    # Names nobody: who is registered under a code is no stranger's business.
    text = gettext_noop("This company is already registered. Please ask its owner for an invitation.")
    return _invalid("tax_id", "registered", text)


@transaction.atomic
def register_organisation(*, name: str, tax_id: str, by: User) -> Organisation:
    """A new enterprise with `by` as its owner; a wrong check character is the page's warning, not an error here."""
    name, code = check_enterprise(name=name, tax_id=tax_id)
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(name=name, tax_id=code)
    except IntegrityError:
        raise _already_registered() from None
    Membership.objects.create(user=by, organisation=organisation, role=OrganisationRole.OWNER)
    right = tax_ids.has_right_check(code)
    record("organisation.registered", by=by, organisation=organisation, right_check=right)
    return organisation


@transaction.atomic
def verify_organisation(*, organisation: Organisation, by: User) -> Organisation:
    """The desk has compared name and code with the public register."""
    require(by, Permission.ORG_VERIFY)
    if Membership.objects.filter(organisation=organisation, user=by).exists():
        raise Forbidden(Message(gettext_noop("Somebody outside the company has to verify it.")))
    now = timezone.now()
    rows = Organisation.objects.filter(pk=organisation.pk, is_verified=False)
    if not rows.update(is_verified=True, verified_by=by, verified_at=now, version=F("version") + 1):
        raise NotNow(Message(gettext_noop("This company is already verified.")))
    organisation.refresh_from_db()
    record("organisation.verified", by=by, organisation=organisation)
    return organisation


# Members


@transaction.atomic
def invite(*, organisation: Organisation, email: str, role: str, by: User) -> Invitation:
    """A single-use link by mail, good for INVITATION_DAYS; a second one to the same address replaces the first."""
    require(by, Permission.ORG_MEMBERS_MANAGE, organisation.pk)
    email, role = _address(email), _organisation_role(role)
    if Membership.objects.filter(organisation=organisation, user__email=email).exists():
        raise _invalid("email", "member", gettext_noop("This person is already a member."))
    waiting = Invitation.objects.filter(organisation=organisation, accepted_at=None)
    waiting.filter(email=email).delete()
    if waiting.filter(expires_at__gt=timezone.now()).count() >= OPEN_INVITATIONS:
        raise NotNow(Message(gettext_noop("Too many open invitations. Withdraw some of them first.")))
    token = secrets.token_urlsafe(32)
    expires = timezone.now() + dt.timedelta(days=INVITATION_DAYS)
    invitation = Invitation.objects.create(
        organisation=organisation, email=email, role=role, digest=digest(token), invited_by=by, expires_at=expires
    )
    record("invitation.sent", by=by, organisation=organisation, invitation=invitation.pk, role=role)
    # Robust: the row is what counts; a mail server that is down is logged, and the page offers to send again.
    transaction.on_commit(lambda: mail.send_invitation(invitation, token), robust=True)
    return invitation


def _address(email: str) -> str:
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise _invalid("email", "format", gettext_noop("Enter an e-mail address such as name@example.com.")) from None
    if not is_plain(email) or len(email) > 254:  # before the case is folded: the Kelvin sign becomes a k by it
        text = gettext_noop("Only plain letters, digits and signs can be used in an e-mail address here.")
        raise _invalid("email", "format", text)
    return email.lower()


def _organisation_role(role: str) -> str:
    if role not in set(OrganisationRole):
        raise _invalid("role", "unknown", gettext_noop("Choose one of the roles."))
    return role


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User) -> None:
    """The link in the mail stops working."""
    require(by, Permission.ORG_MEMBERS_MANAGE, invitation.organisation_id)
    gone, _ = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).delete()
    if not gone:
        raise NotNow(Message(gettext_noop("This invitation has already been used.")))
    record("invitation.withdrawn", by=by, organisation=invitation.organisation, role=invitation.role)


def find_invitation(token: str) -> Invitation:
    """The open invitation behind a link; used, withdrawn, expired and invented ones look alike."""
    rows = Invitation.objects.select_related("organisation", "invited_by")
    open_ = rows.filter(accepted_at=None, expires_at__gt=timezone.now(), organisation__is_active=True)
    found = open_.filter(digest=digest(token), invited_by__is_active=True).first()
    if found is None:
        text = gettext_noop("This invitation is no longer valid. Please ask the owner of the company for a new one.")
        raise Missing(Message(text))
    return found


@transaction.atomic
def accept_invitation(*, token: str, by: User) -> Membership:
    """Join the enterprise; only the person to whose address the mail went, once."""
    invitation = find_invitation(token)
    if folded(invitation.email) != folded(by.email):
        text = gettext_noop("This invitation is for another e-mail address. Sign in with the address it was sent to.")
        raise Forbidden(Message(text), code="other_address")
    rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None)
    if not rows.update(accepted_at=timezone.now()):
        raise LostRace
    organisation = invitation.organisation
    membership, _ = Membership.objects.get_or_create(
        user=by, organisation=organisation, defaults={"role": invitation.role}
    )
    record("invitation.accepted", by=by, organisation=organisation, subject=by, role=membership.role)
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: User) -> Membership:
    """Another role for a member; the last owner stays owner."""
    require(by, Permission.ORG_MEMBERS_MANAGE, membership.organisation_id)
    role = _organisation_role(role)
    locked = _locked(membership)
    if locked.role == role:
        return locked
    if role != OrganisationRole.OWNER:
        _keep_an_owner(locked)
    before, locked.role = locked.role, role
    locked.save(update_fields=["role"])
    record(
        "member.role_changed", by=by, organisation=locked.organisation, subject=locked.user, before=before, after=role
    )
    return locked


@transaction.atomic
def remove_member(*, membership: Membership, by: User) -> None:
    """Out of the enterprise: by an owner, or by the person; the last owner can't leave."""
    if membership.user_id != by.pk:
        require(by, Permission.ORG_MEMBERS_MANAGE, membership.organisation_id)
    locked = _locked(membership)
    _keep_an_owner(locked)
    locked.delete()
    record("member.removed", by=by, organisation=locked.organisation, subject=locked.user, role=locked.role)


def _locked(membership: Membership) -> Membership:
    """The row as it is now, with its enterprise locked: two owners can't demote each other at the same moment."""
    Organisation.objects.select_for_update().get(pk=membership.organisation_id)
    found = Membership.objects.select_related("organisation", "user").filter(pk=membership.pk).first()
    if found is None:
        raise LostRace
    return found


def _keep_an_owner(membership: Membership) -> None:
    others = Membership.objects.filter(organisation=membership.organisation_id, role=OrganisationRole.OWNER)
    others = others.filter(user__is_active=True).exclude(pk=membership.pk)
    if membership.role == OrganisationRole.OWNER and not others.exists():
        text = gettext_noop("The last owner can't leave. Make somebody else an owner first.")
        raise NotNow(Message(text), code="last_owner")


# People at the desk


def _may_change_rights(user: User, by: User) -> None:
    """Nobody changes their own rights; so an administrator always remains, too."""
    require(by, Permission.ROLE_GRANT)
    if user.pk == by.pk:
        raise Forbidden(Message(gettext_noop("You can't change your own rights. Ask another administrator.")))
    # Locked, then read again: two administrators can't take each other's rights at the same moment.
    holders = StaffMembership.objects.filter(role__in=roles_with(Permission.ROLE_GRANT)).order_by("pk")
    list(holders.select_for_update())
    if not User.objects.holding(Permission.ROLE_GRANT).filter(pk=by.pk).exists():
        raise Forbidden(permission=Permission.ROLE_GRANT)


@transaction.atomic
def grant_role(*, user: User, role: str, by: User) -> StaffMembership:
    """A role at the desk."""
    _may_change_rights(user, by)
    if role not in set(StaffRole):
        raise _invalid("role", "unknown", gettext_noop("Choose one of the roles."))
    if not user.is_active:
        raise NotNow(Message(gettext_noop("This account is deactivated.")))
    held, is_new = StaffMembership.objects.get_or_create(user=user, role=role, defaults={"granted_by": by})
    if is_new:
        record("role.granted", by=by, subject=user, role=role)
    return held


@transaction.atomic
def revoke_role(*, user: User, role: str, by: User) -> None:
    """Takes effect with the person's next request."""
    _may_change_rights(user, by)
    gone, _ = StaffMembership.objects.filter(user=user, role=role).delete()
    if gone:
        record("role.revoked", by=by, subject=user, role=role)


@transaction.atomic
def deactivate(*, user: User, by: User) -> User:
    """Ends the person's sessions and tokens at once and for good; the password goes, so old sessions stay dead."""
    _may_change_rights(user, by)
    user.set_unusable_password()
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False, password=user.password):
        raise NotNow(Message(gettext_noop("This account is deactivated.")))
    user.is_active = False
    ApiToken.objects.filter(user=user).delete()
    record("person.deactivated", by=by, subject=user)
    return user


@transaction.atomic
def reactivate(*, user: User, by: User) -> User:
    """The person sets a new password by "reset the password"."""
    _may_change_rights(user, by)
    if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        raise NotNow(Message(gettext_noop("This account is active.")))
    user.is_active = True
    record("person.reactivated", by=by, subject=user)
    return user


@transaction.atomic
def create_staff(*, email: str, name: str, roles: tuple[str, ...], by: User | None = None) -> tuple[User, str]:
    """A person at the desk with a password for the first sign-in alone. `by` is None for the command line."""
    if by is not None:
        require(by, Permission.ROLE_GRANT)
    email = _address(email)
    unknown = set(roles) - set(StaffRole)
    if unknown or not roles:
        raise _invalid("role", "unknown", gettext_noop("Choose one of the roles."))
    password = secrets.token_urlsafe(12)
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name, password_is_initial=True)
    except IntegrityError:
        text = gettext_noop("There is already an account with this address.")
        raise _invalid("email", "registered", text) from None
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    for role in dict.fromkeys(roles):
        StaffMembership.objects.create(user=user, role=role, granted_by=by)
        record("role.granted", by=by, subject=user, role=role)
    return user, password


# The own account


@transaction.atomic
def update_profile(*, changes: Mapping[str, Any], by: User) -> User:
    """`changes` holds fields of PROFILE; the log keeps their names, not their values."""
    if strange := set(changes) - PROFILE:
        raise _invalid(sorted(strange)[0], "unknown", gettext_noop("There is no such setting."))
    changed = sorted(name for name, value in changes.items() if getattr(by, name) != value)
    if changed:
        for name in changed:
            setattr(by, name, changes[name])
        by.save(update_fields=changed)
        record("profile.updated", by=by, subject=by, fields=changed)
    return by


@transaction.atomic
def issue_token(*, by: User) -> tuple[ApiToken, str]:
    """A bearer token and its secret, which is shown once; the oldest ones beyond TOKENS_EACH end."""
    now, secret = timezone.now(), secrets.token_urlsafe(32)
    own = ApiToken.objects.filter(user=by)
    own.filter(expires_at__lte=now).delete()
    kept = own.order_by("-pk").values_list("pk", flat=True)[: TOKENS_EACH - 1]
    own.exclude(pk__in=list(kept)).delete()
    token = ApiToken.objects.create(user=by, digest=digest(secret), expires_at=now + dt.timedelta(days=TOKEN_DAYS))
    record("token.issued", by=by, subject=by, token=token.pk)
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User) -> None:
    """The token ends at once; twice is no error."""
    if token.user_id != by.pk:
        raise Missing
    pk = token.pk
    gone, _ = ApiToken.objects.filter(pk=pk).delete()
    if gone:
        record("token.revoked", by=by, subject=by, token=pk)


@transaction.atomic
def set_password(*, user: User, password: str) -> User:
    """A new password ends the other sessions (Django's session hash) and every token."""
    user.set_password(password)
    user.password_is_initial = False
    user.save(update_fields=["password", "password_is_initial"])
    ApiToken.objects.filter(user=user).delete()
    record("password.changed", by=user, subject=user)
    return user
