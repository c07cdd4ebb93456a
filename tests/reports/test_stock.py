"""What lies where, now and at the end of a past day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from inventory.errors import NotOnTheLists
from inventory.stock import StockRow, stock

from .evenings import SATURDAY, Organisation

DELIVERY = date(2026, 9, 14)
FRIDAY = SATURDAY - timedelta(days=1)
SUNDAY = SATURDAY + timedelta(days=1)


def pieces(
    here: Organisation, item: str, *, place: str | None = None, at: date | None = None
) -> dict[tuple[str, str], int]:
    with here.session() as session:
        return {(r.place, r.lot): r.pieces for r in stock(session, place=place, item=item, at=at)}


def test_rows_are_by_place_item_expiry_and_lot(here: Organisation) -> None:
    here.transfer("SER1", 2500, to="CLIP")
    here.transfer("GARR", 10, to="CLIP")
    with here.session() as session:
        rows = stock(session)
        assert stock(session, place="CLIP") == [
            StockRow("CLIP", "GARR", "", None, 10),
            StockRow("CLIP", "SER1", "S1A2511", date(2030, 11, 30), 2000),
            StockRow("CLIP", "SER1", "S1A2603", date(2031, 3, 31), 500),
        ]
    assert len(rows) == 40
    assert {row.place for row in rows} == {"RESERVE", "CLIP"}
    assert rows == sorted(
        rows, key=lambda r: (r.place, r.item, r.expires is None, r.expires or date.max, r.lot)
    )


def test_open_shifts_count_and_a_shortfall_is_below_zero(here: Organisation) -> None:
    here.transfer("GARR", 3, to="CLIP")
    here.read("times-5", "GARR")
    assert pieces(here, "GARR") == {("RESERVE", ""): 197, ("unaccounted", "unknown"): -2}
    here.close()
    assert pieces(here, "GARR") == {("RESERVE", ""): 197, ("unaccounted", "unknown"): -2}
    assert pieces(here, "GARR", place="unaccounted") == {("unaccounted", "unknown"): -2}
    assert pieces(here, "GARR", place="CLIP") == {}
    assert pieces(here, "GARR", place="handed-out") == {}


def test_a_past_day_is_without_what_came_later(here: Organisation) -> None:
    here.transfer("SER1", 2100, to="CLIP", day=FRIDAY)
    here.read("times-20", "SER1/S1A2511", day=FRIDAY)
    here.close()
    here.read("times-5", "SER1/S1A2511", day=SATURDAY)
    here.close()
    here.read("times-2", "SER1/S1A2511", "SER1/NEVER", day=SUNDAY)
    reserve = {("RESERVE", "S1A2603"): 5900}
    at_clip = {("CLIP", "S1A2603"): 100}
    assert pieces(here, "SER1", at=DELIVERY - timedelta(days=1)) == {}
    before = {("RESERVE", "S1A2511"): 2000, ("RESERVE", "S1A2603"): 6000}
    assert pieces(here, "SER1", at=DELIVERY) == before
    friday = {("CLIP", "S1A2511"): 1980} | at_clip | reserve
    assert pieces(here, "SER1", at=FRIDAY) == friday
    saturday = {("CLIP", "S1A2511"): 1975} | at_clip | reserve
    assert pieces(here, "SER1", at=SATURDAY) == saturday
    sunday = {("CLIP", "S1A2511"): 1973, ("unaccounted", "NEVER"): -1} | at_clip | reserve
    assert pieces(here, "SER1", at=SUNDAY) == pieces(here, "SER1") == sunday
    assert pieces(here, "SER1", place="CLIP", at=FRIDAY) == {
        key: n for key, n in friday.items() if key[0] == "CLIP"
    }


def test_a_late_evening_belongs_to_its_own_day(here: Organisation) -> None:
    here.transfer("GARR", 50, to="CLIP", day=FRIDAY)
    here.read("GARR", day=SATURDAY)
    here.read("times-4", "GARR", day=FRIDAY)
    assert pieces(here, "GARR", place="CLIP", at=FRIDAY) == {("CLIP", ""): 46}
    here.close()
    assert pieces(here, "GARR", place="CLIP", at=FRIDAY) == {("CLIP", ""): 46}
    assert pieces(here, "GARR", place="CLIP") == {("CLIP", ""): 45}


@pytest.mark.parametrize("what", [{"place": "NOWHERE"}, {"item": "NOTHING"}])
def test_what_no_list_has_is_said(here: Organisation, what: dict[str, str]) -> None:
    with here.session() as session, pytest.raises(NotOnTheLists):
        stock(session, place=what.get("place"), item=what.get("item"))
