"""The catalogue says everything the source says, and the source says nothing beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
ROOMS = ("accounts", "helpdesk", "kb", "tickets")
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"

SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
_STRING = r"""(u?"(?:\\.|[^"\\])*"|u?'(?:\\.|[^'\\])*')"""
#: What templatize() makes of the tags; all other text of the template is blanked out by it.
TAG_CALL = re.compile(rf"\b(_|n?gettext)\(\s*{_STRING}(?:\s*,\s*{_STRING})?")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sdf]")
CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
#: Signs of that range that English uses too.
SHARED_SIGNS = str.maketrans("", "", "～")

#: Text of a template that is the same in every language.
SAME_EVERYWHERE = {
    "SHA-256": "name of the hash",
    "ETag": "name of the header",
    "API": "abbreviation",
    "JSON": "name of the format",
    "CSV": "name of the format",
    "XLSX": "name of the format",
    "PDF": "name of the format",
    "Atom": "name of the format",
    "OpenAPI": "name of the standard",
    "English": "a language is offered in its own name",
    "简体中文": "a language is offered in its own name",
    "中文": "a language is offered in its own name",
    "EN": "a language is offered in its own name",
}
VERBATIM = {"kbd", "code", "pre", "script", "style", "samp"}
SPOKEN = {"alt", "title", "aria-label", "placeholder", "label", "summary"}

Msgid = tuple[str, str]


def python_files() -> list[Path]:
    return sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py") if "migrations" not in p.parts)


def templates() -> list[Path]:
    files = (p for p in (ROOT / "templates").rglob("*") if p.suffix in {".html", ".txt"})
    return sorted(p for p in files if p.name != "robots.txt")  # for machines


def said_in_python(path: Path) -> Iterator[Msgid]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in SINGULAR | PLURAL:
            assert not isinstance(node.args[0], ast.JoinedStr), f"{path}:{node.lineno} translates an f-string"
            texts = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if texts:
                yield texts[0], texts[1] if name in PLURAL else ""


def said_in_template(path: Path) -> Iterator[Msgid]:
    for name, one, many in TAG_CALL.findall(templatize(path.read_text("utf-8"))):
        yield ast.literal_eval(one), ast.literal_eval(many) if name == "ngettext" else ""


def said() -> dict[Msgid, str]:
    """Every msgid of the source and the first file that says it."""
    found: dict[Msgid, str] = {}
    for path in python_files():
        for key in said_in_python(path):
            found.setdefault(key, str(path.relative_to(ROOT)))
    for path in templates():
        for key in said_in_template(path):
            found.setdefault(key, str(path.relative_to(ROOT)))
    return found


@pytest.fixture(scope="module")
def source() -> dict[Msgid, str]:
    return said()


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def values(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_the_source_is_read_in_all_its_forms(source: dict[Msgid, str], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        """{% load i18n %}{% translate "it's" as x %}{{ y|yesno:_('yes,no') }}"""
        '{% blocktranslate trimmed count n=n %}\n one %\n{% plural %} {{ n }} of "them" {% endblocktranslate %}'
    )
    assert list(said_in_template(page)) == [("it's", ""), ("yes,no", ""), ("one %%", '%(n)s of "them"')]
    assert {Path(path).suffix for path in source.values()} == {".py", ".html", ".txt"}


def test_every_text_of_the_source_is_translated(source: dict[Msgid, str], catalogue: polib.POFile) -> None:
    known = {(e.msgid, e.msgid_plural) for e in catalogue if e.translated() and not e.fuzzy and not e.obsolete}
    missing = {key[0]: path for key, path in source.items() if key not in known}
    assert not missing, "run `make messages` and translate"


def test_no_entry_is_fuzzy_or_empty(catalogue: polib.POFile) -> None:
    assert not [e.msgid for e in catalogue if e.fuzzy or not e.translated()]


def test_a_translation_has_the_placeholders_of_its_text(catalogue: polib.POFile) -> None:
    for entry in catalogue:
        wanted = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural))
        for text in values(entry):
            assert set(PLACEHOLDER.findall(text)) == wanted, entry.msgid
            if "python-format" in entry.flags:
                assert text % dict.fromkeys(wanted, 1)


def test_a_translation_is_set_as_chinese_is(catalogue: polib.POFile) -> None:
    """Full-width punctuation after a Chinese character, and a space between Chinese and Latin letters."""
    half = re.compile(r"[\u4e00-\u9fff][,;:?!](?!\w)|[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]")
    texts = [PLACEHOLDER.sub("", text) for e in catalogue if e.msgid != "yes,no" for text in values(e)]
    assert not [text for text in texts if half.search(text)]


def test_texts_of_the_source_are_english(source: dict[Msgid, str]) -> None:
    assert not {key[0]: path for key, path in source.items() if CJK.search(key[0].translate(SHARED_SIGNS))}


class Reader(HTMLParser):
    """Collects what a person reads or hears: text nodes and the attributes that are spoken."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.verbatim += tag in VERBATIM
        for name, value in attrs:
            if value and (name in SPOKEN or (name.startswith("data-") and " " in value.strip())):
                self.heard.append(value)

    def handle_endtag(self, tag: str) -> None:
        self.verbatim -= tag in VERBATIM

    def handle_data(self, data: str) -> None:
        if not self.verbatim:
            self.heard.append(data)


def outside_of_tags(path: Path) -> list[str]:
    text = path.read_text("utf-8")
    for tag in ("comment", "blocktranslate", "blocktrans"):
        text = re.sub(rf"{{%\s*{tag}\b.*?{{%\s*end{tag}\s*%}}", "", text, flags=re.DOTALL)
    text = re.sub(r"{%\s*block\s+\w*class\s*%}.*?{%\s*endblock\b.*?%}", "", text)
    text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", text, flags=re.DOTALL)
    if path.suffix == ".txt":
        return text.splitlines()
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader.heard


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_says_nothing_untranslated(path: Path) -> None:
    heard = [text.strip() for text in outside_of_tags(path)]
    assert not [t for t in heard if t not in SAME_EVERYWHERE and (CJK.search(t) or re.search(r"[A-Za-z]{2}", t))]
