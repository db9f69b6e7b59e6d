"""Markdown of articles as safe HTML: raw HTML is off in the parser, and what comes out passes an allow-list as well."""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown import Markdown
from markdown.extensions.toc import TocExtension, slugify_unicode
from markdown.treeprocessors import Treeprocessor

MAX_LENGTH = 200_000  # characters
MAX_DEPTH = 20  # brackets inside brackets
_BRACE = "\ue05b"  # of private use: stands for a bracket that the parser is not to see
_BRACKET = re.compile(r"\n[ \t]*\n|\[|\]\(|\]|\)")
# fmt: off
_TAGS = frozenset((
    "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code", "strong", "em", "del",
    "a", "img", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd",
))
# fmt: on
_HEADINGS = {f"h{level}": {"id"} for level in range(2, 7)}
_ATTRIBUTES = {**_HEADINGS, "a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}


class _OneTitle(Treeprocessor):
    """The page has its h1 already."""

    def run(self, root: Element) -> None:
        for node in root.iter("h1"):
            node.tag = "h2"


def _parser() -> Markdown:
    toc = TocExtension(slugify=slugify_unicode, toc_depth="2-3")
    parser = Markdown(extensions=["tables", "fenced_code", "sane_lists", "def_list", toc], output_format="html")
    parser.preprocessors.deregister("html_block")
    parser.inlinePatterns.deregister("html")
    parser.treeprocessors.register(_OneTitle(parser), "one_title", 9)
    return parser


def _is_tangled(text: str) -> bool:
    """Whether brackets are nested, or left open, deeper than anybody writes: the parser would take long."""
    depth = {"[": 0, "(": 0}
    for found in _BRACKET.findall(text):
        if found[0] == "\n":
            depth = {"[": 0, "(": 0}
        if found[0] == "]":
            depth["["] = max(0, depth["["] - 1)
        if found == ")":
            depth["("] = max(0, depth["("] - 1)
        elif found[-1] in depth:
            depth[found[-1]] += 1
        if max(depth.values()) > MAX_DEPTH:
            return True
    return False


def _converted(text: str) -> str:
    tangled = _is_tangled(text)
    try:
        made = _parser().convert(text.replace("[", _BRACE) if tangled else text)
    except RecursionError:  # nested by the hundred
        return f"<pre>{html.escape(text)}</pre>"
    return made.replace(_BRACE, "[") if tangled else made


def render(text: str) -> SafeString:
    """HTML of Markdown; links to other sites open without a referrer, images come from this site alone."""
    made = _converted(text[:MAX_LENGTH])
    clean = nh3.clean(
        made,
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
        attribute_filter=_own_images,
    )
    return mark_safe(clean)  # noqa: S308  the allow-list is the line before


def _own_images(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src" and (not value.startswith("/") or value.startswith(("//", "/\\"))):
        return None
    return value


def headings(text: str) -> list[tuple[int, str, str]]:
    """(level, id, text) of the headings of levels 2 and 3, in order."""
    found = re.findall(r'<h([23]) id="([^"]*)">(.*?)</h\1>', render(text), re.DOTALL)
    return [(int(level), anchor, plain_html(inner)) for level, anchor, inner in found]


def plain_html(markup: str) -> str:
    """The text of HTML."""
    return html.unescape(nh3.clean(markup, tags=set())).strip()


def plain(text: str) -> str:
    """The words of Markdown, for the index and for snippets; blocks end with a line."""
    return plain_html(re.sub(r"(</(?:h\d|p|li|td|th|tr|pre|dd|dt|blockquote)>)", r"\1\n", render(text)))
