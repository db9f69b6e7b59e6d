"""PURE. Two lists of invoices side by side, the enterprise's own and that of the tax side: what becomes of each row.

Each row of either list ends in exactly one entry, or beside its first row as a duplicate; pairs are one to one. They
are made in this order, inside a step in the order of the own list and then of the other one:

1. the same 20-digit number; 2. the same code and number (or the same number of another form);
3. the same 8-digit number, day and amount where one of both has no code.
What then remains may be a slip, and such pairs are only likely:
4. the number one slip apart, the same amount and day; 5. the same, the days one apart;
6. the same 8-digit number without a code and the same amount; 7. the same, the day instead of the amount;
8. the same 8-digit number, day and amount under another code;
9. another number, the same amount, at most a day apart, when there is no second such row on either side.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from tickets.invoices import near
from tickets.invoices.listed import (
    DETAIL_REASONS,
    MONEY_REASONS,
    Item,
    differences,
    long_keys,
    money_reasons,
    party_reasons,
    short_key,
)
from tickets.invoices.states import InvoiceState, state_of


class Result(StrEnum):
    """What became of a row, in the order in which people work through them."""

    MISSING = "missing"  # only in the own list
    LIKELY = "likely"  # probably the same invoice, with a slip
    AMOUNT = "amount"  # paired, the money differs
    STATUS = "status"  # paired, the state differs
    DETAIL = "detail"  # paired, date or tax number differs
    ONLY_THERE = "only_there"  # only in the list of the tax side
    DUPLICATED = "duplicated"  # again in the same list
    UNREADABLE = "unreadable"  # no number to compare
    MATCHED = "matched"


class Entry(NamedTuple):
    """`own` and `theirs` are indices, -1 for none; of a duplicate `first` is the index of its first row."""

    result: Result
    own: int
    theirs: int
    reasons: tuple[str, ...] = ()
    first: int = -1


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Every entry, own rows first; `outside` entries were left out as issued outside of the period."""

    entries: list[Entry]
    outside: int = 0


Tell = Callable[[str], None]
Period = tuple[dt.date, dt.date]
STEPS = ("duplicates", "pairs", "likely", "entries")


def reconcile(
    own: Sequence[Item], theirs: Sequence[Item], *, period: Period | None = None, today: dt.date | None = None,
    tell: Tell = lambda step: None,
) -> Reconciliation:  # fmt: skip
    """Every row of both lists in its class. `tell` hears each of STEPS as it begins, and may raise to stop the work."""
    tell("duplicates")
    by_net = _mostly_net(own) or _mostly_net(theirs)
    ours, there = _List(own, by_net=by_net), _List(theirs, by_net=by_net)
    pairing = _Pairing(ours, there)
    tell("pairs")
    pairing.pair_by_keys()
    tell("likely")
    pairing.pair_by_likeness()
    tell("entries")
    entries = [e for e in _entries(pairing, today) if not _is_outside(e, own, theirs, period)]
    return Reconciliation(entries, outside=pairing.count - len(entries))


def _mostly_net(items: Sequence[Item]) -> bool:
    """Whether a list gives amounts without tax: then money is compared by these."""
    known = [item.gross is None for item in items if item.amount is not None or item.total is not None]
    return sum(known) * 2 > len(known)


class _List:
    """One side: which rows are the first of their invoice, and under which keys they are found."""

    def __init__(self, items: Sequence[Item], *, by_net: bool) -> None:
        self.items, self._by_net = items, by_net
        self._parents = list(range(len(items)))
        self.owners: dict[object, int] = {}
        for index, item in enumerate(items):
            for key in self._keys(index, item):
                self._join(self.owners.setdefault(key, index), index)
        self.heads = [i for i, item in enumerate(items) if not _fault(item) and self.head(i) == i]

    def money(self, index: int) -> Decimal | None:
        item = self.items[index]
        return item.amount if self._by_net and item.amount is not None else _or(item.gross, item.amount)

    def bare(self, index: int) -> bool:
        """Eight digits without a code, and nothing else that names the invoice."""
        item = self.items[index]
        return bool(item.number) and not long_keys(item) and not short_key(item)

    def place(self, index: int) -> tuple[str, dt.date, Decimal] | None:
        """Number, day and money, for rows that no code tells apart."""
        item, money = self.items[index], self.money(index)
        return None if item.issue_date is None or money is None else (item.number, item.issue_date, money)

    def head(self, index: int) -> int:
        """The first row of the same invoice in this list."""
        while self._parents[index] != index:
            self._parents[index] = index = self._parents[self._parents[index]]
        return index

    def written(self, index: int) -> Iterator[near.Written]:
        """The spellings of the number of a row, for who looks for slips."""
        item, money = self.items[index], self.money(index)
        if item.issue_date is None or not money:
            return
        bare = (item.number,) if self.bare(index) else ()
        for text in (*long_keys(item), *filter(None, (short_key(item),)), *bare):
            yield near.Written(index, text, money, item.issue_date)

    def _keys(self, index: int, item: Item) -> Iterator[object]:
        if _fault(item):
            return
        yield from long_keys(item)
        if short := short_key(item):
            yield short
        elif self.bare(index) and (place := self.place(index)):
            yield place

    def _join(self, one: int, other: int) -> None:
        low, high = sorted((self.head(one), self.head(other)))
        self._parents[high] = low


