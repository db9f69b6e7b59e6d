"""PURE. Invoices in an OFD file (GB/T 33190): attached data, tags, custom data, page text and QR pictures."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from PIL import Image

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.limits import Refused
from tickets.invoices.model import Finding, Severity, Source
from tickets.invoices.parse import codes, einvoice_xml, face, jbig2, lettering, ofd_page
from tickets.invoices.parse.contract import Found, Input, Letters, Parsed, Unread
from tickets.invoices.parse.image import opened
from tickets.invoices.parse.leaves import columns, flatten
from tickets.invoices.parse.names import HEAD_NAMES, key, values
from tickets.invoices.parse.spans import Span, plain, rows
from tickets.invoices.parse.xmltree import Node, tree
from tickets.invoices.unpack import Archive

_ATTACHED = re.compile(r"(?:^|/)attach[^/]*/(?!attachments\.xml$)[^/]+\.(?:xml|xbrl)$", re.IGNORECASE)
_PICTURE = re.compile(r"/res/[^/]+\.(?:png|jpe?g|bmp|gif|tiff?|(jb2|jbig2|gbig2))$", re.IGNORECASE)
_FILES, _PICTURE_BYTES = 20, 8 * 1024 * 1024
_SCAN = 500  # pixels of the shorter side: smaller ones are codes, seals and logos


def parse(source: Input) -> Parsed:
    """The invoice of each document body, all of its sources best first."""
    package = _Package(source)
    invoices, findings = [], []
    for body in package.bodies():
        found, told = _lettered(body, tuple(_sources(package, body)), source.letters)
        findings += told
        if found:
            invoices.append(found)
    if package.is_broken and not invoices:
        raise Refused("ofd.broken")
    if package.archive.first(lambda name: name.lower().endswith(("signedvalue.dat", "signature.xml"))):
        text = Message(_("This file carries an electronic seal. The seal was not verified."))
        findings += [Finding("file.seal", Severity.INFO, "", text)] if invoices else []
    return Parsed(tuple(invoices), tuple({one.code: one for one in findings}.values()))


def words(source: Input) -> str:
    """The text of all pages for the search index."""
    package = _Package(source)
    pages = (plain(rows(page)) for body in package.bodies() for page in package.pages(body))
    return "\n\n".join(pages)[: source.limits.text]


@dataclass(slots=True)
class _Body:
    """One document of the file: its folder, its root and the data beside it."""

    folder: str
    document: Node
    custom: Mapping[str, str]
    texts: dict[str, str] = field(default_factory=dict)
    pictures: list[Image.Image] = field(default_factory=list)  # those that could be opened

    def under(self, names: Iterable[str]) -> list[str]:
        """Those of `names` that lie in this document's folder."""
        start = f"{self.folder}/".lstrip("/").lower()
        return [name for name in names if name.lower().startswith(start)]


class _Package:
    """The container with paths as OFD writes them: absolute, or relative to the file that names them."""

    def __init__(self, source: Input) -> None:
        self.limits, self.budget, self.is_broken = source.limits, source.budget, False
        self.archive = Archive(source.data, source.budget, broken="ofd.broken")
        self._real = {name.lower(): name for name in self.archive.names}

    def xml(self, path: str) -> Node | None:
        """Root of a part, None when it isn't there or can't be read; hostile parts raise."""
        name = self._real.get(path.lower())
        if name is None:
            return None
        try:
            return tree(self.archive.read(name), self.limits, budget=self.budget)
        except Refused as error:
            if error.code != "xml.broken":
                raise
            return None

    def bodies(self) -> Iterator[_Body]:
        """The documents that OFD.xml names; of a damaged file those that are there, at last its bare attachments."""
        root = self.xml("OFD.xml") or Node("", {})
        found = 0
        for node in root.all("DocBody")[:_FILES]:
            place = node.value("DocRoot").lstrip("/")
            if document := self.xml(place):
                custom = {item.attributes.get("Name", ""): item.text for item in node.all("CustomData")}
                found += 1
                yield _Body(posixpath.dirname(place), document, custom)
        if found:
            return
        self.is_broken = root.name != "OFD" or bool(root.all("DocBody"))
        for name in [n for n in self.archive.names if n.lower().endswith("document.xml")][:_FILES]:
            if document := self.xml(name):
                found += 1
                yield _Body(posixpath.dirname(name), document, {})
        if not found:
            yield _Body("", Node("", {}), {})

    def pages(self, body: _Body) -> Iterator[list[Span]]:
        """The text pieces of each page, those of its templates among them; fills `body.texts` by object ID."""
        templates = {
            node.attributes.get("ID", ""): self.pieces(body, node.attributes.get("BaseLoc", ""))[1]
            for node in body.document.all("TemplatePage")[:_FILES]
        }
        for page in body.document.all("Page")[: self.limits.pdf_pages]:
            content, pieces = self.pieces(body, page.attributes.get("BaseLoc", ""))
            used = {node.attributes.get("TemplateID", "") for node in content.all("Template")} if content else set()
            yield [piece for name in sorted(used & templates.keys()) for piece in templates[name]] + pieces

    def pieces(self, body: _Body, location: str) -> tuple[Node | None, list[Span]]:
        """Root and text pieces of a page or template, nothing when it isn't there."""
        part = self.part(body, location)
        return part, ofd_page.pieces(part, body.texts, self.limits.text) if part else []

    def part(self, body: _Body, location: str, folder: str | None = None) -> Node | None:
        """The XML at a location that `folder` (the body's by default) is the base of."""
        if not location:
            return None
        return self.xml(_joined(body.folder if folder is None else folder, location))


