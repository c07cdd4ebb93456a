"""What is asked before it is booked: so many pieces that a finger probably slipped, or boxes were counted as pieces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.errors import ComptoirError
from inventory.messages import Message, Names
from inventory.order_receiving import Arrival
from inventory.tables import Purchase, PurchaseLine

FAR = 10
"""Times what was ordered; of what was not, times the most that was ordered of anything."""


class FarTooMany(ComptoirError):
    """Nothing was booked: somebody has to say that it is so."""

    code = "far_too_many"


def refuse_far_too_many(session: Session, *, order: Purchase, arrivals: Sequence[Arrival]) -> None:
    """Raises FarTooMany where these alone, or together with what came before, come to ten times what was ordered; what
    somebody said yes to is not asked about with every box that follows."""
    lines = {
        line.item_id: line
        for line in session.scalars(
            select(PurchaseLine).where(PurchaseLine.purchase_id == order.id)
        )
    }
    most = max((line.pieces for line in lines.values()), default=0)
    coming: Counter[int] = Counter()
    names: dict[int, Names] = {}
    for one in arrivals:
        coming[one.item.id] += one.pieces
        names[one.item.id] = one.item.names
    for item_id, pieces in coming.items():
        line = lines.get(item_id)
        ordered, before = (line.pieces, line.received) if line is not None else (0, 0)
        limit = FAR * (ordered or most)
        if pieces >= limit or before < limit <= before + pieces:
            raise FarTooMany(
                Message(
                    "%(pieces)d × %(item)s? %(ordered)d were ordered. Nothing is booked yet: are these pieces, "
                    "and so many?",
                    pieces=pieces,
                    item=names[item_id],
                    ordered=ordered,
                )
            )
