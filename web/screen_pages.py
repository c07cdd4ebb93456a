"""The order of the pictures at a place, set by pressing: up, down, first, hide. Works without script."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inventory import catalogue, screens
from inventory.tables import Place, Station
from inventory.words import PlaceKind
from web import access
from web.shelves import hidden, shelves

bp = Blueprint("screens", __name__)

OPPOSITE = {"hide": "show", "show": "hide"}
"""The button that is there after one is pressed that goes away."""


@bp.get("/screens")
def page() -> str:
    """The screen of a place, each picture with its buttons."""
    with access.database().reading() as session:
        places = _places(session)
        code = request.args.get("place") or (places[0][0] if places else "")
        place = catalogue.place(session, code) if code else None
        on_shelves = shelves(session, place.id) if place else []
        off = hidden(session, place.id) if place else []
        own = bool(place and screens.positions(session, place_id=place.id))
    return render_template(
        "screens.html",
        place=code,
        places=places,
        shelves=on_shelves,
        hidden=off,
        own=own,
        # The button that was pressed has the focus, so that it can be pressed again.
        pressed=request.args.get("press"),
    )


@bp.post("/screens")
def change() -> Response:
    """One press of a button: up, down, first, hide or show, and which shelf or item; or reset."""
    place, press = request.form.get("place", ""), request.form.get("press", "")
    how, _, what = press.partition(" ")

    def work(session: Session) -> None:
        place_id = catalogue.place(session, place).id
        on_shelves = shelves(session, place_id)
        order = [[one.item for one in shelf.pictures] for shelf in on_shelves]
        off = [one.item for one in hidden(session, place_id)]
        keys = [shelf.key for shelf in on_shelves]
        match how:
            case "reset":
                order, off = [], []
            case "up" | "down" | "first" if what in keys:
                order = [order[keys.index(key)] for key in moved(keys, what, how)]
            case "up" | "down" | "first":
                order = [moved(shelf, what, how) for shelf in order]
            case "hide":
                order = [[one for one in shelf if one != what] for shelf in order]
                off = [*off, what]
            case "show":
                order, off = [*order, [what]], [one for one in off if one != what]
            case _:
                abort(400)
        screens.set_order(
            session, place=place, shown=[one for shelf in order for one in shelf], hidden=off
        )

    access.database().write(work)
    # No anchor: where an address has one, browsers leave the focus alone.
    back = f"{OPPOSITE.get(how, how)} {what}"
    return redirect(url_for("screens.page", place=place, press=back), 303)


def moved(row: Sequence[str], what: str, how: str) -> list[str]:
    """A row with one of its members up, down or first; as it is where it has none of that name.

    >>> moved("abcd", "c", "up"), moved("abcd", "d", "down"), moved("abcd", "c", "first")
    (['a', 'c', 'b', 'd'], ['a', 'b', 'c', 'd'], ['c', 'a', 'b', 'd'])
    """
    if what not in row:
        return list(row)
    others = [one for one in row if one != what]
    at = {"up": row.index(what) - 1, "down": row.index(what) + 1}.get(how, 0)
    others.insert(max(0, at), what)
    return others


def _places(session: Session) -> list[tuple[str, str]]:
    """Where pieces are given from, those with a station first."""
    with_station = set(session.scalars(select(Station.place_id)))
    giving = [kind for kind in PlaceKind if kind.gives_stock]
    rows = session.scalars(select(Place).where(Place.kind.in_(giving)).order_by(Place.id)).all()
    ordered = sorted(rows, key=lambda place: place.id not in with_station)
    return [(place.code, place.name) for place in ordered]
