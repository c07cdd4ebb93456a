"""What there is to scan with a made-up scanner: what hangs, lies or stands where a real one is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from devices.self_test import BRACKETED
from inventory.messages import Message
from inventory.tables import Balance, Item, Lot, Pack
from inventory.words import UNACCOUNTED
from labels.elements import GS
from labels.gs1 import element_string
from labels.house import house_code
from web import label_sets
from web.label_sets import Said

SHOWN_GS = "{GS}"
"""How the separator is typed and shown."""

SERIAL = "000123"
_SELF_TEST = element_string(BRACKETED).data.replace(GS, SHOWN_GS)


@dataclass(frozen=True, slots=True)
class Code:
    """`text` is what the scanner reads, the separator as it is shown."""

    text: str
    name: Said
    detail: Said


@dataclass(frozen=True, slots=True)
class Group:
    name: Message
    codes: list[Code]


def groups(session: Session, place_id: int) -> list[Group]:
    """All codes, those of a counter's evening first; none that is empty. Of suppliers' boxes, what lies at this place
    comes first, and what lies nowhere any more is left out."""
    found = [
        Group(Message("Kits"), _house(label_sets.kits)(session)),
        Group(Message("Articles"), _house(label_sets.shelves)(session)),
        Group(Message("Boxes"), _house(label_sets.packs)(session)),
        Group(Message("Suppliers' boxes"), _suppliers(session, place_id)),
        Group(Message("Command codes"), _house(label_sets.commands)(session)),
        Group(Message("Setting up"), [Code(_SELF_TEST, Message("The self-test code"), "")]),
    ]
    return [group for group in found if group.codes]


def read(text: str) -> str:
    """What the scanner reads of a code as it is shown."""
    return text.strip().replace(SHOWN_GS, GS)


def _house(
    choices: Callable[[Session], Sequence[label_sets.Choice]],
) -> Callable[[Session], list[Code]]:
    return lambda session: [
        Code(house_code(one.house.kind, one.house.number), one.name, one.detail)
        for one in choices(session)
    ]


def _suppliers(session: Session, place_id: int) -> list[Code]:
    """GS1 element strings with the lot before the serial number, so that the separator between them counts."""
    wanted = select(Pack.gtin, Item, Lot).join(Item, Item.id == Pack.item_id)
    wanted = wanted.join(Lot, Lot.item_id == Item.id).where(Pack.gtin.is_not(None))
    somewhere = select(Balance.lot_id).where(Balance.pieces > 0, Balance.place_id != UNACCOUNTED)
    elsewhere = Lot.id.not_in(somewhere.where(Balance.place_id == place_id))
    order = (elsewhere, Item.id, Pack.pieces, Lot.expires, Lot.code)
    rows = session.execute(wanted.where(Lot.id.in_(somewhere)).order_by(*order))
    return [
        Code(
            f"01{gtin.zfill(14)}"
            + (f"17{lot.expires:%y%m%d}" if lot.expires else "")
            + f"10{lot.code}{SHOWN_GS}21{SERIAL}",
            item.names,
            lot.code,
        )
        for gtin, item, lot in rows
        if lot.code and gtin
    ]
