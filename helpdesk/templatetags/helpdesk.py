"""Formats of the interface: money, tax numbers, times, messages of PURE rules."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from accounts.permissions import ROLE_LABELS
from helpdesk.common.http import say as say_message
from helpdesk.common.http import unpack
from helpdesk.common.messages import Message

register = template.Library()
MISSING = "--"


@register.filter
def say(value: Any) -> str:
    """A Message, a packed message or an English msgid in the reader's language."""
    if isinstance(value, Message):
        return say_message(value)
    if isinstance(value, dict) and "text" in value:
        return say_message(unpack(value))
    return gettext(str(value)) if value else ""


@register.filter
def yuan(value: Decimal | None) -> str:
    """¥128,600.00"""
    return MISSING if value is None else f"{'-' if value < 0 else ''}¥{abs(value):,.2f}"


@register.filter
def amount(value: Decimal | None) -> str:
    """128,600.00, for a column whose head says yuan."""
    return MISSING if value is None else f"{value:,.2f}"


@register.filter
def tax_id(value: str) -> str:
    """9111 0108 MA01 XXXX 2K"""
    return " ".join(value[i : i + 4] for i in range(0, len(value), 4)) if value else MISSING


@register.filter
def moment(value: dt.datetime | None) -> str:
    """2026-09-18 14:08 in the reader's time zone."""
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value else MISSING


@register.filter
def clock(value: dt.datetime | None) -> str:
    """14:08 in the reader's time zone."""
    return timezone.localtime(value).strftime("%H:%M") if value else MISSING


@register.filter
def iso(value: dt.datetime | None) -> str:
    """For `datetime=` of a time element; several times cheaper than `date:"c"`."""
    return value.isoformat(timespec="seconds") if value else ""


@register.filter
def day(value: dt.date | None) -> str:
    """2026-09-18"""
    return value.isoformat() if value else MISSING


@register.filter
def face(value: Any) -> Any:
    """A value of an invoice as people read it: money in yuan, days as ISO, texts as they are."""
    if isinstance(value, Decimal):
        return yuan(value)
    return day(value) if isinstance(value, dt.date) else value


@register.filter
def ago(value: dt.datetime | None) -> str:
    """Relative within a day, then 11-23 17:30, then the whole date."""
    if not value:
        return MISSING
    minutes = int((timezone.now() - value).total_seconds() // 60)
    if 0 <= minutes < 1:
        return gettext("just now")
    if 0 < minutes < 60:
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", minutes) % {"count": minutes}
    if 0 < minutes < 1440:
        return ngettext("%(count)d hour ago", "%(count)d hours ago", minutes // 60) % {"count": minutes // 60}
    local = timezone.localtime(value)
    return local.strftime("%m-%d %H:%M" if local.year == timezone.localtime().year else "%Y-%m-%d %H:%M")


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or nothing."""
    return mapping.get(key, "") if hasattr(mapping, "get") else ""


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> SafeString | str:
    """The current query string with `changes`; an empty value drops the name. Starts with "?"."""
    values = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            values.pop(name, None)
        else:
            values[name] = str(value)
    return f"?{values.urlencode()}"


@register.filter
def role_name(value: str) -> str:
    """A role in the reader's language."""
    return gettext(ROLE_LABELS[value]) if value in ROLE_LABELS else value
