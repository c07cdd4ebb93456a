"""The count of scans finds every fault: a judge that cannot condemn proves nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hardware.recount import Count, recount, recount_folder

SENT = [("desk", f"text {n}") for n in range(6)] + [("door", "text 6")]
DELIVERED, FAILED = SENT[:5] + SENT[6:], SENT[5:6]


def test_all_is_well() -> None:
    count = recount(SENT, DELIVERED, FAILED)
    assert count == Count(7, 6, 1, wrong=0, silent=0, double=0) and count.faultless
    assert str(count) == "hardware: 7 sent, 6 delivered, 1 announced, 0 wrong, 0 silent, 0 double"


def test_announced_twice_is_no_fault() -> None:
    assert recount(SENT, DELIVERED, FAILED * 2).faultless


def test_another_text_or_another_scanner_is_wrong() -> None:
    assert recount(SENT, [*DELIVERED, ("desk", "ext 5")], FAILED).wrong == 1
    swapped = recount(SENT, [*DELIVERED[:5], ("desk", "text 6")], FAILED)
    assert (swapped.wrong, swapped.silent) == (1, 1)
    assert recount(SENT, DELIVERED, [*FAILED, ("door", "never sent")]).wrong == 1


def test_neither_delivered_nor_announced_is_silent() -> None:
    assert recount(SENT, DELIVERED[1:], FAILED).silent == 1
    assert recount(SENT, DELIVERED, []).silent == 1


def test_delivered_again_is_double() -> None:
    assert recount(SENT, DELIVERED + DELIVERED[:2], FAILED).double == 2
    assert recount(SENT, DELIVERED, [*FAILED, DELIVERED[0]]).double == 1


def test_texts_must_tell_scans_apart() -> None:
    with pytest.raises(ValueError, match="sent twice"):
        recount([*SENT, ("door", "text 0")], DELIVERED, FAILED)


scans = st.tuples(st.sampled_from(["desk", "door"]), st.text("ab", max_size=3))


@given(st.lists(scans, unique_by=lambda scan: scan[1]), st.lists(scans), st.lists(scans))
def test_faultless_means_that_each_was_delivered_once_or_announced(
    sent: list[tuple[str, str]], received: list[tuple[str, str]], announced: list[tuple[str, str]]
) -> None:
    honest = sorted(received + list(set(announced))) == sorted(sent)
    assert recount(sent, received, announced).faultless == honest


def test_the_files_are_counted(tmp_path: Path) -> None:
    for name, some in (("sent", SENT), ("received", DELIVERED), ("announced", FAILED)):
        lines = (json.dumps({"device": device, "text": text}) for device, text in some)
        (tmp_path / f"{name}.jsonl").write_text("".join(line + "\n" for line in lines))
    assert recount_folder(tmp_path) == recount(SENT, DELIVERED, FAILED)
