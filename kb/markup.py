"""PURE. What Markdown refers to, and the passages that a remark can stand on; without rendering it."""

from __future__ import annotations

import re

_FENCE = re.compile(r"^(```|~~~).*?(?:^\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_IMAGE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]*)")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(\s*<?([^)\s>]+)|^[ ]{0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)", re.MULTILINE)


def _prose(body: str) -> str:
    return _CODE.sub("", _FENCE.sub("", body))


def images(body: str) -> list[tuple[str, str]]:
    """(description, address) of each picture."""
    return [(alt.strip(), address) for alt, address in _IMAGE.findall(_prose(body))]


def links(body: str) -> list[str]:
    """The addresses of the links, once each, in order."""
    return list(dict.fromkeys(first or second for first, second in _LINK.findall(_prose(body))))


def passages(body: str) -> list[str]:
    """Paragraphs, headings and lists, as blank lines part them; a fenced block stays whole."""
    found: list[list[str]] = [[]]
    fence = ""
    for line in body.splitlines():
        mark = line.lstrip()[:3]
        if mark in ("```", "~~~") and fence in ("", mark):
            fence = "" if fence else mark
        if line.strip() or fence:
            found[-1].append(line)
        else:
            found.append([])
    return ["\n".join(lines) for lines in found if lines]