def _or(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return other if one is None else one


def _fault(item: Item) -> str:
    return item.fault or ("" if item.number or item.digital_number else "number.none")


Key = Callable[[_List, int], object]


class _Pairing:
    """Pairs row by row, each at most once. `why` holds the reasons of a pair by its own row."""

    def __init__(self, own: _List, theirs: _List) -> None:
        self.own, self.theirs = own, theirs
        self.partner: dict[int, int] = {}
        self.taken: dict[int, int] = {}
        self.why: dict[int, tuple[str, ...]] = {}
        self.likely: set[int] = set()
        self.count = 0

    def pair_by_keys(self) -> None:
        """Steps 1 to 3."""
        for keys in (long_keys, lambda item: (short_key(item),)):
            for index, item in enumerate(self.own.items):
                if not _fault(item):
                    self._pair_by(keys(item), index)
        self._pair_bare(_List.place, ("code.absent",), likely=False)

    def pair_by_likeness(self) -> None:
        """Steps 4 to 9."""
        own, theirs = self._free()
        ours = [spelling for index in own for spelling in self.own.written(index)]
        there = [spelling for index in theirs for spelling in self.theirs.written(index)]
        found = list(near.pairs(ours, there))
        for days in (0, 1):
            for one, other in found:
                if one not in self.partner and other not in self.taken and self._days(one, other) == days:
                    self._take(one, other, (self._slip(one, other), *(("day",) if days else ())), likely=True)
        self._pair_bare(_money_key, ("code.absent",), likely=True)
        self._pair_bare(_day_key, ("code.absent", "money.other"), likely=True)
        self._pair_coded()
        self._pair_lonely()

    def _free(self) -> tuple[list[int], list[int]]:
        own = [index for index in self.own.heads if index not in self.partner]
        return own, [index for index in self.theirs.heads if index not in self.taken]

    def _take(self, own: int, theirs: int, why: tuple[str, ...] = (), *, likely: bool = False) -> None:
        self.partner[own], self.taken[theirs] = theirs, own
        if why:
            self.why[own] = why
        if likely:
            self.likely.add(own)

    def _pair_by(self, keys: Collection[str], index: int) -> None:
        own = self.own.head(index)
        for key in keys:
            other = self.theirs.owners.get(key) if key else None
            if other is None or own in self.partner:
                continue
            head = self.theirs.head(other)
            if head not in self.taken:
                self._take(own, head)

    def _days(self, own: int, theirs: int) -> int:
        one, other = self.own.items[own].issue_date, self.theirs.items[theirs].issue_date
        return abs((one - other).days) if one and other else -1

    def _slip(self, own: int, theirs: int) -> str:
        ours, there = ([w.text for w in side.written(i)] for side, i in ((self.own, own), (self.theirs, theirs)))
        return next(kind for one in ours for other in there if (kind := near.slip(one, other)))

    def _pair_bare(self, key: Key, why: tuple[str, ...], *, likely: bool) -> None:
        """Rows with the same key, of which one at least has eight digits and no code."""
        own, theirs = self._free()
        bare, coded = self._queues(theirs, key)
        for index in own:
            found = key(self.own, index)
            if found is None:
                continue
            queues = [bare.get(found), coded.get(found) if self.own.bare(index) else None]
            heads = [queue for queue in queues if queue] if self._is_short(self.own, index) else []
            if heads:
                self._take(index, min(heads, key=lambda queue: queue[0]).popleft(), why, likely=likely)

    def _pair_coded(self) -> None:
        own, theirs = self._free()
        _bare, coded = self._queues(theirs, _List.place)
        for index in own:
            place = self.own.place(index)
            if self._is_short(self.own, index) and not self.own.bare(index) and coded.get(place):
                self._take(index, coded[place].popleft(), ("code.other",), likely=True)

    def _queues(self, theirs: list[int], key: Key) -> tuple[dict[object, deque[int]], dict[object, deque[int]]]:
        """Their free rows of eight digits by key: those without a code, those with one."""
        bare: dict[object, deque[int]] = defaultdict(deque)
        coded: dict[object, deque[int]] = defaultdict(deque)
        for index in theirs:
            found = key(self.theirs, index)
            if found is not None and self._is_short(self.theirs, index):
                (bare if self.theirs.bare(index) else coded)[found].append(index)
        return bare, coded

    @staticmethod
    def _is_short(side: _List, index: int) -> bool:
        return len(side.items[index].number) == 8

    def _pair_lonely(self) -> None:
        """Step 9: nobody else on either side has this amount within a day, and the tax numbers don't contradict."""
        own, theirs = self._free()
        ours, there = _by_money(self.own, own), _by_money(self.theirs, theirs)
        for index in own:
            money, day = self.own.money(index), self.own.items[index].issue_date
            others = _within(there, money, day)
            if len(others) != 1 or not money:
                continue
            other = others[0]
            back = _within(ours, money, self.theirs.items[other].issue_date)
            if len(back) == 1 and not _parties_differ(self.own.items[index], self.theirs.items[other]):
                days = self._days(index, other)
                self._take(index, other, ("number.other", *(("day",) if days else ())), likely=True)


def _money_key(side: _List, index: int) -> object:
    money = side.money(index)
    return None if money is None else (side.items[index].number, money)


def _day_key(side: _List, index: int) -> object:
    day = side.items[index].issue_date
    return None if day is None else (side.items[index].number, day)


def _by_money(side: _List, free: list[int]) -> dict[tuple[Decimal, int], list[int]]:
    found: dict[tuple[Decimal, int], list[int]] = defaultdict(list)
    for index in free:
        money, day = side.money(index), side.items[index].issue_date
        if money and day:
            found[money, day.toordinal()].append(index)
    return found


def _within(
    rows: dict[tuple[Decimal, int], list[int]], money: Decimal | None, day: dt.date | None
) -> list[int]:  # fmt: skip
    """At most two rows: a second one is enough to know that the first isn't alone."""
    if money is None or day is None:
        return []
    around = (rows.get((money, day.toordinal() + off), ()) for off in (-1, 0, 1))
    return [index for some in around for index in some[:2]][:2]


def _parties_differ(one: Item, other: Item) -> bool:
    return bool(party_reasons(one, other))


def _class_of(reasons: Collection[str]) -> Result:
    if MONEY_REASONS & set(reasons):
        return Result.AMOUNT
    if "status" in reasons:
        return Result.STATUS
    return Result.DETAIL if DETAIL_REASONS & set(reasons) else Result.MATCHED


def _entries(pairing: _Pairing, today: dt.date | None) -> Iterator[Entry]:
    covered = [_span(side) for side in (pairing.theirs, pairing.own)]
    for index, item in enumerate(pairing.own.items):
        pairing.count += 1
        if fault := _fault(item):
            yield Entry(Result.UNREADABLE, index, -1, (fault,))
        elif (first := pairing.own.head(index)) != index:
            yield Entry(Result.DUPLICATED, index, -1, _again(item, pairing.own.items[first]), first)
        elif index in pairing.partner:
            yield _pair(pairing, index)
        else:
            void = ("void",) if state_of(item.status) is InvoiceState.VOID else ()
            fresh = ("today",) if today and item.issue_date and item.issue_date >= today else ()
            yield Entry(Result.MISSING, index, -1, (*void, *fresh, *_beyond(item, covered[0])))
    for index, item in enumerate(pairing.theirs.items):
        if index in pairing.taken:
            continue
        pairing.count += 1
        if fault := _fault(item):
            yield Entry(Result.UNREADABLE, -1, index, (fault,))
        elif (first := pairing.theirs.head(index)) != index:
            yield Entry(Result.DUPLICATED, -1, index, _again(item, pairing.theirs.items[first]), first)
        else:
            yield Entry(Result.ONLY_THERE, -1, index, _beyond(item, covered[1]))


def _pair(pairing: _Pairing, index: int) -> Entry:
    other = pairing.partner[index]
    own, theirs = pairing.own.items[index], pairing.theirs.items[other]
    reasons = (*pairing.why.get(index, ()), *differences(own, theirs))
    return Entry(Result.LIKELY if index in pairing.likely else _class_of(reasons), index, other, reasons)


def _again(item: Item, first: Item) -> tuple[str, ...]:
    """A goods line of a list of lines has another amount than the first one."""
    return ("again.differs",) if MONEY_REASONS & set(money_reasons(first, item)) else ("again.same",)


def _span(side: _List) -> Period | None:
    days = [day for index in side.heads if (day := side.items[index].issue_date)]
    return (min(days), max(days)) if days else None


def _beyond(item: Item, span: Period | None) -> tuple[str, ...]:
    """Whether the other list doesn't reach to this day."""
    day = item.issue_date
    return ("beyond",) if span and day and not span[0] <= day <= span[1] else ()


def _is_outside(entry: Entry, own: Sequence[Item], theirs: Sequence[Item], period: Period | None) -> bool:
    if period is None:
        return False
    rows = [side[index] for side, index in ((own, entry.own), (theirs, entry.theirs)) if index >= 0]
    days = [item.issue_date for item in rows]
    return all(day is not None and not period[0] <= day <= period[1] for day in days)


def counts(entries: Sequence[Entry]) -> Counter[Result]:
    """How many entries of each class."""
    return Counter(entry.result for entry in entries)
