"""Bytes in, reads out: framing alone, and which of two reads is one trigger's second."""

import re
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from devices.events import Dropped, Outcome, Read
from devices.scanner import DoubleTrigger
from devices.serial_scanner import Framer

TWICE = re.compile(rb"(.{4,})\1", re.DOTALL)
"""Cut after each half, it would look like two reads alike."""


def codes(outcomes: list[Outcome]) -> list[str]:
    return [one.code if isinstance(one, Read) else f"<{one.why}>" for one in outcomes]


def feed(framer: Framer, data: bytes, now_s: float) -> list[str]:
    return codes(framer.feed(data, now_s))


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\n\r", b"\t"])
def test_every_suffix_ends_a_read(end: bytes) -> None:
    told = feed(Framer(), b"0013748911" + end + b"]C10103" + end, 0)
    assert told == ["0013748911", "]C10103"]


def test_silence_ends_a_read_without_suffix() -> None:
    framer = Framer(gap_s=0.1, suffix=False)
    assert feed(framer, b"00137", 0) == []
    assert feed(framer, b"48911", 5) == []  # late bytes are the kernel's delay, not silence
    assert framer.due_s == pytest.approx(5.1)
    assert feed(framer, b"", 5.05) == []
    assert feed(framer, b"", 5.1) == ["0013748911"]
    assert framer.due_s is None
    assert feed(framer, b"", 9) == []


def test_a_read_cut_in_two_by_silence_is_dropped_once_the_suffix_is_known() -> None:
    """Pulled out in mid-read: its hub tells later than silence does, and half a code is a code too."""
    framer = Framer(gap_s=0.1)
    assert feed(framer, b"whole\r\n", 0) == ["whole"]
    assert framer.due_s == pytest.approx(0.1) and feed(framer, b"", 0.1) == []
    for told in (framer, Framer(gap_s=0.1, suffix=True)):
        assert feed(told, b"00137", 5) == []
        assert feed(told, b"", 5.1) == ["<half>"]
        assert told.due_s is None
        # The second half is one too; or a whole read, if the first was cut off for good: nobody knows.
        assert feed(told, b"48911\r", 5.2) == ["<half>"]
        assert feed(told, b"whole\r", 6) == ["whole"]
        assert feed(told, b"00137", 7) + feed(told, b"", 7.1) == ["<half>"]
        assert feed(told, b"48911", 7.2) + feed(told, b"", 7.3) == ["<half>"]
        assert feed(told, b"\rwhole\r", 8) == ["whole"]


def test_a_line_end_inside_a_code_does_not_teach_a_suffix() -> None:
    framer = Framer(gap_s=0.1)
    assert feed(framer, b"line 1\nline 2", 0) + feed(framer, b"", 0.1) == ["line 1", "<unsure>"]
    assert framer.suffix is None
    never = Framer(gap_s=0.1, suffix=False)
    assert feed(never, b"line 1\nline 2", 0) + feed(never, b"", 0.1) == ["line 1", "line 2"]
    assert feed(never, b"1\n", 1) + feed(never, b"", 2) == ["1"]
    assert feed(never, b"next", 5) + feed(never, b"", 5.1) == ["next"]


def heard(*sent: bytes) -> list[str]:
    """By a framer that was not told whether the scanner sends a suffix; after each there is silence."""
    framer = Framer(gap_s=0.1)
    return [
        one
        for n, data in enumerate(sent)
        for one in feed(framer, data, n) + feed(framer, b"", n + 0.5)
    ]


def test_what_silence_ends_is_read_once_it_came_twice_alike() -> None:
    """It may be the half of a read."""
    assert heard(b"other", b"code", b"code", b"next") == ["<unsure>", "<unsure>", "code", "next"]
    assert heard(b"abc", b"abc") == ["<unsure>", "<unsure>"]


def test_a_sign_after_silence_tells_that_the_suffix_is_one() -> None:
    halves = heard(b"00137", b"48911\r", b"0013748911\r", b"00137")
    assert halves == ["<unsure>", "<half>", "0013748911", "<half>"]
    assert heard(b"00137", b"\r", b"next\r\n", b"00") == ["<unsure>", "next", "<half>"]


