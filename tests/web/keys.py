"""A scanner that types, played as real key events on a Belgian keyboard through the DevTools protocol."""

from __future__ import annotations

import time
from itertools import count

from playwright.sync_api import Page

# What a Belgian host makes of the digit row without Shift: noise, where the scanner is set to US.
BELGIAN_ROW = dict(zip("1234567890", "&é\"'(§è!çà", strict=True))
BELGIAN_LETTERS = {"Q": "KeyA", "A": "KeyQ", "W": "KeyZ", "Z": "KeyW", "M": "Semicolon"}
KEY_EVERY_S = 0.008


def scan(page: Page, code: str, *, scanner: str = "US", end: bool = True) -> None:
    """Digits, capitals and "]" as a scanner set to US or BE sends them, 8 ms apart."""
    session = page.context.new_cdp_session(page)
    began, ticks = time.time(), count()

    def press(position: str, text: str, modifiers: int = 0) -> None:
        for kind in ("keyDown", "keyUp"):
            session.send(
                "Input.dispatchKeyEvent",
                {
                    "type": kind,
                    "code": position,
                    "key": text or "Enter",
                    "text": text if kind == "keyDown" else "",
                    "modifiers": modifiers,
                    "timestamp": began + next(ticks) * KEY_EVERY_S / 2,
                },
            )

    for character in code:
        press(*_key(character, scanner))
    if end:
        press("Enter", "\r")
    session.detach()


def _key(character: str, scanner: str) -> tuple[str, str, int]:
    """Position, what the host types, and modifiers (8 is Shift, 3 Ctrl and Alt: AltGr)."""
    if character.isdigit():
        shifted = scanner == "BE"
        return f"Digit{character}", character if shifted else BELGIAN_ROW[character], shifted * 8
    if character == "]":
        return ("BracketRight", "]", 3) if scanner == "BE" else ("BracketRight", "$", 0)
    position = f"Key{character}"
    if scanner == "BE":
        position = BELGIAN_LETTERS.get(character, position)
    return position, character, 8
