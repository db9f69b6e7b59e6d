"""PURE. Blocks of a log → facts: each known thing once, at its first line, with how many lines hold it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tickets.invoices.logs import catalogue as known
from tickets.invoices.logs.catalogue import Kind, Sign
from tickets.invoices.logs.lines import Block, Tally, blocks
from tickets.invoices.logs.masking import Masker

SAMPLE = 300  # characters of a line that are kept with its fact
ENDPOINTS = 40  # different ones that are kept of one log


@dataclass(frozen=True, slots=True)
class Fact:
    """One known thing in a log: its code as articles name it, its first line (from 1) with a masked sample of it, and
    the number of lines that hold it. `sign` is None and `text` empty for what is no trouble: endpoints and times."""

    kind: Kind
    code: str
    line: int
    count: int = 1
    sample: str = ""
    sign: Sign | None = None
    text: str = ""  # msgid
    member: str = ""  # file inside an archive

    @property
    def article(self) -> str:
        """Slug of the article that helps, or ""."""
        return known.ARTICLES.get(self.code) or (known.ARTICLES["http_5xx"] if self.code.startswith("http_5") else "")


@dataclass(frozen=True, slots=True)
class LogReading:
    """All that was read from one log, or from all logs of an archive. `hidden` counts what is masked."""

    lines: int = 0
    bytes: int = 0
    cut: int = 0
    damaged: int = 0
    hidden: int = 0
    encoding: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """What triage takes of a fact."""

    code: str
    sign: Sign
    line: int
    text: str


@dataclass(slots=True)
class Finder:
    """Collects the facts of one log, block by block."""

    masker: Masker = field(default_factory=Masker)
    found: dict[tuple[Kind, str], Fact] = field(default_factory=dict)
    _first: tuple[str, int, str] | None = None
    _last: tuple[str, int, str] | None = None

    def look(self, block: Block) -> None:
        """Add what the block says."""
        lower = block.text.lower()
        if len(lower) != len(block.text):  # a few capitals have longer small forms; lines matter, columns don't
            lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in block.text)
        places = _Places(block, lower)
        if any(needle in lower for needle in known.CODE_NEEDLES):
            for match in known.CODES.finditer(lower):
                places.add(Kind.ERROR_CODE, match[0].upper(), match.start())
        for phrase in known.PHRASES:
            for at in _phrase_places(phrase, lower):
                places.add(phrase.kind, phrase.code, at)
        if any(needle in lower for needle in known.STATUS_NEEDLES):
            for match in known.STATUS.finditer(lower):
                places.add(Kind.HTTP_STATUS, f"http_{match[1]}", match.start())
        if "://" in lower:
            for match in known.ENDPOINT.finditer(lower):
                places.add(Kind.ENDPOINT, match[1] + re.sub(r"\d{4,}", "…", match[2]), match.start())
        self._keep(places)
        self._moments(block, lower)

    def _keep(self, places: _Places) -> None:
        """Lines are counted once for each fact; a sample is made for the first of them alone."""
        for (kind, code), starts in places.starts.items():
            before = self.found.get((kind, code))
            if before is not None:
                self.found[kind, code] = replace(before, count=before.count + len(starts))
                continue
            if kind == Kind.ENDPOINT and sum(k == Kind.ENDPOINT for k, _code in self.found) >= ENDPOINTS:
                continue
            sign, text = _meaning(kind, code)
            line, words = places.line(min(starts))
            shown = self.masker.line(words).strip()[:SAMPLE]
            self.found[kind, code] = Fact(kind, code, line, len(starts), shown, sign, text)

    def _moments(self, block: Block, lower: str) -> None:
        """The first and the last time that the block tells."""
        first = known.MOMENT.search(lower)
        if first is None:
            return
        if self._first is None:
            self._first = (_iso(first), block.first + lower.count("\n", 0, first.start()), "")
        size, found = 4 * 1024, list(known.MOMENT.finditer(lower, max(0, len(lower) - 4 * 1024)))
        while not found:  # mostly the last lines tell; a long trace may stand behind them
            size *= 4
            found = list(known.MOMENT.finditer(lower, max(0, len(lower) - size)))
        self._last = (_iso(found[-1]), block.first + lower.count("\n", 0, found[-1].start()), "")

    def facts(self) -> tuple[Fact, ...]:
        """What was found: troubles by their first lines, then endpoints, then the times."""
        rest = (Kind.ENDPOINT, Kind.TIMESTAMP)
        ordered = sorted(self.found.values(), key=lambda fact: (fact.kind in rest, fact.line, fact.code))
        times = [("first", self._first), ("last", self._last)]
        moments = [Fact(Kind.TIMESTAMP, code, at[1], sample=at[0]) for code, at in times if at]
        return (*ordered, *moments)


class _Places:
    """Where in a block each fact stands: the starts of the lines that hold it."""

    def __init__(self, block: Block, lower: str) -> None:
        self.block, self.lower = block, lower
        self.starts: dict[tuple[Kind, str], set[int]] = {}

    def add(self, kind: Kind, code: str, at: int) -> None:
        self.starts.setdefault((kind, code), set()).add(self.lower.rfind("\n", 0, at) + 1)

    def line(self, start: int) -> tuple[int, str]:
        """Number and text of the line that begins there."""
        text = self.block.text
        return self.block.first + text.count("\n", 0, start), text[start : text.find("\n", start)]


def _phrase_places(phrase: known.Phrase, lower: str) -> Iterator[int]:
    """A place in each line that says the phrase; every line is looked at once for each needle."""
    for needle in phrase.needles:
        at = lower.find(needle)
        while at >= 0:
            end = lower.find("\n", at)
            if phrase.pattern is None or phrase.pattern.search(lower, lower.rfind("\n", 0, at) + 1, end):
                yield at
            at = lower.find(needle, end)


def _meaning(kind: Kind, code: str) -> tuple[Sign | None, str]:
    if kind == Kind.ERROR_CODE:
        return known.BY_CODE[code]
    if kind == Kind.ENDPOINT:
        return None, ""
    phrase = next((p for p in known.PHRASES if p.code == code), None)
    return (phrase.sign, phrase.text) if phrase else known.status(code.removeprefix("http_"))


def _iso(match: re.Match[str]) -> str:
    year, month, day, hour, minute, second = match.groups()
    return f"{year}-{month:0>2}-{day:0>2} {hour:0>2}:{minute}:{second}"


def read(chunks: Iterable[bytes], encoding: str, *, member: str = "") -> LogReading:
    """The facts of one log, in bounded memory whatever its size; `encoding` as told by its beginning."""
    tally, finder = Tally(), Finder()
    for block in blocks(chunks, encoding, tally):
        finder.look(block)
    facts = tuple(replace(fact, member=member) for fact in finder.facts())
    return LogReading(tally.lines, tally.bytes, tally.cut, tally.damaged, 0, tally.encoding, facts)


def traces(text: str) -> Iterator[Trace]:
    """The troubles that a text tells, each once, at its first line."""
    finder = Finder()
    for block in blocks([text.encode("utf-8", "replace")], "utf-8", Tally()):
        finder.look(block)
    return traces_of(finder.facts())


def traces_of(facts: Iterable[Fact]) -> Iterator[Trace]:
    """The troubles among facts; of an HTTP status that a phrase tells too, the phrase alone."""
    for fact in facts:
        if fact.sign is not None:
            yield Trace(fact.code, fact.sign, fact.line, fact.text)


#: What says most about a case comes first: the platform's own code, its words, then how the connection ended.
_TELLING = (Kind.ERROR_CODE, Kind.ANSWER, Kind.TLS, Kind.DNS, Kind.HTTP_STATUS, Kind.TIMEOUT, Kind.CONNECTION)


def main_code(facts: Sequence[Fact]) -> str:
    """The code that a case is known by: of the most telling kind the one of most lines, then the earliest; or ""."""
    troubles = [fact for fact in facts if fact.sign is not None]
    if not troubles:
        return ""
    return min(troubles, key=lambda f: (_TELLING.index(f.kind), -f.count, f.line, f.code)).code
