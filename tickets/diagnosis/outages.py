"""PURE. When an incident that goes on explains a missing record better than anything the person could do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from tickets.diagnosis.leaves import Clock, Leaf


@dataclass(frozen=True, slots=True)
class Outage:
    """An open incident; no kind and no situation named means all. `until` is when its end is expected."""

    number: int
    kinds: tuple[str, ...] = ()
    situations: tuple[str, ...] = ()
    until: dt.datetime | None = None


#: Ends of the tree that an outage may be behind; of the last it is the place itself.
EXPLAINED = frozenset({
    "list_follows", "seller_wait", "upload_wait", "result_pending", "state_unknown", "network", "interface",
    "upload_failed", "site_down",
})  # fmt: skip


def behind(leaf: Leaf, kind: str, outages: Iterable[Outage]) -> Outage | None:
    """The first that fits the kind of invoice (a choice of that question, or "") and the situation."""
    if leaf.key not in EXPLAINED:
        return None
    for outage in outages:
        is_kind = not outage.kinds or kind in outage.kinds or kind == "unsure"
        is_situation = not outage.situations or leaf.symptom in outage.situations
        if is_kind and (is_situation or leaf.clock == Clock.OUTAGE):
            return outage
    return None
