"""Templates that come with the words of a language in them."""

from __future__ import annotations

from django.template.loader import get_template, render_to_string
from django.utils import translation

from helpdesk.localised import Localised


def test_each_language_has_its_own_template() -> None:
    drawn = {}
    for language in ("zh-hans", "en", "zh-hans"):
        with translation.override(language):
            drawn.setdefault(language, []).append(render_to_string("desk/_keys.html", {"shell": {"keys": True}}))
    assert drawn["zh-hans"][0] == drawn["zh-hans"][1]
    assert "键盘快捷键" in drawn["zh-hans"][0]
    assert "Keyboard shortcuts" in drawn["en"][0]


def test_words_and_icons_that_need_no_context_are_text_before_the_template_is_compiled() -> None:
    with translation.override("en"):
        template = get_template("desk/_keys.html").template  # type: ignore[attr-defined]
        loader = next(one for one in template.engine.template_loaders if isinstance(one, Localised))
        source = loader.get_contents(template.origin)
    assert "{% translate" not in source
    assert "{% icon" not in source
    assert "{% if shell.keys %}" in source


def test_parts_that_are_included_by_name_are_part_of_the_page() -> None:
    with translation.override("en"):
        template = get_template("desk/base.html").template  # type: ignore[attr-defined]
        loader = next(one for one in template.engine.template_loaders if isinstance(one, Localised))
        source = loader.get_contents(template.origin)
    assert '{% include "desk/_keys.html" %}' not in source
    assert "Keyboard shortcuts" in source
    assert "/static/js/shortcuts" in source
