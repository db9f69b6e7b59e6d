"""A reader of letters that makes no mistakes of its own: it knows the page, and finds its pieces in the picture."""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image, ImageDraw

from tests.invoices_factory.face import HEIGHT, WIDTH, Page, Piece, width_of
from tickets.invoices.parse.contract import Seen

_DOTS = 8


def sheet(turn: int = 0) -> Image.Image:
    """An empty page with a black upper left corner, by which a reader knows the side that is up."""
    image = Image.new("L", (int(WIDTH * _DOTS), int(HEIGHT * _DOTS)), 255)
    ImageDraw.Draw(image).rectangle([0, 0, 60, 60], fill=0)
    return image.rotate(turn, expand=True)


class Typeset:
    """Boxes of a page that lies askew by `lean` degrees; `read_as` says what a piece is read as, and how sure that is."""

    def __init__(
        self,
        page: Page,
        *,
        lean: float = 0.0,
        fan: float = 0.0,
        read_as: Callable[[Piece], tuple[str, float]] | None = None,
    ) -> None:
        self.page, self.lean, self.fan = page, math.tan(math.radians(lean)), fan
        self.read_as = read_as or (lambda piece: (piece.text, 0.99))
        self.calls = 0

    def __call__(self, picture: Image.Image) -> list[Seen]:
        self.calls += 1
        width, height = picture.size
        corners = ((8, 8), (width - 8, 8), (width - 8, height - 8), (8, height - 8))
        up = next((index for index, corner in enumerate(corners) if picture.getpixel(corner) < 128), 0)
        if up == 2:
            return [
                Seen("#" * len(piece.text), 0.4, self._corners(piece, width, height)) for piece in self.page.pieces()
            ]
        if up:
            box = ((10.0, 10.0), (30.0, 10.0), (30.0, 400.0), (10.0, 400.0))
            return [Seen("發票號碼", 0.5, box)] * 5
        seen = []
        for piece in self.page.pieces():
            text, score = self.read_as(piece)
            if text:
                seen.append(Seen(text, score, self._corners(piece, width, height)))
        return seen

    def _corners(self, piece: Piece, width: int, height: int) -> tuple[tuple[float, float], ...]:
        scale = width / WIDTH
        left, right = piece.x * scale, (piece.x + width_of(piece)) * scale
        top, bottom = (piece.y - 0.1 * piece.size) * scale, (piece.y + 1.1 * piece.size) * scale
        return tuple(
            self._leaning(x, y, width, height) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
        )

    def _leaning(self, x: float, y: float, width: int, height: int) -> tuple[float, float]:
        across, down = x - width / 2, y - height / 2
        return x - self.lean * down, y + (self.lean + self.fan * down) * across
