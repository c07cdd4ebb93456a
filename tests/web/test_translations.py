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

from inventory.messages import Message as Sentence
from inventory.messages import Names
from web import i18n
from web.i18n import LANGUAGES, TRANSLATIONS, best_language, say

ROOT = Path(__file__).parents[2]
SOURCES = ("inventory", "labels", "devices", "web")
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "Message": None}
TRANSLATED = ("fr", "nl")


@cache
def sentences() -> frozenset[str]:
    """What the source says, found the way `make messages` finds it."""
    with (ROOT / "deploy/babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    found = set()
    for folder in SOURCES:
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, methods, options, keywords=KEYWORDS
        ):
            assert isinstance(message, str), "plural forms would need a check of their own"
            found.add(message)
    return frozenset(found)


@cache
def catalogue(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=language)


def entries(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def parameters(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[a-z]|%%", text))


def test_the_source_speaks() -> None:
    assert {"Next person", "Recorded.", "Scan a code or touch a picture."} <= sentences()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_just_what_the_source_says(language: str) -> None:
    kept = {message.id for message in entries(language)}
    assert sorted(sentences() - kept) == [], "run `make messages`"
    assert sorted(kept - sentences()) == [], "run `make messages`"


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_untranslated_or_unsure(language: str) -> None:
    assert [message.id for message in entries(language) if not message.string] == []
    assert [message.id for message in entries(language) if message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_parameters_are_the_same(language: str) -> None:
    different = [
        (message.id, message.string)
        for message in entries(language)
        if message.string and parameters(str(message.id)) != parameters(str(message.string))
    ]
    assert different == []


def test_french_never_says_missing() -> None:
    """A shortfall is "à vérifier": "manquant" sounds like theft."""
    assert [m.string for m in entries("fr") if "manqu" in str(m.string).lower()] == []


def test_french_keeps_its_signs_with_their_words() -> None:
    assert [m.string for m in entries("fr") if re.search(r" [:;?!»]|« ", str(m.string))] == []


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
