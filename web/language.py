"""The reader's language: what somebody chose, else what the browser asks for, else French."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Blueprint, Flask, Response, g, redirect, request
from flask_babel import Babel, gettext  # type: ignore[import-untyped]

from inventory.messages import Message, Names
from web.i18n import LANGUAGES, LOCALES, best_language, say

COOKIE = "language"
CHOICE_LASTS_S = 400 * 24 * 3600
"""As long as browsers keep any cookie."""

# Each language by its own name, for those who read only that one.
OWN_NAMES = {"fr": "Français", "nl": "Nederlands", "en": "English"}

_UNIT_AFTER_NUMBER = re.compile(r"(?<=\d) (?=(?:[cm]?l|[kmµ]?g|[cm]?m)\b)")
"""No line ends between "3" and "l"."""

bp = Blueprint("language", __name__)


def set_up(app: Flask) -> None:
    """Give templates `_`, the filter `say` for messages and names, and the choice of languages."""
    Babel(app, locale_selector=lambda: LOCALES[current()])
    app.add_template_filter(_say, "say")
    app.add_template_filter(_long_date, "long_date")
    app.add_template_filter(_short_date, "short_date")
    app.add_template_filter(number, "count")
    app.context_processor(lambda: {"language": current(), "languages": OWN_NAMES})
    app.register_blueprint(bp)


def current() -> str:
    """The language of this request."""
    if "language" not in g:
        chosen = request.cookies.get(COOKIE, "")
        g.language = chosen if chosen in LANGUAGES else accepted()
    language: str = g.language
    return language


def accepted() -> str:
    """The language that came with this request, for who has no cookie."""
    return best_language(request.headers.get("Accept-Language"))


def _say(words: Message | Names) -> str:
    here = current()
    text = say(words, here) if isinstance(words, Message) else words.in_language(here)
    return _UNIT_AFTER_NUMBER.sub("\u00a0", text)


def _(text: str) -> str:
    """A sentence that holds no parameters, in the language of this request."""
    translated: str = gettext(text)
    return translated


def number(value: Decimal | int | float) -> str:
    """A number as it is written in the language of this request."""
    return _written(value, LOCALES[current()])


@lru_cache(maxsize=2048, typed=True)
def _written(value: Decimal | int | float, locale: str) -> str:
    """Babel takes longest of all that is on a page of two hundred rows, and the same numbers come again."""
    return format_decimal(value, locale=locale)


def _long_date(day: date) -> str:
    return format_date(day, "full", locale=LOCALES[current()])


def _short_date(day: date) -> str:
    return format_date(day, "short", locale=LOCALES[current()])


@bp.post("/language")
def choose() -> Response:
    """Remember a language in this browser; anybody may, it shows nothing."""
    response = redirect(local_path(request.form.get("next")))
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        response.set_cookie(COOKIE, chosen, max_age=CHOICE_LASTS_S, httponly=True, samesite="Lax")
    assert isinstance(response, Response)
    return response


def local_path(path: str | None) -> str:
    """A path of this site to go back to; never another site, whatever a link says."""
    if path is None or not path.startswith("/") or path.startswith("//"):
        return "/"
    return path if path.isprintable() and "\\" not in path else "/"
