"""What staff write on the board."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone


def an_incident(**more: Any) -> dict[str, Any]:
    """Leqi is down since an hour ago, for all kinds of invoices."""
    return {
        "title": "乐企上传超时",
        "title_en": "Leqi uploads time out",
        "body": "正在调查。",
        "impact": "outage",
        "components": ["leqi"],
        "started_at": timezone.now() - dt.timedelta(hours=1),
        **more,
    }


def a_window(**more: Any) -> dict[str, Any]:
    """The electronic tax bureau rests tomorrow for two hours."""
    start = timezone.now() + dt.timedelta(days=1)
    return {
        "title": "电子税务局维护",
        "body": "暂停查询。",
        "components": ["etax"],
        "starts_at": start,
        "ends_at": start + dt.timedelta(hours=2),
        **more,
    }


def news_for(audience: str, **more: Any) -> dict[str, Any]:
    """An interface version in force from today."""
    return {
        "title": "乐企 V4.000 启用",
        "body": "旧版本停用。",
        "subject": "interface",
        "audience": audience,
        "source_url": "https://example.com/notice",
        "effective_from": timezone.localdate(),
        **more,
    }
