"""What a code means where kits are made: which lot is read or proposed, and what is wrong with it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from inventory import catalogue, ledger
from inventory.counter.values import Command, Details, Known, Product, Unchecked, UnknownProduct
from inventory.tables import Assembly, Item, Lot, Recipe
from inventory.words import NO_LOT, UNKNOWN_LOT
from inventory.workshop.values import (
    Article,
    Bench,
    LotSeen,
    OfNoUse,
    Press,
    Uncheck,
    Unlisted,
    WorkshopRead,
)


def of(
    session: Session, meaning: Known, *, place_id: int, bench: Bench, day: date, late: bool
) -> WorkshopRead:
    """What a read is to a bench at this place."""
    match meaning:
        case Command(name="workshop", value=value):
            what, _, number = value.partition("-")
            return Press(what, int(number or 1), late)
        case Command(name="digit", value=value) if value.isdigit():
            return Press("digit", int(value))
        case Command(name="clear"):
            return Press("clear")
        case Command(name="page", value="help"):
            return Press("help")
        case Product():
            return _article(session, meaning, place_id, bench, day)
        case Details(lot=lot, expires=expires) if lot:
            return _of_a_component(session, lot, expires, bench)
        case Details(expires=expires):
            return OfNoUse(expires)
        case UnknownProduct():
            return Unlisted()
        case Unchecked(item=item):
            return Uncheck(item)
        case _:
            return OfNoUse()


def lot_seen(lot: Lot) -> LotSeen:
    return LotSeen(lot.code, lot.expires, lot.on_hold_since is not None)


def proposed(session: Session, *, item: Item, place_id: int, day: date) -> list[Lot]:
    """The lots of an item that may be used at a place, first expired first."""
    there = _on_the_books(session, item=item, place_id=place_id)
    is_kit = _is_kit(session, item)
    usable = (lot for lot in there if lot_seen(lot).is_usable(day))
    return [lot for lot in usable if not lacks_expiry(item, lot, is_kit=is_kit)]


def _of_no_use(item: Item, there: list[Lot], day: date) -> list[Lot]:
    """Where nothing that lies there may be used, what is wrong with it; those on hold first."""
    bad = [lot for lot in there if item.dated and not lot_seen(lot).is_usable(day)]
    return sorted(bad, key=lambda lot: lot.on_hold_since is None)


def why_none(session: Session, *, item: Item, place_id: int, day: date) -> str:
    """The sentence for an item of which nothing may be used here, by its name."""
    there = _on_the_books(session, item=item, place_id=place_id)
    if not there:
        return "none-left"
    bad = _of_no_use(item, there, day)
    if not bad:
        return "no-lot"
    return "on-hold" if bad[0].on_hold_since is not None else "expired"


def lacks_expiry(item: Item, lot: Lot, *, is_kit: bool) -> bool:
    """Whether a lot should say when it expires and does not: kits made of it would bear a date that is not theirs.

    A lot of kits has none where nothing in them has one.
    """
    if not item.dated or lot.expires is not None:
        return False
    return not is_kit or lot.code == UNKNOWN_LOT


def _on_the_books(session: Session, *, item: Item, place_id: int) -> list[Lot]:
    """The lots of an item that lie at a place, first expired first; expired ones and those on hold too."""
    there = ledger.available(session, place_id=place_id, item_id=item.id, with_on_hold=True)
    return [session.get_one(Lot, lot.lot_id) for lot in there]


def _is_kit(session: Session, item: Item) -> bool:
    return bool(session.scalar(select(exists().where(Recipe.item_id == item.id))))


def _article(session: Session, product: Product, place_id: int, bench: Bench, day: date) -> Article:
    item = catalogue.item(session, product.item)
    is_kit = _is_kit(session, item)
    if product.lot is not None:
        known = catalogue.known_lot(session, item_id=item.id, code=product.lot)
        lot = _read_lot(item, product.lot, product.expires, known, is_kit=is_kit)
        return Article(item.code, lot, is_kit, _is_booked(session, known))
    if bench.batch is None or all(part.item != item.code for part in bench.batch.parts):
        return Article(item.code, is_kit=is_kit)
    there = proposed(session, item=item, place_id=place_id, day=day)
    beside = _on_the_books(session, item=item, place_id=place_id)
    other = _may_be_another(product, beside)
    lot = None if item.dated else LotSeen(NO_LOT)
    if not other and (found := there or _of_no_use(item, beside, day)):
        lot = lot_seen(found[0])
    none_left = not (beside or product.gtin)
    return Article(
        item.code, lot, is_kit, scan_other=other, none_left=none_left, expires=product.expires
    )


def _may_be_another(product: Product, there: list[Lot]) -> bool:
    """Whether a box whose lot was not read may be of another lot than the one proposed: then a person says which.

    `there` are those that may not be used too: an expired box has the same product code.
    """
    if not (product.gtin and product.dated):
        return False
    differs = product.expires is not None and any(lot.expires != product.expires for lot in there)
    return product.unsure or len(there) > 1 or differs


def _read_lot(
    item: Item, code: str, expires: date | None, known: Lot | None, *, is_kit: bool = False
) -> LotSeen | None:
    """The lot of a code; None where neither the lists nor its code say when it expires: kits of it would have no date.

    Where code and list differ about the expiry, one of them is wrong, and confirming it is refused.
    """
    if known is None:
        return None if item.dated and expires is None else LotSeen(code, expires)
    seen = lot_seen(known)
    if expires is None and not seen.on_hold and lacks_expiry(item, known, is_kit=is_kit):
        return None
    return LotSeen(code, expires or seen.expires, seen.on_hold)


def _is_booked(session: Session, lot: Lot | None) -> bool:
    if lot is None:
        return False
    return bool(session.scalar(select(exists().where(Assembly.lot_id == lot.id))))


def _of_a_component(
    session: Session, code: str, expires: date | None, bench: Bench
) -> WorkshopRead:
    """The second code of a box names no product: the component is the one that has such a lot."""
    if bench.batch is None:
        return OfNoUse()
    items = [part.item for part in bench.batch.parts]
    query = select(Item, Lot).join(Lot, Lot.item_id == Item.id)
    found = session.execute(query.where(Item.code.in_(items), Lot.code == code)).all()
    if len(found) != 1:
        return Unlisted()
    item, lot = found[0]
    known = _read_lot(item, code, expires, lot, is_kit=_is_kit(session, item))
    return Article(item.code, known)
