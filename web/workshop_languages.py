"""The languages of the workshop's screen: a file each, and beside it a folder of recorded voices.

The rest of the service speaks French, Dutch and English. Here the list is open: `workshop_words/ti.toml` is one more
button on the screen, `workshop_words/ti/stop.ogg` a loudspeaker beside that sentence. A service has a folder of its own
for such files among its data; a sentence there goes before ours.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inventory.errors import ComptoirError
from inventory.messages import Message
from web.i18n import DEFAULT_LANGUAGE, LANGUAGES

OURS = Path(__file__).parent / "workshop_words"
DIRECTIONS = ("ltr", "rtl")
SOUNDS = (".ogg", ".opus", ".mp3", ".m4a", ".wav")


class WrongLanguageFile(ComptoirError):
    code = "wrong_language_file"

    def __init__(self, path: Path, why: Message | str) -> None:
        text = Message("%(file)s is no language of the workshop: %(why)s.", file=str(path), why=why)
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Language:
    """One language: how it is written, its sentences by their keys, and the files of the voices there are."""

    code: str
    name: str
    direction: str
    font: str
    checked: bool
    """Whether a speaker has read its sentences."""
    words: Mapping[str, str]
    voices: Mapping[str, Path]


def load(folders: Iterable[Path]) -> dict[str, Language]:
    """Every language by its code; French, Dutch and English first. A sentence a file lacks is said in French.

    Raises WrongLanguageFile, so that a mistake is seen when the service starts and not by a participant.
    """
    found: dict[str, Language] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            before = found.get(path.stem)
            found[path.stem] = _language(path, before)
    order = {code: place for place, code in enumerate(LANGUAGES)}
    codes = sorted(found, key=lambda code: (order.get(code, len(order)), code))
    french = found[DEFAULT_LANGUAGE].words
    return {code: _whole(found[code], french) for code in codes}


def _language(path: Path, before: Language | None) -> Language:
    read = _read(path)
    words = read.get("words")
    if not isinstance(words, dict) or not all(isinstance(word, str) for word in words.values()):
        raise WrongLanguageFile(path, Message("it has no table [words] of sentences"))
    if not isinstance(read.get("name"), str) or read.get("direction") not in DIRECTIONS:
        raise WrongLanguageFile(path, Message('it needs a name, and the direction "ltr" or "rtl"'))
    return Language(
        code=path.stem,
        name=read["name"],
        direction=read["direction"],
        font=str(read.get("font", "")),
        checked=read.get("checked") is True,
        words={**(before.words if before else {}), **words},
        voices={**(before.voices if before else {}), **_voices(path.with_suffix(""))},
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WrongLanguageFile(path, str(error)) from error


def _voices(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("*")) if path.suffix in SOUNDS}


def _whole(language: Language, french: Mapping[str, str]) -> Language:
    return Language(
        code=language.code,
        name=language.name,
        direction=language.direction,
        font=language.font,
        checked=language.checked,
        words={**french, **language.words},
        voices=language.voices,
    )
