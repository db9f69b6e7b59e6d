"""PURE. Profile `leqi-json`: the array of invoices that 乐企 数电票上传 takes (基础版开票能力 V4.000 §10.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.model import Carrier
from tickets.invoices.packages.contract import (
    MOST_INVOICES,
    Draft,
    Field,
    Form,
    Given,
    Note,
    Profile,
)
from tickets.invoices.packages.rules import clocks, colour, fields, goods, identity, money, package
from tickets.invoices.packages.strict_json import Doubled, decoded, elements, is_array

#: Names under which the lines were met; the first is the interface's own.
ROWS = ("fpmxList", "mxxx", "mxList", "fpmx")
_UTF8 = ("utf-8", "ascii")

HEAD = (
    Field("number", "fphm", _("Invoice number"), longest=20, required=True),
    Field("colour", "lzfpbz", _("Blue or red"), required=True, choices=frozenset("01")),
    Field("platform", "ptbh", _("Platform number"), longest=20, required=True),
    Field("vat_kind", "fppz", _("Invoice kind"), required=True, choices=frozenset(("01", "02"))),
    Field("region", "qyDm", _("Code of the tax bureau"), longest=20, required=True),
    Field("seller_tax_id", "xsfnsrsbh", _("Seller's tax number"), required=True),
    Field("seller_name", "xsfmc", _("Seller"), longest=300, required=True),
    Field("buyer_tax_id", "gmfnsrsbh", _("Buyer's tax number")),
    Field("buyer_name", "gmfmc", _("Buyer"), longest=300, required=True),
    Field("is_person", "gmfzrrbz", _("Private buyer"), choices=frozenset("YN")),
    Field("amount", "hjje", _("Amount without tax"), Form.MONEY, required=True),
    Field("tax", "hjse", _("Tax"), Form.MONEY, required=True),
    Field("total", "jshj", _("Total with tax"), Form.MONEY, required=True),
    Field("drawer", "kpr", _("Drawer"), longest=300, required=True),
    Field("ip", "ip", _("IP address"), longest=20, required=True),
    Field("mac", "macdz", _("MAC address"), longest=20, required=True),
    Field("issued_at", "kprq", _("Time of issue"), Form.TIME, required=True),
    Field("method", "fpkjfsDm", _("Way of issuing"), required=True, choices=frozenset("45")),
    Field("elements", "tdys", _("Special elements"), longest=2),
    Field("margin", "cezslxDm", _("Kind of margin taxation"), longest=2),
    Field("purchase", "sgfplxDm", _("Kind of purchase invoice"), choices=frozenset(("01", "02", "03"))),
    Field("remark", "bz", _("Remark"), longest=450),
    Field("original_number", "dylzfphm", _("Number of the blue invoice"), longest=20),
    Field("red_form", "hzqrxxdbh", _("Number of the red confirmation"), longest=20),
    Field("red_form_id", "hzqrduuid", _("UUID of the red confirmation"), longest=32),
)
LINES = (
    Field("position", "mxxh", _("Line number"), Form.POSITION, required=True),
    Field("item", "xmmc", _("Item"), longest=600, required=True),
    Field("name", "hwhyslwfwmc", _("Name of goods or services"), longest=300, required=True),
    Field("short", "spfwjc", _("Short name of the category"), longest=120, required=True),
    Field("specification", "ggxh", _("Specification"), longest=150),
    Field("unit", "dw", _("Unit"), longest=300),
    Field("quantity", "sl", _("Quantity"), Form.FIGURE, longest=25),
    Field("unit_price", "dj", _("Unit price"), Form.FIGURE, longest=25),
    Field("amount", "je", _("Amount"), Form.MONEY, required=True),
    Field("rate", "slv", _("Tax rate"), Form.RATE, required=True),
    Field("tax", "se", _("Tax"), Form.MONEY, required=True),
    Field("gross", "hsje", _("Amount with tax"), Form.MONEY, required=True),
    Field("classification", "sphfwssflhbbm", _("Tax category code"), Form.DIGITS, required=True),
    Field("role", "fphxz", _("Nature of the line"), required=True, choices=frozenset(("00", "01", "02"))),
    Field("deduction", "kce", _("Deduction"), Form.MONEY),
)
RULES = (
    *fields.CELLS, fields.lines_missing, fields.remark_length,
    *identity.NUMBER, identity.number_channel, *identity.TAX_IDS, identity.buyer_person, identity.region_form,
    clocks.date_future, *clocks.UPLOADING,
    *money.HEAD, *money.LINE, *money.MARGIN,
    goods.line_order, goods.line_name, *goods.BUILD, *goods.DISCOUNTS,
    *colour.SIGNS, colour.red_missing, colour.red_number, colour.red_extra,
)  # fmt: skip


def read(given: Given) -> Iterator[Draft | Note]:
    """Each element of the array; one invoice without the array is read and told."""
    text, codec = decoded(given.data, given.encoding or "utf-8")
    if codec not in _UTF8:
        yield Note(package.ENCODING, {"encoding": _NAMES.get(codec, codec)})
    if not is_array(text):
        yield Note(package.NO_ARRAY)
    for index, value in enumerate(elements(text)):
        if index == MOST_INVOICES:
            yield Note(package.TOO_MANY, {"limit": MOST_INVOICES})
            return
        yield _draft(value)


_NAMES: Mapping[str, str] = {"gb18030": "GB18030", "utf-8-sig": "UTF-8-BOM"}


def _draft(value: Any) -> Draft:
    if not isinstance(value, dict):
        return Draft(is_object=False)
    name = next((name for name in ROWS if name in value), ROWS[0])
    rows = value.get(name)
    twice = value.twice if isinstance(value, Doubled) else ()
    return Draft(value, rows if isinstance(rows, list) else (), name, twice=twice)


PROFILE = Profile(
    "leqi-json", _("Leqi upload package (JSON)"), read, HEAD, LINES, RULES,
    colours={"0": "blue", "1": "red"}, carriers=frozenset((Carrier.JSON, Carrier.TEXT)),
)  # fmt: skip
