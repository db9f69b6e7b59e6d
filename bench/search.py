"""How well and how fast the API finds articles: `python -m bench.search PATH…`, on a database made for it and dropped.

A folder holds `corpus.jsonl` (id, title, text) and beside or below it question sets, JSONL of (id, text, gold). A JSON
file holds `queries` (id, query, topics) about the articles that come with the service. SQLite, or DATABASE_URL.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ADDRESS = "/api/v1/kb/articles/"


@dataclass(frozen=True, slots=True)
class Question:
    key: str
    text: str
    gold: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """The slugs and scores found, best first, and the seconds that it took."""

    question: Question
    found: list[tuple[str, int]]
    seconds: float

    @property
    def place(self) -> int:
        """Where the first right article stands; 0 when it is not there."""
        return next((i for i, (slug, _score) in enumerate(self.found, 1) if slug in self.question.gold), 0)


def questions(path: Path) -> list[Question]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        rows = json.loads(text)["queries"]
        return [Question(row["id"], row["query"], frozenset(row["topics"])) for row in rows]
    rows = [json.loads(line) for line in text.splitlines()]
    return [Question(row["id"], row["text"], frozenset(row["gold"])) for row in rows]


def sets(path: Path) -> list[Path]:
    """The question sets of a path."""
    if path.is_file():
        return [path]
    return sorted(p for p in path.rglob("*.jsonl") if p.name != "corpus.jsonl")


@contextmanager
def database() -> Iterator[None]:
    """A migrated, empty database."""
    from django.db import connection

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(str(name), verbosity=0)


def load(path: Path) -> float:
    """Fill the database; the seconds it took."""
    from django.core.management import call_command

    start = time.perf_counter()
    if path.is_file():
        call_command("load_content", verbosity=0)
        return time.perf_counter() - start
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as articles:
        articles.writelines(_article(json.loads(line)) for line in (path / "corpus.jsonl").open(encoding="utf-8"))
        articles.flush()
        call_command("import_articles", articles.name, stdout=io.StringIO())
    return time.perf_counter() - start


def _article(row: dict[str, str]) -> str:
    from helpdesk.common.text import is_han

    language = "zh-hans" if sum(map(is_han, row["text"])) > len(row["text"]) / 4 else "en"
    return json.dumps({"slug": row["id"], "title": row["title"], "text": row["text"], "language": language}) + "\n"


def ask(asked: list[Question]) -> list[Answer]:
    from django.test import Client

    client, answers = Client(), []
    for question in asked:
        start = time.perf_counter()
        response = client.get(ADDRESS, {"q": question.text}, headers={"host": "localhost"})
        seconds = time.perf_counter() - start
        found: list[Any] = response.json()["results"]
        answers.append(Answer(question, [(row["slug"], row.get("score", 0)) for row in found], seconds))
    return answers


def line(name: str, answers: list[Answer]) -> str:
    def recall(k: int) -> float:
        return 100 * sum(0 < a.place <= k for a in answers) / len(answers)

    took = sorted(1000 * a.seconds for a in answers)
    empty = sum(not a.found for a in answers)
    return (
        f"{name:<32}{len(answers):>5}{recall(1):>7.1f}{recall(3):>7.1f}{recall(10):>7.1f}{empty:>6}"
        f"{statistics.median(took):>8.1f}{took[int(0.95 * len(took)) - 1]:>8.1f}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--rankings", type=Path, help="write what was found, to compare two databases by diff")
    parser.add_argument("--missed", action="store_true", help="print the questions without a right article in three")
    given = parser.parse_args()
    rankings: list[str] = []
    print(f"{'':<32}{'n':>5}{'R@1':>7}{'R@3':>7}{'R@10':>7}{'empty':>6}{'p50 ms':>8}{'p95 ms':>8}")
    for path in given.paths:
        with database():
            seconds = load(path)
            for one in sets(path):
                answers = ask(questions(one))
                print(line(f"{path.name}/{one.stem}", answers), flush=True)
                rankings += [f"{one.stem} {a.question.key} {a.found[:10]}" for a in answers]
                for answer in answers if given.missed else ():
                    if not 0 < answer.place <= 3:
                        print("   ", answer.place or "-", answer.question.text, *sorted(answer.question.gold))
        print(f"  loaded in {seconds:.1f} s")
    if given.rankings:
        given.rankings.write_text("\n".join(rankings) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    with tempfile.TemporaryDirectory(prefix="helpdesk-search-") as home:
        os.environ["HELPDESK_HOME"] = home
        (Path(home) / "static").mkdir()  # WhiteNoise asks for it
        import django

        django.setup()
        sys.exit(main())
