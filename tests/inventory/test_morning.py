"""The morning: how each item stands, what expires unused, and what there is to do, the most urgent first."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inventory import expiries, levels, morning, on_hold, orders
from inventory.cover import State, covers
from inventory.morning import Kind, ToAssemble, Todo
from inventory.tables import ItemLevel

from .ordering import NOW, came, drafted, put, sold, supplier
from .workshop import DAY, Books

TODAY = date(2026, 11, 22)


def takes(books: Books, item: str, daily: float) -> None:
    """So much is taken of it every day."""
    books.session.get_one(ItemLevel, books.item(item).id).daily = daily
    books.session.flush()


def state(books: Books, item: str) -> State:
    return covers(books.session, now=NOW)[books.item(item).id].state


def assemble(books: Books) -> list[ToAssemble]:
    found = covers(books.session, now=NOW)
    return morning.to_assemble(books.session, covers=found, today=DAY)


def todos(books: Books) -> list[Todo]:
    found = covers(books.session, now=NOW)
    return morning.todos(
        books.session,
        now=NOW,
        covers=found,
        expiring=expiries.expiring(books.session, today=DAY),
        assemble=assemble(books),
        send=morning.to_send(books.session),
    )


def kinds(books: Books) -> list[Kind]:
    return [one.kind for one in todos(books)]


def test_how_an_item_stands(books: Books) -> None:
    """Ordered on Fridays, here ten days later: on a Saturday that is in sixteen days."""
    by = supplier(books)
    sold(books, by, "SER", 100, 300)
    takes(books, "SER", 10)
    assert state(books, "SER") is State.OUT
    books.receive("SER", "c", 100)
    assert state(books, "SER") is State.LOW
    books.receive("SER", "c", 59)
    assert state(books, "SER") is State.WATCH  # 15.9 days
    books.receive("SER", "c", 1)
    assert state(books, "SER") is State.GOOD
    sold(books, by, "CUP", 0, 0)
    assert state(books, "CUP") is State.UNKNOWN


def test_what_is_on_its_way_is_to_be_watched_not_ordered_again(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "SER", 100, 300)
    takes(books, "SER", 10)
    books.receive("SER", "c", 50)
    order = drafted(books, by)
    orders.approve(books.session, order=order, now=NOW)
    orders.mark_sent(books.session, order=order, now=NOW)
    one = covers(books.session, now=NOW)[books.item("SER").id]
    assert (one.state, one.there.on_order, one.lacks.wanted) == (State.WATCH, 250, 0)
    assert (one.here, one.until) == (50, TODAY - timedelta(days=1) + timedelta(days=5))


def test_what_comes_in_time_is_no_reason_for_an_alarm(books: Books) -> None:
    """An essential for five days; an order made now comes in sixteen; what was ordered comes in ten, or in four."""
    by = supplier(books)
    sold(books, by, "SER", 100, 300, essential=True)
    takes(books, "SER", 10)
    books.receive("SER", "c", 50)
    assert kinds(books) == [Kind.RUNS_OUT, Kind.DRAFT]
    order = drafted(books, by)
    orders.approve(books.session, order=order, now=NOW)
    orders.mark_sent(books.session, order=order, now=NOW)
    assert kinds(books) == [Kind.RUNS_OUT]
    confirmed = NOW.date() + timedelta(days=4)
    orders.confirm(books.session, order=order, expected=confirmed, now=NOW)
    assert kinds(books) == []


def test_an_order_from_drafting_to_its_delivery_is_one_thing_to_do_at_a_time(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 100, 300)
    assert kinds(books) == [Kind.DRAFT]
    order = drafted(books, by)
    assert kinds(books) == [Kind.APPROVE]
    orders.approve(books.session, order=order, now=NOW)
    assert kinds(books) == [Kind.SEND]
    orders.mark_sent(books.session, order=order, now=NOW)
    assert kinds(books) == []
    orders.confirm(books.session, order=order, expected=NOW.date(), now=NOW)
    (today,) = todos(books)
    assert (today.kind, today.about) == (Kind.RECEIVE, order.number)
    late = NOW + timedelta(days=1)
    found = morning.todos(
        books.session,
        now=late,
        covers=covers(books.session, now=late),
        expiring=[],
        assemble=[],
        send=[],
    )
    assert [one.kind for one in found] == [Kind.LATE]
    came(books, order, "CUP", 300, None)
    assert kinds(books) == [Kind.CLOSE]


def test_what_fell_low_after_the_draft_was_made_is_named_beside_it(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 100, 300)
    order = drafted(books, by)
    (asked,) = todos(books)
    assert asked.detail is not None and "not in it" not in str(asked.detail)
    books.receive("SER", "c", 1)
    sold(books, by, "SER", 100, 300)
    (asked,) = [one for one in todos(books) if one.kind is Kind.APPROVE]
    assert "not in it yet: " in str(asked.detail)
    put(books, order, "SER", 0)  # somebody does not want it
    (asked,) = [one for one in todos(books) if one.kind is Kind.APPROVE]
    assert "not in it" not in str(asked.detail)


def test_kits_are_made_of_what_is_there_and_their_first_lack_is_named(books: Books) -> None:
    """What stands in the levels of the week, though no place asks for any."""
    levels.fix(
        books.session,
        item=books.item("KIT"),
        reorder_point=20,
        order_up_to=40,
        note="",
        day=DAY,
    )
    (one,) = assemble(books)
    assert (one.pieces, one.can_be_made) == (40, 0)
    assert one.stopped_by is not None
    (todo,) = todos(books)
    assert todo.kind is Kind.ASSEMBLE and "runs out first" in str(todo.detail)


def test_a_recall_comes_first_and_a_lot_left_over_is_told(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "SER", 0, 10)
    takes(books, "SER", 1)
    books.receive("SER", "a", 30, DAY + timedelta(days=9))
    lot = books.receive("NALOX", "b", 5)
    on_hold.put(books.session, lot=lot, day=DAY)
    found = todos(books)
    assert [one.kind for one in found] == [Kind.RECALL, Kind.EXPIRING]
    assert found[0].about == str(lot.id)
    assert str(found[1].says).startswith("20 × SER, lot a")


def test_what_is_on_hold_does_not_expire_and_what_has_is_left_over_whole(books: Books) -> None:
    gone = books.receive("SER", "gone", 7, DAY - timedelta(days=1))
    books.receive("SER", "far", 7, DAY + timedelta(days=400))
    held = books.receive("SER", "held", 7, DAY + timedelta(days=4))
    on_hold.put(books.session, lot=held, day=DAY)
    found = expiries.expiring(books.session, today=DAY)
    assert [(one.lot, one.pieces, one.too_late) for one in found] == [(gone.code, 7, 7)]


def test_kits_take_their_part_before_loose_pieces_do(books: Books) -> None:
    """Two hundred in kits that expire first leave loose ones fewer takers."""
    by = supplier(books)
    sold(books, by, "SER", 0, 10)
    takes(books, "SER", 10)
    books.receive("SER", "a", 300, DAY + timedelta(days=29))
    assert [one.too_late for one in expiries.expiring(books.session, today=DAY)] == [0]
    books.receive("KIT", "k", 100, DAY + timedelta(days=20))
    each = levels.made_here(books.session)[books.item("KIT").id][books.item("SER").id]
    found = {one.item: one.too_late for one in expiries.expiring(books.session, today=DAY)}
    there = covers(books.session, now=NOW)[books.item("SER").id].there
    assert found["SER"] == there.too_late == 100 * each


LOTS = st.lists(st.tuples(st.integers(-5, 60), st.integers(1, 200)), max_size=6)


@given(LOTS, st.floats(0.1, 30))
def test_left_over_against_days_walked_through(lots: list[tuple[int, int]], daily: float) -> None:
    """Each day takes its part of what expires first; what an expiry finds is left over."""
    dated = [(TODAY + timedelta(days=days), pieces) for days, pieces in lots]
    left = expiries.left_over(dated, daily=daily, today=TODAY)
    # Walked through lot by lot in the order of expiry: what the days up to it can take, less what went before.
    gone = 0
    by_day = sorted(range(len(dated)), key=lambda one: dated[one])
    for one in by_day:
        expires, pieces = dated[one]
        if expires < TODAY:
            assert left[one] == pieces
            continue
        could = int(daily * ((expires - TODAY).days + 1))
        gone += pieces - left[one]
        assert gone <= max(could, gone - (pieces - left[one]))
        assert left[one] == 0 or gone >= could
