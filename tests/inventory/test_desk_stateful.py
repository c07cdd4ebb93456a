"""What desks book, in any order, sent twice and undone: no piece is lost or invented, and debts are what was moved.

The model knows neither lots nor moves: pieces by place and item, and what is owed to each partner.
"""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from inventory import bookings, catalogue, days, desk, ledger, loans
from inventory.database import Database
from inventory.errors import ComptoirError
from inventory.tables import Booking, Place
from inventory.verify import verify
from inventory.words import LOSSES, PlaceKind, Reason
from tests import LONG

from . import house
from .house import LOTS, NOW, TODAY

PARTNERS = ("TRANSIT", "GATE")
OURS = ("STORE", "CLIP")
ITEM = st.sampled_from(["SER", "CUP"])
OUR = st.sampled_from(OURS)
PARTNER = st.sampled_from(PARTNERS)
PIECES = st.integers(1, 25)
LOT = st.one_of(st.none(), st.sampled_from(sorted(LOTS)))


@dataclass
class Model:
    there: Count[tuple[str, str]] = field(default_factory=Count)
    """Pieces by place and item: partners hold what we lent, and nothing of their own."""
    owed: Count[tuple[str, str]] = field(default_factory=Count)

    def move(self, source: str, target: str, item: str, pieces: int) -> None:
        for place, change in ((source, -pieces), (target, pieces)):
            if place in (*OURS, *PARTNERS, "QUAR"):
                self.there[place, item] += change


