"""Key events in, reads out: every layout, every end, and nothing ever guessed."""

import re
import string
from collections.abc import Sequence
from itertools import product

import pytest
from evdev import ecodes as keys
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from devices.events import Dropped, Outcome, Read
from devices.hid_decoder import GAP_S, GS, HidDecoder
from devices.keymaps import KEYMAPS
from tests.devices.keys import Event, Keyboard

PRINTABLE = string.printable[:95]
LAYOUTS = sorted(KEYMAPS)
TWICE = re.compile(r"(.{4,})\1")
"""Cut after each half, it would look like two reads alike."""
OVERRUN = Event(keys.EV_SYN, keys.SYN_DROPPED, 0, 0)


def decode(decoder: HidDecoder, events: Sequence[Event]) -> list[Outcome]:
    """As the reading loop does: each silence is seen when it is over, but for one in which the loop stood still."""
    outcomes: list[Outcome] = []
    for event in events:
        due_s = decoder.due_s
        if due_s is not None and due_s <= event.at_s and event.type == keys.EV_KEY:
            outcomes += decoder.silence(due_s)
        outcomes += decoder.feed(event)
    return outcomes


def codes(outcomes: Sequence[Outcome]) -> list[str]:
    return [one.code if isinstance(one, Read) else f"<{one.why}>" for one in outcomes]


def press(*codes_: int, at_s: float = 0.0) -> list[Event]:
    """Keys pressed one after the other, then let go."""
    down = [Event(keys.EV_KEY, code, 1, at_s) for code in codes_]
    return down + [Event(keys.EV_KEY, code, 0, at_s) for code in reversed(codes_)]


def overrun(at_s: float) -> Event:
    return Event(keys.EV_SYN, keys.SYN_DROPPED, 0, at_s)


# What scanners really send, so that the tables are not only judged by themselves


def test_a_scanner_set_to_us_reads_digits_wherever_it_is_plugged_in() -> None:
    decoder = HidDecoder("us")
    typed = [key for digit in "0013748911" for key in press(getattr(keys, f"KEY_{digit}"))]
    assert codes(decode(decoder, typed + press(keys.KEY_ENTER))) == ["0013748911"]
    assert codes(decode(HidDecoder("be"), typed + press(keys.KEY_ENTER))) == ["àà&\"è'!ç&&"]


@pytest.mark.parametrize("layout", ["be", "fr"])
def test_digits_are_shifted_and_letters_wander_on_azerty(layout: str) -> None:
    decoder = HidDecoder(layout)
    typed = press(keys.KEY_LEFTSHIFT, keys.KEY_1) + press(keys.KEY_RIGHTSHIFT, keys.KEY_0)
    typed += press(keys.KEY_Q) + press(keys.KEY_LEFTSHIFT, keys.KEY_SEMICOLON) + press(keys.KEY_Z)
    assert codes(decode(decoder, typed + press(keys.KEY_ENTER))) == ["10aMw"]


