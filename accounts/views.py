"""Pages of the account, of the enterprise, and of people at the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services, tax_ids
from accounts.access import require
from accounts.adapter import INVITED
from accounts.forms import EnterpriseForm, InvitationForm, ProfileForm, StaffForm, add_errors
from accounts.models import Invitation, Membership, Organisation, User, choices
from accounts.permissions import OrganisationRole, Permission, StaffRole
from helpdesk.common.errors import DomainError, Forbidden
from helpdesk.common.http import say

PAGE = 25
form_page = require_http_methods(["GET", "HEAD", "POST"])


def _told(request: HttpRequest, done: str, act: Callable[[], Any]) -> None:
    """Start a use-case; its success or its refusal is a message of the next page. Who may not, gets the 403 page."""
    try:
        act()
    except Forbidden:
        raise
    except DomainError as error:
        for text in [say(e.message) for e in error.errors] or [say(error.message)]:
            messages.error(request, text)
    else:
        messages.success(request, done)


@form_page
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language, time zone, theme, shortcuts; and the enterprises one belongs to."""
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        services.update_profile(changes=form.cleaned_data, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("profile")
    rows = Membership.objects.filter(user=request.user, organisation__is_active=True).select_related("organisation")
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/profile.html", {"form": form, "memberships": rows}, status=status)


@form_page
@login_required
def register(request: HttpRequest) -> HttpResponse:
    """Register an enterprise; a wrong check character is told, not refused: living codes have some."""
    form = EnterpriseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.register_organisation(**form.cleaned_data, by=request.user)
        except DomainError as error:
            add_errors(form, error)
        else:
            if not tax_ids.has_right_check(made.tax_id):
                text = _("The last character doesn't fit the others. Please compare the code with the licence.")
                messages.warning(request, text)
            messages.success(request, _("%(name)s is registered.") % {"name": made.name})
            return redirect("organisation", pk=made.pk)
    return render(request, "accounts/register.html", {"form": form}, status=422 if request.method == "POST" else 200)


def _organisation(request: HttpRequest, pk: int) -> Organisation:
    return get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)


def _membership(request: HttpRequest, pk: int, member: int) -> Membership:
    rows = Membership.objects.visible_to(request.user).select_related("organisation", "user")
    return get_object_or_404(rows, pk=member, organisation=_organisation(request, pk))


@require_safe
@login_required
def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """Members and open invitations of an enterprise."""
    found = _organisation(request, pk)
    manages = request.user.can(Permission.ORG_MEMBERS_MANAGE, found.pk)
    context = {
        "organisation": found,
        "members": found.memberships.select_related("user").order_by("created_at"),
        "invitations": Invitation.objects.filter(organisation=found, accepted_at=None) if manages else (),
        "manages": manages,
        "verifies": request.user.can(Permission.ORG_VERIFY) and not found.is_verified,
        "right_check": tax_ids.has_right_check(found.tax_id),
        "form": InvitationForm(),
        "roles": choices(OrganisationRole),
    }
    return render(request, "accounts/organisation.html", context)


@require_POST
@login_required
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    found, given = _organisation(request, pk), request.POST
    email, role = given.get("email", ""), given.get("role", "")
    _told(
        request,
        _("Invitation sent to %(email)s.") % {"email": email},
        lambda: services.invite(organisation=found, email=email, role=role, by=request.user),
    )
    return redirect("organisation", pk=pk)


@require_POST
@login_required
def withdraw(request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
    row = get_object_or_404(Invitation, pk=invitation, organisation=_organisation(request, pk))
    act = lambda: services.withdraw_invitation(invitation=row, by=request.user)  # noqa: E731
    _told(request, _("The invitation is withdrawn."), act)
    return redirect("organisation", pk=pk)


@require_POST
@login_required
def change_role(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    row, role = _membership(request, pk, member), request.POST.get("role", "")
    act = lambda: services.change_role(membership=row, role=role, by=request.user)  # noqa: E731
    _told(request, _("Saved."), act)
    return redirect("organisation", pk=pk)


@require_POST
@login_required
def remove(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """Take somebody out, or leave."""
    row = _membership(request, pk, member)
    act = lambda: services.remove_member(membership=row, by=request.user)  # noqa: E731
    _told(request, _("%(name)s is no longer a member.") % {"name": row.user}, act)
    return redirect("profile") if row.user_id == request.user.pk else redirect("organisation", pk=pk)


@require_POST
@login_required
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    found = _organisation(request, pk)
    act = lambda: services.verify_organisation(organisation=found, by=request.user)  # noqa: E731
    _told(request, _("%(name)s is verified.") % {"name": found.name}, act)
    return redirect("organisation", pk=pk)


@form_page
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites whom to what; joining needs the account of the address to which the mail went."""
    found = services.find_invitation(token)
    if request.method == "POST" and request.user.is_authenticated:
        services.accept_invitation(token=token, by=request.user)
        messages.success(request, _("You have joined %(name)s.") % {"name": found.organisation.name})
        return redirect("organisation", pk=found.organisation_id)
    request.session[INVITED] = found.email
    mine = request.user.is_authenticated and request.user.email == found.email
    known = User.objects.filter(email=found.email).exists()
    context = {"invitation": found, "mine": mine, "known": known, "next": request.path}
    return render(request, "accounts/invitation.html", context)


@require_safe
@login_required
def organisations(request: HttpRequest) -> HttpResponse:
    """The enterprises, those that wait for verification first."""
    require(request.user, Permission.ORG_VERIFY)
    rows = Organisation.objects.visible_to(request.user)
    q = request.GET.get("q", "").strip()[:100]
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(tax_id__startswith=tax_ids.normalise(q)))
    if request.GET.get("verified") in {"0", "1"}:
        rows = rows.filter(is_verified=request.GET["verified"] == "1")
    counted = rows.annotate(people=Count("memberships")).order_by("is_verified", "-pk")
    page = Paginator(counted, PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/organisations.html", {"page": page, "q": q})


@form_page
@login_required
def people(request: HttpRequest) -> HttpResponse:
    """People at the desk and their roles; anybody else by address."""
    require(request.user, Permission.ROLE_GRANT)
    form = StaffForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made, password = services.create_staff(
                email=given["email"], name=given["name"], roles=tuple(given["roles"]), by=request.user
            )
            context |= {"made": made, "password": password, "form": StaffForm()}
        except DomainError as error:
            add_errors(form, error)
    q = request.GET.get("q", "").strip()[:254]
    context |= {"people": User.objects.at_desk(q), "q": q, "roles": choices(StaffRole)}
    return render(request, "accounts/people.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant or revoke a role, deactivate or reactivate a person."""
    require(request.user, Permission.ROLE_GRANT)
    person = get_object_or_404(User.objects.all(), pk=pk)
    name, by = request.POST.get("role", ""), request.user
    acts: dict[str, Callable[[], Any]] = {
        "grant": lambda: services.grant_role(user=person, role=name, by=by),
        "revoke": lambda: services.revoke_role(user=person, role=name, by=by),
        "deactivate": lambda: services.deactivate(user=person, by=by),
        "reactivate": lambda: services.reactivate(user=person, by=by),
    }
    act = acts.get(request.POST.get("do", ""))
    if act:
        _told(request, _("Saved."), act)
    return redirect("desk_people")
