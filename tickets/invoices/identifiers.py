"""PURE. The numbers that identify an invoice or a taxpayer: their forms, checksums and the usual slips."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _

_WIDTH = {**{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}, 0x3000: 0x20, 0xFFE5: 0xA5}
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_NOISE = {"Pd", "Zs", "Zl", "Zp", "Cc", "Cf"}  # dashes, spaces, control and invisible characters


def halve_width(text: str) -> str:
    """Full-width ASCII, the ideographic space and ￥ as their usual forms; nothing else changes."""
    return text.translate(_WIDTH)


def fold(text: str) -> str:
    """One spelling of an identifier: half-width, A–Z upper case, without spaces, dashes and invisible characters."""
    if text.isascii() and text.isalnum():  # nearly always, and ten times as fast
        return text.upper()
    plain = halve_width(text).translate(_UPPER)
    return "".join(char for char in plain if unicodedata.category(char) not in _NOISE and char != "−")


@dataclass(frozen=True, slots=True)
class Slip:
    """What is wrong with one identifier: the code of a rule, what to tell, and a repair to show, never to apply."""

    code: str
    message: Message
    suggestion: str = ""


#: First two digits (four for cities with a plan of their own) of a 行政区划 → English name.
#: Codes 91–95 stand for those cities in 20-digit numbers; seen on invoices, not published.
REGIONS: Mapping[str, str] = {
    "11": _("Beijing"), "12": _("Tianjin"), "13": _("Hebei"), "14": _("Shanxi"), "15": _("Inner Mongolia"),
    "21": _("Liaoning"), "22": _("Jilin"), "23": _("Heilongjiang"),
    "31": _("Shanghai"), "32": _("Jiangsu"), "33": _("Zhejiang"), "34": _("Anhui"), "35": _("Fujian"),
    "36": _("Jiangxi"), "37": _("Shandong"),
    "41": _("Henan"), "42": _("Hubei"), "43": _("Hunan"), "44": _("Guangdong"), "45": _("Guangxi"), "46": _("Hainan"),
    "50": _("Chongqing"), "51": _("Sichuan"), "52": _("Guizhou"), "53": _("Yunnan"), "54": _("Tibet"),
    "61": _("Shaanxi"), "62": _("Gansu"), "63": _("Qinghai"), "64": _("Ningxia"), "65": _("Xinjiang"),
    "2102": _("Dalian"), "3302": _("Ningbo"), "3502": _("Xiamen"), "3702": _("Qingdao"), "4403": _("Shenzhen"),
}  # fmt: skip
_CITIES: Mapping[str, str] = {"91": "2102", "92": "3302", "93": "3502", "94": "3702", "95": "4403"}

#: Digits 5–6 (or 5) of a 20-digit number → where it was issued (乐企 documents of 二手车, 通行费, 铁路, 航空).
CHANNELS: Mapping[str, str] = {
    "70": _("Leqi, for the issuer itself"),
    "71": _("Leqi, for others"),
    "72": _("Leqi, joint use"),
    "79": _("Road toll centre"),
    "8": _("Air transport"),
    "9": _("Railway"),
    "2": _("E-invoice service platform"),
}


@dataclass(frozen=True, slots=True)
class DigitalNumber:
    """A 20-digit 数电票号码 in its parts; `region` and `channel` are English msgids, "" when unknown."""

    year: int
    region: str
    channel: str
    serial: str


def split_number(number: str) -> DigitalNumber | None:
    """The parts of a 20-digit number (数字化电子发票版式及XML规范 V5.002), or None for any other text."""
    if not re.fullmatch("[0-9]{20}", number):
        return None
    place, way = number[2:4], number[4:6]
    region = REGIONS.get(_CITIES.get(place, place), "")
    return DigitalNumber(2000 + int(number[:2]), region, CHANNELS.get(way, CHANNELS.get(way[0], "")), number[6:])


def check_number(number: str) -> tuple[Slip, ...]:
    """Form, region and spreadsheet damage of an invoice number, 8 or 20 digits. Nothing to say about an empty one."""
    return tuple(_number_slips(fold(number))) if fold(number) else ()


def _number_slips(number: str) -> Iterator[Slip]:
    damage = excel_damage(number)
    if damage:
        yield damage
        return
    if not re.fullmatch("[0-9]{8}|[0-9]{20}", number) or number == "0" * 8:
        text = _("An invoice number has 20 digits, or 8 beside an invoice code; this one has %(count)s characters.")
        repaired = _letters_as_digits(number)
        if repaired != number and re.fullmatch("[0-9]{8}|[0-9]{20}", repaired):
            text = _("An invoice number has digits alone. Letters O and I are often 0 and 1.")
            yield Slip("number.form", Message(text), repaired)
            return
        yield Slip("number.form", Message(text, {"count": len(number)}))
        return
    parts = split_number(number)
    if parts is None:
        return
    if not parts.region:
        text = _("Digits 3 and 4 (%(region)s) are not a known region. Compare the number with the invoice.")
        yield Slip("number.region", Message(text, {"region": number[2:4]}))
    if number.endswith("00000"):
        text = _("The number ends in five zeros, as when a spreadsheet rounds it. Compare it with the invoice.")
        yield Slip("number.zeros", Message(text))


def excel_damage(number: str) -> Slip | None:
    """A number that a spreadsheet has kept as a number: 2.4112E+19, 24112000000048500000.0. Lost digits stay lost."""
    if re.fullmatch(r"[0-9](\.[0-9]*)?E\+?[0-9]{1,3}", number):
        text = _("A spreadsheet has shortened this number and its digits are lost. Type it from the invoice.")
        return Slip("number.excel", Message(text))
    found = re.fullmatch(r"([0-9]{8,})\.0*", number)
    if found is None:
        return None
    text = _("A spreadsheet has kept this number as an amount. Type it from the invoice, digits only.")
    exact = len(found[1]) == 8  # a float holds 15 digits, so only the short number has survived
    return Slip("number.excel", Message(text), found[1] if exact else "")


def _letters_as_digits(text: str) -> str:
    return text.translate(str.maketrans("OQILZS", "001125"))


_CODE_SHAPE = re.compile(r"[01][0-9]{11}|[0-9]{6}[1-9][0-9]{2}0")
_EARLY_ELECTRONIC = frozenset({"144031539110", "131001570151", "133011501118", "111001571071"})
_KIND_OF_12 = {"11": "10", "04": "04", "05": "04", "06": "11", "07": "11", "12": "14", "17": "15", "13": "08"}
_KIND_OF_10 = {"1": "01", "5": "01", "3": "04", "6": "04", "2": "02", "7": "02"}


def code_kind(code: str) -> str:
    """The fplx that an invoice code says, as the public verification page classifies it; "" when it can't tell."""
    if code in _EARLY_ELECTRONIC:
        return "10"
    if re.fullmatch("[0-9]{12}", code):
        if code[0] == "0":
            return _KIND_OF_12.get(code[10:], "")
        return "03" if code[7] == "2" else ""
    return _KIND_OF_10.get(code[7], "") if re.fullmatch("[0-9]{10}", code) else ""