def test_signs_with_alt_gr() -> None:
    alt_gr = keys.KEY_RIGHTALT
    be = press(alt_gr, keys.KEY_RIGHTBRACE) + press(alt_gr, keys.KEY_102ND)
    be += press(alt_gr, keys.KEY_2) + press(keys.KEY_LEFTCTRL, keys.KEY_LEFTALT, keys.KEY_3)
    assert codes(decode(HidDecoder("be"), be + press(keys.KEY_ENTER))) == ["]\\@#"]
    fr = press(alt_gr, keys.KEY_MINUS) + press(alt_gr, keys.KEY_8) + press(alt_gr, keys.KEY_0)
    assert codes(decode(HidDecoder("fr"), fr + press(keys.KEY_ENTER))) == ["]\\@"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_ctrl_and_the_key_of_the_bracket_is_gs(layout: str) -> None:
    decoder = HidDecoder(layout)
    typed = press(keys.KEY_LEFTCTRL, keys.KEY_RIGHTBRACE) + press(keys.KEY_KP7)
    assert codes(decode(decoder, typed + press(keys.KEY_KPENTER))) == [GS + "7"]
    by_layout = [e for keys_ in Keyboard(layout).strokes(GS) for e in press(*keys_)]
    assert codes(decode(decoder, by_layout + press(keys.KEY_ENTER))) == [GS]


# Round trips

texts = st.text(PRINTABLE + GS, min_size=1, max_size=60)


@settings(deadline=None)  # a busy machine is not a fault
@given(
    st.sampled_from(LAYOUTS),
    st.lists(texts, min_size=1, max_size=4),
    st.sampled_from([keys.KEY_ENTER, keys.KEY_KPENTER, keys.KEY_TAB, None]),
    st.booleans(),
    st.booleans(),
)
def test_what_is_typed_is_what_is_read(
    layout: str, reads: list[str], end: int | None, set_caps: bool, pressed: bool
) -> None:
    """Printable ASCII and GS, through every layout, whether Caps Lock is set or pressed."""
    decoder = HidDecoder(layout, caps=set_caps, suffix=False if end is None else None)
    keyboard = Keyboard(layout, caps=set_caps != pressed)
    outcomes = decode(decoder, press(keys.KEY_CAPSLOCK)) if pressed else []
    for n, text in enumerate(reads):
        outcomes += decode(decoder, keyboard.types(text, 10.0 * n + 1, end))
    outcomes += decoder.silence(1000)
    assert codes(outcomes) == reads


def test_every_printable_character_and_gs_in_one_read() -> None:
    for layout, caps in product(LAYOUTS, (False, True)):
        events = Keyboard(layout, caps=caps).types(PRINTABLE + GS + "]C1(", 1)
        assert codes(decode(HidDecoder(layout, caps=caps), events)) == [PRINTABLE + GS + "]C1("]


@settings(deadline=None)
@given(
    st.sampled_from(LAYOUTS),
    st.lists(texts, min_size=1, max_size=5),
    st.data(),
)
def test_what_the_kernel_loses_is_announced_and_never_guessed(
    layout: str, reads: list[str], data: st.DataObject
) -> None:
    """Cut out any stretch of events, as an overrun does: the reads touched are dropped, the others are whole."""
    keyboard = Keyboard(layout)
    stream = [(n, e) for n, text in enumerate(reads) for e in keyboard.types(text, 10.0 * n + 1)]
    first = data.draw(st.integers(0, len(stream) - 1))
    last = data.draw(st.integers(first, min(first + 80, len(stream) - 1)))
    touched = {n for n, _ in stream[first : last + 1]}
    at_s = stream[last][1].at_s
    events = [e for _, e in stream[:first]] + [overrun(at_s)] + [e for _, e in stream[last + 1 :]]
    decoder = HidDecoder(layout)
    outcomes = decode(decoder, events) + decoder.silence(1000)
    assert Dropped("overrun") in outcomes
    got = [outcome.code for outcome in outcomes if isinstance(outcome, Read)]
    # A read that was complete before its Enter was let go is whole; nothing else may come of one that was touched.
    rest = iter(reads)
    assert all(code in rest for code in got)
    # Where no key after the loss told the end of a read, the next one might be the rest of it, and is announced too.
    assert len(got) + outcomes.count(Dropped("half")) >= len(reads) - len(touched)


def test_silence_ends_a_read_without_suffix() -> None:
    decoder = HidDecoder("us", suffix=False)
    assert decode(decoder, Keyboard("us").types("A1", 1, end=None)) == []
    due_s = decoder.due_s
    assert due_s is not None and decoder.silence(due_s - 0.01) == []
    assert codes(decoder.silence(due_s)) == ["A1"]
    assert decoder.due_s is None and decoder.silence(due_s + 1) == []


def test_late_events_do_not_merge_two_reads_nor_cut_one() -> None:
    """Only the kernel's times count: a process kept from running sees everything at once."""
    decoder = HidDecoder("us", suffix=False)
    keyboard = Keyboard("us", pause_s=0.19)
    events = keyboard.types("A1B2C3", 1, end=None) + keyboard.types("D4", 9, end=None)
    late = [outcome for event in events for outcome in decoder.feed(event)]
    assert codes(late + decoder.silence(99)) == ["A1B2C3", "D4"]


def test_a_read_cut_in_two_by_silence_is_dropped_once_the_suffix_is_known() -> None:
    decoder, keyboard = HidDecoder("us"), Keyboard("us")
    assert codes(decode(decoder, keyboard.types("whole", 1))) == ["whole"]
    halves = keyboard.types("00137", 5, end=None) + keyboard.types("48911", 6)
    # The second half is one too; or a whole read, if the first was cut off for good: nobody knows.
    assert codes(decode(decoder, halves)) == ["<half>", "<half>"]
    assert codes(decode(decoder, keyboard.types("whole", 9))) == ["whole"]
    told = HidDecoder("us", suffix=True)
    assert codes(decode(told, halves)) == ["<half>", "<half>"]
    late_end = keyboard.types("00137", 20, end=None) + press(keys.KEY_ENTER, at_s=21)
    assert codes(decode(told, late_end + keyboard.types("whole", 22))) == ["<half>", "whole"]


@settings(deadline=None)
@given(
    st.lists(texts, min_size=2, max_size=5),
    st.lists(st.tuples(st.integers(0, 10_000), st.booleans(), st.integers(0, 40)), max_size=3),
    st.sampled_from([True, None]),
)
def test_no_stall_and_no_loss_ever_makes_another_code(
    reads: list[str], troubles: list[tuple[int, bool, int]], suffix: bool | None
) -> None:
    """Events come late, or are lost: every read is whole or announced, whether the suffix is known or to be found."""
    assume(suffix or not any(TWICE.search(text) for text in reads))
    stream = [e for n, text in enumerate(reads) for e in Keyboard("be").types(text, 10.0 * n)]
    for where, lost, count in troubles:
        at = where % len(stream)
        late_s = 0 if lost else 1.0
        cut = stream[at + count :] if lost else stream[at:]
        later = [Event(e.type, e.code, e.value, e.at_s + late_s) for e in cut]
        stream = stream[:at] + ([overrun(stream[at].at_s)] if lost else []) + later
    decoder = HidDecoder("be", suffix=suffix)
    outcomes = decode(decoder, stream) + decoder.silence(1000)
    got = [outcome.code for outcome in outcomes if isinstance(outcome, Read)]
    rest = iter(reads)
    assert all(code in rest for code in got)
    if len(got) < len(reads):
        assert any(isinstance(outcome, Dropped) for outcome in outcomes)


def test_a_line_end_inside_a_code_does_not_teach_a_suffix() -> None:
    decoder, keyboard = HidDecoder("us"), Keyboard("us")
    events = keyboard.types("line 1", 1) + keyboard.types("line 2", 1.1, end=None)
    decode(decoder, events)
    assert codes(decoder.silence(9)) == ["<unsure>"] and decoder.suffix is None


def silent(text: str, at_s: float) -> list[Event]:
    """A read that no key ends."""
    return Keyboard("us").types(text, at_s, end=None)


def heard(*typed: list[Event]) -> list[str]:
    """By a decoder that was not told whether the scanner sends a suffix."""
    decoder = HidDecoder("us")
    return codes(decode(decoder, [event for one in typed for event in one]) + decoder.silence(99))


def test_what_silence_ends_is_read_once_it_came_twice_alike() -> None:
    """It may be the half of a read."""
    scans = silent("other", 1), silent("code", 5), silent("code", 9), silent("next", 13)
    assert heard(*scans) == ["<unsure>", "<unsure>", "code", "next"]
    chattered = silent("code", 1), silent("code", 1.5)
    assert heard(*chattered) == ["<unsure>", "<unsure>"]


def test_a_key_after_silence_tells_that_the_suffix_is_one() -> None:
    keyboard = Keyboard("us")
    half, whole, last = silent("00137", 1), keyboard.types("0013748911", 9), silent("00137", 20)
    rest = keyboard.types("48911", 2)
    assert heard(half, rest, whole, last) == ["<unsure>", "<half>", "0013748911", "<half>"]
    end = press(keys.KEY_ENTER, at_s=2)
    assert heard(half, end, whole, last) == ["<unsure>", "0013748911", "<half>"]
    crlf = [*whole, *press(keys.KEY_LINEFEED, at_s=9.05)]
    assert heard(crlf, last) == ["0013748911", "<half>"]


def test_between_two_alike_nothing_may_have_come() -> None:
    first, last = silent("00137", 1), silent("00137", 9)
    lost = [*press(keys.KEY_LEFTSHIFT, at_s=5), overrun(5)]
    assert heard(first, lost, last) == ["<unsure>", "<overrun>", "<unsure>"]
    assert heard(first, press(keys.KEY_F1, at_s=5), last) == ["<unsure>", "<garbled>", "<unsure>"]
    assert heard(first, Keyboard("us").types("x", 5), last) == ["<unsure>", "<half>", "<half>"]


def test_a_wrong_layout_is_told_each_time() -> None:
    """Not as a half: it is the one hint that the layout is wrong."""
    scans = [press(keys.KEY_F1, keys.KEY_1, at_s=float(at_s)) for at_s in (1, 5, 9)]
    assert heard(*scans) == ["<garbled>"] * 3


def test_caps_lock_is_for_letters_only_and_per_device() -> None:
    for layout in LAYOUTS:
        locked, other = HidDecoder(layout), HidDecoder(layout)
        decode(locked, press(keys.KEY_CAPSLOCK))
        events = Keyboard(layout).types("aB1-é" if layout != "us" else "aB1-;", 1)
        expected = "Ab1-é" if layout != "us" else "Ab1-;"
        assert codes(decode(locked, events)) == [expected]
        assert codes(decode(other, events)) == [expected.swapcase().replace("É", "é")]


def test_caps_lock_around_each_read_is_not_lost_with_an_overrun() -> None:
    """Some scanners press Caps Lock before and after each read; one of the presses may be among what is lost."""
    keyboard = Keyboard("us", caps=True)

    def read(text: str, at_s: float) -> list[Event]:
        typed = keyboard.types(text, at_s)
        return [
            *press(keys.KEY_CAPSLOCK, at_s=at_s),
            *typed,
            *press(keys.KEY_CAPSLOCK, at_s=typed[-1].at_s),
        ]

    for cut in range(1, len(read("Ab", 5))):
        decoder = HidDecoder("us", suffix=False)
        assert codes(decode(decoder, read("Ab", 1))) == ["Ab"]
        lost = [overrun(5), *read("Ab", 5)[cut:]]
        assert codes(decode(decoder, lost + read("Ab", 9))) == ["<overrun>", "Ab"]


def test_a_modifier_let_go_among_lost_events_is_not_held_for_ever() -> None:
    decoder = HidDecoder("us", suffix=False)
    down = [Event(keys.EV_KEY, keys.KEY_LEFTSHIFT, 1, 1), overrun(1)]
    assert codes(decode(decoder, down + Keyboard("us").types("a1", 5))) == ["<overrun>", "a1"]


def test_a_key_that_stands_for_nothing_spoils_the_read_only() -> None:
    for key in (keys.KEY_F5, keys.KEY_KPDOT, keys.KEY_UP, keys.KEY_102ND):
        decoder, keyboard = HidDecoder("us"), Keyboard("us")
        events = keyboard.types("12", 1, end=None) + press(key, at_s=1) + keyboard.types("34", 1)
        assert codes(decode(decoder, events + keyboard.types("ok", 1))) == ["<garbled>", "ok"]


def test_a_dead_key_that_a_blank_does_not_follow_is_no_sign() -> None:
    for after in (keys.KEY_E, keys.KEY_LEFTBRACE, keys.KEY_ENTER):
        decoder = HidDecoder("be")
        events = press(keys.KEY_LEFTBRACE) + press(after) + press(keys.KEY_ENTER)
        assert codes(decode(decoder, events) + decoder.silence(9)) == ["<garbled>"]


def test_an_overlong_read_is_dropped_whole() -> None:
    decoder, keyboard = HidDecoder("us", limit=10), Keyboard("us")
    events = keyboard.types("x" * 25, 1) + keyboard.types("x" * 10, 2)
    assert codes(decode(decoder, events)) == ["<overlong>", "x" * 10]


def test_what_is_in_hand_when_the_device_goes_is_half_a_read() -> None:
    decoder = HidDecoder("us")
    assert decoder.drop() == []
    decode(decoder, Keyboard("us").types("123", 1, end=None))
    assert codes(decoder.drop()) == ["<half>"]


def test_a_key_that_is_stuck_is_silence() -> None:
    decoder = HidDecoder("us", suffix=False)
    decode(decoder, Keyboard("us").types("12", 1, end=None))
    for n in range(6):
        assert decode(decoder, [Event(keys.EV_KEY, keys.KEY_A, 2, 1.01 + n / 30)]) == []
    assert codes(decoder.silence(1.01 + GAP_S)) == ["12"]


def test_repeated_keys_and_other_events_are_nothing() -> None:
    decoder = HidDecoder("us")
    events = [Event(keys.EV_KEY, keys.KEY_1, value, 1) for value in (1, 2, 2, 0)]
    events += [Event(keys.EV_MSC, keys.MSC_SCAN, 458782, 1), *press(keys.KEY_NUMLOCK, at_s=1)]
    events += press(keys.KEY_2, at_s=1) + press(keys.KEY_ENTER, keys.KEY_ENTER, at_s=1)
    assert codes(decode(decoder, events)) == ["12"]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 255), st.integers(0, 2), st.floats(0, 1)),
        max_size=60,
    )
)
def test_no_events_raise(raw: list[tuple[int, int, int, float]]) -> None:
    decoder = HidDecoder("be")
    decode(decoder, [Event(*one) for one in raw])
    decoder.drop()
