"""PURE. The leaves of an invoice tree as fields and goods lines, whatever the dialect."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.invoices.model import Line
from tickets.invoices.parse.goods import with_roles
from tickets.invoices.parse.names import HEAD_NAMES, LINE_NAMES, key, line
from tickets.invoices.parse.xmltree import Node

#: What stands beside goods lines, never in one; a line has a total of its own under the face's name for it.
_NEVER_IN_LINE = {name for name, field in HEAD_NAMES.items() if field in ("number", "issue_date", "seller_tax_id")}
#: Subtrees whose leaf names mean something else.
_FOREIGN = {"Signature", "RedEInvoice", "SpecificInformation", "SellerAuthentication"}


def flatten(node: Node) -> tuple[dict[str, str], list[Line]]:
    """Field → first text, and the goods lines, of a tree in any dialect."""
    texts: dict[str, str] = {}
    goods: list[Line] = []
    stack = [node]
    while stack:
        here = stack.pop()
        if here.name in _FOREIGN:
            continue
        if cells := _cells(here.children):
            goods.append(line(cells))
            continue
        name = HEAD_NAMES.get(key(here.name))
        if name and here.text.strip():
            texts.setdefault(name, here.text)
        stack.extend(reversed(here.children))
    return texts, with_roles(goods)


def _cells(nodes: list[Node]) -> Mapping[str, str]:
    """Column → text when `nodes` are the cells of one goods line, else nothing."""
    names = {key(node.name) for node in nodes}
    if len(nodes) < 3 or names & _NEVER_IN_LINE:
        return {}
    cells = {LINE_NAMES[key(n.name)]: n.text.strip() for n in nodes if key(n.name) in LINE_NAMES and not n.children}
    return cells if {"name", "amount"} <= cells.keys() else {}


def columns(node: Node) -> list[Line]:
    """Goods lines of a tree that repeats each column (tags of 数电票); columns that don't fill up are left out."""
    found: dict[str, list[str]] = {}
    for leaf in node.walk():
        name = LINE_NAMES.get(key(leaf.name))
        if name and not leaf.children and leaf.text.strip():
            found.setdefault(name, []).append(leaf.text.strip())
    count = len(found.get("name", ()))
    full = {name: cells for name, cells in found.items() if len(cells) == count}
    if "amount" not in full:
        return []
    return [line({name: cells[index] for name, cells in full.items()}) for index in range(count)]