def _joined(folder: str, location: str) -> str:
    """A place as OFD writes it: absolute, or relative to `folder`."""
    return location.lstrip("/") if location.startswith("/") else posixpath.normpath(posixpath.join(folder, location))


def _sources(package: _Package, body: _Body) -> Iterator[Found]:
    yield from _attached(package, body)
    pages = list(package.pages(body))
    yield from _tags(package, body)
    custom = values({HEAD_NAMES[key(name)]: text for name, text in body.custom.items() if key(name) in HEAD_NAMES})
    if custom:
        yield Found(Source.OFD_DATA, custom)
    for page in pages:
        given, goods = face.read(page)
        if given:
            yield Found(Source.OFD_TEXT, given, goods)
    body.pictures[:] = _pictures(package, body)
    for picture in body.pictures:
        yield from codes.invoices(picture)


def _lettered(
    body: _Body, found: tuple[Found, ...], letters: Letters | None
) -> tuple[tuple[Found, ...], list[Finding]]:
    """With what the letters of its largest picture say, when the document is a scan that says nothing else."""
    scans = [picture for picture in body.pictures if min(picture.size) >= _SCAN]
    if not scans or any(one.source is not Source.QR for one in found):
        return found, []
    if letters is None:
        return found, [lettering.not_read(has_code=bool(found))]
    try:
        seen = lettering.read(max(scans, key=lambda picture: picture.width * picture.height), letters)
    except Unread:
        return found, [lettering.failed()]
    return ((*found, seen.found) if seen.found else found), []


def _attached(package: _Package, body: _Body) -> Iterator[Found]:
    """Data files in the attachment folder, which no list need name, and those that a list names elsewhere."""
    names = [name for name in body.under(package.archive.names) if _ATTACHED.search(name)]
    place = body.document.value("Attachments")
    listing = package.part(body, place)
    for node in listing.all("FileLoc")[:_FILES] if listing else ():
        folder = posixpath.dirname(_joined(body.folder, place))
        names += [_joined(folder, node.text.strip()), _joined(body.folder, node.text.strip())]
    for name in list(dict.fromkeys(names))[:_FILES]:
        root = package.xml(name)
        for found in einvoice_xml.read(root) if root else ():
            yield from found


def _tags(package: _Package, body: _Body) -> Iterator[Found]:
    """Tags name the text objects of a page that show a field."""
    place = body.document.value("CustomTags")
    listing = package.part(body, place)
    if listing is None:
        return
    folder = posixpath.dirname(_joined(body.folder, place))
    for node in listing.all("FileLoc")[:_FILES]:
        tag = package.part(body, node.text.strip(), folder)
        if tag is None:
            continue
        _resolve(tag, body.texts)
        texts, goods = flatten(tag)
        if given := einvoice_xml.fields(tag, texts):
            yield Found(Source.OFD_TAGS, given, tuple(goods or columns(tag)))


def _resolve(tag: Node, texts: Mapping[str, str]) -> None:
    """Put in place of references the text that they point at."""
    for node in tag.walk():
        inner = [child for child in node.children if child.name in ("ObjectRef", "ObjectData")]
        if inner:
            found = (texts.get(c.text.strip(), "") if c.name == "ObjectRef" else c.text for c in inner)
            node.text = "".join(found)
            node.children = [child for child in node.children if child not in inner]


def _pictures(package: _Package, body: _Body) -> Iterator[Image.Image]:
    """The first few; one that can't be opened is passed over."""
    pictures = [(name, hit) for name in body.under(package.archive.names) if (hit := _PICTURE.search(name))]
    for name, kind in pictures[:4]:
        data = package.archive.read(name)
        if len(data) > _PICTURE_BYTES:
            continue
        try:
            is_bilevel = bool(kind[1]) or data.startswith(jbig2.MAGIC)
            yield (jbig2.opened if is_bilevel else opened)(data, package.limits)
        except Refused:
            continue
