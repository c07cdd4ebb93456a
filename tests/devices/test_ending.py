"""What silence proves, once and again: by what a scanner sent before."""

import pytest

from devices.ending import AGAIN_S, Ending


def judged(ending: Ending, *reads: tuple[str, float]) -> list[bool]:
    return [ending.is_whole(text, at_s) for text, at_s in reads]


def test_what_was_told_holds() -> None:
    for suffix in (True, False):
        ending = Ending(suffix)
        assert judged(ending, ("0013", 0), ("0013", 9), ("0013", 18)) == [not suffix] * 3
        ending.by_suffix()
        assert not ending.waits
        ending.silent()
        assert ending.suffix is suffix


def test_the_same_once_more_tells_that_there_is_no_suffix() -> None:
    ending = Ending(None)
    assert judged(ending, ("0013", 0), ("7489", 5), ("7489", 10)) == [False, False, True]
    assert ending.suffix is False and ending.is_whole("any", 11)


@pytest.mark.parametrize(
    ("text", "after_s"),
    [("001", 5.0), ("0013", AGAIN_S - 0.01)],
)
def test_halves_alike_by_chance_and_a_trigger_that_chatters_tell_nothing(
    text: str, after_s: float
) -> None:
    ending = Ending(None)
    assert judged(ending, (text, 0), (text, after_s)) == [False, False]
    assert ending.suffix is None


def test_a_chattering_trigger_does_not_put_off_the_person_who_scans_again() -> None:
    ending = Ending(None)
    assert judged(ending, ("0013", 0), ("0013", 0.2), ("0013", AGAIN_S)) == [False, False, True]


def test_nothing_may_have_come_between() -> None:
    for between in (Ending.forget, Ending.by_suffix, lambda one: one.is_whole("other", 5)):
        ending = Ending(None)
        ending.is_whole("0013", 0)
        between(ending)
        assert not ending.is_whole("0013", 9)


def known(ending: Ending) -> tuple[bool | None, bool]:
    return ending.suffix, ending.waits


def test_a_suffix_and_silence_tell_that_there_is_one() -> None:
    ending = Ending(None)
    ending.by_suffix()
    ending.goes_on()  # it was in the middle of a code
    ending.silent()
    assert known(ending) == (None, False)
    ending.by_suffix()
    assert known(ending) == (None, True)
    ending.silent()
    assert known(ending) == (True, False)


def test_what_was_found_out_last_holds() -> None:
    """A text that ends in a line end looks like a suffix; two halves alike look like none."""
    ending = Ending(None)
    ending.by_suffix()
    ending.silent()
    assert judged(ending, ("0013", 0), ("0013", 5), ("0013", 10)) == [False, False, True]
    ending.by_suffix()
    ending.silent()
    assert judged(ending, ("0013", 20)) == [False]
