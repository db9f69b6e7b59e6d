"""The tickets of the demonstration, made through the services: one for each thing that there is to try."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from kb.status import seed
from kb.status import services as status
from kb.status.models import Component
from tickets import services
from tickets.backfill import rules
from tickets.backfill import services as backfill
from tickets.backfill.models import Backfill
from tickets.checks.models import CheckOutcome, Site
from tickets.checks.sources import LookUp
from tickets.evidence import services as evidence
from tickets.evidence.models import Evidence, Purpose
from tickets.invoices.model import Invoice
from tickets.models import Ticket
from tickets.vocabulary import Cause, Symptom, Visibility

Cast = Mapping[str, User]

LOG = """{day} 09:30:00.000 INFO  [upload] 开始上传 数电票上传
{day} 09:30:01.120 ERROR [upload] fphm={number} code=0499 msg=税局超时
{day} 09:30:03.000 INFO  [upload] 结束 sczt=02
"""


@transaction.atomic
def tell(cast: Cast) -> None:
    """`cast` maps the part of an address before the @ to the person."""
    _new(cast)
    _with_log(cast)
    _waiting(cast)
    _looked_up(cast)
    _to_be_rekeyed(cast)
    _papers_wanted(cast)
    _resolved(cast)
    _board(cast)


def _new(cast: Cast) -> None:
    text = "想确认是否只是同步延迟，需不需要重新上传。"
    _file(cast["alice"], 101, "昨天开的票今天还没有同步", text, Symptom.DELAYED, age=1)


def _with_log(cast: Cast) -> None:
    alice, invoice = cast["alice"], _invoice(102, cast["alice"], age=3)
    log = LOG.format(day=invoice.issue_date, number=invoice.number)
    file = _upload(alice, "upload.log", log, Purpose.LOG)
    text = "上传返回网络超时，重试两次后仍没有受理流水号。"
    new = services.NewTicket(
        subject="批量上传时一张发票失败",
        symptom=Symptom.BATCH_UPLOAD_FAILED,
        description=text,
        invoices=(invoice,),
        software="示例开票软件",
        software_version="5.2.1",
    )
    services.submit(new=new, organisation=_organisation(alice), by=alice, evidence_ids=[file.pk])


def _waiting(cast: Cast) -> None:
    text = "查验平台提示“不一致”，金额与票面核对过。"
    ticket = _file(cast["bob"], 103, "查验结果与票面不一致", text, Symptom.VERIFICATION_MISMATCH)
    _take(ticket, cast["ann"])
    services.act(
        ticket=ticket, action="ask", by=cast["ann"], data={"body": "请上传票面原件（OFD 或 PDF），以便逐项比对。"}
    )


def _looked_up(cast: Cast) -> None:
    text = "客户反馈在税务数字账户里查不到这张发票。"
    ticket = _file(cast["charlie"], 104, "数电票开具三天后仍查不到", text)
    _take(ticket, cast["abe"])
    _look_up(ticket, CheckOutcome.NOT_FOUND, cast["abe"])
    note = "销方已上传，购方账户未见，先按同步延迟观察两小时。"
    services.comment(ticket=ticket, body=note, by=cast["abe"], visibility=Visibility.INTERNAL)


def _to_be_rekeyed(cast: Cast) -> None:
    text = "上传后一周，查验平台和数字账户都查不到，申请人工补录。"
    ticket = _file(cast["alice"], 105, "申请人工补录：一周后仍无记录", text, age=9)
    case = _backfill(cast, ticket)
    for material in case.materials.filter(is_required=True):
        paper = _upload(cast["alice"], f"{material.kind}.txt", f"示例材料 {material.kind}\n", Purpose.MATERIAL)
        backfill.submit_material(backfill=case, kind=material.kind, evidence_id=paper.pk, by=cast["alice"])
        backfill.review_material(backfill=case, kind=material.kind, is_accepted=True, by=cast["olga"])
    backfill.act(backfill=case, action="accept_materials", by=cast["olga"])
    claim = case.invoice.claim
    fields = {name: str(getattr(claim, name) or "") for name in rules.KEYED}
    backfill.act(backfill=case, action="key", by=cast["olga"], data={"fields": fields})


def _papers_wanted(cast: Cast) -> None:
    text = "开票软件升级后，这张发票没有上传成功。"
    ticket = _file(cast["charlie"], 106, "软件升级期间开的票没有记录", text, age=12)
    _backfill(cast, ticket)


def _resolved(cast: Cast) -> None:
    text = "开票当天查不到，第二天再查仍没有。"
    ticket = _file(cast["alice"], 107, "开票次日仍查不到", text, age=5)
    _take(ticket, cast["ann"])
    _look_up(ticket, CheckOutcome.FOUND, cast["ann"])
    data = {"cause": Cause.SYNC_DELAY.value, "resolution": "系统间同步延迟，现在数字账户里可以查到。"}
    services.act(ticket=ticket, action="resolve", by=cast["ann"], data=data)


def _board(cast: Cast) -> None:
    """A board that looks back on ninety days with one incident, and ahead to maintenance."""
    seed.load()
    now, sam = timezone.now(), cast["sam"]
    Component.objects.update(watched_since=timezone.localdate() - dt.timedelta(days=89))
    began = now - dt.timedelta(days=16, hours=5)
    past = {
        "title": "乐企上传接口响应超时",
        "title_en": "Leqi uploads time out",
        "body": "多家企业反馈上传返回 0499 超时，正在与平台核实。",
        "body_en": "Several enterprises report code 0499; we are asking the platform.",
        "impact": "outage",
        "components": ["leqi"],
        "kinds": ["digital_special", "digital_ordinary"],
        "situations": ["batch_upload_failed", "delayed"],
        "started_at": began,
    }
    incident = status.open_incident(given=past, by=sam)
    for action, minutes, text, english in (
        (
            "identify",
            25,
            "平台确认网关异常，正在切换。",
            "The platform confirms a faulty gateway.",
        ),
        ("monitor", 70, "已切换，上传恢复，继续观察。", "Switched over; uploads work again and are being watched."),
        (
            "recover",
            130,
            "已恢复。请先查受理结果，再上传失败的发票。",
            "Recovered. Query first, then upload what failed.",
        ),
    ):
        at = began + dt.timedelta(minutes=minutes)
        status.post_update(incident=incident, action=action, body=text, body_en=english, at=at, by=sam)
    night = timezone.localtime(now).replace(hour=22, minute=0, second=0, microsecond=0) + dt.timedelta(days=3)
    works = {
        "title": "电子税务局例行维护",
        "title_en": "Routine maintenance of the electronic tax bureau",
        "body": "维护期间勾选与查询可能不可用。",
        "body_en": "Ticking and queries may not be available.",
        "components": ["etax", "digital-account"],
        "starts_at": night,
        "ends_at": night + dt.timedelta(hours=4),
    }
    status.plan_maintenance(given=works, by=sam)
    news = {
        "title": "全国增值税发票查验平台的查验说明",
        "title_en": "How the national verification site answers",
        "body": "当日开具的发票最快次日可查，每张发票每天可查五次，可查最近五年内开具的发票。",
        "body_en": "An invoice of today can be looked up tomorrow at the earliest, five times a day, for five years.",
        "subject": "policy",
        "audience": "public",
        "source_url": "https://inv-veri.chinatax.gov.cn/",
        "effective_from": timezone.localdate(),
    }
    status.announce(given=news, by=sam)


def _file(by: User, serial: int, subject: str, text: str, symptom: Symptom = Symptom.NO_RECORD, age: int = 3) -> Ticket:
    invoices = (_invoice(serial, by, age=age),)
    new = services.NewTicket(subject=subject, symptom=symptom, description=text, invoices=invoices)
    return services.submit(new=new, organisation=_organisation(by), by=by)


def _organisation(person: User) -> Organisation:
    return Organisation.objects.get(members=person)


def _invoice(serial: int, seller: User, *, age: int) -> Invoice:
    """A digital invoice of the person's enterprise, issued `age` days ago."""
    day = timezone.localdate() - dt.timedelta(days=age)
    amount = Decimal(serial * 100)
    tax = amount * 13 / 100
    own = _organisation(seller)
    return Invoice(
        kind="82",
        number=f"{day:%y}1120{serial:014d}",
        issue_date=day,
        amount=amount,
        tax=tax,
        total=amount + tax,
        seller_name=own.name,
        seller_tax_id=own.tax_id,
        buyer_name="示例客户有限公司",
        buyer_tax_id="91110102MA00F1T226",
    )


def _upload(by: User, name: str, text: str, purpose: Purpose) -> Evidence:
    """A file that has passed its checks: nothing waits for a worker that isn't there yet."""
    file = ContentFile(text.encode(), name=name)
    made = evidence.receive(file=file, name=name, purpose=purpose, by=by)
    evidence.extract(made.pk)
    return made


def _take(ticket: Ticket, agent: User) -> None:
    services.act(ticket=ticket, action="accept", by=agent)
    services.assign(ticket=ticket, assignee=agent, by=agent)


def _look_up(ticket: Ticket, outcome: CheckOutcome, by: User) -> None:
    told = LookUp(Site.BUYER.value, outcome.value, timezone.now())
    services.look_up(invoice=ticket.invoices.get(), told=told, by=by)


def _backfill(cast: Cast, ticket: Ticket) -> Backfill:
    _take(ticket, cast["ann"])
    return backfill.open_backfill(invoice=ticket.invoices.get(), by=cast["ann"])
