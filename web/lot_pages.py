"""Lots at the desk: those on hold, and of any lot where it came from, where it lies and where it went."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inventory import days, on_hold
from inventory import trace as traces
from inventory.errors import ComptoirError, NotOnTheLists
from inventory.messages import Message, Names
from inventory.tables import Item, Lot, Place
from inventory.words import NO_LOT, UNKNOWN_LOT, PlaceKind
from web import access, beyond
from web.lots import lots_of
from web.movement_pages import shown_lot
from web.movements import OUTSIDE

bp = Blueprint("lots", __name__)

SOURCES: dict[str, Message] = {
    **{kind.value: said for kind, said in OUTSIDE.items()},
    PlaceKind.OPENING.value: Message("there from the start"),
    PlaceKind.FOUND.value: Message("found"),
    "assembly": Message("assembled here"),
}
"""Where a lot came from, by the kind of place."""


@bp.get("/lots")
def page() -> Response | str | tuple[str, int]:
    """The lots on hold, and the way to any other: by its number, or by what its label says."""
    typed = request.args.get("lot", "").strip()
    with access.database().reading() as session:
        found: list[Lot] = []
        fault = None
        try:
            found = _called(session, typed, request.args.get("item")) if typed else []
        except ComptoirError as error:
            fault = error.message
        if len(found) == 1:
            return redirect(url_for("lots.lot", number=found[0].id))
        shown = render_template(
            "lots.html",
            typed=typed,
            fault=fault,
            found=[(lot.id, lot.item.names, lot.expires) for lot in found],
            on_hold=on_hold.lots(session),
        )
    return (shown, 404) if fault else shown


def _called(session: Session, typed: str, item: str | None) -> list[Lot]:
    """The lots that a number or a label names, of one item where it is named too."""
    found = lots_of(session, typed)
    return [lot for lot in found if item is None or lot.item.code == item]


@dataclass(frozen=True, slots=True)
class Words:
    """What the codes in a trace are called."""

    items: dict[str, Names]
    places: dict[str, str]

    @classmethod
    def of(cls, session: Session) -> Words:
        items = {item.code: item.names for item in session.scalars(select(Item))}
        return cls(items, dict(session.execute(select(Place.code, Place.name)).all()))


@bp.get("/lots/<int:number>")
def lot(number: int) -> str:
    """Where a lot came from, where it lies, and where it went."""
    with access.database().reading() as session:
        return _show(session, _lot(session, number))


def _lot(session: Session, number: int) -> Lot:
    found = session.get(Lot, number)
    if found is None:
        raise NotOnTheLists(Message("Lot"), str(number))
    return found


def _show(session: Session, found: Lot, fault: Message | None = None) -> str:
    trace = traces.trace(session, lot_id=found.id)
    of_itself = [row for row in trace.on_hand if (row.item, row.lot) == _key(found)]
    return render_template(
        "lot.html",
        lot=found,
        names=found.item.names,
        fault=fault,
        told=request.args.get("told"),
        there=of_itself,
        kit_lots=trace.kit_lots,
        handed_out=trace.handed_out,
        origins=trace.from_,
        components=trace.components,
        words=Words.of(session),
        sources=SOURCES,
        shown_lot=shown_lot,
        can_be_held=found.code not in (NO_LOT, UNKNOWN_LOT),
        beyond=beyond.told(session, lot_id=found.id),
        after=next((row for row in on_hold.lots(session) if row.lot_id == found.id), None),
    )


def _key(lot: Lot) -> tuple[str, str]:
    return lot.item.code, lot.code


@bp.post("/lots/<int:number>")
def change(number: int) -> Response | tuple[str, int]:
    """Put a lot on hold, or release it; sent twice it is the same."""
    release = request.form.get("what") == "release"

    def work(session: Session) -> None:
        found = _lot(session, number)
        if release:
            on_hold.release(session, lot=found)
        else:
            on_hold.put(session, lot=found, day=days.today())

    try:
        access.database().write(work)
    except NotOnTheLists:
        raise
    except ComptoirError as error:
        with access.database().reading() as session:
            return _show(session, _lot(session, number), error.message), 400
    told = "released" if release else "held"
    return redirect(url_for("lots.lot", number=number, told=told), 303)
