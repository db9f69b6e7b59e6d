"""What a reading spares the person to answer."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.utils import timezone

from helpdesk.common.messages import Message
from tests.invoices_factory import einvoice_xml, make
from tickets.diagnosis import services as diagnosis
from tickets.diagnosis.tree import Facts
from tickets.invoices.model import Carrier, FieldValue, Finding, Line, Reading, Severity, Source
from tickets.invoices.read import read


def test_facts_of_a_reading() -> None:
    invoice = make(kind="81", seed=3)
    reading = read(einvoice_xml(invoice), name="a.xml", now=timezone.now())
    told = diagnosis.facts_of(reading, own=[invoice.seller_tax_id])
    assert (told.kind, told.number, told.issue_date, told.side) == ("81", invoice.number, invoice.issue_date, "issued")
    assert told.region == invoice.number[2:4]
    assert diagnosis.facts_of(reading, own=[invoice.buyer_tax_id]).side == "received"
    assert diagnosis.facts_of(reading, own=["x"]).side == ""
    assert diagnosis.facts_of(reading, own=[invoice.buyer_tax_id, invoice.seller_tax_id]).side == ""
    assert diagnosis.unseal(diagnosis.seal(told)) == told


def test_goods_tell_farm_produce_as_far_as_they_can() -> None:
    def of(*lines: Line, remark: str = "", **more: Any) -> Facts:
        fields = {"remark": FieldValue(remark, Source.XML, 1.0)} | {
            name: FieldValue(value, Source.XML, 1.0) for name, value in more.items()
        }
        return diagnosis.facts_of(Reading(Carrier.XML, is_invoice=True, fields=fields, lines=lines))

    steel, wheat = (
        Line(name="*钢材*螺纹钢", classification="1080101"),
        Line(name="*谷物*小麦", classification="1010101"),
    )
    assert of(steel).is_farm is False
    assert of(steel, wheat).is_farm is None
    assert of(Line(name="小麦")).is_farm is None
    assert of().is_farm is None
    assert of(wheat, remark="收购").is_farm is True
    assert of(Line(name="收购玉米")).is_farm is True
    assert of(issue_date=dt.date(9999, 12, 31)).issue_date is None
    old = of(number="12345678", code="011002400111", seller_tax_id="91310115MA1K4EXAM3", is_red=True)
    assert (old.region, old.is_red, old.code) == ("31", True, "011002400111")
    assert of(number="12345678", seller_tax_id="1").region == ""
    reading = Reading(Carrier.XML, is_invoice=True)
    finding = Finding("tax_id.check", Severity.ERROR, "buyer_tax_id", Message("x"))
    assert diagnosis.facts_of(dataclasses.replace(reading, findings=(finding,))).is_buyer_wrong
