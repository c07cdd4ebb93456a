"""The sentences of the workshop's screen: complete, short, and of plain words. A hard word fails here."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from inventory.workshop import telling
from web import workshop_languages, workshop_pages
from web.workshop_languages import OURS, Language, WrongLanguageFile

MOST_WORDS = 12
"""Of a sentence that is easy to read (FALC)."""

PLAIN = Path(__file__).parent.parent / "data" / "plain-words-fr.txt"

LANGUAGES = workshop_languages.load([OURS])

TEMPLATE = Path(workshop_pages.__file__).parent / "templates" / "workshop.html"
SCRIPTS = Path(workshop_pages.__file__).parent / "frontend" / "src" / "workshop"


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?؟])\s", text) if part]


def words(sentence: str) -> list[str]:
    """As one counts them: a number is a word, a sign is none."""
    text = re.sub(r"\{\w+\}", "9", sentence)
    return [word for word in re.split(r"[\s\u00a0]+", text) if any(c.isalnum() for c in word)]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_every_sentence_is_short(language: Language) -> None:
    long = [
        sentence
        for text in language.words.values()
        for sentence in sentences(text)
        if len(words(sentence)) > MOST_WORDS
    ]
    assert long == []


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_every_language_says_the_same_with_the_same_numbers(language: Language) -> None:
    french = LANGUAGES["fr"].words
    own = workshop_languages.load([OURS])[language.code].words
    assert own.keys() == french.keys()
    assert {key: fields(text) for key, text in own.items()} == {
        key: fields(text) for key, text in french.items()
    }
    raw = (OURS / f"{language.code}.toml").read_text()
    assert [key for key in french if f"\n{key} = " not in raw] == []


def test_french_uses_plain_words_alone() -> None:
    plain = {line.split("#")[0].strip() for line in PLAIN.read_text().splitlines()} - {""}
    used = {
        word
        for text in LANGUAGES["fr"].words.values()
        for word in re.findall(r"[^\W\d_]+", re.sub(r"\{\w+\}", "", text).lower())
    }
    hard, unused = sorted(used - plain), sorted(plain - used)
    assert not hard, (
        f"{hard}: not on the list of plain words. Say it in web/workshop_words/fr.toml with words of "
        f"tests/data/{PLAIN.name}; where none is as simple, add the word to that file, in its place in the alphabet."
    )
    assert not unused, (
        f"{unused}: no sentence of web/workshop_words/fr.toml has them any more. Take their lines out of "
        f"tests/data/{PLAIN.name}, so that the list stays what somebody has looked at."
    )


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_counting_none_does_not_say_that_none_was_noted(language: Language) -> None:
    """The page says how many were noted beside it: what was none is what was counted."""
    none = {"fr": "compté", "nl": "geteld", "en": "counted", "ar": "يُعَدّ"}
    assert none[language.code] in language.words["finished-none"]
    assert language.words["noted"].rstrip("s") not in language.words["finished-none"]


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_the_rail_names_its_number_in_a_way_that_fits_one_kit_too(language: Language) -> None:
    """Before the number and with a colon, as the sentence does; no "1 kits prêts"."""
    assert language.words["kits-ready"] + " {ready}." == language.words["ready"]


def test_what_the_server_may_tell_has_a_sentence() -> None:
    assert telling._SENTENCES.keys() <= LANGUAGES["fr"].words.keys()


def test_every_sentence_is_used_and_every_one_that_is_used_is_there() -> None:
    written = TEMPLATE.read_text() + "".join(one.read_text() for one in SCRIPTS.glob("*.ts"))
    asked = set(re.findall(r'data-(?:say|name)="([a-z-]+)"', written))
    for pattern in (
        r'\btell: "([a-z-]+)"',
        r'words\.say\("([a-z-]+)"',
        r'sign\("\w+", "([a-z-]+)"',
    ):
        asked |= set(re.findall(pattern, written))
    known = LANGUAGES["fr"].words.keys()
    assert asked - known - {""} == set()
    told = telling._SENTENCES.keys()
    assert [key for key in known - told if f'"{key}"' not in written] == []


def test_arabic_is_to_be_read_by_a_speaker_and_goes_from_right_to_left() -> None:
    assert [code for code, one in LANGUAGES.items() if not one.checked] == ["ar"]
    assert LANGUAGES["ar"].direction == "rtl"
    assert list(LANGUAGES) == ["fr", "nl", "en", "ar"]


def test_a_file_adds_a_language_and_a_recording_its_voice(
    tmp_path: Path, flask_app: Flask, camille: FlaskClient
) -> None:
    (tmp_path / "ti.toml").write_text(
        'name = "ትግርኛ"\ndirection = "ltr"\nfont = "Noto Sans Ethiopic"\n[words]\nstop = "ጠጠው በል።"\n'
    )
    (tmp_path / "ti").mkdir()
    (tmp_path / "ti" / "stop.ogg").write_bytes(b"OggS")
    workshop_pages.speak(flask_app, tmp_path)
    tigrinya = workshop_languages.load([OURS, tmp_path])["ti"]
    assert tigrinya.words["stop"] == "ጠጠው በል።" and not tigrinya.checked
    assert tigrinya.words["leave"] == "Je pars", "what it lacks is said in French"
    page = camille.get("/stations/TAD/workshop").text
    assert "/workshop/voices/ti/stop" in page and "Noto Sans Ethiopic" in page
    assert camille.get("/workshop/voices/ti/stop").data == b"OggS"
    for missing in ("ti/leave", "fr/stop", "xx/stop", "ti/..%2Fti"):
        assert camille.get(f"/workshop/voices/{missing}").status_code == 404


def test_a_service_says_something_its_own_way(tmp_path: Path) -> None:
    (tmp_path / "fr.toml").write_text(
        'name = "Français"\ndirection = "ltr"\nchecked = true\n[words]\nleave = "Pause"\n'
    )
    french = workshop_languages.load([OURS, tmp_path])["fr"]
    assert french.words["leave"] == "Pause" and french.words["redo"] == "À refaire"


@pytest.mark.parametrize(
    "text",
    [
        'name = "x',
        'name = "x"\ndirection = "up"\n[words]\n',
        'direction = "ltr"\n[words]\n',
        'name = "x"\ndirection = "ltr"\n',
        'name = "x"\ndirection = "ltr"\n[words]\nstop = 3\n',
    ],
)
def test_a_mistake_in_a_file_is_seen_when_the_service_starts(tmp_path: Path, text: str) -> None:
    (tmp_path / "xx.toml").write_text(text)
    with pytest.raises(WrongLanguageFile, match=r"xx\.toml"):
        workshop_languages.load([OURS, tmp_path])
