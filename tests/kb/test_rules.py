"""The rules of articles that know no database: comparing, what Markdown refers to, what an article applies to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import markup, scope
from kb.comparing import LONG, Line, compare, words

LINES = st.lists(st.text("发票查验 ab", max_size=12), max_size=8)


@given(LINES, LINES)
def test_both_texts_can_be_read_back_from_their_comparison(before: list[str], after: list[str]) -> None:
    found = compare(before, after, context=100)
    if before == after:
        assert found == []
    else:
        assert [_side(line, "ins") for line in found if line.sign != "+"] == before
        assert [_side(line, "del") for line in found if line.sign != "-"] == after


def _side(line: Line, without: str) -> str:
    return "".join(text for tag, text in line.parts if tag != without)


def test_one_word_of_a_line_is_marked_and_what_lies_far_is_left_out() -> None:
    before = ["同", *"一二三四五", "点击导出日志按钮"]
    assert compare(before, [*before[:-1], "点击导出上传日志按钮"], context=1) == [
        Line("…", ()),
        Line(" ", (("", "五"),)),
        Line("~", (("", "点击导出"), ("ins", "上传"), ("", "日志按钮"))),
    ]
    assert list(words("v1.2 ok", "v1.3 ok")) == [("del", "v1.2"), ("ins", "v1.3"), ("", " ok")]


def test_lines_with_nothing_in_common_are_told_as_two() -> None:
    assert [line.sign for line in compare(["甲乙丙"], ["完全不同的一句话"])] == ["-", "+"]
    assert [line.sign for line in compare(["甲" * (LONG + 1)], ["甲" * (LONG + 2)])] == ["-", "+"]
    signs = [line.sign for line in compare([*"甲乙丙丁戊", "子", *"己庚辛壬癸"], [*"甲乙丙丁戊", *"己庚辛壬", "丑"], 0)]
    assert signs == ["…", "-", "…", "-", "+"]


BODY = """# 题

见 [文章](/kb/one/ "t") 和 [再来](/kb/one/)，![图](/kb/files/a/ "t") ![](b.png)
第二行

```
[不算](/kb/code/) ![](code.png)

仍在代码里
~~~
```

`[也不算](/kb/tick/)`
[名]: <https://example.com/x>
"""


def test_what_a_text_refers_to() -> None:
    assert markup.links(BODY) == ["/kb/one/", "https://example.com/x"]
    assert markup.images(BODY) == [("图", "/kb/files/a/"), ("", "b.png")]


def test_passages_are_parted_by_blank_lines_outside_of_code() -> None:
    found = markup.passages(BODY)
    assert [passage.splitlines()[0] for passage in found] == [
        "# 题",
        BODY.splitlines()[2],
        "```",
        BODY.splitlines()[12],
    ]
    assert "仍在代码里" in found[2]


@pytest.mark.parametrize("body", ["", "\n\n", "```\nopen", "[" * 500 + "](" * 500, "![" * 500])
def test_no_text_is_too_odd(body: str) -> None:
    markup.links(body), markup.images(body), markup.passages(body)


def test_what_an_article_applies_to() -> None:
    given = {
        "kinds": ["82", "81", "99"],
        "software": " 甲 软件，乙、甲 软件",
        "versions": "",
        "provinces": ["北京", " "],
    }
    clean = scope.clean(given)
    assert clean == {"kinds": ["81", "82"], "software": ["甲 软件", "乙"], "provinces": ["北京"]}
    assert scope.clean(clean) == clean
    assert scope.tags(clean) == [scope.KINDS["81"], scope.KINDS["82"], "甲 软件", "乙", "北京"]
    assert scope.clean({"software": [f"{i}" * 70 for i in range(30)]})["software"][0] == "0" * scope.LONGEST


def test_kinds_are_named_as_in_the_look_ups() -> None:
    from tickets.invoices.kinds import KINDS

    assert {code: KINDS[code].name for code in scope.KINDS} == scope.KINDS
