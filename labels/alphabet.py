"""The characters a printer has, and what to print for those it lacks.

A code page holds 128 characters beside ASCII. What it lacks is spelled another way where people
read the same word (œ as oe, a long dash as a short one), shorn of its marks where they nearly do
(ő as o), and a question mark otherwise. Drawing such text as a picture is better and comes with
the label designs; until then whoever asks for paper is told which characters suffered.
"""

import unicodedata
from enum import StrEnum
from typing import Final

UNKNOWN: Final = "?"
NO_BREAK: Final = "\u00a0"
_NO_BREAKS: Final = frozenset("\u00a0\u2007\u202f")


class CodePage(StrEnum):
    """The two code pages with French, Dutch and the euro that receipt printers have.

    WPC1252 (ESC t 16) has œ and typographic quotes too; CP858 (ESC t 19) is for printers without.
    """

    WPC1252 = "CP1252"
    CP858 = "CP858"


# Spelled otherwise, and read the same.
_SPELLED: Final = str.maketrans(
    {
        "œ": "oe",
        "Œ": "OE",
        "‘": "'",
        "’": "'",
        "‚": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "‹": "<",
        "›": ">",
        "–": "-",
        "—": "-",
        "‐": "-",
        "‑": "-",
        "−": "-",
        "…": "...",
        "•": "·",
        "→": "->",
        "←": "<-",
    }
)


def clean(text: str) -> str:
    """One line of `text` for people: blanks of any kind and line ends become single spaces.

    Spaces that must not break a line (French sets them before a colon and inside figures) become
    `NO_BREAK`. No control character is left, so that no text can be taken for a printer's or a
    terminal's command; invisible marks of direction go, and halves of characters become question
    marks.
    """
    kept = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if character in _NO_BREAKS:
            kept.append(NO_BREAK)
        elif character.isspace() or category == "Cc":
            kept.append(" ")
        elif category == "Cs":
            kept.append(UNKNOWN)
        elif category != "Cf":
            kept.append(character)
    return " ".join(filter(None, "".join(kept).split(" ")))


def spell(text: str, code_page: CodePage) -> tuple[str, frozenset[str]]:
    """`text` in the characters of `code_page`, and the characters that lost something on the way.

    The result is clean and always encodes; it can be longer or shorter than `text`.
    """
    lost = set()
    spelled = []
    for character in clean(text):
        if not _has(code_page, character):
            exact = character.translate(_SPELLED)
            if not _has(code_page, exact):
                lost.add(character)
                exact = _without_marks(character, code_page)
            character = exact
        spelled.append(character)
    return "".join(spelled), frozenset(lost)


def _has(code_page: CodePage, text: str) -> bool:
    try:
        text.encode(code_page)
    except UnicodeEncodeError:
        return False
    return True


def _without_marks(character: str, code_page: CodePage) -> str:
    parts = unicodedata.normalize("NFKD", character)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    bare = clean(bare.translate(_SPELLED))
    return bare if _has(code_page, bare) else UNKNOWN
