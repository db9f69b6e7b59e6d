"""Templates with the words and icons of a language already in them: what is the same on every page is done once."""

from __future__ import annotations

import re
from typing import Any

from django.template import Origin
from django.template.loaders import cached
from django.utils.translation import get_language, gettext

from helpdesk.templatetags.ui import icon

#: Tags of nothing but literals. One with a filter, a context or a variable stays as it is.
_WORDS = re.compile(r"""\{% translate (?:"([^"%{}|]*)"|'([^'%{}|]*)') %\}""")
_ICON = re.compile(r"""\{% icon "([a-z0-9-]+)"(?: (\d+))?(?: "([a-z -]*)")? %\}""")


class Localised(cached.Loader):
    """Django's cached loader, with one compiled template a language.

    `{% translate "…" %}` and `{% icon "…" 16 %}` become text before the template is compiled, and so part of the text
    around them: a page is drawn with about a third of the nodes fewer.
    """

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        return f"{get_language()}:{super().cache_key(template_name, skip)}"

    def get_contents(self, origin: Origin) -> str:
        source = super().get_contents(origin)
        if "{% language " not in source:  # a paper speaks its own language, not its reader's
            source = _WORDS.sub(lambda found: gettext(found[1] or found[2] or ""), source)
        return _ICON.sub(lambda found: icon(found[1], int(found[2] or 18), found[3] or ""), source)
