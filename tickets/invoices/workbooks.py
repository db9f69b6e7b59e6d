"""PURE. The first visible sheet of an XLSX as a stream: openpyxl takes ten times as long."""

from __future__ import annotations

import datetime as dt
import posixpath
import re
from array import array
from collections.abc import Callable, Iterator
from functools import lru_cache
from xml.parsers import expat

from tickets.invoices.cells import MAX_CELL, MAX_COLUMNS, Bad, Cell, Line
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.parse.xmltree import Node, tree
from tickets.invoices.unpack import Archive, Budget

_DAY_ZERO, _MAC_SHIFT, _LAST_DAY = dt.datetime(1899, 12, 30), 1462, 2_958_466  # noqa: DTZ001  a sheet has no zone
_MOST_DEPTH = 64
#: Built-in formats of days, those of China and Japan among them (ECMA-376 part 1, 18.8.30).
_DAY_FORMATS = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_ESCAPED = re.compile("_x[0-9A-Fa-f]{4}_")
_FAR = MAX_COLUMNS + 1


def xlsx_lines(data: bytes, limits: Limits) -> Iterator[Line]:
    """Every line of the sheet that has cells. Raises Refused ("sheet.broken", "zip.*", "xml.*")."""
    archive = Archive(data, Budget(limits), broken="sheet.broken")
    parts = _Parts(archive, limits)
    texts = _Texts()
    if parts.texts:
        texts.read(archive.chunks(parts.texts))
    yield from _Sheet(texts, parts.days, parts.shift).lines(archive.chunks(parts.sheet))


def count_rows(data: bytes, limits: Limits) -> int:
    """How many rows the sheet has, empty ones among them, without reading them. Raises Refused."""
    archive = Archive(data, Budget(limits), broken="sheet.broken")
    return sum(chunk.count(b"<row ") + chunk.count(b"<row>") for chunk in archive.chunks(_Parts(archive, limits).sheet))


class _Parts:
    """Names of the parts of a workbook, and which styles are days."""

    def __init__(self, archive: Archive, limits: Limits) -> None:
        self._archive, self._limits = archive, limits
        book_name = self._by_type("_rels/.rels", "", "officeDocument").get("officeDocument", "xl/workbook.xml")
        book = self._tree(book_name)
        if book is None:
            raise Refused("sheet.broken")
        folder, name = posixpath.split(book_name)
        links = self._links(f"{folder}/_rels/{name}.rels", folder)
        shown = [s for s in book.all("sheet") if s.attributes.get("state", "visible") == "visible"] or book.all("sheet")
        self.sheet = links.get(shown[0].attributes.get("id", ""), ("", ""))[1] if shown else ""
        if self.sheet not in archive.names:
            raise Refused("sheet.broken")
        by_type = {kind: target for kind, target in links.values() if target in archive.names}
        self.texts = by_type.get("sharedStrings", "")
        self.days = _days(self._tree(by_type.get("styles", "")))
        properties = book.find("workbookPr")
        is_mac = properties is not None and properties.attributes.get("date1904") in ("1", "true")
        self.shift = _MAC_SHIFT if is_mac else 0

    def _tree(self, name: str) -> Node | None:
        if name not in self._archive.names:
            return None
        data = self._archive.read(name)
        return tree(data, self._limits)

    def _links(self, name: str, folder: str) -> dict[str, tuple[str, str]]:
        """Id → (last word of the type, part)."""
        found = self._tree(name)
        links = found.all("Relationship") if found else []
        return {
            link.attributes.get("Id", ""): (
                link.attributes.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, link.attributes.get("Target", "")))[1:],
            )
            for link in links
        }

    def _by_type(self, name: str, folder: str, wanted: str) -> dict[str, str]:
        return {kind: target for kind, target in self._links(name, folder).values() if kind == wanted}


def _days(styles: Node | None) -> frozenset[str]:
    """The style numbers, as written in `s`, whose format shows a day."""
    if styles is None:
        return frozenset()
    own = {f.attributes.get("numFmtId", ""): f.attributes.get("formatCode", "") for f in styles.all("numFmt")}
    table = styles.find("cellXfs")
    formats = [f.attributes.get("numFmtId", "0") for f in table.children] if table else []
    return frozenset(str(i) for i, f in enumerate(formats) if _is_day(f, own.get(f, "")))


def _is_day(number: str, code: str) -> bool:
    if not code:
        return number.isdecimal() and len(number) < 4 and int(number) in _DAY_FORMATS
    bare = _QUOTED.sub("", code).lower()
    return "y" in bare or "d" in bare or "年" in code


