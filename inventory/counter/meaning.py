"""What a code stands for on the lists. The outer ring reads the code; here it finds its item, lot, place or command."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec.structs import replace
from sqlalchemy.orm import Session

from inventory import receiving, statements
from inventory.counter import commands
from inventory.counter.values import (
    Meaning,
    Nothing,
    PlaceCode,
    Product,
    Unchecked,
    UnknownProduct,
)
from inventory.messages import Message
from inventory.statements import as_date
from inventory.words import LAST_FIXED_PLACE

NOBODY_MADE_IT = Message("No label, article or command has this number.")


def of_gtin(
    session: Session,
    gtin: str,
    *,
    lot: str | None = None,
    expires: date | None = None,
    count: int | None = None,
    restricted: bool = False,
) -> Meaning:
    """A product known by its GTIN. A restricted one no list has may be somebody's loyalty card: it is dropped."""
    row = statements.PRODUCT_BY_GTIN(session, gtin=gtin).first()
    if row is not None:
        return Product(
            item=row[1],
            pieces=row[3],
            lot=lot,
            expires=expires,
            gtin=gtin,
            count=count,
            dated=row[2] is not None,
        )
    if restricted:
        return Nothing(Message("Not a product: a code that shops give out themselves."))
    return UnknownProduct(gtin)


def of_command(number: int) -> Meaning:
    command = commands.BY_NUMBER.get(number)
    return command.meaning if command else Nothing(NOBODY_MADE_IT)


def of_item(session: Session, number: int) -> Meaning:
    return _product(statements.PRODUCT_BY_ITEM(session, number=number).first())


def of_unchecked(session: Session, number: int) -> Meaning:
    found = of_item(session, number)
    return Unchecked(found.item) if isinstance(found, Product) else found


def of_pack(session: Session, number: int) -> Meaning:
    return _product(statements.PRODUCT_BY_PACK(session, number=number).first())


def of_lot(session: Session, number: int) -> Meaning:
    row = statements.PRODUCT_BY_LOT(session, number=number).first()
    product = _product(row)
    if isinstance(product, Product) and row is not None:
        return replace(product, lot=row[4], expires=as_date(row[5]))
    return product


def of_place(session: Session, number: int) -> Meaning:
    row = statements.PLACE_BY_NUMBER(session, number=number).first()
    # Sources and sinks have no label: nobody stands there.
    there = row is not None and number > LAST_FIXED_PLACE
    return PlaceCode(row[0], row[1]) if there else Nothing(NOBODY_MADE_IT)


def with_announced(session: Session, product: Product, *, place_id: int) -> Product:
    """At a station that receives: the lots of this item that deliveries still announce."""
    item_id = statements.ITEM_BY_CODE(session, code=product.item).one()[0]
    lots = receiving.announced(session, place_id=place_id, item_id=item_id)
    return replace(product, announced=lots)


def _product(row: Any) -> Meaning:
    if row is None:
        return Nothing(NOBODY_MADE_IT)
    return Product(item=row[1], pieces=row[3], dated=row[2] is not None)
