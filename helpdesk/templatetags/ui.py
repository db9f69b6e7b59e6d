"""Pieces of pages: `{% load ui %}`. Each tag renders one file of templates/components/."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, cast

import lucide
from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BaseFormSet, BoundField
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy

from accounts.permissions import Permission
from helpdesk.templatetags.helpdesk import ago, iso, moment, say
from tickets.evidence.facts import facts
from tickets.evidence.models import Evidence
from tickets.evidence.preview import can_show
from tickets.sla.clock import working_between
from tickets.sla.services import calendar_of

register = template.Library()

PUBLIC = (
    ("/", gettext_lazy("Help")),
    ("/diagnose/", gettext_lazy("Diagnosis")),
    ("/check/", gettext_lazy("Check an invoice")),
    ("/reconcile/", gettext_lazy("Compare two lists")),
    ("/tickets/new/", gettext_lazy("File a ticket")),
    ("/tickets/", gettext_lazy("My tickets")),
    ("/checks/", gettext_lazy("Look-ups")),
)
STAFF = (
    ("/", gettext_lazy("Help")),
    ("/desk/", gettext_lazy("Desk")),
    ("/desk/kb/", gettext_lazy("Knowledge base")),
)
# address, label, icon, shortcut after "g", the permissions of which one is needed
DESK = (
    ("/desk/kb/", gettext_lazy("Knowledge base"), "book-open", "k", (Permission.KB_READ_STAFF,)),
    ("/desk/backfill/", gettext_lazy("Backfills"), "file-pen-line", "b", (Permission.TICKET_VIEW,)),
    ("/desk/checks/", gettext_lazy("Look-ups"), "search-check", "h", (Permission.TICKET_VIEW,)),
    ("/desk/same-problem/", gettext_lazy("Same problem"), "layers", "s", (Permission.TICKET_VIEW,)),
    ("/desk/lists/", gettext_lazy("Imported lists"), "table-properties", "l", (Permission.CHECK_RECORD,)),
    ("/desk/status/", gettext_lazy("Status board"), "activity", "i", (Permission.STATUS_EDIT,)),
    ("/desk/replies/", gettext_lazy("Replies to release"), "mail-check", "m", (Permission.TICKET_ANSWER,)),
    ("/desk/training/", gettext_lazy("Training"), "graduation-cap", "y", (Permission.TRAINING_EDIT,)),
    ("/training/", gettext_lazy("Learning paths"), "book-open-check", "n", (Permission.KB_READ_STAFF,)),
    ("/desk/rules/", gettext_lazy("Rules"), "scale", "r", (Permission.KB_READ_STAFF,)),
    ("/desk/deadlines/", gettext_lazy("Filing deadlines"), "calendar-clock", "d", (Permission.DEADLINE_EDIT,)),
    ("/desk/sla/", gettext_lazy("Service levels"), "timer", "v", (Permission.SLA_EDIT,)),
    ("/desk/papers/", gettext_lazy("Templates of papers"), "file-text", "t", (Permission.PAPER_EDIT,)),
    ("/accounts/desk/organisations/", gettext_lazy("Enterprises"), "building-2", "e", (Permission.ORG_VERIFY,)),
    ("/accounts/desk/people/", gettext_lazy("People"), "users", "p", (Permission.ROLE_GRANT,)),
    ("/desk/calls/", gettext_lazy("Outbound calls"), "arrow-up-right", "o", (Permission.AUDIT_VIEW,)),
)


def current(path: str, addresses: Iterable[str]) -> str:
    """The address that the page lies under; the longest wins, and home is only itself."""
    under = [a for a in addresses if (path == a if a == "/" else path.startswith(a))]
    return max(under, key=len, default="")


@functools.lru_cache(maxsize=512)
def _svg(name: str, size: int, cls: str) -> SafeString:
    extra = {"class": cls} if cls else {}
    return mark_safe(lucide._render_icon(name, size, aria_hidden="true", **extra))  # noqa: S308 - a file of the package


@register.simple_tag
def icon(name: str, size: int = 18, cls: str = "") -> SafeString:
    """A decorative Lucide icon, hidden from assistive technology; words stand beside it."""
    return _svg(str(name), size, str(cls))


@register.simple_tag(takes_context=True)
def draw(context: template.Context, name: str) -> SafeString:
    """A template for `as`: what stands on a page twice, for wide and for narrow screens, is drawn once."""
    return context.template.engine.get_template(name).render(context)  # type: ignore[union-attr]  # inside a template


@register.simple_tag
def when(at: dt.datetime | None) -> SafeString:
    """How long ago, and the exact time for who points at it."""
    return mark_safe(f'<time datetime="{iso(at)}" title="{moment(at)}">{ago(at)}</time>')  # noqa: S308 - no user's words


@register.simple_tag
def step(entry: Any) -> SafeString:
    """A line of the thread: what happened, who did it, when."""
    by = f" · {entry.actor}" if entry.actor else ""
    cls = " is-internal" if entry.is_internal else ""
    return format_html('<p class="ev{}"><span>{}{} · {}</span></p>', cls, say(entry.line), by, when(entry.at))


@register.simple_tag
def priority(ticket: Any) -> SafeString:
    """The priority of a ticket as bars and a word."""
    return _priority(ticket.priority, ticket.priority_name, get_language())


@functools.lru_cache(maxsize=16)
def _priority(level: int, name: str, language: str | None) -> SafeString:
    return render_to_string("components/priority.html", {"level": level, "name": name})


@register.simple_tag
def options(choices: Iterable[tuple[Any, Any]], chosen: Any = "") -> SafeString:
    """The options of a select, with what is chosen marked. Choices that live as long as the process are drawn once."""
    key = (id(choices), get_language(), str(chosen))
    held, drawn = _DRAWN.get(key, (None, SafeString()))
    if held is not choices:
        drawn = _options(tuple((str(value), say(text)) for value, text in choices), str(chosen))
        if len(_DRAWN) >= 512:  # choices that were made for one page
            _DRAWN.clear()
        _DRAWN[key] = (choices, drawn)
    return drawn


@register.simple_tag
def people(pairs: Iterable[tuple[int, str]], chosen: Any = "") -> SafeString:
    """The options of a select of persons, whose names are nobody's to translate."""
    return _options(tuple((str(pk), name) for pk, name in pairs), str(chosen))