class _Texts:
    """The shared texts of a workbook in one piece of memory, each decoded when a cell names it."""

    def __init__(self) -> None:
        self._bytes, self._ends = bytearray(), array("Q", [0])

    def read(self, chunks: Iterator[bytes]) -> None:
        parts: list[str] = []
        state = {"t": False, "rPh": False}

        def start(name: str, _attributes: dict[str, str]) -> None:
            if name in state:
                state[name] = True

        def end(name: str) -> None:
            if name in state:
                state[name] = False
            elif name == "si":
                self._bytes += _clean("".join(parts)).encode()
                self._ends.append(len(self._bytes))
                parts.clear()

        def characters(text: str) -> None:
            if state["t"] and not state["rPh"]:
                parts.append(text)

        for _fed in _parse(chunks, start, end, characters):
            pass

    def __getitem__(self, index: int) -> str:
        return self._bytes[self._ends[index] : self._ends[index + 1]].decode()

    def __len__(self) -> int:
        return len(self._ends) - 1


def _clean(text: str) -> str:
    """Without what OOXML escapes (_x000D_), and no longer than a cell may be."""
    return (_ESCAPED.sub("", text) if "_x" in text else text)[:MAX_CELL]


def _parse(
    chunks: Iterator[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    characters: Callable[[str], None],
) -> Iterator[None]:
    """Feed expat, and yield after each piece; names come without their prefix. Raises Refused."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def opened(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MOST_DEPTH:
            raise Refused("xml.depth")
        start(name.rpartition(":")[2], attributes)

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name.rpartition(":")[2])

    def refuse(*_: object) -> None:
        raise Refused("xml.entity")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = opened, closed, characters
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)  # noqa: FBT003  expat takes it by position
            yield
        parser.Parse(b"", True)  # noqa: FBT003
        yield
    except (expat.ExpatError, ValueError, IndexError, OverflowError) as error:
        raise Refused("sheet.broken") from error


class _Sheet:
    """The handlers of expat for one sheet; `lines` hands over what has come together."""

    def __init__(self, texts: _Texts, days: frozenset[str], shift: int) -> None:
        self._texts, self._days, self._shift = texts, days, shift
        self._done: list[Line] = []
        self._cells: list[Cell] = []
        self._row, self._column = 0, -1
        self._kind = self._style = ""
        self._said: list[str] = []
        self._is_said = self._is_formula = self._is_phonetic = False

    def lines(self, chunks: Iterator[bytes]) -> Iterator[Line]:
        for _fed in _parse(chunks, self._start, self._end, self._characters):
            yield from self._done
            self._done.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            at = attributes.get("r", "")
            self._column = _column(at.rstrip("0123456789")) if at else self._column + 1
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._said.clear()
            self._is_formula = False
        elif name in ("v", "t"):
            self._is_said = not self._is_phonetic
        elif name == "row":
            at = attributes.get("r", "")
            self._row = int(at) if at else self._row + 1
            self._cells, self._column = [], -1
        elif name == "f":
            self._is_formula = True
        elif name == "rPh":
            self._is_phonetic = True

    def _characters(self, text: str) -> None:
        if self._is_said:
            self._said.append(text)

    def _end(self, name: str) -> None:
        if name in ("v", "t"):
            self._is_said = False
        elif name == "c":
            value = self._value("".join(self._said))
            if value is not None:
                column = min(self._column, _FAR)
                self._cells += [None] * (column + 1 - len(self._cells))
                self._cells[column] = value
        elif name == "rPh":
            self._is_phonetic = False
        elif name == "row" and self._cells:
            self._done.append((self._row, self._cells))

    def _value(self, said: str) -> Cell:
        kind = self._kind
        if kind == "s":
            return self._texts[int(said)] if said.isdecimal() and int(said) < len(self._texts) else Bad(said[:20])
        if kind in ("inlineStr", "str"):
            return _clean(said) or None
        if not said:
            return Bad("=") if self._is_formula else None
        if kind == "n":
            return self._number(said)
        if kind == "d":
            return dt.datetime.fromisoformat(said)
        return said.strip() == "1" if kind == "b" else Bad(said[:20])

    def _number(self, said: str) -> Cell:
        value = float(said)
        if self._style in self._days and 0 < value + self._shift < _LAST_DAY:
            return _DAY_ZERO + dt.timedelta(days=value + self._shift)
        return int(value) if value.is_integer() and abs(value) < 1e15 else value


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    """Index of a column: A → 0, Z → 25, AA → 26."""
    index = 0
    for letter in letters[:4]:
        index = index * 26 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(letter) + 1
    return index - 1
