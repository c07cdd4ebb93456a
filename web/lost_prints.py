"""What a station was printing when its process died, and did not come back: somebody is asked whether it came out.

A process that begins again says so itself (`web.printing`). Where none does, whoever looks at the paper finds the
question there.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from inventory import printing
from inventory.database import Database
from web import reads
from web.station_status import Statuses


def ask(database: Database, statuses: Statuses) -> bool:
    """Ask about what stations that are away had under way: whether there was any."""
    with database.reading() as session:
        names = printing.at_work(session)
    gone = [name for name in names if statuses.is_away(name)]
    lost = [database.write(partial(_lose, statuses=statuses, station=name)) for name in gone]
    return any(lost)


def current_session(
    database: Database, statuses: Statuses, *, station: str
) -> dict[str, Any] | None:
    """The session of a station today, for a page that asks about paper."""
    view = reads.current_session(database, station=station)
    if view is None or view["print"] is None or not ask(database, statuses):
        return view
    return reads.current_session(database, station=station)


def _lose(session: Session, *, statuses: Statuses, station: str) -> bool:
    return printing.lose(session, station=station, is_away=partial(statuses.is_away, station))
