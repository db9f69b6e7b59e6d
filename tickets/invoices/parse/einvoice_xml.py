"""PURE. Invoices in XML: 数电 EInvoice, 税控 eInvoice and what third parties make of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tickets.invoices.identifiers import code_kind
from tickets.invoices.kinds import KINDS, normalise_kind
from tickets.invoices.limits import Refused
from tickets.invoices.model import Source, Value
from tickets.invoices.parse import xbrl
from tickets.invoices.parse.contract import Found, Input, Parsed
from tickets.invoices.parse.leaves import flatten
from tickets.invoices.parse.names import HEAD_NAMES, clean, key, values
from tickets.invoices.parse.xmltree import Node, tree

_ROOTS = ("EInvoice", "eInvoice")
_KIND_OF_VAT = {"01": "81", "02": "82", "03": "83", "04": "84", "05": "51", "06": "61"}
_KIND_OF_TYPE = {"02": "83", "03": "84"}
_ON_PAPER = {"81": "85", "82": "86", "83": "87", "84": "88"}


def parse(source: Input) -> Parsed:
    """Every invoice of an XML file."""
    root = tree(source.data, source.limits, encoding=source.sniffed.encoding, budget=source.budget)
    invoices = tuple(read(root))
    if len(invoices) > source.limits.invoices:
        raise Refused("file.too_many", limit=source.limits.invoices)
    return Parsed(invoices)


def read(root: Node) -> Iterator[tuple[Found, ...]]:
    """What each invoice under `root` says; nothing when there is none."""
    if xbrl.is_instance(root):
        yield from xbrl.read(root)
        return
    nodes = _outermost(root) or _by_number(root)
    for node in nodes:
        if found := _one(node):
            yield found


def _outermost(root: Node) -> list[Node]:
    """The EInvoice nodes that stand in no other one."""
    found: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.name in _ROOTS and (node.find("EInvoiceData") or node.name != "EInvoice" or node.children):
            found.append(node)
        else:
            stack.extend(reversed(node.children))
    return found


def _by_number(root: Node) -> list[Node]:
    """The largest nodes that hold one invoice number each, for wrappers that nobody has specified."""

    def visit(node: Node) -> tuple[set[str], list[Node]]:
        own = {node.text.strip()} if HEAD_NAMES.get(key(node.name)) == "number" and node.text.strip() else set()
        below = [visit(child) for child in node.children]
        numbers = own.union(*(numbers for numbers, _ in below))
        if len(numbers) <= 1:
            return numbers, [node] if numbers else []
        return set(list(numbers)[:2]), [found for _, nodes in below for found in nodes]

    return visit(root)[1]


def _one(node: Node) -> tuple[Found, ...]:
    is_digital = node.find("Header") is not None or node.find("EInvoiceData") is not None
    source = Source.LEGACY_XML if node.name == "eInvoice" and not is_digital else Source.XML
    texts, goods = flatten(node)
    given = fields(node, texts)
    if "number" not in given and "total" not in given:
        return ()
    own = Found(source, given, tuple(goods))
    supervised = node.value("TaxSupervisionInfo", "InvoiceNumber")
    if supervised and supervised != given.get("number"):
        return own, Found(source, values({"number": supervised}))
    return (own,)


def fields(node: Node, texts: Mapping[str, str]) -> dict[str, Value]:
    """The fields that `texts` (of the leaves) and the labels of a tree say."""
    given = values(texts)
    return given | _label_values(node, given)


def _label_values(node: Node, given: Mapping[str, Value]) -> dict[str, Value]:
    """Kind and red mark from the labels, the blue invoice's number from its own element."""
    found: dict[str, Value] = {}
    if kind := _kind(node, given):
        found["kind"] = kind
    mark = node.value("Header", "InherentLabel", "InIssuType", "LabelCode").upper()
    if mark in ("Y", "N"):  # 是否蓝字发票标志
        found["is_red"] = mark == "N"
    red = next(iter(node.all("RedEInvoice")), None)
    blue = (
        red.value("OriginalInvoiceCode") if red else node.value("OriginalInvoiceCode") + node.value("OriginalInvoiceNo")
    )
    if blue := clean(blue, 50):
        found["original_number"] = blue
    return found


def _kind(node: Node, given: Mapping[str, Value]) -> str:
    """fplx from the labels of the header (《数字化电子发票版式及XML规范》V5.002 §四)."""
    label = node.find("Header", "InherentLabel")
    if label is None:
        names = ("fplx", "fplxdm", "发票类型") + (() if code_kind(str(given.get("code", ""))) else ("typecode",))
        return normalise_kind(next((n.text for n in node.walk() if key(n.name) in names), ""))
    name = label.value("GeneralOrSpecialVAT", "LabelName")
    kind = (
        _KIND_OF_TYPE.get(label.value("EInvoiceType", "LabelCode"))
        or _KIND_OF_VAT.get(label.value("GeneralOrSpecialVAT", "LabelCode"))
        or normalise_kind(f"数电发票（{name}）")
        or normalise_kind(name)
    )
    if given.get("code") and kind in _ON_PAPER:
        kind = _ON_PAPER[kind]
    return kind if kind in KINDS else ""