class Desk(RuleBasedStateMachine):
    fresh: house.Fresh
    db: Database

    @initialize()
    def open(self) -> None:
        self._file = type(self).fresh()
        self.db = self._file.__enter__()
        self.model = Model()
        self.booked: list[tuple[UUID, Model, Model]] = []
        self.sent: list[tuple[UUID, Callable[[Session, bytes], object]]] = []
        self.numbers = 0
        with self.db.writing() as session:
            for code in PARTNERS:
                session.add(Place(code=code, name=code, kind=PlaceKind.PARTNER, channel=""))
        for place in OURS:
            for item in ("SER", "CUP"):
                with self.db.writing() as session:
                    house.donate(session, item, "a", 20, place)
                self.model.there[place, item] += 20

    def teardown(self) -> None:
        if hasattr(self, "_file"):
            with self.db.reading() as session:
                report = verify(session)
                assert report.ok, report.faults
            self._file.__exit__(None, None, None)

    def book(
        self, possible: bool, work: Callable[[Session, bytes], object], effect: Callable[[], None]
    ) -> None:
        """Under a number of its own; what is not possible leaves no trace."""
        self.numbers += 1
        number = UUID(int=self.numbers)
        with self.db.reading() as session:
            before = house.dump(session)
        try:
            assert self.db.write(lambda session: self.once(session, number, work))
        except ComptoirError:
            assert not possible
            with self.db.reading() as session:
                assert house.dump(session) == before
            return
        assert possible
        earlier = deepcopy(self.model)
        effect()
        self.booked.append((number, earlier, deepcopy(self.model)))
        self.sent.append((number, work))

    @staticmethod
    def once(session: Session, number: UUID, work: Callable[[Session, bytes], object]) -> bool:
        booking = bookings.begin(session, number=number, content=str(number), day=TODAY)
        if booking is None:
            return False
        work(session, booking.id)
        return True

    @rule(item=ITEM, pieces=PIECES, lot=LOT, partner=PARTNER, place=OUR)
    def lend(self, item: str, pieces: int, lot: str | None, partner: str, place: str) -> None:
        lot = lot if item == "SER" else None
        self.book(
            self.lies(place, item, lot) >= pieces,
            lambda session, booking: loans.lend(
                session,
                partner=catalogue.place(session, partner),
                from_place=catalogue.place(session, place),
                item=catalogue.item(session, item),
                pieces=pieces,
                lot=lot,
                day=TODAY,
                booking_id=booking,
            ),
            lambda: self.model.move(place, partner, item, pieces),
        )

    @rule(item=ITEM, pieces=PIECES, lot=LOT, partner=PARTNER, place=OUR)
    def borrow(self, item: str, pieces: int, lot: str | None, partner: str, place: str) -> None:
        lot = lot if item == "SER" else None

        def effect() -> None:
            self.model.move(partner + " outside", place, item, pieces)
            self.model.owed[partner, item] += pieces

        self.book(
            True,
            lambda session, booking: loans.borrow(
                session,
                partner=catalogue.place(session, partner),
                to_place=catalogue.place(session, place),
                item=catalogue.item(session, item),
                pieces=pieces,
                lot=lot,
                expires=LOTS[lot] if lot else None,
                day=TODAY,
                booking_id=booking,
            ),
            effect,
        )

    @rule(item=ITEM, pieces=PIECES, partner=PARTNER, place=OUR)
    def give_back(self, item: str, pieces: int, partner: str, place: str) -> None:
        def effect() -> None:
            self.model.move(place, partner + " outside", item, pieces)
            self.model.owed[partner, item] -= pieces

        self.book(
            self.model.there[place, item] >= pieces <= self.model.owed[partner, item],
            lambda session, booking: loans.give_back(
                session,
                partner=catalogue.place(session, partner),
                from_place=catalogue.place(session, place),
                item=catalogue.item(session, item),
                pieces=pieces,
                day=TODAY,
                booking_id=booking,
            ),
            effect,
        )

    @rule(item=ITEM, pieces=PIECES, lot=LOT, partner=PARTNER, place=OUR)
    def take_back(self, item: str, pieces: int, lot: str | None, partner: str, place: str) -> None:
        """Also of a lot that we never lent."""
        lot = lot if item == "SER" else None
        self.book(
            self.model.there[partner, item] >= pieces,
            lambda session, booking: loans.take_back(
                session,
                partner=catalogue.place(session, partner),
                to_place=catalogue.place(session, place),
                item=catalogue.item(session, item),
                pieces=pieces,
                lot=lot,
                expires=LOTS[lot] if lot else None,
                day=TODAY,
                booking_id=booking,
            ),
            lambda: self.model.move(partner, place, item, pieces),
        )

    @rule(item=ITEM, pieces=PIECES, bought=st.booleans(), lot=LOT, place=OUR)
    def come_in(self, item: str, pieces: int, bought: bool, lot: str | None, place: str) -> None:
        self.book(
            not (lot and item == "CUP"),
            lambda session, booking: desk.come_in(
                session,
                bought=bought,
                place=catalogue.place(session, place),
                item=catalogue.item(session, item),
                pieces=pieces,
                lot=lot,
                expires=LOTS[lot] if lot else None,
                day=TODAY,
                booking_id=booking,
            ),
            lambda: self.model.move("outside", place, item, pieces),
        )

    @rule(item=ITEM, pieces=PIECES, why=st.sampled_from(sorted(LOSSES)), place=OUR)
    def lose(self, item: str, pieces: int, why: Reason, place: str) -> None:
        self.book(
            self.model.there[place, item] >= pieces,
            lambda session, booking: desk.lose(
                session,
                place=catalogue.place(session, place),
                item=catalogue.item(session, item),
                pieces=pieces,
                why=why,
                day=TODAY,
                booking_id=booking,
            ),
            lambda: self.model.move(place, "outside", item, pieces),
        )

    @rule(item=ITEM, pieces=PIECES, place=OUR)
    def put_aside(self, item: str, pieces: int, place: str) -> None:
        self.book(
            self.model.there[place, item] >= pieces,
            lambda session, booking: ledger.transfer(
                session,
                from_place=catalogue.place(session, place),
                to_place=catalogue.place(session, "QUAR"),
                item=catalogue.item(session, item),
                pieces=pieces,
                day=TODAY,
                booking_id=booking,
            ),
            lambda: self.model.move(place, "QUAR", item, pieces),
        )

    @rule(n=st.integers(0, 20), pieces=PIECES, to=st.sampled_from([*OURS, "disposed", "TRANSIT"]))
    def leave_quarantine(self, n: int, pieces: int, to: str) -> None:
        with self.db.reading() as session:
            rows = desk.waiting(session)
        assert Count({}) + Count(
            {("QUAR", item): n for (p, item), n in self.model.there.items() if p == "QUAR" and n}
        ) == sum((Count({("QUAR", row.item): row.pieces}) for row in rows), Count())
        if not rows:
            return
        row = rows[n % len(rows)]
        self.book(
            row.pieces >= pieces,
            lambda session, booking: desk.leave_quarantine(
                session,
                place=catalogue.place(session, "QUAR"),
                item=catalogue.item(session, row.item),
                lot=row.lot,
                pieces=pieces,
                to_place=catalogue.place(session, to),
                day=TODAY,
                booking_id=booking,
            ),
            lambda: self.model.move("QUAR", to, row.item, pieces),
        )

    @rule(n=st.integers(0, 99))
    def send_again(self, n: int) -> None:
        if self.sent:
            number, work = self.sent[n % len(self.sent)]
            with self.db.reading() as session:
                before = house.dump(session)
            assert not self.db.write(lambda session: self.once(session, number, work))
            with self.db.reading() as session:
                assert house.dump(session) == before

    @rule(n=st.integers(0, 5))
    def undo(self, n: int) -> None:
        """One of the latest: possible as long as its pieces are where it put them."""
        if not self.booked:
            return
        number, before, after = self.booked[-1 - n % len(self.booked)]
        with self.db.reading() as session:
            tables = house.dump(session)
        try:
            assert self.db.write(lambda s: bookings.undo(s, number=number, day=TODAY))
        except ComptoirError:
            with self.db.reading() as session:
                assert house.dump(session) == tables
            return
        self.booked = [one for one in self.booked if one[0] != number]
        for mine, was, became in (
            (self.model.there, before.there, after.there),
            (self.model.owed, before.owed, after.owed),
        ):
            for key in {*was, *became}:
                mine[key] -= became[key] - was[key]
        assert not self.db.write(lambda s: bookings.undo(s, number=number, day=TODAY))

    def lies(self, place: str, item: str, lot: str | None) -> int:
        if lot is None:
            return self.model.there[place, item]
        with self.db.reading() as session:
            what = catalogue.item(session, item)
            known = catalogue.known_lot(session, item_id=what.id, code=lot)
            at = catalogue.place(session, place).id
            return house.balances(session).get((at, what.id, known.id), 0) if known else 0

    @invariant()
    def the_books_are_what_was_booked(self) -> None:
        if not hasattr(self, "db"):
            return
        with self.db.reading() as session:
            house.assert_sound(session)
            there = {key: n for key, n in house.stock_by_place(session).items() if n}
            assert there == {key: n for key, n in self.model.there.items() if n}
            stand = loans.loans(session)
        owed = {(loan.partner, loan.item): loan.ours_to_give_back for loan in stand}
        assert {key: n for key, n in owed.items() if n} == {
            key: n for key, n in self.model.owed.items() if n
        }
        assert all(n >= 0 for n in owed.values())
        lent = {(loan.partner, loan.item): loan.theirs_to_give_back for loan in stand}
        assert {key: n for key, n in lent.items() if n} == {
            key: n for key, n in self.model.there.items() if n and key[0] in PARTNERS
        }


@pytest.fixture(autouse=True)
def one_evening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "now", lambda: NOW.astimezone(UTC))


def test_anything_at_a_desk(template: house.Template) -> None:
    at_random(template.copy, examples=150 if LONG else 12)


@pytest.mark.postgres
def test_anything_at_a_desk_on_postgresql(fresh_postgres: house.Fresh) -> None:
    at_random(fresh_postgres, examples=25 if LONG else 3)


def at_random(fresh: house.Fresh, *, examples: int) -> None:
    class Here(Desk):
        pass

    Here.fresh = staticmethod(fresh)
    many = settings(max_examples=examples, stateful_step_count=30, deadline=None)
    run_state_machine_as_test(Here, settings=many)


def test_something_else_under_the_same_number(database: Database) -> None:
    number = UUID(int=1)
    with database.writing() as session:
        assert bookings.begin(session, number=number, content="5 SER", day=TODAY)
    with pytest.raises(bookings.SentBefore), database.writing() as session:
        bookings.begin(session, number=number, content="7 SER", day=TODAY)
    with database.reading() as session:
        assert session.get(Booking, number.bytes) is not None
