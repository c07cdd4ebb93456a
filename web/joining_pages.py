"""What arrived after its evening was closed: said on the first page and with the tally, and closed by a button."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inventory.counter import joining, shifts
from inventory.counter.joining import Waiting
from inventory.database import SECRET
from inventory.tables import Setting
from web import access

bp = Blueprint("joining", __name__)


def waiting(first: date | None = None, last: date | None = None) -> list[Waiting]:
    """Late reads that are not part of their shift yet, for whoever may close it."""
    person = access.signed_in()
    if person is None or not access.may(person, bp.name):
        return []
    with access.database().reading() as session:
        return joining.waiting(session, first=first, last=last)


@bp.post("/after-closing/<int:shift_id>")
def close(shift_id: int) -> Response:
    """Sent twice it is done once. "more" says that the number given at closing holds these people not; "seen" stands
    for what the page showed."""
    seen, more = request.form.get("seen", ""), request.form.get("answer") == "more"

    def work(session: Session) -> date | None:
        secret = session.get_one(Setting, SECRET).value
        return shifts.close_late(session, shift_id=shift_id, secret=secret, seen=seen, more=more)

    day = access.database().write(work)
    if day is None:
        return redirect("/", 303)
    access.database().forget_erased()
    that_day: dict[str, Any] = {"from": day, "to": day}
    return redirect(url_for("tally.page", **that_day), 303)
