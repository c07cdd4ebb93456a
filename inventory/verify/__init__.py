"""Does the database keep its promises? Balances, moves, journals, kits and receipts, each proved from the moves.

A few statements go through the ledger once and sum it up; the rules are then applied to the sums.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory.tables import Assembly, Balance, Base, Receipt, Shift
from inventory.verify.journals import journal_faults, return_faults
from inventory.verify.moves import balance_faults, held, hold_faults, move_faults, moved
from inventory.verify.papers import kit_faults, order_faults, receipt_faults
from inventory.verify.report import Fault, Lists, Report

__all__ = ["Fault", "Report", "verify"]


def verify(session: Session) -> Report:
    """Check everything in one snapshot: nothing is changed, nothing is repaired."""
    lists = Lists.of(session)
    moves, holds = moved(session), held(session)
    faults = [
        *balance_faults(session, lists, [*moves, *holds]),
        *(fault for flow in moves for fault in move_faults(lists, flow)),
        *(fault for flow in holds for fault in hold_faults(lists, flow)),
        *journal_faults(session),
        *return_faults(session),
        *kit_faults(session, lists),
        *receipt_faults(session, lists),
        *order_faults(session, lists),
    ]
    checked = {
        "balances": _count(session, Balance),
        "moves": sum(flow.rows for flow in moves),
        "shifts": _count(session, Shift),
        "journals": session.scalar(select(func.count(Shift.station_id))) or 0,
        "kits": _count(session, Assembly),
        "receipts": _count(session, Receipt),
    }
    return Report(checked, sorted(faults, key=lambda fault: (fault.code, str(fault.message))))


def _count(session: Session, table: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0
