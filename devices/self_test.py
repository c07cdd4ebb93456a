"""The self-test code, and what one scan of it tells of the scanner: everything that its settings need. Pure.

The code is GS1-128 of two fields of variable length for in-house use, so that a scanner that sends AIM identifiers
sends `]C1`, and one that keeps the separator sends it between them. Read at a counter it names no product.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import AnyStr, Literal

from evdev import ecodes as keys

from devices.events import Read
from devices.hid_decoder import DOWN, ENDS, GS, MODIFIERS, OTHER_LOCKS, HidDecoder, KeyEvent
from devices.keymaps import KEYMAPS

BRACKETED = "(91)Comptoir-aZ(92)07"
"""To be drawn as GS1-128. Of its signs, "a", "Z" and the digits lie elsewhere on AZERTY, "-" differs between `be` and
`fr`, and small and capital letters tell Caps Lock; that no two settings look alike is proved by the tests."""

_FIRST, _SECOND = "91Comptoir-aZ", "9207"
_IDENTIFIER = "]C1"
_CONTROLS = "\t\n\r" + GS
_LONGEST_SEPARATOR = 8
"""Characters that a scanner may put in place of GS, such as {GS}."""

Suffix = Literal["none", "enter", "keypad-enter", "tab", "line-feed", "carriage-return", "cr-lf"]
Separator = Literal["kept", "ctrl", "other", "lost"]
"""As it is; as Ctrl and a key; as another key or sign; not at all."""

_SUFFIX_KEYS: dict[int, Suffix] = {
    keys.KEY_ENTER: "enter",
    keys.KEY_KPENTER: "keypad-enter",
    keys.KEY_TAB: "tab",
    keys.KEY_LINEFEED: "line-feed",
    keys.KEY_J: "line-feed",  # with Ctrl; on no layout is it elsewhere
}
_SUFFIX_BYTES: tuple[tuple[bytes, Suffix], ...] = (
    (b"\r\n", "cr-lf"),
    (b"\r", "carriage-return"),
    (b"\n", "line-feed"),
    (b"\t", "tab"),
)
_IN_A_LAYOUT = frozenset().union(*KEYMAPS.values())
_UNDERSTOOD = MODIFIERS | ENDS | OTHER_LOCKS | {keys.KEY_CAPSLOCK} | _IN_A_LAYOUT


@dataclass(frozen=True)
class Found:
    """How a scanner is set: `keymap` is empty where it sends bytes; `identifier`: it sends AIM identifiers; `baud`: the
    speed of its port (bits a second), None where it has none or nobody asked."""

    keymap: str
    caps: bool
    suffix: Suffix
    identifier: bool
    separator: Separator
    baud: int | None = None


def of_keys(events: Sequence[KeyEvent]) -> Found | None:
    """What the key events of one scan tell; None where they are not those of the self-test code."""
    understood = [event for event in events if _is_understood(event)]
    for keymap, caps in product(sorted(KEYMAPS), (False, True)):
        read = _only_read(HidDecoder(keymap, caps=caps, suffix=False), understood)
        found = read and _of_text(read[0])
        if read and found:
            identifier, separator = found
            if separator == "kept":
                separator = "ctrl"  # a keyboard has no other way
            elif separator == "lost" and len(understood) < len(events):
                separator = "other"
            return Found(keymap, caps, read[1], identifier, separator)
    return None


def of_bytes(data: bytes) -> Found | None:
    """What the bytes of one scan tell; None where they are not those of the self-test code."""
    data = _once(data)
    suffix: Suffix = "none"
    for ending, name in _SUFFIX_BYTES:
        if data.endswith(ending):
            data, suffix = data.removesuffix(ending), name
            break
    found = _of_text(data.decode("latin-1"))
    return found and Found("", False, suffix, *found)


def is_garbled(data: bytes) -> bool:
    """Whether this is no text of a code: so it looks where a port has another speed than the scanner. A byte or two
    may pass for text all the same."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return True
    return any((ord(char) < 0x20 and char not in _CONTROLS) or char == "\x7f" for char in text)


def _is_understood(event: KeyEvent) -> bool:
    """Not a function key or the like, which some scanners send for a control character."""
    return event.type != keys.EV_KEY or event.code in _UNDERSTOOD


def _only_read(decoder: HidDecoder, events: Sequence[KeyEvent]) -> tuple[str, Suffix] | None:
    """The one read that a decoder makes of events, and the key that ended it."""
    reads: list[tuple[str, Suffix]] = []
    for event in events:
        is_press = event.type == keys.EV_KEY and event.value == DOWN
        for outcome in decoder.feed(event):
            if not isinstance(outcome, Read):
                return None
            reads.append(
                (outcome.code, _SUFFIX_KEYS.get(event.code, "enter") if is_press else "none")
            )
    for outcome in decoder.silence(float("inf")):
        if not isinstance(outcome, Read):
            return None
        reads.append((outcome.code, "none"))
    return reads[0] if reads and reads == [reads[0]] * min(len(reads), 2) else None


def _once(data: AnyStr) -> AnyStr:
    """What a trigger that chatters has sent twice."""
    half = data[: len(data) // 2]
    return half if data == half + half else data


def _of_text(text: str) -> tuple[bool, Separator] | None:
    """Whether the identifier came, and what became of the separator."""
    text = _once(text)
    identifier = text.startswith(_IDENTIFIER)
    # Some send the FNC1 at the start as well, which is no separator.
    rest = text.removeprefix(_IDENTIFIER).removeprefix(GS)
    if not (rest.startswith(_FIRST) and rest.endswith(_SECOND)):
        return None
    between = rest[len(_FIRST) : len(rest) - len(_SECOND)]
    if len(between) > _LONGEST_SEPARATOR:
        return None
    separators: dict[str, Separator] = {GS: "kept", "": "lost"}
    return identifier, separators.get(between, "other")