def code_year(code: str) -> int | None:
    """The year in which an invoice code of 10 or 12 digits was printed."""
    if not re.fullmatch("[0-9]{10}|[0-9]{12}", code):
        return None
    return 2000 + int(code[4:6] if len(code) == 10 else code[5:7])


def code_region(code: str) -> str:
    """The region of an invoice code as an English msgid, "" when unknown."""
    area = code[:4] if len(code) == 10 else code[1:5]
    return REGIONS.get(area, REGIONS.get(area[:2], ""))


def check_code(code: str) -> tuple[Slip, ...]:
    """Form, shape and region of an invoice code (发票代码), 10 or 12 digits. Nothing to say about an empty one."""
    return tuple(_code_slips(fold(code))) if fold(code) else ()


def _code_slips(code: str) -> Iterator[Slip]:
    if not re.fullmatch("[0-9]{10}|[0-9]{12}", code):
        repaired = _letters_as_digits(code)
        fits = repaired != code and re.fullmatch("[0-9]{10}|[0-9]{12}", repaired)
        text = _("An invoice code has 10 or 12 digits; this one has %(count)s characters.")
        yield Slip("code.form", Message(text, {"count": len(code)}), repaired if fits else "")
        return
    if not _CODE_SHAPE.fullmatch(code) and code not in _EARLY_ELECTRONIC:
        yield Slip("code.shape", Message(_("An unusual form of an invoice code. Compare it with the invoice.")))
    if not code_region(code):
        yield Slip("code.region", Message(_("The invoice code names no known region. Compare it with the invoice.")))


