"""Every sentence for people is there in French and in Dutch, with the same parameters."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from inventory.messages import Counted, Names
from inventory.messages import Message as Sentence
from web import i18n
from web.i18n import LANGUAGES, TRANSLATIONS, best_language, say

ROOT = Path(__file__).parents[2]
SOURCES = ("inventory", "labels", "devices", "web")
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "Message": None, "Counted": (1, 2)}

Forms = str | tuple[str, ...]
"""A sentence, or its forms for one thing and for many."""
TRANSLATED = ("fr", "nl")


@cache
def sentences() -> frozenset[Forms]:
    """What the source says, found the way `make messages` finds it."""
    with (ROOT / "deploy/babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    found: set[Forms] = set()
    for folder in SOURCES:
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, methods, options, keywords=KEYWORDS
        ):
            found.add(message if isinstance(message, str) else tuple(message))
    # Said of one thing, it is the first form of the same entry.
    counted = {forms[0] for forms in found if isinstance(forms, tuple)}
    return frozenset(found - counted)


@cache
def catalogue(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=language)


def entries(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def said(language: str) -> list[str]:
    """Every form of every sentence."""
    return [form for message in entries(language) for form in forms(message.string)]


def parameters(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[a-z]|%%", text))


def test_the_source_speaks() -> None:
    assert {"Next person", "Recorded.", "Scan a code or touch a picture."} <= sentences()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_just_what_the_source_says(language: str) -> None:
    kept = {message.id for message in entries(language)}
    assert sentences() - kept == set(), "run `make messages`"
    assert kept - sentences() == set(), "run `make messages`"


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_untranslated_or_unsure(language: str) -> None:
    assert [message.id for message in entries(language) if not all(forms(message.string))] == []
    assert [message.id for message in entries(language) if message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_parameters_are_the_same(language: str) -> None:
    different = [
        (message.id, message.string)
        for message in entries(language)
        for original, form in zip(forms(message.id), forms(message.string), strict=True)
        if form and parameters(form) != parameters(original)
    ]
    assert different == []


def test_french_never_says_missing() -> None:
    """A shortfall is "à vérifier": "manquant" sounds like theft."""
    assert [text for text in said("fr") if "manqu" in text.lower()] == []


def test_french_keeps_its_signs_with_their_words() -> None:
    assert [text for text in said("fr") if re.search(r" [:;?!»]|« ", text)] == []


def test_french_has_one_kind_of_apostrophe() -> None:
    assert [text for text in said("fr") if "'" in text] == []


@pytest.mark.parametrize(
    ("count", "fr", "nl", "en"),
    [
        (0, "0 passage", "0 passages", "0 passages"),
        (1, "1 passage", "1 passage", "1 passage"),
        (2, "2 passages", "2 passages", "2 passages"),
    ],
)
def test_one_is_not_said_as_many(count: int, fr: str, nl: str, en: str) -> None:
    told = Counted("%(count)d passage", "%(count)d passages", count=count)
    assert [say(told, language) for language in ("fr", "nl", "en")] == [fr, nl, en]
    assert str(told) == en


def test_a_sentence_is_rendered_in_one_language(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"%(what)s is here": "%(what)s est ici", "The item": "L'article"}

    class Known:
        def ugettext(self, text: str) -> str:
            return known.get(text, text)

    monkeypatch.setattr(i18n, "catalogue", lambda language: Known())
    assert say(Sentence("%(what)s is here", what=Sentence("The item")), "fr") == "L'article est ici"
    names = Names("Seringue", "Spuit", "Syringe")
    assert say(Sentence("%(what)s is here", what=names), "nl") == "Spuit est ici"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "fr"),
        ("", "fr"),
        ("de-DE,de", "fr"),
        ("nl-BE,nl;q=0.9,en", "nl"),
        ("de, en-US;q=0.5", "en"),
        ("fr_BE.UTF-8", "fr"),
    ],
)
def test_french_comes_first_unless_another_is_asked_for(
    accepted: str | None, language: str
) -> None:
    assert best_language(accepted) == language


def test_a_chosen_language_stays(client: FlaskClient) -> None:
    asks_for_english = {"Accept-Language": "en-GB"}
    assert 'lang="en"' in client.get("/sign-in", headers=asks_for_english).text
    chosen = client.post("/language", data={"language": "nl", "next": "/sign-in?next=/tally"})
    assert chosen.location == "/sign-in?next=/tally"
    assert 'lang="nl"' in client.get("/sign-in", headers=asks_for_english).text
    client.post("/language", data={"language": "xx"})
    assert 'lang="nl"' in client.get("/sign-in", headers=asks_for_english).text
