"""The stock position: everything that can be counted on, wherever it lies, and nothing that cannot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inventory import levels, loans, on_hold, position
from inventory.position import Position, Stock, in_time
from inventory.tables import Place
from inventory.words import PlaceKind

from .workshop import DAY, Books


def of(books: Books, item: str, daily: Mapping[str, float] | None = None) -> Position:
    found = position.positions(
        books.session,
        contents=levels.made_here(books.session),
        daily={books.item(code).id: pieces for code, pieces in (daily or {}).items()},
        today=DAY,
    )
    return found.get(books.item(item).id, Position())


def test_loose_and_in_kits_wherever_they_lie(books: Books) -> None:
    """A kit holds two syringes, two cups and a leaflet; a bag two kits."""
    books.receive("CUP", "a", 10)
    books.receive("CUP", "a", 5, to="VAN")
    books.receive("KIT", "k", 3, to="CLIP")
    books.receive("BAG", "b", 2, to="SHOP")
    cups, kits = of(books, "CUP"), of(books, "KIT")
    assert (cups.usable, cups.in_kits, cups.total) == (15, 3 * 2 + 2 * 2 * 2, 29)
    assert (kits.usable, kits.in_kits) == (3, 4)


def test_what_cannot_be_counted_on(books: Books) -> None:
    books.session.add(Place(code="QUAR", name="QUAR", kind=PlaceKind.QUARANTINE, channel=""))
    books.session.flush()
    books.receive("CUP", "old", 4, DAY - timedelta(days=1))
    books.receive("CUP", "today", 3, DAY)
    books.receive("CUP", "back", 7, to="QUAR")
    held = books.receive("KIT", "k", 5)
    on_hold.put(books.session, lot=held, day=DAY)
    found = of(books, "CUP")
    assert (found.usable, found.expired, found.on_hold, found.total) == (3, 4, 10, 3)


def test_what_expires_before_it_is_taken(books: Books) -> None:
    """Five a day for ten days, today included, of ninety; the others come after them."""
    books.receive("CUP", "soon", 90, DAY + timedelta(days=9))
    books.receive("CUP", "later", 20, DAY + timedelta(days=400))
    found = of(books, "CUP", {"CUP": 5.0})
    assert (found.usable, found.too_late) == (70, 40)
    assert of(books, "CUP").usable == 110  # nobody knows what a day takes


def test_what_is_lent_and_what_is_owed(books: Books) -> None:
    books.session.add(Place(code="PAR", name="PAR", kind=PlaceKind.PARTNER, channel=""))
    books.session.flush()
    books.receive("KIT", "k", 9)
    partner, store = books.place("PAR"), books.place("STORE")
    kit, cup = books.item("KIT"), books.item("CUP")
    loans.lend(books.session, partner=partner, from_place=store, item=kit, pieces=4, day=DAY)
    loans.borrow(books.session, partner=partner, to_place=store, item=cup, pieces=6, day=DAY)
    cups, kits = of(books, "CUP"), of(books, "KIT")
    assert (kits.usable, kits.lent, kits.total) == (5, 4, 9)
    # Six borrowed lie there and are owed; ten are in our kits, eight in those lent.
    assert (cups.usable, cups.in_kits, cups.lent, cups.owed, cups.total) == (6, 10, 8, 6, 18)


lots = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(-3, 12)), st.integers(0, 30)), max_size=6
)


@given(lots, st.integers(1, 9))
def test_in_time_against_a_shelf_walked_through_day_by_day(
    drawn: list[tuple[int | None, int]], daily: int
) -> None:
    stock = [Stock(None if n is None else DAY + timedelta(days=n), pieces) for n, pieces in drawn]
    left = {n: pieces for n, (_, pieces) in enumerate(drawn)}
    order = sorted(left, key=lambda n: (stock[n].expires or date.max, stock[n].pieces))
    taken = 0
    for day in range(400):
        asked = daily
        for n in order:
            expires = stock[n].expires
            if expires is None or expires >= DAY + timedelta(days=day):
                part = min(asked, left[n])
                left[n] -= part
                asked -= part
                taken += part
    assert in_time(stock, daily=float(daily), today=DAY) == taken
