"""The list of what places show and keep, and the order it gives their screens."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from inventory import catalogue, screens
from inventory.lists import Imported, ListKind
from inventory.tables import HIDDEN, Item, Place, PlaceItem
from web.shelves import shelves

from .helpers import EXAMPLE_FILES, HEADERS, Office

Row = tuple[str, str, int | None, int | None]


def held(office: Office) -> list[Row]:
    with office.db.reading() as session:
        rows = session.execute(
            select(Place.code, Item.code, PlaceItem.position, PlaceItem.level)
            .join(PlaceItem, PlaceItem.place_id == Place.id)
            .join(Item, Item.id == PlaceItem.item_id)
            .order_by(Place.code, PlaceItem.position, Item.code)
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]


def shown(office: Office, place: str) -> list[list[str]]:
    """The items of each shelf, in order."""
    with office.db.reading() as session:
        place_id = catalogue.place(session, place).id
        return [[one.item for one in shelf.pictures] for shelf in shelves(session, place_id)]


def test_positions_and_levels_are_kept_and_updated(stocked: Office) -> None:
    rows = ["CLIP;SER1;1;200", "CLIP;SER2;;50", "CLIP;AIG23;verborgen;", "SAC1;SER1;Hidden;"]
    assert stocked.add(ListKind.SCREEN, *rows) == Imported(4, 0)
    assert sorted(held(stocked), key=str) == sorted(
        [
            ("CLIP", "AIG23", HIDDEN, None),
            ("CLIP", "SER1", 1, 200),
            ("CLIP", "SER2", None, 50),
            ("SAC1", "SER1", HIDDEN, None),
        ],
        key=str,
    )
    assert stocked.add(ListKind.SCREEN, *rows, rows[0]) == Imported(0, 5)
    assert stocked.add(ListKind.SCREEN, "CLIP;SER1;;") == Imported(1, 0)
    assert ("CLIP", "SER1", None, None) in held(stocked)
    assert stocked.add(ListKind.SCREEN, "CLIP;CUP;;") == Imported(0, 1)  # as it is anyway


def test_a_column_that_is_missing_is_left_alone(stocked: Office) -> None:
    stocked.add(ListKind.SCREEN, "CLIP;SER1;3;200")
    only_levels = stocked.file("place;item;level\nCLIP;SER1;80\nCLIP;SER2;5")
    assert stocked.run(ListKind.SCREEN, only_levels) == Imported(2, 0)
    only_order = stocked.file("plaats;artikel;volgorde\nCLIP;SER1;\nCLIP;SER2;1")
    assert stocked.run(ListKind.SCREEN, only_order) == Imported(2, 0)
    assert held(stocked) == [("CLIP", "SER1", None, 80), ("CLIP", "SER2", 1, 5)]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("NOWHERE;SER1;1;1", "lieu"),
        ("MIDI;SER1;1;1", "lieu"),
        (";SER1;1;1", "lieu"),
        ("CLIP;SER9;1;1", "article"),
        ("CLIP;ser1;1;1", "article"),
        ("CLIP;SER1;0;1", "position"),
        ("CLIP;SER1;1,5;1", "position"),
        ("CLIP;SER1;first;1", "position"),
        ("CLIP;SER1;10001;1", "position"),
        ("CLIP;SER1;1;0", "niveau"),
        ("CLIP;SER1;1;-5", "niveau"),
        ("CLIP;SER1;1;1.000", "niveau"),
        ("CLIP;SER1;1;#N/A", "niveau"),
        ("CLIP;SER2;2;5", "article"),
    ],
)
def test_every_fault_by_line_and_column(stocked: Office, row: str, column: str) -> None:
    good = "CLIP;SER2;1;5"
    assert stocked.wrong(ListKind.SCREEN, good, row, good) == [(3, column)]


def test_a_row_may_have_several_faults(stocked: Office) -> None:
    wrong = stocked.wrong(ListKind.SCREEN, "X;Y;0;0", "CLIP;SER1;1;1")
    assert wrong == [(2, name) for name in HEADERS[ListKind.SCREEN].split(";")]


def test_a_place_without_an_order_shows_the_lists(stocked: Office) -> None:
    first, second, *_ = shown(stocked, "CLIP")
    assert first == ["KIT-INJ", "KIT-CRACK", "KIT-SNIFF", "KIT-HYG", "KIT-MENS"]
    assert second[:3] == ["SER1", "SER05", "SER2"]


def test_a_places_own_positions_win(stocked: Office) -> None:
    before = shown(stocked, "DISP")
    stocked.add(
        ListKind.SCREEN, "CLIP;NALOX;1;", "CLIP;KIT-MENS;2;", "CLIP;SER2;7;", "CLIP;TSEC;5;"
    )
    emergency, kits, injecting, *rest = shown(stocked, "CLIP")
    assert emergency == ["NALOX", "PANS", "CHLOR"]
    assert kits == ["KIT-MENS", "KIT-INJ", "KIT-CRACK", "KIT-SNIFF", "KIT-HYG"]
    assert injecting[:3] == ["TSEC", "SER2", "SER1"]
    assert rest == [shelf for shelf in before if shelf[0] in {one[0] for one in rest}]
    assert shown(stocked, "DISP") == before


def test_what_is_hidden_is_not_shown_and_an_empty_shelf_neither(stocked: Office) -> None:
    hidden = [f"CLIP;{item};masqué;" for item in ("KIT-INJ", "PAILLE", "SERUM")]
    stocked.add(ListKind.SCREEN, *hidden)
    kits, *others = shown(stocked, "CLIP")
    assert "KIT-INJ" not in kits and not {"PAILLE", "SERUM"} & {i for s in others for i in s}
    assert len(others) == len(shown(stocked, "DISP")) - 2


def test_an_order_set_at_once_leaves_levels(stocked: Office) -> None:
    stocked.add(ListKind.SCREEN, "CLIP;SER1;9;200", "CLIP;CUP;8;")
    with stocked.db.writing() as session:
        screens.set_order(session, place="CLIP", shown=["SER2", "SER1"], hidden=["AIG23"])
    assert held(stocked) == [
        ("CLIP", "CUP", None, None),
        ("CLIP", "AIG23", HIDDEN, None),
        ("CLIP", "SER2", 1, None),
        ("CLIP", "SER1", 2, 200),
    ]


def test_the_example_puts_what_is_asked_for_most_first(office: Office) -> None:
    for kind, path in EXAMPLE_FILES.items():
        office.run(kind, path)
    first, second, *_ = shown(office, "CLIP")
    assert first[:2] == ["KIT-CRACK", "KIT-INJ"] and second[:2] == ["SER1", "SER05"]
