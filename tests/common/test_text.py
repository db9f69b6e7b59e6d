"""Tokens, spelling, sounds, ranking and snippets: any string goes in, and the same thing comes out everywhere."""

from __future__ import annotations

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.common import ranking, spelling
from helpdesk.common.pinyin import sound
from helpdesk.common.snippets import WIDTH, highlight, snippet
from helpdesk.common.text import (
    MAX_QUERY,
    MAX_TERM,
    QUESTION_WORDS,
    fold,
    fold_with_origins,
    is_number,
    located_tokens,
    normalise,
    query_terms,
    stem,
    tokens,
    words,
)

#: Every code point, lone surrogates included; half of the texts look like what people type.
ANY = st.text(st.characters(exclude_categories=()), max_size=400)
LIKELY = st.text(st.sampled_from("发票发票號碼查驗 　ABCabcＡ１２3.-_/éßﬁ½⑳İ\n\x00\ud800🧾"), max_size=400)
TEXTS = ANY | LIKELY


@given(TEXTS)
def test_any_string_is_normalised_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_any_string_has_terms_that_fit_the_index(text: str) -> None:
    found = tokens(text)
    assert all(0 < len(term) <= MAX_TERM for term in found)
    assert set(found) <= set(tokens(normalise(text)))  # which joins lines, so that a pair may be more
    assert all(word in normalise(text) for word in words(text))


@given(TEXTS)
def test_terms_know_where_they_stand(text: str) -> None:
    located = located_tokens(text)
    assert [token.term for token in located] == tokens(text)
    assert all(0 <= token.start < token.end <= len(text) for token in located)
    folded, origins = fold_with_origins(text)
    assert folded == fold(text)
    assert len(origins) == len(folded) + 1


@given(TEXTS)
def test_a_question_has_each_term_once_and_an_end(text: str) -> None:
    found = query_terms(text)
    assert set(found) <= set(tokens(text[:MAX_QUERY]))
    assert bool(found) == bool(tokens(text[:MAX_QUERY]))
    assert all(0 < weight <= 1 for weight in found.values())
    assert query_terms(text + "x" * MAX_QUERY) == query_terms((text + "x" * MAX_QUERY)[:MAX_QUERY])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("发票", ["发", "票", "发票"]),
        ("發 票", ["发", "票", "发票"]),
        ("ＰＤＦ文件", ["pdf", "文", "件", "文件"]),
        ("number.form", ["number", "form", "number.form"]),
        ("The invoices were uploaded", ["invoic", "upload"]),
        ("Café", ["cafe"]),
        ("__", []),
    ],
)
def test_terms(text: str, found: list[str]) -> None:
    assert tokens(text) == found


@pytest.mark.parametrize(
    ("word", "short"),
    [
        ("invoices", "invoic"),
        ("invoice", "invoic"),
        ("queries", "query"),
        ("applied", "apply"),
        ("classes", "class"),
        ("status", "status"),
        ("stopped", "stop"),
        ("running", "run"),
        ("calling", "call"),
        ("being", "being"),
        ("4067", "4067"),
        ("tax", "tax"),
    ],
)
def test_stems(word: str, short: str) -> None:
    assert stem(word) == short


def test_a_question_is_about_its_subject_unless_it_has_none() -> None:
    assert not set(query_terms("发票是什么")) & QUESTION_WORDS
    assert set(query_terms("的")) == {"的"}
    assert query_terms("") == {}


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("26112000000012345678", True),
        ("２６１１ 2000 0000", True),
        ("26-00042-7", True),
        ("91110108MA01ABCD5T", True),
        ("4067", False),
        ("票 26112000000012345678", False),
        ("", False),
    ],
)
def test_numbers(text: str, is_one: bool) -> None:
    assert is_number(text) is is_one


# Spelling and sound


@given(TEXTS)
def test_any_word_has_only_near_words(word: str) -> None:
    found = spelling.edits(word)
    assert word not in found
    assert all(abs(len(other) - len(word)) <= 1 for other in found)


