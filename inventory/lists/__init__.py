"""Lists handed over as files: every row is checked before any is written, and all are written or none.

Importing the same again changes nothing. See docs/lists.md for the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from inventory import catalogue, days
from inventory.errors import FaultyLists
from inventory.lists import (
    articles,
    codes,
    places,
    receipts,
    recipes,
    screen,
    stock,
    suppliers,
    supply,
)
from inventory.lists.checking import Job, Line, Plan
from inventory.lists.columns import ListKind

__all__ = ["Imported", "ListKind", "import_lists"]

_PLANS: dict[ListKind, Callable[[Job, Iterable[Line]], Plan]] = {
    ListKind.ARTICLES: articles.plan,
    ListKind.CODES: codes.plan,
    ListKind.PLACES: places.plan,
    ListKind.RECIPES: recipes.plan,
    ListKind.STOCK: stock.plan,
    ListKind.RECEIPTS: receipts.plan,
    ListKind.SCREEN: screen.plan,
    ListKind.SUPPLIERS: suppliers.plan,
    ListKind.SUPPLY: supply.plan,
}


@dataclass(frozen=True, slots=True)
class Imported:
    """Rows that changed something, and rows that were there already."""

    imported: int
    unchanged: int


def import_lists(
    session: Session,
    *,
    kind: ListKind,
    files: Sequence[Path],
    normalise_gtin: Callable[[str], str | None],
    to: str | None = None,
    check: bool = False,
    today: date | None = None,
) -> Imported:
    """Import files of one kind, all together or not at all; with `check`, only say what would happen.

    `normalise_gtin` gives the 14 digits of a GTIN, None where its check digit is wrong. `to` is the place that
    receives deliveries (default: the only store). Dates are compared with `today` (default: the service day).

    Raises FaultyLists with every fault of every row of every file, before anything is written.
    """
    if not check:
        catalogue.take_turns(session)
    job = Job(session, files, today or days.today(), to, normalise_gtin)
    plan = _PLANS[kind](job, job.lines(kind))
    if job.faults:
        order = {str(path): place for place, path in reversed(list(enumerate(files)))}
        raise FaultyLists(
            sorted(job.faults, key=lambda fault: (order.get(fault.file, 0), fault.line))
        )
    if not check:
        plan.write()
        session.flush()
    return Imported(plan.imported, plan.unchanged)
