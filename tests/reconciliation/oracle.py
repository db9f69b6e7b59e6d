"""The slow way to reconcile two lists: every row with every row, step by step as the module says it. n², on purpose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from tickets.invoices.listed import Item, differences
from tickets.invoices.reconcile import Entry, Result


def one_slip(a: str, b: str) -> bool:
    """Exactly one wrong, swapped, lost or added character: by making every change of `a`."""
    changed = {a[:i] + a[i + 1 :] for i in range(len(a))}
    changed |= {a[:i] + a[i + 1] + a[i] + a[i + 2 :] for i in range(len(a) - 1)}
    wrong = len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) == 1
    added = a in {b[:i] + b[i + 1 :] for i in range(len(b))}
    return a != b and min(len(a), len(b)) > 1 and (b in changed or wrong or added)


def long(item: Item) -> set[str]:
    return {n for n in (item.digital_number, item.number if len(item.number) == 20 else "") if n}


def short(item: Item) -> set[str]:
    if not item.number or len(item.number) == 20:
        return set()
    if item.code:
        return {item.code + "|" + item.number}
    return set() if len(item.number) == 8 or item.digital_number else {item.number}


def bare(item: Item) -> bool:
    return bool(item.number) and not long(item) and not short(item)


def broken(item: Item) -> bool:
    return bool(item.fault) or not (item.number or item.digital_number)


class Oracle:
    def __init__(self, own: Sequence[Item], theirs: Sequence[Item]) -> None:
        self.own, self.theirs = own, theirs
        self.by_net = self.mostly_net(own) or self.mostly_net(theirs)
        self.heads = (self.first_rows(own), self.first_rows(theirs))
        self.pairs: dict[int, int] = {}
        self.likely: set[int] = set()

    @staticmethod
    def mostly_net(items: Sequence[Item]) -> bool:
        given = [i for i in items if i.amount is not None or i.total is not None]
        return 2 * sum(i.gross is None for i in given) > len(given)

    def money(self, item: Item):  # type: ignore[no-untyped-def]
        order = (item.amount, item.gross) if self.by_net else (item.gross, item.amount)
        return next((m for m in order if m is not None), None)

    def same_place(self, a: Item, b: Item) -> bool:
        return (
            a.number == b.number
            and a.issue_date is not None
            and a.issue_date == b.issue_date
            and self.money(a) is not None
            and self.money(a) == self.money(b)
        )

    def first_rows(self, items: Sequence[Item]) -> list[int]:
        """Row → first row of its invoice: the closure of "shares a key"."""
        heads = list(range(len(items)))

        def same(a: Item, b: Item) -> bool:
            if broken(a) or broken(b):
                return False
            return bool(long(a) & long(b) or short(a) & short(b) or (bare(a) and bare(b) and self.same_place(a, b)))

        changed = True
        while changed:
            changed = False
            for i, a in enumerate(items):
                for j, b in enumerate(items):
                    if heads[j] < heads[i] and same(a, b):
                        heads[i], changed = heads[j], True
        return heads

    def free(self) -> tuple[list[int], list[int]]:
        mine, others = self.heads
        return (
            [i for i, x in enumerate(self.own) if mine[i] == i and not broken(x) and i not in self.pairs],
            [j for j, x in enumerate(self.theirs) if others[j] == j and not broken(x) and j not in self.pairs.values()],
        )

    def pass_over(self, fits, *, likely: bool) -> None:  # type: ignore[no-untyped-def]
        for i in self.free()[0]:
            for j in self.free()[1]:
                if fits(self.own[i], self.theirs[j]):
                    self.pairs[i] = j
                    if likely:
                        self.likely.add(i)
                    break

    def by_keys(self, keys) -> None:  # type: ignore[no-untyped-def]
        mine, others = self.heads
        for i, a in enumerate(self.own):
            ordered = [k for k in (a.digital_number, a.number) if k in keys(a)] if keys is long else sorted(keys(a))
            for key in dict.fromkeys(ordered):
                for j, b in enumerate(self.theirs):
                    if broken(a) or broken(b) or key not in keys(b):
                        continue
                    if mine[i] not in self.pairs and others[j] not in self.pairs.values():
                        self.pairs[mine[i]] = others[j]

    def texts(self, item: Item) -> set[str]:
        return long(item) | short(item) | ({item.number} if bare(item) else set())

    def near(self, a: Item, b: Item, days: int) -> bool:
        if not (a.issue_date and b.issue_date and self.money(a) and self.money(a) == self.money(b)):
            return False
        if abs((a.issue_date - b.issue_date).days) != days:
            return False
        return any(one_slip(x, y) for x in self.texts(a) for y in self.texts(b))

    def eight(self, a: Item, b: Item) -> bool:
        return len(a.number) == 8 and a.number == b.number and (bare(a) or bare(b))

    def run(self) -> None:
        self.by_keys(long)
        self.by_keys(short)
        self.pass_over(lambda a, b: self.eight(a, b) and self.same_place(a, b), likely=False)
        self.pass_over(lambda a, b: self.near(a, b, 0), likely=True)
        self.pass_over(lambda a, b: self.near(a, b, 1), likely=True)
        self.pass_over(
            lambda a, b: self.eight(a, b) and self.money(a) is not None and self.money(a) == self.money(b), likely=True
        )
        self.pass_over(
            lambda a, b: self.eight(a, b) and a.issue_date is not None and a.issue_date == b.issue_date, likely=True
        )
        self.pass_over(
            lambda a, b: len(a.number) == 8 and not bare(a) and not bare(b) and self.same_place(a, b), likely=True
        )
        self.lonely()

    def lonely(self) -> None:
        own, theirs = self.free()

        def close(a: Item, b: Item) -> bool:
            dated = a.issue_date and b.issue_date and abs((a.issue_date - b.issue_date).days) <= 1
            return bool(dated and self.money(a) and self.money(a) == self.money(b))

        for i in own:
            there = [j for j in theirs if close(self.own[i], self.theirs[j])]
            if len(there) == 1 and sum(close(self.own[k], self.theirs[there[0]]) for k in own) == 1:
                told = differences(self.own[i], self.theirs[there[0]])
                if not {"buyer_tax_id", "seller_tax_id"} & set(told):
                    self.pairs[i] = there[0]
                    self.likely.add(i)


def classes(own: Sequence[Item], theirs: Sequence[Item], period: tuple[dt.date, dt.date] | None = None) -> list[tuple]:  # type: ignore[type-arg]
    """(result, own, theirs, first) of every entry, in order."""
    oracle = Oracle(own, theirs)
    oracle.run()
    found: list[tuple] = []  # type: ignore[type-arg]
    for i, item in enumerate(own):
        if broken(item):
            found.append((Result.UNREADABLE, i, -1, -1))
        elif oracle.heads[0][i] != i:
            found.append((Result.DUPLICATED, i, -1, oracle.heads[0][i]))
        elif i in oracle.pairs:
            j = oracle.pairs[i]
            kind = Result.LIKELY if i in oracle.likely else named(differences(item, theirs[j]))
            found.append((kind, i, j, -1))
        else:
            found.append((Result.MISSING, i, -1, -1))
    for j, item in enumerate(theirs):
        if broken(item):
            found.append((Result.UNREADABLE, -1, j, -1))
        elif oracle.heads[1][j] != j:
            found.append((Result.DUPLICATED, -1, j, oracle.heads[1][j]))
        elif j not in oracle.pairs.values():
            found.append((Result.ONLY_THERE, -1, j, -1))
    if period:
        found = [e for e in found if not all_outside(e, own, theirs, period)]
    return found


def named(told: Sequence[str]) -> Result:
    if {"total", "amount", "tax", "sign"} & set(told):
        return Result.AMOUNT
    if "status" in told:
        return Result.STATUS
    return Result.DETAIL if {"issue_date", "buyer_tax_id", "seller_tax_id"} & set(told) else Result.MATCHED


def all_outside(entry, own, theirs, period) -> bool:  # type: ignore[no-untyped-def]
    days = [own[entry[1]].issue_date] if entry[1] >= 0 else []
    days += [theirs[entry[2]].issue_date] if entry[2] >= 0 else []
    return all(day and not period[0] <= day <= period[1] for day in days)


def plain(entries: Sequence[Entry]) -> list[tuple]:  # type: ignore[type-arg]
    return [(e.result, e.own, e.theirs, e.first) for e in entries]
