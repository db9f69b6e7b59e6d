"""PURE. XML of strangers as a small tree: no DTD, no entities, bounded depth and size, any Chinese encoding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from tickets.invoices.limits import Limits, Refused
from tickets.invoices.sniff import decoded
from tickets.invoices.unpack import Budget

_DECLARATION = re.compile(r"^\s*<\?xml\s.*?\?>", re.DOTALL)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_CHINESE = {"gbk", "gb2312", "gb18030", "gb_2312-80", "cp936", "x-gbk"}
#: Markup that a browser runs wherever it stands in an XML document.
_ACTIVE_NAMESPACES = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg")


@dataclass(slots=True)
class Node:
    """An element: `name` without its prefix, `text` of itself alone."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """This node and all below, in document order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def find(self, *path: str) -> Node | None:
        """The first node down `path`, or None."""
        node: Node | None = self
        for name in path:
            node = next((child for child in node.children if child.name == name), None) if node else None
        return node

    def all(self, name: str) -> list[Node]:
        """Every node below (or this one) of that name."""
        return [node for node in self.walk() if node.name == name]

    def value(self, *path: str) -> str:
        """Stripped text of the first node down `path`, or ""."""
        node = self.find(*path)
        return node.text.strip() if node else ""


def tree(data: bytes, limits: Limits, *, encoding: str = "", budget: Budget | None = None) -> Node:
    """Root of `data`; `budget` counts on over all parts of one file. Raises Refused (xml.*, type.refused)."""
    text = _DECLARATION.sub("", _decode(data, encoding), count=1)
    builder = _Builder(limits, budget or Budget(limits))
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    parser.ProcessingInstructionHandler = builder.instruction
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)  # noqa: FBT003  expat takes it by position
    except (expat.ExpatError, ValueError) as error:
        raise Refused("xml.broken") from error
    return builder.root


def _decode(data: bytes, encoding: str) -> str:
    """expat knows no GBK, so the bytes become text before it sees them; the declaration wins over a guess."""
    declared = _DECLARED.match(data[:400])
    name = declared.group(1).decode().lower() if declared else ""
    if name in _CHINESE:
        encoding = "gb18030" if not data.startswith(b"\xef\xbb\xbf") else "utf-8-sig"
    if not encoding:
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return decoded(data, encoding).lstrip("\ufeff")


class _Builder:
    """The handlers of expat; each counts before it keeps."""

    def __init__(self, limits: Limits, budget: Budget) -> None:
        self.limits, self.budget, self.nodes = limits, budget, 0
        self.top = Node("", {})
        self.stack = [self.top]
        self.texts: list[list[str]] = [[]]

    @property
    def root(self) -> Node:
        return self.top.children[0]

    def refuse(self, *_: object) -> None:
        raise Refused("xml.entity")

    def instruction(self, target: str, _data: str) -> None:
        if target.lower() == "xml-stylesheet":
            raise Refused("type.refused")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.nodes += 1
        self.budget.elements -= 1
        if self.budget.elements < 0:
            raise Refused("xml.depth")
        if len(self.stack) > self.limits.xml_depth or self.nodes > self.limits.xml_nodes:
            raise Refused("xml.depth")
        if any(key.startswith("xmlns") and value in _ACTIVE_NAMESPACES for key, value in attributes.items()):
            raise Refused("type.refused")
        node = Node(name.rpartition(":")[2], {key.rpartition(":")[2]: value for key, value in attributes.items()})
        self.stack[-1].children.append(node)
        self.stack.append(node)
        self.texts.append([])

    def end(self, _name: str) -> None:
        self.stack.pop().text = "".join(self.texts.pop())

    def characters(self, text: str) -> None:
        self.texts[-1].append(text)
