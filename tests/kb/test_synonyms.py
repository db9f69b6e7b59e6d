"""Phrases that mean the same: what they do to a search, who changes them, and what the change leaves behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from helpdesk.common.errors import Forbidden, Invalid, Stale
from kb import search, synonyms, wording
from kb.synonym_models import SynonymGroup
from tests.kb.test_search import article

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
PATH = "/desk/kb/synonyms/"


def found(q: str) -> list[str]:
    return [hit.slug for hit in search.search(q, user=None, language="zh-hans")]


def test_the_first_groups_are_there_with_their_history() -> None:
    assert any("查无此票" in group.phrases for group in wording.groups("查无此票"))
    assert len(wording.groups()) > 20
    assert wording.history(wording.groups()[0])[0].kind == "synonyms.added"


def test_a_phrase_in_two_groups_has_the_others_of_both() -> None:
    table = synonyms.table([("甲", "乙方"), ("甲", "丙方")])
    assert list(synonyms.related("甲", table)) == ["乙方", "丙方"]
    assert synonyms.related("red ink", synonyms.table([("red", "红冲"), ("in", "内部")])) == {"红冲": None}


def test_searches_use_a_change_at_once(
    ed: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    article("paper-jam", "打印机卡纸怎么办", "打开后盖。")
    suggested = lambda: search.suggest("墨仓空了", user=None, language="zh-hans")  # noqa: E731
    assert found("墨仓空了") == []
    assert suggested() == []
    with django_capture_on_commit_callbacks(execute=True):
        group = wording.keep(phrases=("卡纸", " 墨仓空了 ", ""), by=ed)
    assert group.phrases == ["卡纸", "墨仓空了"]
    assert found("墨仓空了") == ["paper-jam"]
    assert [hit.slug for hit in suggested()] == ["paper-jam"]
    with django_capture_on_commit_callbacks(execute=True):
        wording.use(group=group, is_used=False, by=ed, version=1)
    assert found("墨仓空了") == []
    with django_capture_on_commit_callbacks(execute=True):
        wording.use(group=group, is_used=True, by=ed, version=2)
    assert found("墨仓空了") == ["paper-jam"]
    assert [(event.kind, event.actor) for event in wording.history(group)] == [
        ("synonyms.restored", ed), ("synonyms.retired", ed), ("synonyms.added", ed),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "phrases",
    [
        (),
        ("一个词",),
        ("同一", "同一"),
        ("ＡＢＣ", "abc"),
        ("?!", "问号"),
        ("长" * 61, "短的"),
        tuple(f"词{i}" for i in range(21)),
    ],
)
def test_a_group_has_different_phrases_that_can_be_searched(phrases: tuple[str, ...], ed: User) -> None:
    with pytest.raises(Invalid):
        wording.keep(phrases=phrases, by=ed)


def test_a_phrase_stands_in_one_group_that_is_used(ed: User, ann: User) -> None:
    first = wording.keep(phrases=("墨盒", "墨水盒"), by=ed)
    with pytest.raises(Invalid) as refused:
        wording.keep(phrases=("墨水盒", "硒鼓"), by=ed)
    assert refused.value.errors[0].code == "taken"
    with pytest.raises(Forbidden):
        wording.use(group=first, is_used=False, by=ann, version=1)
    wording.use(group=first, is_used=False, by=ed, version=1)
    wording.keep(phrases=("墨水盒", "硒鼓"), by=ed)
    with pytest.raises(Invalid):
        wording.use(group=first, is_used=True, by=ed, version=2)
    with pytest.raises(Stale):
        wording.keep(phrases=("墨盒", "墨囊"), by=ed, group=first, version=1)


def test_editors_keep_the_groups_in_the_browser(client_of: Browser, ed: User, ann: User) -> None:
    editor = client_of(ed)
    assert editor.post(PATH, {"phrases": "墨盒"}).status_code == 422
    assert editor.post(PATH, {"phrases": "墨盒\r\n墨水盒"}).status_code == 302
    group = SynonymGroup.objects.get(phrases=["墨盒", "墨水盒"])
    own = f"{PATH}{group.pk}/"
    assert own in editor.get(f"{PATH}?q=墨水").content.decode()
    assert own not in client_of(ann).get(f"{PATH}?q=墨水").content.decode()
    assert own not in editor.get(f"{PATH}?q=红冲").content.decode()
    assert editor.post(own, {"phrases": "墨盒\r\n墨水盒\r\n硒鼓", "version": "1"}).status_code == 302
    late = editor.post(own, {"phrases": "墨盒\r\n粉盒", "version": "1"})
    assert late.status_code == 412
    shown = late.content.decode()
    assert "硒鼓" in shown
    assert "粉盒" in shown
    assert 'name="version" value="2"' in shown  # saving again answers for both
    assert editor.post(own, {"phrases": "", "version": "2"}).status_code == 422
    assert editor.post(own, {"use": "0", "version": "2"}).status_code == 302
    assert "停用" in editor.get(own).content.decode()
    assert editor.get(f"{PATH}0/").status_code == 404
