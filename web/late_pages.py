"""What arrived too late to be counted: shown to the logistics lead, who lets it go when it was looked at."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from inventory import set_aside
from inventory.tables.base import MOST_NUMBER
from web import access
from web.sheet_pages import day_of

bp = Blueprint("late", __name__)


@bp.get("/late")
def page() -> str:
    with access.database().reading() as session:
        return render_template("late.html", rows=set_aside.waiting(session))


@bp.post("/late")
def let_go() -> Response:
    form, day = request.form, day_of(request.form.get("day"))
    pieces = form.get("pieces", type=int)
    if day is None or pieces is None or abs(pieces) > MOST_NUMBER:
        raise BadRequest
    access.database().write(
        lambda session: set_aside.let_go(
            session,
            code=form.get("code", ""),
            day=day,
            place=form.get("place", ""),
            pieces=pieces,
        )
    )
    return redirect(url_for("late.page"), 303)
