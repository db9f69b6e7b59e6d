"""What readers outside the audience can't find by any door, and what machines are told of the rest."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from kb import services, upkeep
from kb.models import Article, Attachment, Category
from tests.conftest import person

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
SECRET = "旋翼"  # of the hidden articles alone
SLUGS = ("hidden-staff", "hidden-enterprises", "hidden-archived")
TEXT = {
    "title": "查验时提示查无此票",
    "summary": "第二天再查",
    "body": "## 步骤\n\n1. 核对号码",
    "keywords": "upload.over_limit",
}


def publish(slug: str, audience: str, category: Category, **text: str) -> Article:
    services.import_article(slug=slug, language="zh-hans", category=category, audience=audience, text={**TEXT, **text})
    return Article.objects.get(slug=slug)


@pytest.fixture
def library(db: None, ed: User, kate: User) -> None:
    """One article for everybody, and beside it what isn't: of the desk, of enterprises, archived, moved, with a file."""
    situation, _new = Category.objects.update_or_create(
        slug="no_record", defaults={"title_zh": "查无此票", "title_en": "No record", "is_situation": True}
    )
    inside = services.category_of("inside")
    publish("open", "public", situation)
    for category in (situation, inside):
        for audience in ("staff", "enterprises"):
            slug = f"hidden-{audience}" if category == situation else f"hidden-{audience}-2"
            body = f"{TEXT['body']} {SECRET} /kb/files/{'a' * 32}/"
            made = publish(slug, audience, category, title=f"{TEXT['title']}{SECRET}", summary=SECRET, body=body)
            upkeep.rename(article=made, slug=f"{slug}-now", by=ed, version=1)
            Article.objects.filter(pk=made.pk).update(slug=slug)
            Attachment.objects.get_or_create(
                key="a" * 32, defaults={"article": made, "name": SECRET, "media_type": "image/png", "size": 1,
                                        "sha256": "", "path": default_storage.save("x", ContentFile(b"x"))},
            )  # fmt: skip
    gone = publish("hidden-archived", "staff", situation, title=SECRET)
    services.perform(revision=gone.revisions.get(), action="archive", by=kate, reason="x")


DOORS = (
    "/",
    "/kb/",
    "/kb/category/no_record/",
    "/kb/category/no_record/feed.atom",
    "/kb/feed.atom",
    "/kb/open/",
    f"/kb/search/?q={SECRET}",
    "/kb/search/?q=查无此票",
    "/kb/search/?q=玄翼",  # sounds like it: no repair may betray it
    f"/kb/suggest/?q={SECRET}",
    "/kb/suggest/?q=查无",
    "/sitemap.xml",
    "/robots.txt",
    "/status/feed.atom",
    "/status/announcements/feed.atom",
    "/api/v1/kb/articles/",
    f"/api/v1/kb/articles/?q={SECRET}",
    "/api/v1/kb/articles/?q=查无此票",
    "/api/v1/kb/articles/?category=inside",
    f"/api/v1/kb/suggest/?q={SECRET}",
)
CLOSED = (
    "/kb/category/inside/",
    "/kb/category/inside/feed.atom",
    f"/kb/files/{'a' * 32}/",
    *(f"/kb/{slug}/" for slug in SLUGS),
    *(f"/kb/{slug}-now/" for slug in SLUGS),
    *(f"/api/v1/kb/articles/{slug}/" for slug in SLUGS),
    *(f"/api/v1/kb/articles/{slug}-now/" for slug in SLUGS),
)
WRITES = tuple(f"/kb/{slug}/{do}/" for slug in SLUGS for do in ("feedback", "solved"))


@pytest.mark.usefixtures("library")
def test_what_is_not_for_a_reader_is_behind_no_door(client_of: Browser) -> None:
    for reader in (None, person("Nobody's", "lone@example.org")):
        browser = client_of(reader)
        for door in DOORS:
            page = browser.get(door)
            told = page.content.decode().replace(f'value="{SECRET}"', "")  # the box repeats what was asked
            if SECRET in door:
                told = re.sub(r'q=[^"&]*|<title>[^<]*', "", told)
            assert page.status_code == 200, door
            assert "hidden" not in re.sub(r'type="hidden"|aria-hidden', "", told), door
            assert SECRET not in told, door
        for door in CLOSED:
            assert browser.get(door).status_code == 404, door
        for door in WRITES:
            assert browser.post(door, {"vote": "yes"}).status_code == 404, door
        counted = re.search(r"(\d+) 篇文章", browser.get("/").content.decode())
        assert counted
        assert counted[1] == "1"


