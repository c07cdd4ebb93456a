"""Sentences in the reader's language: French first, Dutch and English complete."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.support import NullTranslations, Translations

from inventory.messages import Counted, Message, Names

LANGUAGES = ("fr", "nl", "en")
LOCALES = {"fr": "fr_BE", "nl": "nl_BE", "en": "en_GB"}
DEFAULT_LANGUAGE = "fr"
TRANSLATIONS = Path(__file__).parent / "translations"


@lru_cache
def catalogue(language: str) -> NullTranslations:
    return Translations.load(TRANSLATIONS, [language])


def say(message: Message, language: str) -> str:
    """A message, with the messages, names and dates among its parameters in the same language."""
    words = catalogue(language)
    if isinstance(message, Counted):
        text = words.ungettext(message.text, message.many, message.count)
    else:
        text = words.ugettext(message.text)
    if not message.params:
        return text
    return text % {name: _say_value(value, language) for name, value in message.params.items()}


def _say_value(value: Any, language: str) -> Any:
    if isinstance(value, Message):
        return say(value, language)
    if isinstance(value, Names):
        return value.in_language(language)
    if isinstance(value, date):
        return format_date(value, "short", locale=LOCALES[language])
    return value


def best_language(accepted: str | None) -> str:
    """The first of our languages that an Accept-Language header or a LANG variable names."""
    for part in (accepted or "").replace(";", ",").split(","):
        code = part.strip()[:2].lower()
        if code in LANGUAGES:
            return code
    return DEFAULT_LANGUAGE
