"""On which day which order is drafted by itself. Nothing of it leaves before a person has approved it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from inventory import orders, suppliers
from inventory.tables import Purchase


def draft_due(session: Session, *, now: datetime, next_run: datetime) -> list[Purchase]:
    """Draft an order to each supplier whose review would be over by the next run, or bring it up to date; those there
    are. A supplier that takes orders until six is drafted for on the day before, one that takes them on any day daily.
    """
    due = [
        one
        for one in suppliers.all_suppliers(session)
        if suppliers.schedule(one, now=now).review != suppliers.schedule(one, now=next_run).review
    ]
    found = (orders.draft(session, supplier=one, now=now) for one in due)
    return [order for order in found if order is not None]