_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z
_USCC = re.compile("[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_BIRTH = re.compile("[0-9]{6}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]")
_OLD_TAX_ID = re.compile("[0-9]{6}[0-9A-Z]{9}|[0-9]{17}|[0-9]{17}[0-9X][0-9A-Z]{2}")


def uscc_check(body: str) -> str:
    """The 18th character of a 统一社会信用代码 for its first 17 (GB 32100-2015)."""
    total = sum(_USCC_ALPHABET.index(char) * weight for char, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[-total % 31]


def organisation_check(body: str) -> str:
    """The 9th character of an 组织机构代码 for its first eight (GB 11714-1997)."""
    total = sum(int(char, 36) * weight for char, weight in zip(body, _ORG_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def person_check(body: str) -> str:
    """The 18th character of a 公民身份号码 for its first 17 (GB 11643-1999), the tax number of a sole trader."""
    total = sum(int(char) * pow(2, 17 - place, 11) for place, char in enumerate(body))
    return "0123456789X"[(1 - total) % 11]


def is_uscc(text: str) -> bool:
    """True for a 统一社会信用代码 of the right form with the right check character."""
    return bool(_USCC.fullmatch(text)) and text[17] == uscc_check(text[:17])


def check_tax_id(tax_id: str) -> tuple[Slip, ...]:
    """Form and checksum of a taxpayer number of 15–20 characters. Nothing to say about an empty one.

    Living numbers with a wrong checksum are known, so only a wrong form or length is beyond doubt.
    """
    return tuple(_tax_id_slips(fold(tax_id))) if fold(tax_id) else ()


def _tax_id_slips(tax_id: str) -> Iterator[Slip]:
    if _is_malformed(tax_id):
        text = _("A tax number has 18 characters, digits and capitals without I, O, S, V, Z; this one has %(count)s.")
        if len(tax_id) == 18:
            text = _("This tax number has a character that tax numbers never have. Letters O and I are often 0 and 1.")
        yield Slip("tax_id.form", Message(text, {"count": len(tax_id)}), _repaired_tax_id(tax_id))
    elif _USCC.fullmatch(tax_id):
        if not is_uscc(tax_id) and not _is_person(tax_id):
            text = _("The check character does not fit. Compare the tax number with the business licence.")
            yield Slip("tax_id.check", Message(text), _repaired_tax_id(tax_id))
    elif not _OLD_TAX_ID.fullmatch(tax_id):
        yield Slip("tax_id.shape", Message(_("An unusual form of a tax number. Compare it with the licence.")))
    elif len(tax_id) == 15 and tax_id[14] != organisation_check(tax_id[6:14]):
        text = _("An old number of 15 characters without an organisation code's check digit, as sole traders have.")
        yield Slip("tax_id.organisation", Message(text))


def _is_malformed(tax_id: str) -> bool:
    """Charset and length alone; numbers of 17 and 18 that begin with a digit have only one form each."""
    if not re.fullmatch("[0-9A-Z]{15,20}", tax_id):
        return True
    if len(tax_id) not in (17, 18) or tax_id[0] not in "0123456789":
        return False
    return not (_USCC.fullmatch(tax_id) or re.fullmatch("[0-9]{17}", tax_id))


def _is_person(tax_id: str) -> bool:
    return bool(_BIRTH.fullmatch(tax_id)) and tax_id[17] == person_check(tax_id[:17])


def _repaired_tax_id(tax_id: str) -> str:
    """The only number that one usual slip away passes both checksums: letters for digits, two neighbours swapped.

    A swap is told only inside the organisation code, where two checksums agree; one alone is right too often by chance.
    """
    if len(tax_id) != 18:
        return ""
    candidates = {tax_id.translate(str.maketrans("OIZS", "0125"))}
    if not _has_right_organisation(tax_id):
        candidates |= {tax_id[:i] + tax_id[i + 1] + tax_id[i] + tax_id[i + 2 :] for i in range(17)}
    fitting = {text for text in candidates if has_right_checks(text)}
    return fitting.pop() if len(fitting) == 1 else ""


def has_right_checks(text: str) -> bool:
    """True for a 统一社会信用代码 in which both the check character and that of the organisation code are right."""
    return is_uscc(text) and _has_right_organisation(text)


def _has_right_organisation(tax_id: str) -> bool:
    """True when characters 9–17 are a right organisation code."""
    return bool(re.fullmatch("[0-9A-Z]{8}[0-9X]", tax_id[8:17])) and tax_id[16] == organisation_check(tax_id[8:16])
