"""Upload packages in the manner of 乐企 数电票上传: valid ones, and each rule broken once with the finding it must give."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from tests.invoices_factory.build import make
from tests.invoices_factory.packs import leqi_json

CENT = Decimal("0.01")
BEIJING = dt.timezone(dt.timedelta(hours=8))
NOW = dt.datetime(2026, 11, 24, 12, tzinfo=BEIJING)
Entry = dict[str, Any]
PLAIN, DISCOUNT, RED, MARGIN, PERSON = range(5)  # places in every package


def package(seed: int = 1, *, now: dt.datetime = NOW, lines: int = 3, more: int = 0) -> list[Entry]:
    """Five invoices (plain 专票, with a discount, red, taxed on its margin, for a person) and `more` plain ones."""
    rng = Random(f"package/{seed}")
    made = [
        _entry(rng, now, kind="81", lines=lines),
        _entry(rng, now, lines=lines, discount=True),
        _entry(rng, now, lines=lines, red=True),
        _on_margin(_entry(rng, now, lines=1)),
        {**_entry(rng, now, lines=lines), "gmfmc": "示例（个人）", "gmfzrrbz": "Y", "gmfnsrsbh": ""},
    ]
    return [*made, *(_entry(rng, now, kind=rng.choice(("81", "82")), lines=lines) for _ in range(more))]


def _entry(rng: Random, now: dt.datetime, *, kind: str = "82", **shape: Any) -> Entry:
    issued = now - dt.timedelta(seconds=rng.randrange(48 * 3600))
    if (issued.year, issued.month) != (now.year, now.month):  # its month may be closed already
        issued = now
    number = f"{issued:%y}11{rng.choice(('70', '71', '72'))}{rng.randrange(1, 10**13):013d}1"
    invoice = make(kind, rng.randrange(10**9), issue_date=issued.date(), number=number, **shape)
    return json.loads(leqi_json([invoice], kprq=f"{issued:%Y-%m-%d %H:%M:%S}"))[0]  # type: ignore[no-any-return]


def _on_margin(entry: Entry) -> Entry:
    """差额征税: half of what the line costs is deducted before the tax is reckoned."""
    line = entry["fpmxList"][0]
    gross, rate = Decimal(line["hsje"]), Decimal(line["slv"])
    deduction = (gross / 2).quantize(CENT)
    tax = ((gross - deduction) / (1 + rate) * rate).quantize(CENT, ROUND_HALF_UP)
    line |= {"kce": str(deduction), "se": str(tax), "je": str(gross - tax), "sl": "1", "dj": str(gross - tax)}
    return settled(entry | {"cezslxDm": "02"})


def settled(entry: Entry) -> Entry:
    """The invoice with the totals that follow from its lines."""
    amount = sum(Decimal(line["je"]) for line in entry["fpmxList"])
    tax = sum(Decimal(line["se"]) for line in entry["fpmxList"])
    return entry | {"hjje": str(amount), "hjse": str(tax), "jshj": str(amount + tax)}


def as_json(entries: object, encoding: str = "utf-8") -> bytes:
    return json.dumps(entries, ensure_ascii=False, indent=1).encode(encoding)


# Faults

Fault = Callable[[list[Entry]], None]


def _set(at: int, name: str, value: object) -> Fault:
    return lambda entries: entries[at].update({name: value})


def _line(at: int, line: int, **values: object) -> Fault:
    return lambda entries: entries[at]["fpmxList"][line].update(values)


def _shift(line: Entry, name: str, by: str) -> None:
    line[name] = str(Decimal(line[name]) + Decimal(by))


def _head_off(entries: list[Entry]) -> None:
    _shift(entries[PLAIN], "hjje", "0.02")
    _shift(entries[PLAIN], "jshj", "0.02")


def _tax_off(entries: list[Entry]) -> None:
    _shift(entries[PLAIN], "hjse", "0.02")
    _shift(entries[PLAIN], "jshj", "0.02")


def _off_by(name: str, by: str, *, at: int = PLAIN) -> Fault:
    """A line's field off, with the totals made to follow."""

    def break_it(entries: list[Entry]) -> None:
        line = entries[at]["fpmxList"][0]
        line |= {"se": _exact(line)} if name == "se" and at == PLAIN else {}
        _shift(line, name, by)
        if at == PLAIN:
            line["hsje"] = str(Decimal(line["je"]) + Decimal(line["se"]))
        entries[at].update(settled(entries[at]))

    return break_it


def _exact(line: Entry) -> str:
    return str((Decimal(line["je"]) * Decimal(line["slv"])).quantize(CENT, ROUND_HALF_UP))


def _many_roundings(entries: list[Entry]) -> None:
    """Each line within 0.06 and all of them beyond 1.27."""
    line = {**entries[PLAIN]["fpmxList"][0], "je": "100.00", "slv": "0.06", "se": "6.05", "hsje": "106.05"}
    line |= {"sl": "1", "dj": "100.00"}
    entries[PLAIN]["fpmxList"] = [{**line, "mxxh": n} for n in range(1, 27)]
    entries[PLAIN].update(settled(entries[PLAIN]))


