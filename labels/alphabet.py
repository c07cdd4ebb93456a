"""The letters a printer has.

A code page holds 128 characters beside ASCII. Signs that it lacks are spelled another way where everybody reads the
same (a long dash as a short one); a line with a letter that it lacks is drawn (`labels.drawn`).
"""

import unicodedata
from enum import StrEnum
from typing import Final

UNKNOWN: Final = "?"
NO_BREAK: Final = "\u00a0"
_NO_BREAKS: Final = frozenset("\u00a0\u2007\u202f")


class CodePage(StrEnum):
    """Those with most of French and Dutch that receipt printers have, the fullest first; `NONE`: nothing but ASCII.

    Printers that are not Epson's may have the same page under another number.
    """

    WPC1252 = "CP1252"
    WPC1252_71 = "CP1252-71"
    LATIN9 = "ISO8859-15"
    CP858 = "CP858"
    CP850 = "CP850"
    CP437 = "CP437"
    NONE = "none"

    @property
    def codec(self) -> str:
        """Python's name for it."""
        return _SENT[self][0]

    @property
    def command(self) -> bytes:
        """What puts the printer into it: ESC t n."""
        number = _SENT[self][1]
        return b"" if number is None else b"\x1bt" + bytes([number])


_SENT: Final[dict[CodePage, tuple[str, int | None]]] = {
    CodePage.WPC1252: ("cp1252", 16),
    CodePage.WPC1252_71: ("cp1252", 71),
    CodePage.LATIN9: ("iso8859-15", 40),
    CodePage.CP858: ("cp858", 19),
    CodePage.CP850: ("cp850", 2),
    CodePage.CP437: ("cp437", 0),
    CodePage.NONE: ("ascii", None),
}

# Spelled otherwise, and read the same.
_SPELLED: Final = str.maketrans(
    {
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
        "•": "-",
        "·": "-",
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


def spell(text: str, code_page: CodePage) -> str:
    """`text`, clean, with signs that `code_page` lacks spelled in others. Letters it lacks stay as they are."""
    return "".join(
        letter if has(code_page, letter) else letter.translate(_SPELLED) for letter in clean(text)
    )


def has(code_page: CodePage, text: str) -> bool:
    """Whether the printer has all of it."""
    return encoded(text, code_page) is not None


def encoded(text: str, code_page: CodePage) -> bytes | None:
    """`text` as the printer knows it; None where it lacks a letter of it."""
    try:
        return text.replace(NO_BREAK, " ").encode(code_page.codec)
    except UnicodeEncodeError:
        return None
