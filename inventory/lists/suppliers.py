"""Suppliers: `fournisseur;adresse;copie;langue;délai;jours de commande;heure limite;fermé;note;formulaire`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from inventory.lists import vocabulary
from inventory.lists.checking import Job, Line, Plan, updated
from inventory.lists.fields import Unfit, day, line_of_text, optional, whole
from inventory.lists.tabular import Cell
from inventory.messages import Message
from inventory.suppliers import NotAReview, Period, Review, closed_periods
from inventory.tables import Supplier, SupplierClosed

MAX_LEAD_DAYS = 365
MAX_ADDRESS = 200

name_of = line_of_text(100)


@dataclass(frozen=True, slots=True)
class Described:
    """A supplier as a row or the database says it."""

    name: str = ""
    email: str = ""
    copy_to: str = ""
    language: str = "fr"
    lead_days: int = 0
    review: str = ""
    cutoff_hour: int = 24
    note: str = ""
    template: str = ""
    closed: tuple[Period, ...] = ()


NOTHING = Described()


def plan(job: Job, lines: Iterable[Line]) -> Plan:
    """Known by name, without regard to capitals; again with other content updates. A file without one of the columns
    that may be missing leaves that alone; the closed periods are those of the cell and no others."""
    suppliers = {
        one.name.casefold(): one
        for one in job.session.scalars(select(Supplier).options(selectinload(Supplier.closed)))
    }
    wanted: dict[str, Described] = {}
    count = 0
    for line in lines:
        name = line.get("supplier", name_of)
        read = _read(line)
        if not line.sound or name is None:
            continue
        count += 1
        known = replace(_of(suppliers.get(name.casefold())), name=name)
        described = updated(known, line, read, blank=NOTHING)
        if wanted.setdefault(name.casefold(), described) != described:
            line.fault("supplier", Message("each supplier once, or twice the same"))
    changed = {key: one for key, one in wanted.items() if _of(suppliers.get(key)) != one}
    return Plan(len(changed), count - len(changed), lambda: _write(job.session, suppliers, changed))


def _read(line: Line) -> dict[str, Any]:
    return {
        "email": line.get("email", optional(_address)),
        "copy_to": line.get("copy_to", optional(_address)),
        "language": line.get("language", vocabulary.LANGUAGE),
        "lead_days": line.get("lead_days", whole(MAX_LEAD_DAYS, at_least=0)),
        "review": line.get("review", _review),
        "cutoff_hour": line.get("cutoff_hour", optional(_hour)),
        "closed": line.get("closed", optional(_closed)),
        "note": line.get("note", optional(line_of_text(200))),
        "template": line.get("template", optional(_template)),
    }


# The addresses that browsers let people type (HTML, "valid e-mail address"), with a dot in the domain.
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_ADDRESS = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")


def _address(cell: Cell) -> str:
    if isinstance(cell, date) or len(cell) > MAX_ADDRESS or not _ADDRESS.fullmatch(cell):
        raise Unfit(Message("one mail address, such as orders@example.org"))
    return cell


def _review(cell: Cell) -> str:
    try:
        return str(Review.parse("?" if isinstance(cell, date) else cell))
    except NotAReview:
        raise Unfit(
            Message(
                "days such as FRI, or FRI1 FRI3 for the first and third Friday of the month; "
                "an empty cell for any day"
            )
        ) from None


def _template(cell: Cell) -> str:
    """A file of one folder, which is not left."""
    if isinstance(cell, date) or len(cell) > 100 or not _TEMPLATE.fullmatch(cell):
        raise Unfit(
            Message("the name of a spreadsheet in the folder of templates, such as form.xlsx")
        )
    return cell


_TEMPLATE = re.compile(r"[^./\\\x00-\x1f][^/\\\x00-\x1f]*\.xlsx", re.IGNORECASE)

# 12, 12:00, 12h00, 12u, and 12:00:00 as a spreadsheet's own time of day arrives here.
_HOUR = re.compile(r"([0-9]{1,2}) ?(?:[:hu.](?:00)?(?::00)?)?", re.IGNORECASE)


def _hour(cell: Cell) -> int:
    """Not 0: it could be the midnight at the beginning or the one at the end of the day."""
    read = None if isinstance(cell, date) else _HOUR.fullmatch(cell)
    if read is None or not 1 <= int(read[1]) <= 24:
        raise Unfit(Message("a full hour from 1 to 24, such as 12 or 12:00"))
    return int(read[1])


_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}"
_PERIOD = re.compile(rf"({_DAY})(?: ?[/–-] ?({_DAY}))?")


def _closed(cell: Cell) -> tuple[Period, ...]:
    """Periods in order. They may not overlap: one of them would be a slip."""
    if isinstance(cell, date):
        return (Period(day(cell), day(cell)),)
    periods = sorted(map(_period, cell.split(",")), key=lambda period: period.first)
    if any(one.last >= other.first for one, other in pairwise(periods)):
        raise Unfit(Message("periods that do not overlap"))
    return tuple(periods)


def _period(written: str) -> Period:
    read = _PERIOD.fullmatch(" ".join(written.split()))
    if read is None:
        raise Unfit(Message("periods such as 2026-07-20/2026-08-07, with commas between several"))
    first, last = day(read[1]), day(read[2] or read[1])
    if last < first:
        raise Unfit(Message("periods of which the last day is not before the first"))
    return Period(first, last)


def _of(supplier: Supplier | None) -> Described:
    if supplier is None:
        return NOTHING
    columns = (name for name in Described.__slots__ if name != "closed")
    return Described(
        **{name: getattr(supplier, name) for name in columns},
        closed=tuple(closed_periods(supplier)),
    )


def _write(session: Session, rows: dict[str, Supplier], changed: dict[str, Described]) -> None:
    for key, described in changed.items():
        row = rows.get(key) or Supplier()
        for name in Described.__slots__:
            if name != "closed":
                setattr(row, name, getattr(described, name))
        session.add(row)
        session.flush()
        session.execute(delete(SupplierClosed).where(SupplierClosed.supplier_id == row.id))
        session.add_all(
            SupplierClosed(supplier_id=row.id, first=period.first, last=period.last)
            for period in described.closed
        )
        session.flush()
        session.expire(row, ["closed"])
