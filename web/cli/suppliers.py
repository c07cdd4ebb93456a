"""Suppliers: when orders go out, and when what was ordered comes."""

from __future__ import annotations

from typing import Any

import click

from inventory import days
from inventory import suppliers as rules
from inventory.suppliers import Schedule
from inventory.tables import Supplier
from web.cli.common import as_json, command, print_json, print_table, reading

COLUMNS = ["name", "next_review", "cutoff_hour", "expected", "closed"]


@click.command("suppliers")
@as_json
@command
def suppliers(as_json: bool) -> None:
    """Every supplier: the next day it takes orders, until which hour, when they come, and when it is closed.

    \b
    Example: comptoir suppliers --json
    """
    now = days.now()
    with reading() as session:
        taken = rules.deliveries(session)
        rows = [
            _row(supplier, rules.schedule(supplier, now=now, taken=taken.get(supplier.id, ())))
            for supplier in rules.all_suppliers(session)
        ]
    if as_json:
        print_json(rows)
    else:
        print_table(COLUMNS, [[_cell(row[key]) for key in COLUMNS] for row in rows])


def _row(supplier: Supplier, schedule: Schedule) -> dict[str, Any]:
    return {
        "name": supplier.name,
        "email": supplier.email,
        "copy_to": supplier.copy_to,
        "language": supplier.language,
        "lead_days": supplier.lead_days,
        "learned_lead_days": schedule.lead_days,
        "review": supplier.review,
        "cutoff_hour": supplier.cutoff_hour,
        "next_review": schedule.review,
        "following_review": schedule.following,
        "expected": schedule.expected,
        "closed": rules.closed_periods(supplier),
        "template": supplier.template,
        "note": supplier.note,
    }


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(f"{period.first}/{period.last}" for period in value)
    return value
