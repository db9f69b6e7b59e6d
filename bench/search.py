"""How well and how fast the API finds articles: `python -m bench.search [PATH…]`, on databases made for it and dropped.

A folder holds `corpus.jsonl` (id, title, text) and beside or below it question sets, JSONL of (id, text, gold). A JSON
file holds `queries` (id, query, topics) about the articles that come with the service. `--articles N` loads N made
ones and types questions letter by letter; without a path, 5,000. SQLite, or DATABASE_URL.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ADDRESS, SUGGEST = "/api/v1/kb/articles/", "/api/v1/kb/suggest/"
CROWD, TYPED = 5000, 300  # articles made, beginnings of questions typed


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
    return imported(_article(json.loads(line)) for line in (path / "corpus.jsonl").open(encoding="utf-8"))


def imported(lines: Iterable[str]) -> float:
    from django.core.management import call_command

    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as articles:
        articles.writelines(lines)
        articles.flush()
        start = time.perf_counter()
        call_command("import_articles", articles.name, stdout=io.StringIO())
    return time.perf_counter() - start


def _article(row: dict[str, str]) -> str:
    from helpdesk.common.text import is_han

    language = "zh-hans" if sum(map(is_han, row["text"])) > len(row["text"]) / 4 else "en"
    return json.dumps({"slug": row["id"], "title": row["title"], "text": row["text"], "language": language}) + "\n"


def crowd(number: int) -> Iterator[dict[str, str]]:
    """Articles of the sentences of our own, mixed: every one holds the field's commonest words."""
    from kb import content

    draw = random.Random(8)  # the same articles in every run
    for language in ("zh-hans", "en"):
        files = [file for file in content.files() if file.language == language]
        lines = [line for file in files for line in file.body.splitlines() if line]
        titles = [file.head["title"] for file in files]
        for i in range(number // 2):
            title, text = f"{draw.choice(titles)} {i}", "\n".join(draw.sample(lines, 24))
            yield {"slug": f"{language}-{i}", "title": title, "text": text, "language": language}


def beginnings(number: int) -> list[Question]:
    """What stands in the box while somebody types one of our titles."""
    from kb import content

    draw = random.Random(9)  # the same questions in every run
    titles = [file.head["title"] for file in content.files()]
    chosen = (draw.choice(titles) for _ in range(number))
    return [Question(str(i), title[: draw.randint(3, 24)], frozenset()) for i, title in enumerate(chosen)]


def typing(number: int) -> None:
    """Import speed, suggestions and whole questions among many articles."""
    with database():
        seconds = imported(json.dumps(article) + "\n" for article in crowd(number))
        print(f"  {number} articles imported in {seconds:.1f} s")
        print(line(f"suggest among {number}", ask(beginnings(TYPED), SUGGEST)), flush=True)
        print(line(f"search among {number}", ask(beginnings(TYPED), ADDRESS)), flush=True)


def ask(asked: list[Question], address: str = ADDRESS) -> list[Answer]:
    from django.test import Client

    client, answers = Client(), []
    for question in asked:
        start = time.perf_counter()
        response = client.get(address, {"q": question.text}, headers={"host": "localhost"})
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
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--articles", type=int, default=0, help="so many made ones, to measure suggestions")
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
    if number := given.articles or (0 if given.paths else CROWD):
        typing(number)
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