def test_between_two_alike_nothing_may_have_come() -> None:
    assert heard(b"code", b"x\r", b"code") == ["<unsure>", "<half>", "<half>"]
    assert heard(b"code", b"x" * 5000, b"code") == ["<unsure>", "<overlong>", "<unsure>"]
    assert heard(b"x" * 5000, b"xx\r", b"next\r") == ["<overlong>", "<half>", "next"]


def test_only_a_suffix_ends_a_read_where_silence_is_told_not_to() -> None:
    framer = Framer(gap_s=None)
    assert feed(framer, b"00137", 0) == feed(framer, b"", 60) == []
    assert feed(framer, b"48911\r", 61) == ["0013748911"]


def test_gs_stays_and_every_byte_decodes() -> None:
    assert feed(Framer(), b"]d2\x1d0103\x1d10A\r", 0) == ["]d2\x1d0103\x1d10A"]
    assert feed(Framer(), "café €\r".encode(), 0) == ["café €"]
    assert feed(Framer(), "café\r".encode("latin-1"), 0) == ["café"]


def test_an_overlong_read_is_discarded_to_its_end_and_told() -> None:
    framer = Framer()
    assert feed(framer, b"x" * 4096 + b"\r", 0) == ["x" * 4096]
    assert feed(framer, b"x" * 9000, 0) == ["<overlong>"]
    assert feed(framer, b"tail of it\rnext\r", 0) == ["next"]
    framer = Framer(suffix=False)
    assert feed(framer, b"y" * 5000, 1) == ["<overlong>"]
    assert feed(framer, b"", 2) == []
    assert feed(framer, b"after silence\r", 2) == ["after silence"]


def test_a_partial_read_is_dropped_when_the_device_goes() -> None:
    framer = Framer()
    assert framer.drop() == []
    feed(framer, b"00137", 0)
    assert framer.drop() == [Dropped("half")]
    assert feed(framer, b"48911\r", 1) == ["48911"]


@settings(deadline=None)  # a busy machine is not a fault
@given(st.lists(st.binary(max_size=40), max_size=20))
def test_no_bytes_raise_and_cutting_them_otherwise_changes_nothing(chunks: list[bytes]) -> None:
    pieces, whole = Framer(limit=30), Framer(limit=30)
    reads = [read for chunk in chunks if chunk for read in feed(pieces, chunk, 0)]
    assert reads == feed(whole, b"".join(chunks), 0)


texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\t"), min_size=1, max_size=60)


@settings(deadline=None)  # a busy machine is not a fault
@given(st.lists(texts), st.sampled_from(["\r", "\n", "\r\n", "\t"]))
def test_what_is_sent_is_what_is_read(sent: list[str], end: str) -> None:
    stream = "".join(code + end for code in sent).encode()
    assert feed(Framer(), stream, 0) == sent


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=5), st.sampled_from([True, None]), st.data())
def test_no_silence_within_a_read_ever_makes_another_code(
    sent: list[str], suffix: bool | None, data: st.DataObject
) -> None:
    """Every read is whole or announced, wherever silence falls, whether the suffix is known or to be found out."""
    stream = "".join(code + "\r" for code in sent).encode()
    assume(suffix or not TWICE.search(stream))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=4)))
    framer, told = Framer(suffix=suffix), []
    for n, (first, last) in enumerate(pairwise([0, *cuts, len(stream)])):
        if first < last:
            told += feed(framer, stream[first:last], n) + feed(framer, b"", n + 0.5)
    got = [one for one in told if one not in ("<half>", "<unsure>")]
    rest = iter(sent)
    assert all(code in rest for code in got)
    assert len(got) == len(sent) or len(got) < len(told)


def test_a_double_trigger_is_told_by_code_and_time() -> None:
    doubles = DoubleTrigger(0.4)
    told = [doubles.is_double(Read(*read)) for read in [("a", 0), ("a", 0.39), ("b", 0.4)]]
    assert told == [False, True, False]
    told = [doubles.is_double(Read("a", at_s)) for at_s in (0.5, 0.8, 0.9, 1.2)]
    assert told == [False, True, False, True]
    never = DoubleTrigger(0)
    assert [never.is_double(Read("a", 0)) for _ in range(3)] == [False] * 3
