"""What the README and the docs say is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from helpdesk.management.commands.draw_diagrams import PAGES, drawn

ROOT = Path(settings.BASE_DIR)
TEXTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


@pytest.mark.parametrize("name", PAGES)
def test_the_diagrams_are_those_of_the_tables(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert text.count("stateDiagram-v2") == len(PAGES[name])
    assert drawn(text, PAGES[name]) == text, "run `make docs`"


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8"))
    assert not [t for t in targets if "://" not in t and not (path.parent / t).exists()]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_paths_that_are_named_exist(path: Path) -> None:
    named = re.findall(
        r"`((?:accounts|helpdesk|kb|tickets|tests|docs|bench|locale|requirements)/[\w./-]+)`", path.read_text("utf-8")
    )
    assert not [name for name in named if not (ROOT / name).exists()]


def test_the_readme_says_why_each_dependency_is_there() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        wanted = tomllib.load(file)["project"]["dependencies"]
    names = {re.split(r"[\[<>=]", line)[0].strip() for line in wanted}
    table = (ROOT / "README.md").read_text("utf-8").partition("## Dependencies")[2]
    assert not [name for name in names if not re.search(rf"\b{re.escape(name)}\b", table)]


def test_every_target_of_make_is_told_by_make_help() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", text, re.MULTILINE))
    told = set(re.findall(r"^([a-z][a-z0-9-]*):.*?## ", text, re.MULTILINE))
    assert {"run", "test", "test-services", "e2e", "journey", "bench"} <= told
    assert targets - told <= {"lint", "types"}