def _two_on_margin(entries: list[Entry]) -> None:
    lines = entries[MARGIN]["fpmxList"]
    lines.append({**lines[0], "mxxh": 2})
    entries[MARGIN].update(settled(entries[MARGIN]))


def _no_deduction(entries: list[Entry]) -> None:
    line = entries[MARGIN]["fpmxList"][0]
    del line["kce"]


def _stray_discount(entries: list[Entry]) -> None:
    lines = entries[DISCOUNT]["fpmxList"]
    lines[1], lines[2] = {**lines[2], "mxxh": 2}, {**lines[1], "mxxh": 3}


def _dated(**ago: float) -> Fault:
    def break_it(entries: list[Entry]) -> None:
        issued = NOW - dt.timedelta(**ago)
        entries[PLAIN]["kprq"] = f"{issued:%Y-%m-%d %H:%M:%S}"

    return break_it


def _unusual_rate(entries: list[Entry]) -> None:
    line = entries[PLAIN]["fpmxList"][0]
    line |= {"slv": "0.04"}
    line |= {"se": _exact(line)}
    line["hsje"] = str(Decimal(line["je"]) + Decimal(line["se"]))
    entries[PLAIN].update(settled(entries[PLAIN]))


def _of_last_year(entries: list[Entry]) -> None:
    entries[PLAIN]["fphm"] = "25" + entries[PLAIN]["fphm"][2:]


def _twice(entries: list[Entry]) -> None:
    entries[PERSON]["fphm"] = entries[PLAIN]["fphm"]


def _negative(entries: list[Entry]) -> None:
    for name in ("hjje", "hjse", "jshj"):
        entries[PLAIN][name] = f"-{entries[PLAIN][name]}"
    for line in entries[PLAIN]["fpmxList"]:
        line |= {name: f"-{line[name]}" for name in ("sl", "je", "se", "hsje")}


def _positive(entries: list[Entry]) -> None:
    for name in ("hjje", "hjse", "jshj"):
        entries[RED][name] = entries[RED][name].lstrip("-")
    for line in entries[RED]["fpmxList"]:
        line |= {name: line[name].lstrip("-") for name in ("sl", "je", "se", "hsje")}


