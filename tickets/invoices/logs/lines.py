"""PURE. Bytes in pieces → text in blocks of whole lines, in bounded memory and in whatever encoding the log is."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

BLOCK = 256 * 1024  # characters of whole lines that are looked at together
MAX_LINE = 20_000  # characters; the rest of a longer line is not read
#: What no text holds but a tab and the ends of lines; C1 controls stay, for GB18030 has none and UTF-8 rarely.
_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


@dataclass(slots=True)
class Block:
    """Whole lines, each with its "\\n"; `first` is the number of the first one, from 1."""

    text: str
    first: int


@dataclass(slots=True)
class Tally:
    """What a run over a log has counted."""

    lines: int = 0
    bytes: int = 0
    cut: int = 0  # lines longer than MAX_LINE
    damaged: int = 0  # characters that don't fit the encoding
    encoding: str = ""


class _Decoder:
    """UTF-8 that turns out to be GB18030 behind a beginning of plain ASCII is read as that from there on."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self._plain = encoding == "utf-8"
        self._codec = codecs.getincrementaldecoder(encoding)("replace")

    def decode(self, data: bytes, *, final: bool = False) -> str:
        if self._plain and not data.isascii():
            self._plain = False
            try:
                codecs.getincrementaldecoder("utf-8")("strict").decode(data, final=final)
            except UnicodeDecodeError:
                self.encoding = "gb18030"
                self._codec = codecs.getincrementaldecoder("gb18030")("replace")
        return self._codec.decode(data, final=final)


def blocks(chunks: Iterable[bytes], encoding: str, tally: Tally) -> Iterator[Block]:
    """The lines of a log, however they end; counts in `tally` as it goes.

    Memory is a few blocks at most: of a line without an end only its first MAX_LINE characters are kept.
    """
    decoder, ends = _Decoder(encoding), io.IncrementalNewlineDecoder(None, translate=True)
    kept, size, first, dropping = [], 0, 1, False
    for data in _pieces(chunks):
        tally.bytes += len(data)
        text = ends.decode(decoder.decode(data, final=not data), final=not data)
        if not text.isascii():
            tally.damaged += text.count("\ufffd")
        text = text.translate(_CONTROL) if _has_control(text) else text
        if dropping:
            _lost, found, text = text.partition("\n")
            if not found:
                continue
            dropping, text = False, "\n" + text
        kept.append(text)
        size += len(text)
        if size < BLOCK:
            continue
        whole, found, rest = "".join(kept).rpartition("\n")
        if found:
            yield _block(whole + "\n", first, tally)
            first = tally.lines + 1
        if len(rest) > MAX_LINE:
            rest, dropping = rest[: MAX_LINE + 1], True
        kept, size = [rest], len(rest)
    rest = "".join(kept)
    if rest:
        yield _block(rest if rest.endswith("\n") else rest + "\n", first, tally)
    tally.encoding = decoder.encoding


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same, and an empty piece for the end."""
    yield from (chunk for chunk in chunks if chunk)
    yield b""


def _has_control(text: str) -> bool:
    return "\0" in text or not text.replace("\n", "").replace("\t", "").isprintable()


def _block(text: str, first: int, tally: Tally) -> Block:
    """Cut what is too long and count."""
    tally.lines += text.count("\n")
    if len(text) > MAX_LINE:
        lines = text.split("\n")
        if max(map(len, lines)) > MAX_LINE:
            tally.cut += sum(len(line) > MAX_LINE for line in lines)
            text = "\n".join(line[:MAX_LINE] for line in lines)
    return Block(text, first)
