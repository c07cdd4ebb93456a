"""One scan of the self-test code tells every setting of a scanner, whatever they are together."""

from itertools import product

import pytest
from evdev import ecodes as keys
from hypothesis import given
from hypothesis import strategies as st

from devices import self_test
from devices.hid_decoder import GS
from devices.keymaps import KEYMAPS
from devices.self_test import Found, of_bytes, of_keys
from labels import codes, readback
from labels.codes import Symbology
from tests.devices.keys import Event, Keyboard

FIRST, SECOND = self_test._FIRST, self_test._SECOND
SUFFIXES: dict[str, list[tuple[int, ...]]] = {
    "none": [],
    "enter": [(keys.KEY_ENTER,)],
    "keypad-enter": [(keys.KEY_KPENTER,)],
    "tab": [(keys.KEY_TAB,)],
    "line-feed": [(keys.KEY_LEFTCTRL, keys.KEY_J)],
}
SEPARATORS = {
    "by layout": "ctrl",
    "by place": "ctrl",
    "function key": "other",
    "lost": "lost",
    "visible": "other",
}
ALL = list(product(KEYMAPS, (False, True), SUFFIXES, (False, True), SEPARATORS))


def strokes(
    keymap: str, caps: bool, suffix: str, identifier: bool, separator: str
) -> list[tuple[int, ...]]:
    """What a scanner set so types for the self-test code."""
    keyboard = Keyboard(keymap, caps=caps)

    def typed(text: str) -> list[tuple[int, ...]]:
        return [stroke for char in text for stroke in keyboard.strokes(char)]

    ways: dict[str, list[tuple[int, ...]]] = {
        "by layout": typed(GS),
        "by place": [(keys.KEY_LEFTCTRL, keys.KEY_RIGHTBRACE)],
        "function key": [(keys.KEY_F8,)],
        "lost": [],
        "visible": typed("|"),
    }
    between = ways[separator]
    begin = typed("]C1") if identifier else []
    return [*begin, *typed(FIRST), *between, *typed(SECOND), *SUFFIXES[suffix]]


def events(pressed: list[tuple[int, ...]]) -> list[Event]:
    found = []
    for n, stroke in enumerate(pressed):
        at_s = 1 + n * 0.004
        found += [Event(keys.EV_KEY, key, 1, at_s) for key in stroke]
        found += [Event(keys.EV_KEY, key, 0, at_s) for key in reversed(stroke)]
    return found


@pytest.mark.parametrize("settings", ALL, ids=lambda all_: " ".join(map(str, all_)))
def test_each_setting_is_told_from_every_other(
    settings: tuple[str, bool, str, bool, str],
) -> None:
    keymap, caps, suffix, identifier, separator = settings
    pressed = strokes(*settings)
    told = Found(keymap, caps, suffix, identifier, SEPARATORS[separator])  # type: ignore[arg-type]
    assert of_keys(events(pressed)) == told
    assert of_keys(events(pressed + pressed)) == told, "read twice at one trigger"


def test_caps_lock_pressed_around_the_scan_is_no_caps_lock() -> None:
    """Some scanners press it before and after each read, and type letters accordingly."""
    around = [(keys.KEY_CAPSLOCK,)]
    pressed = strokes("be", True, "none", True, "by layout")
    found = of_keys(events([*around, *pressed, *around, (keys.KEY_ENTER,)]))
    assert found == Found("be", False, "enter", True, "ctrl")


BYTES = {
    "none": b"",
    "carriage-return": b"\r",
    "line-feed": b"\n",
    "cr-lf": b"\r\n",
    "tab": b"\t",
}
GAPS = {"kept": b"\x1d", "lost": b"", "other": b"{GS}"}


@pytest.mark.parametrize("suffix", BYTES)
@pytest.mark.parametrize("separator", GAPS)
@pytest.mark.parametrize("identifier", [b"", b"]C1", b"]C1\x1d", b"\x1d"])
def test_bytes_tell_as_much(suffix: str, separator: str, identifier: bytes) -> None:
    data = identifier + FIRST.encode() + GAPS[separator] + SECOND.encode() + BYTES[suffix]
    assert of_bytes(data) == of_bytes(data + data), "read twice at one trigger"
    found = of_bytes(data)
    assert found == Found("", False, suffix, b"]" in identifier, separator)  # type: ignore[arg-type]


@given(st.sampled_from(sorted(KEYMAPS)), st.text("0123456789ABCabc]-%", max_size=30))
def test_no_other_code_is_taken_for_it(keymap: str, text: str) -> None:
    assert of_keys(Keyboard(keymap).types(text, 1)) is None
    assert of_bytes(text.encode()) is None


def test_three_times_is_no_trigger_that_chatters() -> None:
    pressed = strokes("us", False, "enter", False, "lost")
    assert of_keys(events(pressed * 3)) is None


def test_the_code_that_is_printed_says_it() -> None:
    code = codes.draw(Symbology.GS1_128, self_test.BRACKETED)
    assert code.says == FIRST + GS + SECOND
    (found,) = readback.decode(codes.image(code))
    assert found.says == code.says


@pytest.mark.parametrize(
    ("came", "is_garbled"),
    [
        (b"\xfe\x9c\x80", True),
        (b"P+\x05\x11", True),
        (b"\x00", True),
        (b"]C191Comptoir\x1d92\r\n", False),
        ("café\r".encode(), False),
        (b"@a", False),  # noise, too short to be told from text
    ],
)
def test_what_comes_at_a_wrong_speed_is_no_text(came: bytes, is_garbled: bool) -> None:
    assert self_test.is_garbled(came) == is_garbled
