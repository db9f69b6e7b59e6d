"""Addresses of the account and of the enterprise; signing in and out is allauth's."""

from __future__ import annotations

from django.urls import path

from accounts import views

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("organisation/new/", views.register, name="organisation_register"),
    path("organisation/<int:pk>/", views.organisation, name="organisation"),
    path("organisation/<int:pk>/invite/", views.invite, name="organisation_invite"),
    path("organisation/<int:pk>/verify/", views.verify, name="organisation_verify"),
    path("organisation/<int:pk>/invitations/<int:invitation>/", views.withdraw, name="invitation_withdraw"),
    path("organisation/<int:pk>/members/<int:member>/role/", views.change_role, name="member_role"),
    path("organisation/<int:pk>/members/<int:member>/remove/", views.remove, name="member_remove"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("desk/organisations/", views.organisations, name="desk_organisations"),
    path("desk/people/", views.people, name="desk_people"),
    path("desk/people/<int:pk>/", views.role, name="desk_person"),
]