@given(TEXTS, st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=4))
def test_any_question_is_corrected_or_left(text: str, better: dict[str, str]) -> None:
    asked = normalise(text)
    pairs = frozenset(term for term in tokens(asked) if len(term) == 2)
    assert all(pair in pairs and side in (0, 1) for pair, side in spelling.suspects(asked, pairs))
    assert spelling.corrected(asked, better) != (asked or None)


def test_the_character_that_fits_nowhere_is_the_suspect() -> None:
    assert spelling.suspects("发票号吗", frozenset({"号吗"})) == [("号吗", 1)]
    assert spelling.suspects("中过国民", frozenset({"中过", "过国"})) == [("中过", 0), ("中过", 1), ("过国", 0)]
    assert spelling.suspects("a过b", frozenset()) == []
    assert spelling.repairs("号吗", 1, ["号码", "好吗", "号吗"]) == ["号码"]


def test_a_correction_changes_whole_words() -> None:
    assert spelling.corrected("log in logs", {"log": "lag"}) == "lag in logs"
    assert spelling.corrected("发票号吗", {"号吗": "号码"}) == "发票号码"
    assert spelling.corrected("发票", {}) == ""


@given(TEXTS)
def test_any_string_sounds_like_something_or_nothing(text: str) -> None:
    assert isinstance(sound(text), str)
    assert sound(text + "?") == ""


def test_pairs_of_the_same_sound() -> None:
    assert sound("发票") == sound("发漂") == "fapiao"


# Ranking


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 10**6), max_size=80), st.integers(1, 40))
def test_terms_are_chosen_rarest_first_and_within_the_budget(counts: dict[str, int], limit: int) -> None:
    chosen = ranking.affordable(counts, limit)
    assert len(chosen) <= limit
    assert [counts[t] for t in chosen] == sorted(counts[t] for t in chosen)
    assert bool(chosen) == bool(counts)
    assert len(chosen) <= 1 or sum(counts[t] for t in chosen) <= ranking.BUDGET


@given(st.integers(1, 10**6), st.data())
def test_rarer_is_worth_more(documents: int, data: st.DataObject) -> None:
    few, many = sorted(data.draw(st.tuples(st.integers(1, documents), st.integers(1, documents))))
    assert ranking.rarity(documents, few) >= ranking.rarity(documents, many) >= 0


def test_fields_add_up_by_weight() -> None:
    assert ranking.frequencies([(["a", "b"], 6), (["a", "a"], 2)]) == {"a": 10, "b": 6}


# Snippets


@given(TEXTS, TEXTS)
def test_a_snippet_is_safe_and_short(text: str, question: str) -> None:
    for made in (highlight(text, query_terms(question)), snippet(text, query_terms(question))):
        bare = re.sub("</?mark>", "", made)
        assert "<" not in bare
        assert made.count("<mark>") == made.count("</mark>")
    assert len(html.unescape(bare)) <= WIDTH + 2
    assert html.unescape(re.sub("</?mark>", "", highlight(text, query_terms(question)))) == html.unescape(
        html.escape(text)
    )


def test_the_best_passage_is_shown() -> None:
    text = "先看别的。" * 40 + "税号写错时先核对税号，再重新开具。" + "其他内容。" * 40
    made = snippet(text, query_terms("税号写错"))
    assert made.startswith("…")
    assert made.endswith("…")
    assert "<mark>税号写错</mark>" in made
    assert snippet("短文", {}) == "短文"
    assert snippet("一二三四五六七" * 20 + "号码", query_terms("号码")).count("<mark>") == 1


@pytest.mark.parametrize("text", ["a" * 100_000, "a." * 50_000, "票 " * 50_000, "票" * 100_000, "_" * 100_000])
def test_long_texts_take_no_long_time(text: str) -> None:
    start = time.process_time()
    tokens(text)
    normalise(text)
    query_terms(text)
    assert time.process_time() - start < 2
