"""Addresses of tickets: the enterprise's, the desk's, and the inbox."""

from __future__ import annotations

from django.urls import include, path

from tickets.views import article, cases, check, desk, enterprise, inbox, new, package, reconcile

_desk = [
    path("", desk.home, name="desk"),
    path("queue/<slug:view>/", desk.queue, name="desk_queue"),
    path("lists/", cases.lists, name="desk_lists"),
    path("tickets/<str:number>/", desk.ticket, name="desk_ticket"),
    path("tickets/<str:number>/articles/", desk.articles, name="desk_articles"),
    path("tickets/<str:number>/reply/", desk.reply, name="desk_reply"),
    path("tickets/<str:number>/assign/", desk.assign, name="desk_assign"),
    path("tickets/<str:number>/change/", desk.change, name="desk_change"),
    path("tickets/<str:number>/proposal/", cases.decide, name="desk_decide"),
    path("tickets/<str:number>/actions/<slug:action>/", desk.act, name="desk_act"),
    path("tickets/<str:number>/invoices/<int:pk>/check/", cases.look_up, name="desk_check"),
    path("tickets/<str:number>/invoices/<int:pk>/set-aside/", cases.set_aside, name="desk_set_aside"),
    path("tickets/<str:number>/invoices/<int:pk>/backfill/", cases.open_backfill, name="desk_open_backfill"),
    path("kb/from-ticket/<str:number>/", article.from_ticket, name="desk_article_from_ticket"),
    path("backfill/", cases.backfills, name="desk_backfills"),
    path("backfill/<int:pk>/", cases.bench, name="desk_backfill"),
    path("backfill/<int:pk>/actions/<slug:action>/", cases.act, name="desk_backfill_act"),
    path("backfill/<int:pk>/materials/<slug:kind>/", cases.material, name="desk_material"),
    path("backfill/<int:pk>/package/", cases.download_package, name="desk_package"),
]

urlpatterns = [
    path("check/", check.check, name="check"),
    path("check/package/", package.package, name="check_package"),
    path("check/package/report/", package.report, name="check_package_report"),
    path("check/package/print/", package.printed, name="check_package_print"),
    path("check/package/attach/", package.attach, name="check_package_attach"),
    path("reconcile/", reconcile.index, name="reconcile"),
    path("reconcile/<int:pk>/", reconcile.result, name="reconciliation"),
    path("reconcile/<int:pk>/cancel/", reconcile.cancel, name="reconciliation_cancel"),
    path("reconcile/<int:pk>/tickets/", reconcile.file, name="reconciliation_file"),
    path("reconcile/<int:pk>/download/", reconcile.download, name="reconciliation_download"),
    path("tickets/", enterprise.my_tickets, name="my_tickets"),
    path("tickets/new/", new.situation, name="ticket_new"),
    path("tickets/new/details/", new.details, name="ticket_new_details"),
    path("tickets/new/files/", new.files, name="ticket_new_files"),
    path("tickets/new/review/", new.review, name="ticket_new_review"),
    path("tickets/new/discard/", new.discard, name="ticket_new_discard"),
    path("tickets/new/solved/<str:slug>/", new.solved, name="ticket_new_solved"),
    path("tickets/<str:number>/", enterprise.ticket, name="ticket"),
    path("tickets/<str:number>/received/", new.received, name="ticket_received"),
    path("tickets/<str:number>/reply/", enterprise.reply, name="ticket_reply"),
    path("tickets/<str:number>/actions/<slug:action>/", enterprise.act, name="ticket_act"),
    path("tickets/<str:number>/backfills/<int:pk>/<slug:kind>/", enterprise.material, name="ticket_material"),
    path("notifications/", inbox.inbox, name="notifications"),
    path("notifications/read/", inbox.read_all, name="notifications_read"),
    path("notifications/preferences/", inbox.preferences, name="notification_preferences"),
    path("", include("tickets.evidence.urls")),
    path("desk/", include(_desk)),
]
