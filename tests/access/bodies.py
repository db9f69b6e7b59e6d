"""What the writes of the table send: complete enough to succeed for whoever may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.cases import an_invoice
from tests.invoices_factory.packages import as_json, package
from tests.reconciliation.lists import a_list, rows_of


def upload(name: str = "log.txt", data: bytes = b"2026-11-20 upload failed, code 0499\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


CHECK = {"site": "buyer", "outcome": "not_found"}
ARTICLE = {"title": "标题", "summary": "", "keywords": "", "body": "## 症状\n\n无", "reason": "", "version": "1"}
INCIDENT = {
    "title": "乐企上传超时",
    "body": "正在调查",
    "impact": "outage",
    "components": "leqi",
    "started_at": "2026-01-05T09:10",
}
WINDOW = {
    "title": "升级", "body": "夜间升级", "components": "etax",
    "starts_at": "2099-01-05T22:00", "ends_at": "2099-01-06T02:00",
}  # fmt: skip
NEWS = {
    "title": "V4.000", "body": "接口升级", "subject": "interface", "audience": "public",
    "source_url": "https://example.com/notice", "effective_from": "2026-01-05",
}  # fmt: skip
LESSON = {
    "title": "入门", "title_en": "Basics", "body": "简介", "body_en": "About", "audience": "staff",
    "pass_mark": "80", "retry_hours": "24",
}  # fmt: skip
QUESTION = {
    "text": "问", "text_en": "q", "explanation": "因为", "explanation_en": "because",
    "zh0": "甲", "en0": "a", "zh1": "乙", "en1": "b", "right1": "on",
}  # fmt: skip
POLICY = {"name": "标准", "hours": "09:00-12:00, 13:30-18:00", "reason": "试行"}
INVOICE_FORMS = {f"invoices-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}

#: "METHOD address" as in the table → body; a list of files makes it multipart.
BODIES: dict[str, dict[str, Any]] = {
    "POST /accounts/desk/people/": {"name": "New", "email": "made@desk.example", "roles": ["agent"]},
    "POST /accounts/desk/people/{person}/": {"do": "grant", "role": "supervisor"},
    "POST /accounts/organisation/new/": {"name": "示例伽马有限公司", "tax_id": "91110105MA00ABCD18"},
    "POST /accounts/organisation/{alpha}/invite/": {"email": "more@x.example", "role": "viewer"},
    "POST /accounts/organisation/{alpha}/members/{guest}/role/": {"role": "member"},
    "POST /accounts/profile/": {"name": "Name", "time_zone": "Asia/Shanghai", "theme": "auto"},
    "POST /api/v1/backfills/": {"invoice": "{invoice}"},
    "POST /api/v1/backfills/{keyed}/actions/send_back/": {"reason": "不清楚"},
    "POST /api/v1/backfills/{papers}/actions/cancel/": {"reason": "不再需要"},
    "POST /api/v1/invoices/{invoice}/checks/": CHECK,
    "POST /api/v1/evidence/{log}/original/": {"reason": "核对原始时间"},
    "POST /evidence/{log}/original/": {"reason": "核对原始时间"},
    "POST /api/v1/kb/articles/inside/feedback/": {"is_helpful": True},
    "POST /api/v1/kb/articles/ours/feedback/": {"is_helpful": True},
    "POST /api/v1/notifications/read/": {"up_to": 1},
    "POST /api/v1/tickets/": {"subject": "查无此票", "symptom": "no_record"},
    "POST /api/v1/tickets/{ticket}/messages/": {"body": "请看附件"},
    "POST /desk/backfill/{keyed}/actions/send_back/": {"reason": "不清楚"},
    "POST /desk/backfill/{papers}/actions/cancel/": {"reason": "不再需要"},
    "POST /desk/backfill/{papers}/materials/statement/": {"decision": "accept"},
    "POST /desk/kb/draft/autosave/zh-hans/": ARTICLE,
    "POST /desk/kb/draft/edit/zh-hans/": ARTICLE,
    "POST /desk/kb/draft/remarks/zh-hans/": {"passage": "0", "text": "请补充", "version": "1"},
    "POST /desk/kb/open/confirmation/": {"ask": "yes", "version": "1"},
    "POST /kb/inside/confirmed/": {"revision": "{inside_text}"},
    "POST /desk/kb/open/address/": {"slug": "opened", "version": "1"},
    "POST /desk/kb/open/verified/": {"version": "1"},
    "POST /desk/kb/draft/readers/zh-hans/": {
        "readers-category": "no_record",
        "readers-audience": "staff",
        "version": "1",
    },
    "POST /desk/kb/from-ticket/{ticket}/": {"slug": "made", "category": "no_record"},
    "POST /desk/kb/new/": {"slug": "made", "category": "no_record", "audience": "public"},
    "POST /desk/kb/open/review/zh-hans/": {"seen": "{seen}", "action": "archive", "reason": "过时"},
    "POST /desk/kb/preview/": {"body": "## 标题"},
    "POST /desk/kb/synonyms/": {"phrases": "开具\n开票"},
    "POST /desk/kb/synonyms/{synonyms}/": {"phrases": "甲方\n买方", "version": "1"},
    "POST /status/subscribe/": {"email": "reader@x.example", "topics": "status"},
    "POST /desk/status/incidents/new/": INCIDENT,
    "POST /desk/status/incidents/{incident}/": {"action": "identify", "body": "已定位"},
    "POST /desk/status/incidents/{incident}/edit/": {**INCIDENT, "version": "1"},
    "POST /desk/status/maintenance/new/": WINDOW,
    "POST /desk/status/maintenance/{works}/": {**WINDOW, "version": "1"},
    "POST /desk/status/announcements/new/": NEWS,
    "POST /desk/status/announcements/{news}/": {**NEWS, "version": "1"},
    "POST /desk/training/new/": {**LESSON, "slug": "made"},
    "POST /desk/training/learn/purpose/": {**LESSON, "audience": "enterprises", "version": "{lesson}"},
    "POST /desk/training/learn/words/": {**LESSON, "version": "0"},
    "POST /desk/training/learn/questions/1/": {**QUESTION, "version": "0"},
    "POST /desk/training/learn/articles/": {"add": "open", "version": "0"},
    "POST /desk/training/planned/publish/": {"version": "{planned}"},
    "POST /desk/training/report/waive/": {"path": "shift", "person": "{trainee}", "reason": "轮岗"},
    "POST /desk/training/mentors/": {"trainee": "{trainee}", "mentor": "{mentor}"},
    "POST /desk/replies/{held}/": {"body": "您好"},
    "POST /training/learn/attempts/{attempt}/": {"q0": "0"},
    "POST /desk/deadlines/": {"month": "2027-02", "day": "2027-02-22", "source": "公告", "seen": "0"},
    "POST /desk/sla/new/": POLICY,
    "POST /desk/sla/{policy}/": POLICY | {"seen": "1"},
    "POST /desk/papers/statement/zh-hans/": {"body": "# 标题\n\n{签章}", "seen": "1"},
    "POST /desk/tickets/{ticket}/assign/": {"assignee": "{person}"},
    "POST /desk/tickets/{ticket}/change/": {"symptom": "delayed", "priority": "1", "queue": "data", "version": "2"},
    "POST /desk/tickets/{ticket}/invoices/{invoice}/check/": CHECK,
    "POST /desk/tickets/{ticket}/invoices/{invoice}/set-aside/": {"reason": "已作废"},
    "POST /desk/tickets/{ticket}/incident/": {"incident": "{incident}"},
    "POST /desk/tickets/{ticket}/reply/": {"body": "请补充", "visibility": "public"},
    "POST /desk/tickets/{ticket}/invoices/bulk/": {"do": "set_aside", "item": "{invoice}", "reason": "已作废"},
    "POST /tickets/batches/{heads}/columns/": {"column-0": "number"},
    "POST /tickets/batches/{batch}/file/": {"subject": "批量查无此票", "symptom": "no_record"},
    "POST /api/v1/batches/{heads}/columns/": {"columns": {"0": "number"}},
    "POST /api/v1/batches/{batch}/file/": {"subject": "批量查无此票", "symptom": "no_record"},
    "POST /kb/inside/feedback/": {"vote": "yes"},
    "POST /kb/open/feedback/": {"vote": "yes"},
    "POST /kb/ours/feedback/": {"vote": "yes"},
    "POST /kb/open/rejected/": {"place": "check", "reason": "related"},
    "POST /kb/inside/rejected/": {"place": "desk", "reason": "unrelated"},
    "POST /check/package/attach/": {"target": "{ticket}"},
    "POST /reconcile/": {"against": "checks"},
    "POST /checks/{settled}/still-missing/": {"body": "仍查不到"},
    "POST /desk/checks/{settled}/still-missing/": {"body": "仍查不到"},
    "POST /tickets/new/": {"symptom": "no_record"},
    "POST /tickets/new/details/": {"subject": "查无此票", **INVOICE_FORMS, "next": "1"},
    "POST /tickets/{asked}/actions/answer/": {"body": "见附件"},
    "POST /tickets/{ticket}/actions/answer/": {"body": "见附件"},
    "POST /tickets/{ticket}/reply/": {"body": "见附件"},
    "PATCH /api/v1/tickets/{ticket}/": {"priority": 1},
    "PUT /api/v1/backfills/{papers}/materials/statement/": {"state": "accepted"},
}


def a_package() -> SimpleUploadedFile:
    return upload("package.json", as_json(package(1, now=timezone.localtime())))


def own_list() -> SimpleUploadedFile:
    return upload("own.csv", a_list(rows_of([an_invoice()])))


def list_file() -> SimpleUploadedFile:
    return upload("list.csv", "发票号码\n12345678\n".encode())


def a_document() -> SimpleUploadedFile:
    return upload("a.pdf", b"%PDF-1.7\n")


#: The writes that send a file: the name of its part, and what makes it.
FILES: dict[str, tuple[str, Callable[[], SimpleUploadedFile]]] = {
    "POST /api/v1/batches/": ("file", list_file),
    "POST /tickets/batches/new/": ("file", list_file),
    "POST /api/v1/evidence/": ("file", upload),
    "POST /api/v1/invoices/read/": ("file", upload),
    "POST /api/v1/packages/check/": ("file", a_package),
    "POST /api/v1/reconciliations/": ("own", own_list),
    "POST /check/": ("files", upload),
    "POST /check/package/": ("file", a_package),
    "POST /check/package/attach/": ("file", a_package),
    "POST /check/package/print/": ("file", a_package),
    "POST /check/package/report/": ("file", a_package),
    "POST /desk/kb/open/files/": ("file", a_document),
    "POST /diagnose/file/": ("files", upload),
    "POST /evidence/": ("file", upload),
    "POST /reconcile/": ("own", own_list),
    "POST /tickets/{ticket}/backfills/{papers}/upload_log/": ("files", upload),
}
