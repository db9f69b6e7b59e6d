"""What is written by staff in both languages, without the life of an article."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Bilingual(models.Model):
    """A text that is written in Chinese, and in English when there is time; readers get the other one until then."""

    body = models.TextField(_("Text"))
    body_en = models.TextField(_("Text in English"), blank=True)

    class Meta:
        abstract = True

    def _in_english(self, text: str) -> bool:
        return bool(text) and get_language() == "en"

    @property
    def text(self) -> str:
        return self.body_en if self._in_english(self.body_en) else self.body

    @property
    def text_lang(self) -> str:
        """For the `lang` attribute."""
        return "en" if self._in_english(self.body_en) else "zh-Hans"


class Titled(Bilingual):
    """The same with a title."""

    title = models.CharField(_("Title"), max_length=120)
    title_en = models.CharField(_("Title in English"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def name(self) -> str:
        return self.title_en if self._in_english(self.title_en) else self.title

    @property
    def lang(self) -> str:
        return "en" if self._in_english(self.title_en) else "zh-Hans"
