"""A scanner that types, played as real key events on a Belgian keyboard through the DevTools protocol."""

from __future__ import annotations

import time
from collections.abc import Iterable

from playwright.sync_api import Page

# What a Belgian host makes of the digit row without Shift: noise, where the scanner is set to US.
BELGIAN_ROW = dict(zip("1234567890", "&é\"'(§è!çà", strict=True))
BELGIAN_LETTERS = {"Q": "KeyA", "A": "KeyQ", "W": "KeyZ", "Z": "KeyW", "M": "Semicolon"}
KEY_EVERY_S = 0.008
# What somebody types on the same keyboard, in a hurry.
TYPED = {
    "Digit2": "2",
    "Digit4": "'",
    "Digit5": "5",
    "Comma": ",",
    "NumpadDecimal": ",",
    "Numpad3": "3",
    "Numpad5": "5",
}
TYPED_EVERY_S = 0.12

Key = tuple[str, str, int]
"""Position, what the host types, and modifiers (8 is Shift, 3 Ctrl and Alt: AltGr)."""


def scan(
    page: Page,
    code: str,
    *,
    scanner: str = "US",
    end: bool = True,
    typed: str = "",
    gap_s: float = 0.15,
) -> None:
    """Digits, capitals and "]" as a scanner set to US or BE sends them, 8 ms apart.

    `typed` are positions of keys ("Digit2 Comma") that a person presses first, the last of them `gap_s` before.
    """
    keys = [_key(character, scanner) for character in code] + [("Enter", "\r", 0)] * end
    _send(page, _typed(typed, gap_s) + [(n * KEY_EVERY_S, key) for n, key in enumerate(keys)])


def by_hand(page: Page, typed: str) -> None:
    """Keys that a person presses, at these positions."""
    _send(page, _typed(typed, 0.0))


def _typed(typed: str, gap_s: float) -> list[tuple[float, Key]]:
    """The last of them so long before now."""
    positions = typed.split()
    first_s = -gap_s - (len(positions) - 1) * TYPED_EVERY_S
    return [(first_s + n * TYPED_EVERY_S, (p, TYPED[p], 0)) for n, p in enumerate(positions)]


def _send(page: Page, keys: Iterable[tuple[float, Key]]) -> None:
    """Every key, so many seconds from now."""
    session = page.context.new_cdp_session(page)
    began = time.time()
    for at_s, (position, text, modifiers) in keys:
        for kind, later_s in (("keyDown", 0.0), ("keyUp", KEY_EVERY_S / 2)):
            session.send(
                "Input.dispatchKeyEvent",
                {
                    "type": kind,
                    "code": position,
                    "key": "Enter" if position == "Enter" else text,
                    "text": text if kind == "keyDown" else "",
                    "modifiers": modifiers,
                    "timestamp": began + at_s + later_s,
                },
            )
    session.detach()


def _key(character: str, scanner: str) -> Key:
    if character.isdigit():
        shifted = scanner == "BE"
        return f"Digit{character}", character if shifted else BELGIAN_ROW[character], shifted * 8
    if character == "]":
        return ("BracketRight", "]", 3) if scanner == "BE" else ("BracketRight", "$", 0)
    position = f"Key{character}"
    if scanner == "BE":
        position = BELGIAN_LETTERS.get(character, position)
    return position, character, 8
