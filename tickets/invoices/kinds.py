"""PURE. The kinds of invoice (发票类型代码, fplx), their names, and what a look-up asks of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.identifiers import fold

#: The fourth thing that a look-up asks besides code, number and date (乐企发票查验 V1.019 §1.2).
NET, GROSS, CHECK, DIGITAL = "amount", "total", "check_code", "digital_number"

#: Kinds that give no deduction by themselves; used cars too.
_NO_DEDUCTION = frozenset({"04", "10", "11", "15", "82", "84", "86", "88"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of invoice. `code` is fplx, `name` an English msgid, `chinese` its official name."""

    code: str
    name: str
    chinese: str
    asks: str
    aliases: tuple[str, ...] = ()
    has_code: bool = True
    is_paper: bool = False

    @property
    def number_length(self) -> int:
        """Digits of the number on the face: 8 beside a code, else 20."""
        return 8 if self.has_code else 20

    @property
    def is_electronic(self) -> bool:
        return not self.is_paper

    @property
    def is_digital(self) -> bool:
        """Carries a 20-digit 数电票号码, alone or beside code and number."""
        return self.code[0] in "568"

    @property
    def family(self) -> str:
        """How the diagnosis and the status board tell kinds apart: travel, or digital or tax-control with its sort."""
        if self.code in ("14", "51", "61"):
            return "travel"
        sort = "ordinary" if self.code in _NO_DEDUCTION else "special"
        return f"{'digital' if self.is_digital else 'control'}_{sort}"

    @property
    def check_code_needed(self) -> bool:
        return self.asks == CHECK


def _digital(*names: str) -> tuple[str, ...]:
    """The ways in which exports and people put "digital" before a name."""
    fronts = ("数电发票", "数电票", "数电", "全电发票", "全电", "电子发票", "数字化电子发票", "全面数字化的电子发票")
    return tuple(front + name for front in fronts for name in names)


def _digital_paper(*names: str) -> tuple[str, ...]:
    fronts = ("数电纸质发票", "数电纸质", "数电纸票", "全电纸质发票", "全电纸质")
    return tuple(front + name for front in fronts for name in names)


_SPECIAL, _ORDINARY = ("增值税专用发票", "专用发票", "专票"), ("增值税普通发票", "普通发票", "普票")
_CAR, _USED_CAR = ("机动车销售统一发票", "机动车发票", "机动车"), ("二手车销售统一发票", "二手车发票", "二手车")

_RAIL = ("铁路电子客票", "铁路客票", "火车票")
_AIR = ("航空运输电子客票行程单", "航空电子行程单", "航空行程单", "机票行程单")

_KINDS = (
    Kind("81", _("Digital special VAT invoice"), "数电发票（增值税专用发票）", GROSS,
         _digital(*_SPECIAL), has_code=False),
    Kind("82", _("Digital ordinary invoice"), "数电发票（普通发票）", GROSS,
         _digital(*_ORDINARY), has_code=False),
    Kind("83", _("Digital motor vehicle invoice"), "数电发票（机动车销售统一发票）", GROSS,
         _digital(*_CAR), has_code=False),
    Kind("84", _("Digital used car invoice"), "数电发票（二手车销售统一发票）", GROSS,
         _digital(*_USED_CAR), has_code=False),
    Kind("51", _("Railway e-ticket"), "数电发票（铁路电子客票）", GROSS,
         (*_digital(*_RAIL), *_RAIL), has_code=False),
    Kind("61", _("Air transport e-ticket itinerary"), "数电发票（航空运输电子客票行程单）", GROSS,
         (*_digital(*_AIR), *_AIR), has_code=False),
    Kind("85", _("Digital special VAT invoice on paper"), "数电纸质发票（增值税专用发票）", NET,
         _digital_paper(*_SPECIAL), is_paper=True),
    Kind("86", _("Digital ordinary invoice on paper"), "数电纸质发票（普通发票）", DIGITAL,
         _digital_paper(*_ORDINARY), is_paper=True),
    Kind("87", _("Digital motor vehicle invoice on paper"), "数电纸质发票（机动车销售统一发票）", NET,
         _digital_paper(*_CAR), is_paper=True),
    Kind("88", _("Digital used car invoice on paper"), "数电纸质发票（二手车销售统一发票）", GROSS,
         _digital_paper(*_USED_CAR), is_paper=True),
    Kind("01", _("Special VAT invoice"), "增值税专用发票", NET, ("增值税专票", "纸质专票", "004"), is_paper=True),
    Kind("04", _("Ordinary VAT invoice"), "增值税普通发票", CHECK,
         ("增值税普票", "纸质普票", "增值税普通发票（折叠票）", "007"), is_paper=True),
    Kind("08", _("Electronic special VAT invoice"), "增值税电子专用发票", NET, ("电子专票", "电子专用发票", "028")),
    Kind("10", _("Electronic ordinary VAT invoice"), "增值税电子普通发票", CHECK, ("电子普票", "电子普通发票", "026")),
    Kind("11", _("Ordinary VAT invoice on a roll"), "增值税普通发票（卷票）", CHECK,
         ("卷票", "卷式发票", "增值税普通发票（卷式）", "025"), is_paper=True),
    Kind("14", _("Electronic road toll invoice"), "增值税电子普通发票（通行费）", CHECK,
         ("通行费电子普通发票", "通行费电子发票", "道路通行费电子普通发票", "通行费发票", "通行费")),
    Kind("03", _("Motor vehicle invoice"), "机动车销售统一发票", NET, ("机动车发票", "机动车票", "005"), is_paper=True),
    Kind("15", _("Used car invoice"), "二手车销售统一发票", GROSS, ("二手车发票", "二手车票", "006"), is_paper=True),
    Kind("02", _("Freight special VAT invoice"), "货物运输业增值税专用发票", NET,
         ("货运专票", "货运增值税专用发票", "货物运输业专票"), is_paper=True),
)  # fmt: skip

#: fplx code → kind, the kinds of today before those that have run out (乐企发票查验 V1.019 §1.2.1).
KINDS: Mapping[str, Kind] = {kind.code: kind for kind in _KINDS}


def _key(text: str) -> str:
    return fold(text).translate(dict.fromkeys(map(ord, "()[]<>【】〔〕《》〈〉:·_/")))


_BY_NAME: Mapping[str, str] = {
    _key(name): kind.code for kind in _KINDS for name in (kind.code, kind.name, kind.chinese, *kind.aliases)
}


def normalise_kind(text: str) -> str:
    """The fplx code of a code, a Chinese or English name or a usual short name; "" when unknown or ambiguous."""
    key = _key(text)
    if len(key) == 1:  # a spreadsheet has eaten the leading zero
        key = f"0{key}"
    return _BY_NAME.get(key, "")


def lookup_fields(kind: str) -> tuple[str, ...]:
    """The fields that a look-up of this kind asks, in the order of its page; those that all kinds ask when unknown."""
    if kind not in KINDS:
        return ("number", "issue_date")
    known = KINDS[kind]
    return (*(("code",) if known.has_code else ()), "number", "issue_date", known.asks)


#: Kinds that a buyer deducts: special and vehicle invoices, road tolls, rail and air tickets.
DEDUCTIBLE = frozenset({"01", "02", "03", "08", "14", "51", "61", "81", "83", "85", "87"})
