"""A newcomer learns, is tested, and writes the first reply, which the mentor releases."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from kb.training import people
from tests.cases import a_ticket
from tests.e2e.conftest import inspect
from tests.e2e.desk import post
from tests.training.cases import a_path, a_question
from tickets.models import Message

Open = Callable[..., Page]


@pytest.mark.usefixtures("db")
def test_a_trainee_passes_a_path_and_the_mentor_releases_the_first_reply(
    page_of: Open, alice: User, alpha: Organisation, ann: User, abe: User, ed: User, sam: User
) -> None:
    a_path(ed, a_question(), a_question(right=(0, 2)), articles=("first", "second"))
    people.assign_mentor(trainee=abe, mentor=ann, by=sam)
    ticket = a_ticket(alice, alpha)
    page = page_of(abe)
    page.goto("/training/")
    inspect(page, "training")
    page.get_by_role("link", name="新客服入门").click()
    inspect(page, "training-path")
    page.get_by_role("link", name="开始学习").click()
    inspect(page, "training-read")
    for _article in range(2):
        post(page, "读完了，继续")
    post(page, "参加测验")
    inspect(page, "training-quiz")
    post(page, "交卷")
    expect(page.locator(".errsum li")).to_have_count(2)
    page.locator("fieldset", has_text="单选").get_by_label("答案 0").check()
    for answer in ("答案 0", "答案 2"):
        page.locator("fieldset", has_text="多选").get_by_label(answer).check()
    post(page, "交卷")
    expect(page.locator("main")).to_contain_text("100%")
    inspect(page, "training-marked")
    page.get_by_role("link", name="文章 first").first.click()
    expect(page).to_have_url(re.compile("/kb/first/#"))

    page.goto(f"/desk/tickets/{ticket.number}/")
    page.locator("#reply-body").fill("请明天再查")
    post(page, "发送")
    expect(page.locator("main")).to_contain_text("等待导师放行")
    enterprise = page_of(alice)
    enterprise.goto(f"/tickets/{ticket.number}/")
    expect(enterprise.locator("main")).not_to_contain_text("请明天再查")

    mentor = page_of(ann)
    mentor.goto("/desk/replies/")
    inspect(mentor, "desk-replies")
    mentor.get_by_role("link", name=ticket.number).click()
    inspect(mentor, "desk-held-reply")
    mentor.locator("#f-body").fill("请您明天再查")
    post(mentor, "放行")
    enterprise.reload()
    expect(enterprise.locator("main")).to_contain_text("请您明天再查")
    assert Message.objects.get(ticket=ticket).author == abe

    supervisor = page_of(sam)
    for name, url in (("report", "report/"), ("mentors", "mentors/"), ("paths", ""), ("path", "start/")):
        supervisor.goto(f"/desk/training/{url}")
        inspect(supervisor, f"desk-training-{name}")
    supervisor.goto("/desk/training/start/questions/1/")
    inspect(supervisor, "desk-training-question")