@pytest.mark.usefixtures("library")
def test_who_may_read_finds_them_by_the_same_doors(client_of: Browser, ann: User) -> None:
    browser = client_of(ann)
    for door in ("/kb/", "/kb/category/no_record/", "/kb/open/", f"/kb/search/?q={SECRET}"):
        assert "hidden-staff" in browser.get(door).content.decode(), door
    for door in ("/kb/feed.atom", "/sitemap.xml"):  # made for machines without an account, and kept by proxies
        assert "hidden" not in browser.get(door).content.decode(), door
    assert browser.get("/kb/hidden-archived/").status_code == 410


@pytest.mark.usefixtures("library")
def test_machines_get_each_text_at_an_address_of_its_own(client_of: Browser) -> None:
    article = Article.objects.get(slug="open")
    english = {**TEXT, "title": "The check finds nothing"}
    services.import_article(slug="open", language="en", category=article.category, audience="public", text=english)
    browser = client_of(None)
    feed = ElementTree.fromstring(browser.get("/kb/feed.atom?lang=en").content)  # noqa: S314  our own
    atom = "{http://www.w3.org/2005/Atom}"
    assert [entry.findtext(f"{atom}title") for entry in feed.iter(f"{atom}entry")] == ["The check finds nothing"]
    links = [entry.find(f"{atom}link").get("href", "") for entry in feed.iter(f"{atom}entry")]  # type: ignore[union-attr]
    page = browser.get(links[0][links[0].index("/kb/") :]).content.decode()
    assert f'rel="canonical" href="{links[0]}"' in page
    site = links[0].removesuffix("?lang=en")
    for code, language in (("en", "en"), ("zh-Hans", "zh-hans")):
        assert f'rel="alternate" hreflang="{code}" href="{site}?lang={language}"' in page
    urls = ElementTree.fromstring(browser.get("/sitemap.xml").content)  # noqa: S314  our own
    places = [url.text for url in urls.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert [place for place in places if place and "/open/" in place] == [f"{site}?lang=en", f"{site}?lang=zh-hans"]
    assert "/sitemap.xml" in browser.get("/robots.txt").content.decode()


def test_related_articles_share_words_and_those_of_the_category_come_first(client_of: Browser) -> None:
    near, far = services.category_of("near"), services.category_of("far")
    publish("it", "public", near, title="批量上传失败", keywords="接口")
    publish("same", "public", near, title="批量上传太慢", keywords="")
    publish("other", "public", far, title="批量上传接口失败", keywords="接口")
    publish("nothing", "public", near, title="滞纳金", summary="按日", body="天数", keywords="")
    shown = client_of(None).get("/kb/it/").content.decode()
    assert re.findall(r'<li><a href="/kb/(\w+)/">', shown[shown.index("<aside") :]) == ["same", "other"]


def test_categories_are_a_tree_of_what_the_reader_may_read(client_of: Browser, ann: User) -> None:
    top, middle, secret = (services.category_of(slug) for slug in ("top", "middle", "secret"))
    Category.objects.filter(pk=middle.pk).update(parent=top)
    Category.objects.filter(pk=secret.pk).update(parent=services.category_of("closed"))
    publish("leaf", "public", middle)
    publish("hidden-staff", "staff", secret)
    browser = client_of(None)
    assert '<a href="/kb/category/middle/">' in browser.get("/kb/category/top/").content.decode()
    for page in ("/kb/leaf/", "/kb/", "/kb/category/middle/"):
        assert '<a href="/kb/category/top/">top</a>' in browser.get(page).content.decode(), page
    for slug in ("closed", "secret"):
        assert browser.get(f"/kb/category/{slug}/").status_code == 404
        assert client_of(ann).get(f"/kb/category/{slug}/").status_code == 200
    with pytest.raises(IntegrityError), transaction.atomic():
        Category.objects.filter(pk=top.pk).update(parent=top)
