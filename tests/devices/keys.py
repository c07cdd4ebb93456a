"""A scanner that acts as a keyboard: the key events it sends for a text, by layout and with its habits."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from evdev import ecodes as keys

from devices.keymaps import DEAD_KEYS, KEYMAPS, NOTHING

SIGNS_OF_DEAD_KEYS = {sign: dead for dead, sign in DEAD_KEYS.items()}
INPUT_EVENT = struct.Struct("llHHi")
KEYPAD = {keys.KEY_KPASTERISK, *range(keys.KEY_KP7, keys.KEY_KPDOT + 1), keys.KEY_KPSLASH}


@dataclass(frozen=True)
class Event:
    """As `evdev.InputEvent`."""

    type: int
    code: int
    value: int
    at_s: float

    def timestamp(self) -> float:
        return self.at_s

    def packed(self) -> bytes:
        """As the kernel writes it."""
        seconds = int(self.at_s)
        micro = round((self.at_s - seconds) * 1e6)
        return INPUT_EVENT.pack(seconds, micro, self.type, self.code, self.value)


@dataclass(frozen=True)
class Keyboard:
    """``pause_s`` from key to key; ``caps``: whether Caps Lock is on, which the scanner makes up for."""

    layout: str
    pause_s: float = 0.004
    caps: bool = False

    def types(self, text: str, at_s: float, end: int | None = keys.KEY_ENTER) -> list[Event]:
        """The events of one read that begins at a time."""
        strokes = [stroke for char in text for stroke in self.strokes(char)]
        if end is not None:
            strokes.append((end,))
        events = []
        for n, (*modifiers, key) in enumerate(strokes):
            now_s = at_s + n * self.pause_s
            pressed = [(code, 1) for code in (*modifiers, key)]
            released = [(code, 0) for code in (key, *reversed(modifiers))]
            for code, value in pressed + released:
                events.append(Event(keys.EV_KEY, code, value, now_s))
                events.append(Event(keys.EV_SYN, keys.SYN_REPORT, 0, now_s))
        return events

    def strokes(self, char: str) -> Iterator[tuple[int, ...]]:
        """The keys of one character: each stroke its modifiers, then the key."""
        if char < " ":
            yield from self._control(char)
            return
        found = self._find(char) or self._find(SIGNS_OF_DEAD_KEYS.get(char, NOTHING))
        assert found is not None, f"{char!r} cannot be typed on {self.layout}"
        code, level = found
        plain, shifted, _ = KEYMAPS[self.layout][code]
        is_letter = plain != shifted and plain.upper() == shifted
        if self.caps and is_letter and level < 2:
            level = 1 - level
        yield (*((), (keys.KEY_LEFTSHIFT,), (keys.KEY_RIGHTALT,))[level], code)
        if KEYMAPS[self.layout][code][level] in DEAD_KEYS:
            yield (keys.KEY_SPACE,)

    def _control(self, char: str) -> Iterator[tuple[int, ...]]:
        sign = chr(ord(char) | 0x40)
        for stroke in self.strokes(sign.lower()):
            yield (keys.KEY_LEFTCTRL, *stroke)

    def _find(self, char: str) -> tuple[int, int] | None:
        places = (
            (code, level)
            for code, levels in KEYMAPS[self.layout].items()
            for level in range(3)
            if char != NOTHING and levels[level] == char
        )
        # A keypad is not what a scanner types with unless told to.
        return min(places, key=lambda place: (place[0] in KEYPAD, place[1]), default=None)
