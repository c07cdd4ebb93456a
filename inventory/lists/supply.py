"""What comes from whom: `fournisseur;article;référence;multiple;minimum;quota;essentiel`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.lists import vocabulary
from inventory.lists.checking import Job, Line, Plan, updated
from inventory.lists.fields import MAX_PIECES, Unfit, note, optional, pieces, whole
from inventory.lists.goods import known_items
from inventory.lists.suppliers import name_of
from inventory.lists.tabular import Cell
from inventory.lists.vocabulary import Answer
from inventory.messages import Message
from inventory.tables import Supplier, SupplierItem


@dataclass(frozen=True, slots=True)
class Described:
    """Where an item comes from, as a row or the database says it. `supplier_id` 0: from nobody."""

    supplier_id: int = 0
    reference: str = ""
    multiple: int = 1
    minimum: int = 0
    quota: int | None = None
    essential: bool = False

    @property
    def least(self) -> int:
        """The fewest pieces that can be ordered at a time: whole packs."""
        packs = max(1, -(-self.minimum // self.multiple))
        return packs * self.multiple


NOTHING = Described()


def plan(job: Job, lines: Iterable[Line]) -> Plan:
    """Known by item, which has one supplier; again with other content updates.

    A file without one of the columns that may be missing leaves that alone, unless the item now comes from another
    supplier: its packs and references are not those of the one before.
    """
    items, find_supplier = known_items(job.session), _known_suppliers(job.session)
    rows = {row.item_id: row for row in job.session.scalars(select(SupplierItem))}
    wanted: dict[int, Described] = {}
    count = 0
    for line in lines:
        supplier = line.get("supplier", find_supplier)
        item = line.get("item", items.find)
        read = _read(line)
        if not line.sound or supplier is None or item is None:
            continue
        count += 1
        known = _from(supplier, _of(rows.get(item.id)))
        described = updated(known, line, read, blank=NOTHING)
        if described.quota is not None and described.quota < described.least:
            expected = Message(
                "%(least)d or more, as no fewer can be ordered", least=described.least
            )
            line.fault("quota", expected)
        if wanted.setdefault(item.id, described) != described:
            line.fault("item", Message("each item once, or twice the same: it has one supplier"))
    changed = {key: one for key, one in wanted.items() if _of(rows.get(key)) != one}
    return Plan(len(changed), count - len(changed), lambda: _write(job.session, rows, changed))


def _from(supplier: Supplier, known: Described) -> Described:
    """What is known of an item that comes from this supplier."""
    if supplier.id == known.supplier_id:
        return known
    return replace(NOTHING, supplier_id=supplier.id, essential=known.essential)


def _known_suppliers(session: Session) -> Callable[[Cell], Supplier]:
    """The supplier that a cell names, without regard to capitals."""
    known = {one.name.casefold(): one for one in session.scalars(select(Supplier))}

    def parse(cell: Cell) -> Supplier:
        found = known.get(name_of(cell).casefold()) if cell else None
        if found is None:
            raise Unfit(Message("a supplier of the lists"))
        return found

    return parse


def _read(line: Line) -> dict[str, Any]:
    return {
        "reference": line.get("reference", optional(note)),
        "multiple": line.get("multiple", optional(pieces)),
        "minimum": line.get("minimum", optional(whole(MAX_PIECES, at_least=0))),
        "quota": line.get("quota", optional(pieces)),
        "essential": line.get("essential", vocabulary.ANSWER) is Answer.YES,
    }


def _of(row: SupplierItem | None) -> Described:
    if row is None:
        return NOTHING
    return Described(**{name: getattr(row, name) for name in Described.__slots__})


def _write(session: Session, rows: dict[int, SupplierItem], changed: dict[int, Described]) -> None:
    for item_id, described in changed.items():
        row = rows.get(item_id) or SupplierItem(item_id=item_id)
        for name in Described.__slots__:
            setattr(row, name, getattr(described, name))
        session.add(row)
