"""Articles out of one service and into another: JSONL and a ZIP of Markdown files."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from kb import content, files, services
from kb.models import Article, Attachment, Category, Revision
from tests.kb.test_files import picture

LINE = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


@given(st.fixed_dictionaries({"title": LINE}, optional={"summary": LINE, "sources": LINE}), LINE)
def test_front_matter_is_read_as_it_was_written(head: dict[str, str], body: str) -> None:
    found, text = content.parse(content.dump(head, body))
    assert {name: value.strip() for name, value in found.items()} == {n: v.strip() for n, v in head.items()}
    assert text.strip() == body.strip()


def _library(ed: User, kate: User) -> Attachment:
    """An article of each audience, one with a picture and everything else that a text has."""
    category = Category.objects.create(slug="no_record", title_zh="查无此票", title_en="No record")
    article = services.create_article(slug="导出-log", category=category, audience="enterprises", by=ed)
    kept = files.receive(article=article, file=io.BytesIO(picture()), name="a b.png", by=ed)
    text = {
        "title": '"引号"：怎样导出', "summary": "---", "keywords": "导出, 日志", "sources": "公告 2026\n第二处: x",
        "body": f"---\n\n![图]({kept.get_absolute_url()})\n\n---\n", "scope": {"kinds": ["81"], "software": ["甲", "乙"]},
    }  # fmt: skip
    draft = services.save_draft(article=article, language="zh-hans", text=text, reason="", by=ed)
    services.perform(revision=draft, action="submit", by=ed)
    services.perform(revision=draft, action="approve", by=kate)
    for language in ("en", "zh-hans"):
        plain = {"title": "Runbook", "body": "Inside"}
        services.import_article(slug="runbook", language=language, category=category, audience="staff", text=plain)
    return kept


def _exported(path: Path) -> tuple[bytes, str]:
    call_command("export_articles", zip=str(path), stdout=io.StringIO())
    out = io.StringIO()
    call_command("export_articles", stdout=out)
    return path.read_bytes(), out.getvalue()


def _items(lines: str) -> list[dict[str, object]]:
    """Blank lines around a text are nobody's words."""
    found = [json.loads(line) for line in lines.split("\n") if line]
    return [item | {"text": item["text"].strip()} for item in found]


def _imported(path: Path) -> str:
    out = io.StringIO()
    call_command("import_articles", str(path), stdout=out)
    return out.getvalue()


def _empty() -> None:
    for model in (Revision, Article, Category):
        model.objects.all().delete()


def test_both_forms_come_back_as_they_went(ed: User, kate: User, tmp_path: Path) -> None:
    kept = _library(ed, kate)
    packed, lines = _exported(tmp_path / "a.zip")
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    for form in ("a.zip", "a.jsonl"):
        _empty()
        assert _imported(tmp_path / form) == "3 articles imported.\n"
        assert _imported(tmp_path / form) == "0 articles imported.\n"
        again, same_lines = _exported(tmp_path / "b.zip")
        assert _items(same_lines) == _items(lines)
        if form == "a.zip":
            assert again == packed
            assert Attachment.objects.get(key=kept.key).sha256 == kept.sha256
            assert Category.objects.get(slug="no_record").title_zh == "查无此票"


def test_a_package_overwrites_nothing_that_a_person_has_edited(ed: User, kate: User, tmp_path: Path) -> None:
    _library(ed, kate)
    _exported(tmp_path / "a.zip")
    _empty()
    _imported(tmp_path / "a.zip")
    article = Article.objects.get(slug="runbook")
    services.save_draft(article=article, language="en", text={"title": "Mine", "body": "Mine"}, reason="", by=ed)
    Category.objects.update(title_zh="改过")
    changed = tmp_path / "b.zip"
    with zipfile.ZipFile(tmp_path / "a.zip") as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data.replace(b"Inside", b"Outside") if name.endswith(".md") else data)
        new.writestr("README.md", "left alone")
        new.writestr("../../evil.md", "left alone")
        new.writestr("files/nowhere/" + "0" * 32 + "/a.png", picture())
    assert _imported(changed) == "1 articles imported.\n"  # the Chinese one, which nobody has touched
    assert set(article.revisions.filter(language="en").values_list("body", flat=True)) == {"Inside\n", "Mine"}
    assert Category.objects.get().title_zh == "改过"
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize("head", ["audience: everybody", "review_by: soon", "category: c"])
@pytest.mark.django_db
def test_a_wrong_text_of_a_package_is_named(head: str, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        title = "" if head.startswith("category") else "title: x\n"
        archive.writestr("en/one.md", f"---\n{title}{head}\n---\n\ntext\n")
    with pytest.raises(CommandError, match=r"en/one\.md"):
        call_command("import_articles", str(path))


@pytest.mark.django_db
def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK nothing")
    with pytest.raises(CommandError):
        call_command("import_articles", str(path))
