"""A row of a result as a page shows it: both sides under each other, what differs marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from helpdesk.templatetags.helpdesk import amount, day
from tickets.invoices.kinds import KINDS
from tickets.invoices.listed import Item
from tickets.invoices.reconcile import Result
from tickets.invoices.states import agree
from tickets.reconciliation.stored import Line
from tickets.reconciliation.words import REASONS, RESULTS

Parts = list[tuple[str, bool]]  # text, whether it is marked
NAMES = ("number", "issue_date", "amount", "total", "status")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a row: `cells` in the order of NAMES."""

    label: str
    item: Item
    cells: tuple[Parts, ...]

    @property
    def party(self) -> str:
        """Whom the invoice is for; of a purchase list, who issued it."""
        return self.item.buyer_name or self.item.seller_name

    @property
    def kind(self) -> str:
        return KINDS[self.item.kind].name if self.item.kind in KINDS else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A row with its sides and its reasons in words."""

    sides: tuple[Side, ...]
    reasons: tuple[str, ...]
    first: int


def shown(line: Line) -> Shown:
    """The row in the reader's language."""
    reasons = tuple(_(REASONS.get(code, code)) for code in line.reasons)
    return Shown(tuple(_sides(line)), reasons, line.first)


def _sides(line: Line) -> Iterator[Side]:
    own, theirs = line.own, line.theirs
    if own and theirs:
        pairs = [_apart(a, b, whole=at > 0) for at, (a, b) in enumerate(zip(_texts(own), _texts(theirs), strict=True))]
        if agree(own.status, theirs.status):
            pairs[-1] = ([(own.status, False)], [(theirs.status, False)])
        yield Side(_("Own"), own, tuple(ours for ours, _their in pairs))
        yield Side(_("Tax side"), theirs, tuple(their for _ours, their in pairs))
        return
    label = _("Own") if own else _("Tax side")
    yield Side(label, line.item, tuple([(text, False)] for text in _texts(line.item)))


def _texts(item: Item) -> tuple[str, ...]:
    number = item.digital_number or item.number
    written = f"{item.code} {number}" if item.code and not item.digital_number else number
    return written, day(item.issue_date), amount(item.amount), amount(item.gross), item.status


def _apart(ours: str, theirs: str, *, whole: bool) -> tuple[Parts, Parts]:
    """Both texts with what differs marked, as a whole or character by character."""
    if ours == theirs or "--" in (ours, theirs):
        return [(ours, False)], [(theirs, False)]
    if whole or len(ours) > 64 or len(theirs) > 64:
        return [(ours, True)], [(theirs, True)]
    left: Parts = []
    right: Parts = []
    if len(ours) == len(theirs):
        for a, b in zip(ours, theirs, strict=True):
            _add(left, a, marked=a != b)
            _add(right, b, marked=a != b)
        return left, right
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        _add(left, ours[a0:a1], marked=tag != "equal")
        _add(right, theirs[b0:b1], marked=tag != "equal")
    return left, right


def _add(parts: Parts, text: str, *, marked: bool) -> None:
    """Neighbours of one kind are one part."""
    if parts and parts[-1][1] == marked:
        parts[-1] = (parts[-1][0] + text, marked)
    elif text:
        parts.append((text, marked))


@dataclass(frozen=True, slots=True)
class Segment:
    """One class in the summary picture: `x` and `width` in its units."""

    result: str
    label: str
    fill: str
    count: int
    own: str
    theirs: str
    x: float
    width: float


WIDTH, GAP, LEAST = 600.0, 2.0, 6.0


def picture(classes: dict[str, dict[str, object]]) -> tuple[Segment, ...]:
    """The classes of a summary side by side on one bar; the smallest stay visible."""
    known: Sequence[Result] = [result for result in Result if result.value in classes]
    counts = [int(str(classes[result]["count"])) for result in known]
    spare = WIDTH - len(known) * LEAST - max(0, len(known) - 1) * GAP
    found, x = [], 0.0
    for result, count in zip(known, counts, strict=True):
        told, sums = RESULTS[result], classes[result]
        width = LEAST + spare * count / sum(counts)
        label, own, theirs = _(told.label), str(sums["own"]), str(sums["theirs"])
        found.append(Segment(result.value, label, told.fill, count, own, theirs, round(x, 1), round(width, 1)))
        x += width + GAP
    return tuple(found)
