"""What a piece of paper says against its moves: assemblies against their recipe, deliveries against their note, orders
against what came."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from inventory.messages import Message
from inventory.order_rules import Condition
from inventory.tables import (
    Assembly,
    Move,
    Purchase,
    PurchaseArrival,
    PurchaseLine,
    Receipt,
    ReceiptLine,
    Recipe,
    RecipeLine,
)
from inventory.verify.report import Fault, Lists
from inventory.words import ASSEMBLY, SUPPLIER, Reason

# Kits


@dataclass(slots=True)
class Through:
    """Pieces by item that went into the place `assembly` and came out of it, and the lots that went in."""

    into: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    out: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    lots_in: set[int] = field(default_factory=set)
    lots_out: set[int] = field(default_factory=set)


def kit_faults(session: Session, lists: Lists) -> Iterator[Fault]:
    """An assembly consumed its recipe times its kits, and gave back no more of a lot than went in; its kits expire with
    the first of what is in them, or before: at a workshop the labels bear the first date of what lay on the table,
    taken in the end or not."""
    contents: dict[int, dict[int, int]] = defaultdict(dict)
    for recipe_id, item_id, pieces in session.execute(
        select(RecipeLine.recipe_id, RecipeLine.item_id, RecipeLine.pieces)
    ):
        contents[recipe_id][item_id] = pieces
    made = _through(session, Reason.ASSEMBLY)
    unmade = _through(session, Reason.DISASSEMBLY)
    rows = session.execute(select(Assembly, Recipe.item_id).join(Recipe)).all()
    for assembly, kit_id in rows:
        each = contents[assembly.recipe_id]
        put_in, taken_out = made.pop(assembly.id, Through()), unmade.pop(assembly.id, Through())
        yield from _assembly_faults(lists, assembly, kit_id, each, put_in)
        yield from _disassembly_faults(lists, assembly, kit_id, each, taken_out)
    for number in sorted({*made, *unmade}):
        yield _about(number, Message("its moves are there, it is not"))
    yield from _lot_faults(session, lists)


def _through(session: Session, reason: Reason) -> dict[int, Through]:
    found: dict[int, Through] = defaultdict(Through)
    what = (Move.assembly_id, Move.item_id, Move.lot_id, Move.to_id)
    rows = session.execute(
        select(*what, func.sum(Move.pieces))
        .where(Move.assembly_id.is_not(None), Move.reason == reason)
        .group_by(*what)
    )
    for assembly_id, item_id, lot_id, to_id, pieces in rows:
        one = found[assembly_id or 0]
        way, lots = (one.into, one.lots_in) if to_id == ASSEMBLY else (one.out, one.lots_out)
        way[item_id] += int(pieces)
        lots.add(lot_id)
    return found


def _assembly_faults(
    lists: Lists, assembly: Assembly, kit_id: int, each: Mapping[int, int], moved: Through
) -> Iterator[Fault]:
    needed = {item_id: pieces * assembly.kits for item_id, pieces in each.items()}
    if moved.into != needed:
        yield _about(assembly.id, Message("what went in is not its recipe times its kits"))
    if moved.out != {kit_id: assembly.kits} or moved.lots_out != {assembly.lot_id}:
        yield _about(assembly.id, Message("the kits that came out are not the kits it made"))
    known = [lists.lots[lot].expires for lot in moved.lots_in if lot in lists.lots]
    earliest = min((expires for expires in known if expires), default=None)
    kits = lists.lots.get(assembly.lot_id)
    if kits is None or (earliest is not None and (kits.expires or date.max) > earliest):
        yield _about(
            assembly.id, Message("its kits expire later than the first of their components")
        )


def _disassembly_faults(
    lists: Lists, assembly: Assembly, kit_id: int, each: Mapping[int, int], moved: Through
) -> Iterator[Fault]:
    # Undone, it goes the other way: what counts is what went in less what came out.
    apart = Counter(moved.into)
    apart.subtract(moved.out)
    kits = apart[kit_id]
    expected = {kit_id: kits, **{item_id: -pieces * kits for item_id, pieces in each.items()}}
    if (
        +apart != +Counter(expected)
        or -apart != -Counter(expected)
        or not 0 <= kits <= assembly.kits
    ):
        yield _about(
            assembly.id, Message("what came back when kits were taken apart is not their recipe")
        )
    elif moved.lots_in - moved.lots_out - {assembly.lot_id}:
        yield _about(assembly.id, Message("kits of another lot were taken apart as its own"))


def _lot_faults(session: Session, lists: Lists) -> Iterator[Fault]:
    """The kits themselves aside: what is inside them cannot be less than nothing of a lot."""
    into = func.sum(case((Move.to_id == ASSEMBLY, Move.pieces), else_=0))
    out = func.sum(case((Move.from_id == ASSEMBLY, Move.pieces), else_=0))
    rows = session.execute(
        select(Assembly.id, Move.item_id, Move.lot_id, into, out)
        .join(Move, Move.assembly_id == Assembly.id)
        .where(Move.assembly_id.is_not(None), Move.lot_id != Assembly.lot_id)
        .group_by(Assembly.id, Move.item_id, Move.lot_id)
        .having(out > into)
    )
    for assembly_id, item_id, lot_id, went_in, came_out in rows:
        yield Fault(
            "assembly_lot",
            Message(
                "Assembly %(number)d, %(item)s, lot “%(lot)s”: %(into)d pieces went in, "
                "%(out)d came out.",
                number=assembly_id,
                item=lists.item(item_id),
                lot=lists.lot(lot_id),
                into=int(went_in),
                out=int(came_out),
            ),
        )


def _about(assembly_id: int, what: Message) -> Fault:
    return Fault(
        "assembly", Message("Assembly %(number)d: %(what)s.", number=assembly_id, what=what)
    )


# Deliveries


def receipt_faults(session: Session, lists: Lists) -> Iterator[Fault]:
    """The lines of a delivery are what its moves brought to its place, less what was undone."""
    brought: dict[tuple[int, int, int], int] = defaultdict(int)
    came = (Move.from_id == SUPPLIER) & (Move.to_id == Receipt.place_id)
    undone = (Move.to_id == SUPPLIER) & (Move.from_id == Receipt.place_id)
    for receipt_id, item_id, lot_id, pieces in session.execute(
        select(
            Receipt.id,
            Move.item_id,
            Move.lot_id,
            func.sum(case((came, Move.pieces), else_=-Move.pieces)),
        )
        .select_from(Move)
        .join(Receipt, Move.receipt_id == Receipt.id)
        .where(came | undone)
        .group_by(Receipt.id, Move.item_id, Move.lot_id)
    ):
        brought[receipt_id, item_id, lot_id] = int(pieces)
    announced: dict[tuple[int, int, int], int] = defaultdict(int)
    notes = dict(session.execute(select(Receipt.id, Receipt.note)).all())
    for line in session.scalars(select(ReceiptLine)):
        announced[line.receipt_id, line.item_id, line.lot_id] += line.pieces
        if not 0 <= line.checked <= line.pieces:
            what = Message("more pieces are checked off than it announces")
            yield _receipt_fault(lists, notes, (line.receipt_id, line.item_id, line.lot_id), what)
    for key in sorted({*announced, *brought}):
        if announced.get(key, 0) != brought.get(key, 0):
            what = Message(
                "it announces %(announced)d, its moves brought %(moved)d",
                announced=announced.get(key, 0),
                moved=brought.get(key, 0),
            )
            yield _receipt_fault(lists, notes, key, what)


def _receipt_fault(
    lists: Lists, notes: Mapping[int, str], key: tuple[int, int, int], what: Message
) -> Fault:
    receipt_id, item_id, lot_id = key
    return Fault(
        "receipt",
        Message(
            "Delivery %(note)s, %(item)s, lot “%(lot)s”: %(what)s.",
            note=notes.get(receipt_id, f"#{receipt_id}"),
            item=lists.item(item_id),
            lot=lists.lot(lot_id),
            what=what,
        ),
    )


# Orders


def order_faults(session: Session, lists: Lists) -> Iterator[Fault]:
    """What counts against an order is what came of it as ordered and was not sent back."""
    counts = (Condition.GOOD, Condition.SOON)
    rows = session.execute(
        select(
            PurchaseArrival.purchase_id, PurchaseArrival.item_id, func.sum(PurchaseArrival.pieces)
        )
        .where(PurchaseArrival.condition.in_(counts), PurchaseArrival.refused.is_(False))
        .group_by(PurchaseArrival.purchase_id, PurchaseArrival.item_id)
    )
    came = {(order_id, item_id): int(pieces) for order_id, item_id, pieces in rows}
    lines = session.execute(
        select(
            Purchase.number, PurchaseLine.purchase_id, PurchaseLine.item_id, PurchaseLine.received
        ).join(PurchaseLine, PurchaseLine.purchase_id == Purchase.id)
    )
    for number, order_id, item_id, received in lines:
        if received != came.get((order_id, item_id), 0):
            yield Fault(
                "order",
                Message(
                    "Order %(number)s, %(item)s: %(received)d count as received, %(came)d came.",
                    number=number,
                    item=lists.item(item_id),
                    received=received,
                    came=came.get((order_id, item_id), 0),
                ),
            )