#: (id of the choices, language, chosen) → the choices themselves, which keeps the id theirs, and their options.
_DRAWN: dict[tuple[int, str | None, str], tuple[Iterable[tuple[Any, Any]], SafeString]] = {}


@functools.lru_cache(maxsize=256)
def _options(choices: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    rows = ((value, mark_safe(" selected" if value == chosen else ""), text) for value, text in choices)  # noqa: S308
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


@register.simple_tag
def checkboxes(name: str, choices: Iterable[Hashable]) -> SafeString:
    """A box for each choice of `value`, `text` and `is_chosen`."""
    return _checkboxes(name, tuple(choices))


@functools.lru_cache(maxsize=256)
def _checkboxes(name: str, choices: tuple[Any, ...]) -> SafeString:
    rows = ((name, c.value, mark_safe(" checked" if c.is_chosen else ""), c.text) for c in choices)  # noqa: S308
    return format_html_join("", '<label><input type="checkbox" name="{}" value="{}"{}> {}</label>', rows)


@functools.lru_cache(maxsize=256)
def _drawn(name: str, language: str | None, items: tuple[Any, ...], here: str = "") -> SafeString:
    """A component that looks the same for the same items: most pages of a person share it."""
    return render_to_string(f"components/{name}.html", {"links": items, "here": here})


@register.simple_tag
def queues(links: tuple[Any, ...]) -> SafeString:
    """The views of the queue with their counts."""
    return _drawn("queues", get_language(), links)


@register.simple_tag
def site_nav(request: HttpRequest | None, user: Any) -> SafeString:
    """The links of the header."""
    items = STAFF if getattr(user, "is_desk", False) else PUBLIC
    here = current(request.path, [address for address, _ in items]) if request else ""
    return _drawn("nav", get_language(), items, here)


@register.simple_tag
def desk_nav(request: HttpRequest, user: Any) -> SafeString:
    """The rooms of the desk that the person may enter."""
    held = user.permissions()
    items = tuple(item for item in DESK if not held.isdisjoint(item[4]))
    return _drawn("desk_nav", get_language(), items, current(request.path, [item[0] for item in items]))


#: Stand in a drawn component for the page's token and address.
_TOKEN, _HERE = "token-of-the-page", "address-of-the-page"


def _filled(context: template.Context, drawn: str) -> SafeString:
    here = escape(context["request"].get_full_path())
    return mark_safe(drawn.replace(_TOKEN, str(context["csrf_token"])).replace(_HERE, here))  # noqa: S308


@register.simple_tag(takes_context=True)
def switches(context: template.Context, name: str = "switches") -> SafeString:
    """Language and theme, or `name="language"` alone; drawn once for each of them."""
    if not context.get("request"):
        return SafeString()
    return _filled(context, _switches(name, get_language(), context["shell"]["theme"]))


@functools.lru_cache(maxsize=16)
def _switches(name: str, language: str | None, theme: str) -> str:
    return render_to_string(f"components/{name}.html", {"csrf_token": _TOKEN, "here": _HERE, "theme": theme})


@register.simple_tag(takes_context=True)
def account(context: template.Context) -> SafeString:
    """Notifications and the menu of the person, drawn once while neither changes."""
    user = context.get("user")
    if user is None or not user.is_authenticated:
        return render_to_string("components/sign_in.html", {"request": context.get("request")})
    return _filled(context, _account(get_language(), str(user), user.email, context["shell"]["unread"]))


@functools.lru_cache(maxsize=512)
def _account(language: str | None, name: str, email: str, unread: int) -> str:
    return render_to_string(
        "components/account.html", {"csrf_token": _TOKEN, "name": name, "email": email, "unread": unread}
    )


@register.simple_tag
def badge(state: Any, tone: str = "", icon: str = "", *, customer: bool = False) -> SafeString:
    """A state as text on a tint: a lifecycle State (`customer=True`: the enterprise's word), or a label and a tone."""
    label = getattr(state, "label", state)
    if customer:
        label = getattr(state, "customer_label", "") or label
    return _badge(say(label), tone or getattr(state, "tone", ""), icon)


@functools.lru_cache(maxsize=512)
def _badge(text: str, tone: str, icon: str) -> SafeString:
    return format_html('<span class="tag {}">{}{}</span>', tone, _svg(icon, 13, "") if icon else "", text)


@register.simple_tag
def due(ticket: Any) -> SafeString:
    """How much working time is left until the next answer is due, or why the clock stands still."""
    if not ticket.is_open:
        return format_html('<span class="sla done">{}{}</span>', _svg("check", 15, ""), gettext("Done"))
    if ticket.state.paused and not ticket.due_at:  # a policy may let the clock of the resolution run on
        return format_html('<span class="sla pause">{}{}</span>', _svg("circle-pause", 15, ""), gettext("Paused"))
    if not ticket.due_at:
        return mark_safe('<span class="muted">--</span>')
    over = ticket.is_overdue
    now, at = timezone.now(), ticket.due_at
    first, last = min(at, now), max(at, now)
    worked = working_between(first, last, calendar_of(now.year), enough=LONG)
    if over:
        text = gettext("Overdue by %(time)s") % {"time": hours(worked)} if worked < LONG else gettext("Overdue")
    else:
        text = gettext("%(time)s left") % {"time": hours(worked)} if worked < LONG else moment(at)
    tone, sign = ("over", "alarm-clock") if over else ("warn", "clock-alert") if worked < SOON else ("", "clock")
    return format_html('<span class="sla {}" title="{}">{}{}</span>', tone, moment(at), _svg(sign, 15, ""), text)


#: Working time that is told in hours, and below which a due time is near.
LONG, SOON = dt.timedelta(hours=15), dt.timedelta(hours=1)


@register.filter
def hours(worked: dt.timedelta) -> str:
    """3 h 20 min"""
    minutes = int(worked.total_seconds() // 60)
    if minutes < 60:
        return gettext("%(minutes)s min") % {"minutes": minutes}
    if minutes % 60 == 0:
        return gettext("%(hours)s h") % {"hours": minutes // 60}
    return gettext("%(hours)s h %(minutes)s min") % {"hours": minutes // 60, "minutes": minutes % 60}


@register.simple_tag
def field(
    field: BoundField, hint: str = "", prefix: str = "", cls: str = "", source: str = "", *, hide_label: bool = False
) -> SafeString:
    """Label, hint, errors and control of one form field; `source` is the file that gave its value."""
    given = {"field": field, "hint": hint or field.help_text, "prefix": prefix, "cls": cls, "source": source}
    return render_to_string("components/field.html", given | {"hide_label": hide_label})


_field = field


@register.simple_tag
def blank(field: BoundField, cls: str = "") -> SafeString:
    """The same for a field that stands on every page and mostly unsent: drawn once for each value it starts with."""
    if field.form.is_bound:
        return _field(field, cls=cls)
    return _blank(cast("Hashable", type(field.form)), field.name, str(field.value() or ""), cls, get_language())


@functools.lru_cache(maxsize=256)
def _blank(form: Any, name: str, value: str, cls: str, language: str | None) -> SafeString:
    return field(form(initial={name: value})[name], cls=cls)


@register.inclusion_tag("components/compare.html")
def compare(file: Evidence) -> dict[str, Any]:
    """What was read from a file, each field beside the place on its page, for a person to confirm."""
    return {"file": file, "invoices": facts(file), "pictured": can_show(file)}


@register.inclusion_tag("components/errors.html")
def errors(*given: Any) -> dict[str, Any]:
    """The summary above forms and formsets that were refused, in their order; its links lead to the fields."""
    forms: list[BaseForm] = [f for one in given for f in (one.forms if isinstance(one, BaseFormSet) else [one])]
    found = [(f.id_for_label or f.auto_id, text) for form in forms for f in form for text in f.errors]
    everywhere = [("", text) for form in forms for text in form.non_field_errors()]
    return {"found": everywhere + found, "count": len(found) + len(everywhere)}


@register.inclusion_tag("components/empty.html")
def empty(title: str, text: str = "", icon: str = "inbox", url: str = "", label: str = "") -> dict[str, Any]:
    """What is empty, what to do next, at most one way on."""
    return {"title": title, "text": text, "icon": icon, "url": url, "label": label}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(
    context: template.Context, page: Any = None, previous: str = "", next: str = "", text: str = ""
) -> dict[str, Any]:
    """Previous and next: from Django's Page, or from two addresses of a keyset."""
    if isinstance(page, Page):
        return {"page": page, "request": context.get("request"), "text": text}
    return {"previous": previous, "next": next, "text": text}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Sequence[dict[str, Any]], label: str) -> dict[str, Any]:
    """Links that look like tabs: `{label, url, count, current}` each."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/stat.html")
def stat(label: str, value: Any, note: str = "", tone: str = "", url: str = "") -> dict[str, Any]:
    """One figure with its name; `tone` good or bad colours the note, whose words say it too."""
    return {"label": label, "value": value, "note": note, "tone": tone, "url": url}


@register.inclusion_tag("components/diff.html")
def diff(lines: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Lines of a comparison as (sign, text); the sign is "+", "-" or " "."""
    names = {"+": ("ins", gettext("Added:")), "-": ("del", gettext("Removed:"))}
    return {"lines": [(*names.get(sign, ("", "")), text) for sign, text in lines]}


@register.inclusion_tag("components/changes.html")
def changes(lines: Iterable[Any]) -> dict[str, Any]:
    """Lines of `kb.comparing`, what was taken out and put in marked down to the word."""
    return {"lines": lines, "ins": gettext("Added:"), "del": gettext("Removed:")}


@register.inclusion_tag("components/drop.html")
def drop(
    id: str = "files", name: str = "", rule: str = "", upload: str = "", *, multiple: bool = True
) -> dict[str, Any]:
    """A file field; with JavaScript also drop, paste and, when `upload` is an address, progress per file."""
    return {"id": id, "name": name or id, "rule": rule, "upload": upload, "multiple": multiple}


@register.inclusion_tag("components/post.html", takes_context=True)
def post(
    context: template.Context, url: str, label: str, icon: str = "", cls: str = "", name: str = "", value: str = ""
) -> dict[str, Any]:
    """A button that is a whole form of its own."""
    given = {"url": url, "label": label, "icon": icon, "cls": cls, "name": name, "value": value}
    return given | {"csrf_token": context.get("csrf_token")}


@register.simple_block_tag(takes_context=True)
def panel(
    context: template.Context, content: str, title: str, icon: str = "", count: Any = "", *, open: bool = True
) -> str:
    """A section of a side column that folds."""
    given = {"title": title, "icon": icon, "count": count, "open": open, "content": content}
    return _component(context, "panel", given)


@register.simple_block_tag(takes_context=True)
def table(context: template.Context, content: str, caption: str, cls: str = "") -> str:
    """`thead` and `tbody` as a table that scrolls in its card on narrow screens; `cls="cards"` stacks the rows."""
    return _component(context, "table", {"caption": caption, "cls": cls, "content": content})


@register.simple_block_tag(takes_context=True)
def dialog(context: template.Context, content: str, label: str, icon: str = "", cls: str = "", title: str = "") -> str:
    """A button that opens its content beneath itself; no JavaScript."""
    given = {"label": label, "icon": icon, "cls": cls, "title": title or label, "content": content}
    return _component(context, "dialog", given)


def _component(context: template.Context, name: str, given: dict[str, Any]) -> str:
    return context.template.engine.get_template(  # type: ignore[union-attr]  # a tag runs inside a template
        f"components/{name}.html"
    ).render(context.new(given))
