"""Ways in which printing programs draw the same face: order, splitting, spacing, missing labels, turned pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

from tests.invoices_factory.face import Page, Piece
from tests.invoices_factory.pdf import content, written

Drawn = list[Piece]
Style = Callable[[Drawn, Random], Drawn]


def labels_first(pieces: Drawn, _rng: Random) -> Drawn:
    """All labels before all values, as Suwell prints."""
    return sorted(pieces, key=lambda piece: bool(piece.field))


def shuffled(pieces: Drawn, rng: Random) -> Drawn:
    """In no order at all."""
    return rng.sample(pieces, len(pieces))


def by_character(pieces: Drawn, _rng: Random) -> Drawn:
    """Each character is a text of its own."""
    return [part for piece in pieces for part in _characters(piece, 0.0)]


def spaced(pieces: Drawn, _rng: Random) -> Drawn:
    """Figures with gaps between the digits."""
    return [
        part
        for piece in pieces
        for part in (
            _characters(piece, 0.12) if piece.field and piece.text.strip("¥-").replace(".", "").isdigit() else [piece]
        )
    ]


def sign_apart(pieces: Drawn, _rng: Random) -> Drawn:
    """The sign of the currency and its figure are two texts, the sign a little lower."""
    result = []
    for piece in pieces:
        if piece.text.startswith("¥") and len(piece.text) > 1:
            result += [
                replace(piece, text="¥", y=piece.y + 0.2 * piece.size),
                replace(piece, text=piece.text[1:], x=piece.x + 1.3 * piece.size),
            ]
        else:
            result.append(piece)
    return result


def sunk(pieces: Drawn, rng: Random) -> Drawn:
    """Values on another baseline than their labels."""
    off = rng.choice((-0.3, 0.3))
    return [replace(piece, y=piece.y + off * piece.size) if piece.field else piece for piece in pieces]


def bold(pieces: Drawn, _rng: Random) -> Drawn:
    """Labels drawn twice, a hair apart."""
    twice = [replace(piece, x=piece.x + 0.05) for piece in pieces if not piece.field]
    return [*pieces, *twice]


def tight(pieces: Drawn, _rng: Random) -> Drawn:
    """The labels that are printed downwards touch the text beside them."""
    return [replace(piece, x=piece.x + 3) if len(piece.text) == 1 and 25 < piece.y < 48 else piece for piece in pieces]


def stretched(pieces: Drawn, _rng: Random) -> Drawn:
    """Heads of columns drawn to the width of their column, in two texts."""
    result = []
    for piece in pieces:
        if piece.text in ("数 量", "单 价", "金 额", "税 额", "单 位", "合 计"):
            result += [
                replace(piece, text=piece.text[0]),
                replace(piece, text=piece.text[2], x=piece.x + 3 * piece.size),
            ]
        else:
            result.append(piece)
    return result


def unlabelled(pieces: Drawn, _rng: Random) -> Drawn:
    """Labels are drawn and not written: only values are text, and the title."""
    return [piece for piece in pieces if piece.field or ("发票" in piece.text and piece.size > 3.5)]


def with_radicals(pieces: Drawn, _rng: Random) -> Drawn:
    """Characters come as the radicals that look the same."""
    table = str.maketrans("金方日力人车长门一二", "⾦⽅⽇⼒⼈⻋⻓⻔⼀⼆")
    return [replace(piece, text=piece.text.translate(table)) for piece in pieces]


def noisy(pieces: Drawn, rng: Random) -> Drawn:
    """A remark full of what looks like fields."""
    text = rng.choice((
        "合同号：26110000000000099999 订单日期2025年01月02日 USD 1234.56 汇率7.1234 折合人民币8793.46元",
        "原合同金额壹万圆整 账号11001000000000000001 到货日期：2027年12月31日",
        "对应正数发票代码:011001900311号码:87654321 订单20261234 金额999.99",
    ))  # fmt: skip
    return [
        replace(piece, text=f"{piece.text} {text}", size=2.4) if piece.field == "remark" else piece for piece in pieces
    ]


STYLES: dict[str, Style] = {
    style.__name__: style
    for style in (
        labels_first, shuffled, by_character, spaced, sign_apart, sunk, bold, tight, stretched, unlabelled, with_radicals, noisy,
    )
}  # fmt: skip


def _characters(piece: Piece, gap: float) -> Iterator[Piece]:
    x = piece.x
    for char in piece.text:
        yield replace(piece, text=char, x=x)
        x += (piece.size if ord(char) > 0x2E7F else piece.size / 2) + gap * piece.size


def drawn_pdf(pages: Sequence[Page], *styles: str, seed: int = 1, code: str = "", turn: int = 0) -> bytes:
    """The pages as a PDF, drawn in these styles one after another; `turn` lays the text on its side."""
    rng = Random(f"layout/{seed}")
    made = []
    for page in pages:
        pieces = page.pieces()
        for style in styles:
            pieces = STYLES[style](pieces, rng)
        made.append((content(page, pieces, turn=turn), code, page.qr))
    return written(made, turn=turn, with_unicode=True)
