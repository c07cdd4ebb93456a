"""Books with two kits and their components, for the tests of kits and traces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, ledger
from inventory.database import Database, migrate, sqlite_url
from inventory.tables import Balance, Item, Lot, Move, Place, Receipt, Recipe, RecipeLine
from inventory.words import LAST_FIXED_PLACE, PlaceKind, Reason, RegulatoryClass

DAY = date(2026, 11, 21)

ITEMS = {
    "SER": RegulatoryClass.MEDICAL_DEVICE,
    "CUP": RegulatoryClass.NONE,
    "NALOX": RegulatoryClass.MEDICINE,
    "LEAFLET": RegulatoryClass.NONE,
    "KIT": RegulatoryClass.NONE,
    "BAG": RegulatoryClass.NONE,
}
RECIPES = {
    ("KIT", 1): {"SER": 2, "CUP": 1},
    ("KIT", 2): {"SER": 2, "CUP": 2, "LEAFLET": 1},
    ("BAG", 1): {"KIT": 2, "NALOX": 1},
}
PLACES = {
    "STORE": PlaceKind.STORE,
    "SHOP": PlaceKind.WORKSHOP,
    "CLIP": PlaceKind.COUNTER,
    "VAN": PlaceKind.VEHICLE,
}


@dataclass
class Workshop:
    db: Database

    @classmethod
    def opened(cls, folder: Path) -> Workshop:
        db = Database(sqlite_url(folder / "t.db"))
        migrate(db)
        return cls.written(db)

    @classmethod
    def written(cls, db: Database) -> Workshop:
        """The lists, in a migrated database of either kind."""
        with db.writing() as session:
            _write_lists(session)
        return cls(db)

    @contextmanager
    def books(self) -> Iterator[Books]:
        """A transaction that is undone at the end: the next test finds the lists alone."""
        with Session(self.db.engine) as session, session.begin() as transaction:
            yield Books(session)
            transaction.rollback()


@dataclass
class Books:
    """One transaction, and the words the tests think in."""

    session: Session

    def item(self, code: str) -> Item:
        return catalogue.item(self.session, code)

    def place(self, code: str) -> Place:
        return catalogue.place(self.session, code)

    def lot(self, item: str, code: str) -> Lot:
        found = catalogue.known_lot(self.session, item_id=self.item(item).id, code=code)
        assert found is not None
        return found

    def receive(
        self,
        item: str,
        lot: str,
        pieces: int,
        expires: date | None = None,
        *,
        to: str = "STORE",
        note: str | None = None,
    ) -> Lot:
        made = catalogue.lot(self.session, item_id=self.item(item).id, code=lot, expires=expires)
        receipt = None
        if note is not None:
            receipt = Receipt(supplier="Modus", note=note, day=DAY, place_id=self.place(to).id)
            self.session.add(receipt)
            self.session.flush()
        ledger.post(
            self.session,
            item_id=made.item_id,
            lot_id=made.id,
            pieces=pieces,
            from_id=self.place("supplier").id,
            to_id=self.place(to).id,
            reason=Reason.RECEIPT,
            day=DAY,
            receipt_id=receipt.id if receipt else None,
        )
        self.session.flush()
        return made

    def carry(self, item: str, lot: str, pieces: int, source: str, target: str) -> None:
        ledger.transfer(
            self.session,
            from_place=self.place(source),
            to_place=self.place(target),
            item=self.item(item),
            pieces=pieces,
            lot=lot,
            day=DAY,
        )
        self.session.flush()

    def on_hand(self) -> dict[tuple[str, str, str], int]:
        """Pieces by place, item and lot."""
        rows = self.session.execute(
            select(Place.code, Item.code, Lot.code, Balance.pieces)
            .join(Place, Place.id == Balance.place_id)
            .join(Item, Item.id == Balance.item_id)
            .join(Lot, Lot.id == Balance.lot_id)
        )
        return {(place, item, lot): pieces for place, item, lot, pieces in rows}

    def by_moves(self) -> dict[tuple[str, str, str], int]:
        """The same, counted from the moves alone."""
        moves = self.session.scalars(select(Move)).all()
        places = {place.id: place for place in self.session.scalars(select(Place))}
        found: dict[tuple[str, str, str], int] = {}
        for move in moves:
            lot = self.session.get_one(Lot, move.lot_id)
            for place_id, pieces in ((move.from_id, -move.pieces), (move.to_id, move.pieces)):
                if place_id > LAST_FIXED_PLACE or places[place_id].kind == "unaccounted":
                    key = (places[place_id].code, lot.item.code, lot.code)
                    found[key] = found.get(key, 0) + pieces
        return {key: pieces for key, pieces in found.items() if pieces}


def _write_lists(session: Session) -> None:
    for code, kind in PLACES.items():
        session.add(Place(code=code, name=code, kind=kind))
    for code, regulatory_class in ITEMS.items():
        session.add(
            Item(
                code=code,
                name_fr=code,
                name_nl=code,
                name_en=code,
                family="kit",
                regulatory_class=regulatory_class,
                shelf_life_months=24,
            )
        )
    session.flush()
    for (kit, version), contents in RECIPES.items():
        recipe = Recipe(item_id=catalogue.item(session, kit).id, version=version)
        session.add(recipe)
        session.flush()
        for code, pieces in contents.items():
            item_id = catalogue.item(session, code).id
            session.add(RecipeLine(recipe_id=recipe.id, item_id=item_id, pieces=pieces))
    session.flush()
