"""The headings that an article starts from, in the language of the article."""

from __future__ import annotations

HEADINGS = {
    "zh-hans": ("症状", "适用范围", "原因", "步骤", "如何确认已解决", "仍未解决时提交什么"),
    "en": ("Symptoms", "Applies to", "Cause", "Steps", "How to confirm", "If it still fails, send us"),
}
STEPS = "1. \n2. \n3. "
OUTLINES = {
    language: "\n".join(f"## {heading}\n\n{STEPS if place == 3 else '- '}\n" for place, heading in enumerate(headings))
    for language, headings in HEADINGS.items()
}
