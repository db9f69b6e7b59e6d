"""Markdown of strangers: nothing runs, nothing is fetched from elsewhere, nothing takes long, nothing raises."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.common import markdown

ALLOWED = {
    "a": {"href", "title", "rel"}, "img": {"src", "alt", "title"}, "ol": {"start"},
    "h2": {"id"}, "h3": {"id"}, "h4": {"id"}, "h5": {"id"}, "h6": {"id"},
}  # fmt: skip
TAGS = {
    *ALLOWED, "p", "br", "hr", "ul", "li", "blockquote", "pre", "code", "strong", "em", "del",
    "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd",
}  # fmt: skip


class Reader(HTMLParser):
    """Holds every tag against the list, and every address against the schemes."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        for name, value in attrs:
            assert name in ALLOWED.get(tag, set())
            # browsers ignore controls and spaces at the start, line ends and tabs anywhere in an address
            address = re.sub(r"^[\x00-\x20]+|[\t\r\n]", "", value or "").lower()
            if name == "href":
                scheme = address.partition(":")[0] if ":" in address else ""
                assert scheme in ("", "http", "https", "mailto") or not scheme.isalnum()
            if name == "src":
                assert address.startswith("/")
                assert not address.startswith(("//", "/\\"))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    unknown_decl = handle_pi = handle_decl


def read(text: str) -> None:
    reader = Reader(convert_charrefs=True)
    reader.feed(str(markdown.render(text)))
    reader.close()


SCHEMES = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)",
    "\x01javascript:alert(1)", "javascript&colon;alert(1)", "&#106;avascript:alert(1)", "&#x6A;avascript:alert(1)",
    "&#0000106avascript:alert(1)", "javascript&#58;alert(1)", "java&Tab;script:alert(1)", "java&NewLine;script:alert(1)",
    "javascript:\\u0061lert(1)", "%6aavascript:alert(1)", "vbscript:x", "data:text/html;base64,PHN2Zz4=", "file:///etc/passwd",
    "data:image/svg+xml,<svg onload=alert(1)>", "blob:x", "feed:javascript:alert(1)", "view-source:javascript:alert(1)",
    "jar:http://x!/", "ms-msdt:/id", "\u2028javascript:alert(1)", "javas\u00adcript:alert(1)", "https:javascript:alert(1)",
)  # fmt: skip
SHAPES = (
    "[a]({})", "[a](<{}>)", '[a]({} "t")', "![a]({})", "<{}>", "[a]: {}\n\n[a]", "[a][b]\n\n[b]: {}", "![a][b]\n\n[b]: {}",
    '<a href="{}">a</a>', "<img src='{}'>", "[![a](/x)]({})", "[a](\n{}\n)", "> [a]({})", "- [a]({})", "# [a]({})",
    "|a|\n|-|\n|[a]({})|", "t\n: [a]({})",
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_no_address_runs(shape: str) -> None:
    for scheme in SCHEMES:
        read(shape.replace("{}", scheme))


HTML = (
    "<script>alert(1)</script>", "<SCRIPT SRC=//x></SCRIPT>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>", "<math><mtext></p><style><img src=x onerror=alert(1)>", "<style>*{}</style>",
    "<iframe src=/></iframe>", "<object data=x>", "<embed src=x>", "<form action=x><input name=y></form>",
    "<body onload=alert(1)>", "<base href=//x>", "<meta http-equiv=refresh content=0>", "<link rel=stylesheet href=//x>",
    "<b onclick=x>y</b>", "<a style=x href=/>y</a>", "<p class=x id=y>z</p>", "<!-- a --><b>", "<![CDATA[<script>]]>",
    "<?php x ?>", "<!DOCTYPE x>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<details open ontoggle=x>",
    "<xmp><script>", "<template><script>x</script></template>", "</p><script>", "`<script>`", "    <script>", "```\n<script>\n```",
    '[a](/x "onmouseover=alert(1)")', '[a](/x"onmouseover=alert(1)//)', '![a](/x"onerror="alert(1))', '![a" onerror="x](/y)',
    '# a {: onclick="x" }', '[a](/x){: style="x" }', "<a\nhref='javascript:x'>", "<<script>script>", "\\<script>", "&lt;script&gt;",
    "[a](/x 'b\" onclick=\"c')", "*<script>*", "[<script>](/x)", "![<script>](/x)", "|<script>|\n|-|\n|<svg onload=x>|",
)  # fmt: skip


@pytest.mark.parametrize("text", HTML)
def test_no_html_of_the_writer_gets_through(text: str) -> None:
    read(text)


@given(st.text(st.sampled_from("<>[]()!*_`#-|:&;\"'=/\\ \nscriptonjava0x:123"), max_size=200))
def test_any_mixture_is_safe(text: str) -> None:
    read(text)
    markdown.plain(text)
    markdown.headings(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_is_rendered(text: str) -> None:
    read(text)


SLOW = (
    "*", "_", "**a *b ", "*a **b ", "_a__b", "***a", "[", "![", "[a](", "[](", "](", "[[]", "[a][b]", "`", "`a``b", "~", "<", "<a ",
    "<!--", "<http://", "<a@", "&", "&#x", "\\", "|", "|x", "> ", ">", "# a\n", "a\n=", "- ", "1. a\n", "```\n", "~~~\n", "a\n: b\n",
    "[a]: x\n", " ", "\n", '[a](b "', "_ ", "    ", "字",
)  # fmt: skip


@pytest.mark.parametrize("unit", SLOW)
def test_no_pattern_takes_long_or_raises(unit: str) -> None:
    text = unit * (5000 // len(unit))
    start = time.process_time()
    markdown.render(text)
    assert time.process_time() - start < 1


def test_nested_brackets_and_lists_are_shown_as_they_are() -> None:
    assert markdown.plain("[" * 30 + "x" + "]" * 30) == "[" * 30 + "x" + "]" * 30
    assert "<a " in markdown.render("[a](/x) " * 30)
    assert "<a " in markdown.render("[a " * 15 + "\n\n" + "[b " * 15 + "\n\n[c](/x)")
    assert "<pre>" in markdown.render("a\n: b\n" * 2000)


def test_headings_start_below_the_title() -> None:
    text = "# 一\n\n## 二\n\n### 三\n\n[链接](/kb/a/) [外部](https://example.com)"
    assert [(level, title) for level, _anchor, title in markdown.headings(text)] == [(2, "一"), (2, "二"), (3, "三")]
    assert "<h1" not in markdown.render(text)
    assert 'rel="noopener noreferrer"' in markdown.render(text)


def test_the_words_of_a_text_are_plain() -> None:
    assert markdown.plain("## 步骤\n\n1. **打开** [页面](/x)\n2. `a < b`") == "步骤\n\n\n打开 页面\n\na &lt; b".replace(
        "&lt;", "<"
    )