#: Label → (how to break a package of three lines each, the code of its one finding, the path of it).
FAULTS: Mapping[str, tuple[Fault, str, str]] = {
    "required left out": (_set(PLAIN, "ptbh", None), "field.missing", "[0].ptbh"),
    "required empty": (_set(PLAIN, "kpr", "  "), "field.missing", "[0].kpr"),
    "line: required left out": (_line(PLAIN, 1, spfwjc=""), "field.missing", "[0].fpmxList[1].spfwjc"),
    "a list for a text": (_set(PLAIN, "gmfmc", []), "field.type", "[0].gmfmc"),
    "not a number": (_line(PLAIN, 1, sphfwssflhbbm=float("nan")), "field.type", "[0].fpmxList[1].sphfwssflhbbm"),
    "too long": (_set(PLAIN, "xsfmc", "示" * 301), "field.length", "[0].xsfmc"),
    "remark too long": (_set(PLAIN, "bz", "示" * 451), "field.length", "[0].bz"),
    "red remark too long": (_set(RED, "bz", "示" * 383), "remark.length", "[2].bz"),
    "lone surrogate": (_set(PLAIN, "kpr", "\ud800"), "field.charset", "[0].kpr"),
    "price too long": (_line(PLAIN, 0, dj="1." + "0" * 24), "field.length", "[0].fpmxList[0].dj"),
    "time without seconds": (_set(PLAIN, "kprq", "2026-11-24 09:30"), "field.form", "[0].kprq"),
    "no such day": (_set(PLAIN, "kprq", "2026-02-30 09:30:00"), "field.form", "[0].kprq"),
    "amount with commas": (_set(PLAIN, "jshj", "1,234.50"), "field.form", "[0].jshj"),
    "three decimals": (_line(PLAIN, 0, hsje="1.234"), "field.form", "[0].fpmxList[0].hsje"),
    "exponent": (_line(PLAIN, 0, hsje="1E+2"), "field.form", "[0].fpmxList[0].hsje"),
    "rate in percent": (_line(PLAIN, 0, slv="13%"), "field.form", "[0].fpmxList[0].slv"),
    "unknown colour": (_set(PLAIN, "lzfpbz", "2"), "field.choice", "[0].lzfpbz"),
    "unknown kind": (_set(PERSON, "fppz", "03"), "field.choice", "[4].fppz"),
    "unknown way": (_set(PLAIN, "fpkjfsDm", "6"), "field.choice", "[0].fpkjfsDm"),
    "unknown nature": (_line(PLAIN, 0, fphxz="03"), "field.choice", "[0].fpmxList[0].fphxz"),
    "number without quotes": (_line(PLAIN, 0, sphfwssflhbbm=1060105020000000000), "field.quotes", "[0].fpmxList[0].sphfwssflhbbm"),
    "no lines": (_set(PLAIN, "fpmxList", []), "lines.missing", "[0].fpmxList"),
    "19 digits": (_set(PLAIN, "fphm", "2611700000000001234"), "number.form", "[0].fphm"),
    "letter O": (_set(PLAIN, "fphm", "26117O00000000012341"), "number.form", "[0].fphm"),
    "shortened by a spreadsheet": (_set(PLAIN, "fphm", "2.6117E+19"), "number.form", "[0].fphm"),
    "unknown region": (_set(PLAIN, "fphm", "26997000000000012341"), "number.region", "[0].fphm"),
    "not of Leqi": (_set(PLAIN, "fphm", "26112000000000012341"), "number.channel", "[0].fphm"),
    "wrong year": (_of_last_year, "number.year", "[0].fphm"),
    "twice in the package": (_twice, "number.twice", "[4].fphm"),
    "lower-case tax number": (_set(PLAIN, "gmfnsrsbh", "91110108ma01abcd5t"), "tax_id.form", "[0].gmfnsrsbh"),
    "short tax number": (_set(PLAIN, "xsfnsrsbh", "91110108MA01AB"), "tax_id.form", "[0].xsfnsrsbh"),
    "check character": (_set(PLAIN, "gmfnsrsbh", "91110108MA01ABCD5U"), "tax_id.check", "[0].gmfnsrsbh"),
    "special without buyer's number": (_set(PLAIN, "gmfnsrsbh", ""), "buyer.missing", "[0].gmfnsrsbh"),
    "person without the mark": (_set(PERSON, "gmfmc", "示例(个人)"), "buyer.person", "[4].gmfmc"),
    "bureau": (_set(PLAIN, "qyDm", "1100"), "region.form", "[0].qyDm"),
    "future": (_dated(minutes=-10), "date.future", "[0].kprq"),
    "48 hours": (_dated(hours=48), "date.late", "[0].kprq"),
    "closed month": (_dated(days=45), "month.closed", "[0].kprq"),
    "total off": (lambda entries: _shift(entries[PLAIN], "jshj", "0.01"), "amount.sum", "[0].jshj"),
    "lines off": (_head_off, "lines.amount", "[0].hjje"),
    "taxes off": (_tax_off, "lines.tax", "[0].hjse"),
    "rounding": (_many_roundings, "lines.rounding", "[0].hjse"),
    "price off": (_line(PLAIN, 0, sl="3", dj="0.01"), "line.price", "[0].fpmxList[0].je"),
    "tax off": (_off_by("se", "0.07"), "line.tax", "[0].fpmxList[0].se"),
    "gross off": (lambda entries: _shift(entries[PLAIN]["fpmxList"][0], "hsje", "0.02"), "line.gross", "[0].fpmxList[0].hsje"),
    "margin with two lines": (_two_on_margin, "margin.lines", "[3].fpmxList"),
    "margin without deduction": (_no_deduction, "margin.deduction", "[3].cezslxDm"),
    "margin tax off": (lambda entries: _shift(entries[MARGIN]["fpmxList"][0], "kce", "100"), "margin.tax", "[3].fpmxList[0].se"),
    "unusual rate": (_unusual_rate, "line.rate", "[0].fpmxList[0].slv"),
    "order": (_line(PLAIN, 1, mxxh=1), "line.order", "[0].fpmxList[1].mxxh"),
    "name": (_line(PLAIN, 0, hwhyslwfwmc="复印纸"), "line.name", "[0].fpmxList[0].hwhyslwfwmc"),
    "price without quantity": (_line(PLAIN, 0, sl=""), "line.pair", "[0].fpmxList[0].sl"),
    "quantity without price": (_line(PLAIN, 0, dj=None), "line.pair", "[0].fpmxList[0].dj"),
    "category of 18 digits": (_line(PLAIN, 0, sphfwssflhbbm="1" * 18), "line.classification", "[0].fpmxList[0].sphfwssflhbbm"),
    "category of a class": (_line(PLAIN, 0, sphfwssflhbbm="1060000000000000000"), "line.heading", "[0].fpmxList[0].sphfwssflhbbm"),
    "discount elsewhere": (_stray_discount, "discount.parent", "[1].fpmxList[2].fphxz"),
    "discount with another code": (_line(DISCOUNT, 1, sphfwssflhbbm="9" * 19), "discount.parent", "[1].fpmxList[1].fphxz"),
    "no discount follows": (_line(PLAIN, 0, fphxz="02"), "discount.child", "[0].fpmxList[0].fphxz"),
    "discount with a unit": (_line(DISCOUNT, 1, dw="箱"), "discount.extra", "[1].fpmxList[1].dw"),
    "blue and negative": (_negative, "blue.sign", "[0].hjje"),
    "red and positive": (_positive, "red.sign", "[2].hjje"),
    "red without confirmation": (_set(RED, "hzqrduuid", ""), "red.missing", "[2].hzqrduuid"),
    "red without the blue one": (_set(RED, "dylzfphm", ""), "red.missing", "[2].dylzfphm"),
    "number of the blue one": (_set(RED, "dylzfphm", "123"), "red.number", "[2].dylzfphm"),
    "blue with red fields": (_set(PLAIN, "hzqrxxdbh", "1"), "red.extra", "[0].hzqrxxdbh"),
}  # fmt: skip
