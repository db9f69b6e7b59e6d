"""A paper speaks its own language, whoever reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from tickets.papers import services


@pytest.mark.django_db
@pytest.mark.parametrize("reader", ["zh-hans", "en"])
@pytest.mark.parametrize(("paper", "heading"), [("zh-hans", "发票号码"), ("en", "Invoice number")])
def test_a_preview_is_in_the_language_of_the_paper(
    client_of: Callable[[User], Any], sam: User, reader: str, paper: str, heading: str
) -> None:
    services.load_built_in()
    client = client_of(sam)
    client.cookies["django_language"] = reader
    for place in (f"{paper}/", f"{paper}/1/"):
        page = client.get(f"/desk/papers/statement/{place}", headers={"accept-language": reader}).content.decode()
        assert f'<th scope="col">{heading}</th>' in page
