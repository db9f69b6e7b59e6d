"""PURE. Text of a template → document, and the values of a ticket put into it.

A template is plain text: `# title` once, `## heading`, a blank line ends a paragraph, `| cell | cell |` is the row of a
form, `{name}` is filled. There is no other mark-up: whatever else a text holds is printed as it stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.common.errors import FieldError
from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.papers.words import BLOCKS, BY_NAME

MAX_BODY, MAX_LINES, MAX_CELLS, MAX_NAME = 20_000, 400, 6, 40
_ASKED = re.compile(r"\{([^{}\n]*)\}")


class Style(StrEnum):
    """What a block is."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    FORM = "form"
    INVOICES = "invoices"
    FILES = "files"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text; `blank` is the placeholder whose value is to be written by hand."""

    text: str
    blank: str = ""


Cell = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """`cells` is the text of a title, heading or paragraph (one cell for each line); `rows` those of a form."""

    style: Style
    cells: tuple[Cell, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A paper as blocks, and what is to be filled by hand, in the order of the text."""

    title: str
    blocks: tuple[Block, ...]
    missing: tuple[str, ...]


def faults(body: str) -> Iterator[FieldError]:
    """What a template can't be saved with: an unknown placeholder by its name, a stray brace by its line."""
    lines = body.splitlines()
    if len(body) > MAX_BODY or len(lines) > MAX_LINES:
        text = _("At most %(characters)s characters in %(lines)s lines.")
        yield _fault("too_long", text, characters=MAX_BODY, lines=MAX_LINES)
        return
    if sum(line.startswith("# ") for line in lines) != 1 or not _first(lines).startswith("# "):
        yield _fault("title", _("The first line is the title and begins with “# ”; there is one title."))
    for number, line in enumerate(lines, start=1):
        yield from _line_faults(number, line)
    if not any(one in BLOCKS and one == "signature" for one in asked(body)):
        yield _fault("signature", _("A paper needs its signature block: %(name)s."), name="{signature}")


def _first(lines: Sequence[str]) -> str:
    return next((line for line in lines if line.strip()), "")


def _line_faults(number: int, line: str) -> Iterator[FieldError]:
    for found in _ASKED.finditer(line):
        name = found[1].strip()
        if name not in BY_NAME:
            text = _("Line %(line)s: there is no placeholder %(name)s.")
            yield _fault("unknown_placeholder", text, line=number, name="{" + name[:MAX_NAME] + "}")
        elif BY_NAME[name].is_block and line.strip() != found[0]:
            text = _("Line %(line)s: %(name)s stands alone on its line.")
            yield _fault("not_alone", text, line=number, name=found[0])
    if any(brace in _ASKED.sub("", line) for brace in "{}"):
        yield _fault("brace", _("Line %(line)s: a brace belongs to no placeholder."), line=number)
    if _is_row(line) and len(_cells(line)) > MAX_CELLS:
        yield _fault("cells", _("Line %(line)s: at most %(limit)s cells."), line=number, limit=MAX_CELLS)


def _fault(code: str, text: str, **params: object) -> FieldError:
    return FieldError("body", code, Message(text, params))


def asked(body: str) -> tuple[str, ...]:
    """Names of the known placeholders of a text, each once, in its order."""
    found = (found[1].strip() for found in _ASKED.finditer(body))
    return tuple(dict.fromkeys(BY_NAME[name].name for name in found if name in BY_NAME))


def fill(body: str, values: Mapping[str, str]) -> Document:
    """The template with `values` by placeholder name; an absent or empty one becomes a blank.

    Values are text: what looks like mark-up or a placeholder in them stays what it is.
    """
    blocks = tuple(_blocks(body, values))
    title = next(("".join(run.text for run in b.cells[0]) for b in blocks if b.style == Style.TITLE), "")
    missing = dict.fromkeys(run.blank for block in blocks for run in _runs(block) if run.blank)
    return Document(title, blocks, tuple(missing))


def _runs(block: Block) -> Iterator[Run]:
    for cell in (*block.cells, *(cell for row in block.rows for cell in row)):
        yield from cell


def _blocks(body: str, values: Mapping[str, str]) -> Iterator[Block]:
    lines: list[Cell] = []
    rows: list[tuple[Cell, ...]] = []
    for line in [*body.splitlines(), ""]:
        text = line.strip()
        if rows and not _is_row(line):
            yield Block(Style.FORM, rows=tuple(rows))
            rows = []
        style, rest = _style(text)
        if style == Style.PARAGRAPH and text:
            lines.append(_filled(text, values))
            continue
        if lines:
            yield Block(Style.PARAGRAPH, tuple(lines))
            lines = []
        if style == Style.FORM:
            rows.append(tuple(_filled(cell, values) for cell in _cells(line)))
        elif style in (Style.TITLE, Style.HEADING):
            yield Block(style, (_filled(rest, values),))
        elif text:
            yield Block(style)


def _style(text: str) -> tuple[Style, str]:
    """What a line is, and its text without the mark."""
    if text.startswith("# "):
        return Style.TITLE, text[2:].strip()
    if text.startswith("## "):
        return Style.HEADING, text[3:].strip()
    if _is_row(text):
        return Style.FORM, text
    if (found := _ASKED.fullmatch(text)) and (known := BY_NAME.get(found[1].strip())) and known.is_block:
        return Style(known.name), ""
    return Style.PARAGRAPH, text


def _is_row(line: str) -> bool:
    text = line.strip()
    return len(text) > 2 and text[0] == text[-1] == "|"


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip()[1:-1].split("|")]


def _filled(text: str, values: Mapping[str, str]) -> Cell:
    runs: list[Run] = []
    at = 0
    for found in _ASKED.finditer(text):
        known = BY_NAME.get(found[1].strip())
        if known is None or known.is_block:
            continue
        runs.append(Run(clean(text[at : found.start()])))
        value = clean(values.get(known.name, ""))
        runs.append(Run(value) if value.strip() else Run("", known.name))
        at = found.end()
    runs.append(Run(clean(text[at:])))
    return tuple(run for run in runs if run.text or run.blank) or (Run(""),)


#: Turn the direction of what follows: a text could be read otherwise than it is.
_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """Without what XML 1.0 can't hold and what hides or turns text; lines stay lines."""
    return "".join(char for char in text.replace("\r\n", "\n").replace("\r", "\n") if _is_shown(char))


def _is_shown(char: str) -> bool:
    if char in "\n\t":
        return True
    if char in _TURNING or char in "\ufffe\uffff":
        return False
    return unicodedata.category(char) not in {"Cc", "Cs", "Cn", "Zl", "Zp"}
