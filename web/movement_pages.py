"""The page of movements: loans, donations, losses, quarantine, what was picked up in the street.

Each form carries an id made when it was shown, so that sending it twice books once; what was booked can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inventory import bookings, days, desk, loans, returns
from inventory.errors import ComptoirError, NotEnoughStock, NotOnTheLists
from inventory.lists.vocabulary import FAMILY
from inventory.messages import Message, Names
from inventory.tables import Booking, Item, Lot, Move, Place, ShiftReturn
from inventory.words import BORROWED, NO_LOT, UNKNOWN_LOT, PlaceKind
from web import access, language, words
from web.form import NUMBER, Form
from web.movements import (
    DISPOSED,
    FAMILIES,
    LABELS,
    MEASURES,
    MOVEMENTS,
    OUTSIDE,
    SOURCES,
    WHY,
    Movement,
)

bp = Blueprint("movements", __name__)

MISFITS: dict[type[ComptoirError], str] = {NotEnoughStock: "pieces"}
"""At which field a refusal of the ledger is shown; others stand above the form."""


@bp.get("/movements")
def page() -> str:
    """What can be booked, where we stand with partners, and what waits in quarantine."""
    with access.database().reading() as session:
        stand, waiting = loans.loans(session), desk.waiting(session)
    return render_template(
        "movements.html", movements=MOVEMENTS.values(), loans=stand, waiting=waiting, lot=shown_lot
    )


def _form(movement: Movement) -> Callable[[], str]:
    def show() -> str:
        store = _store()
        values = {"day": str(days.today()), "from": store, "to": store, **request.args.to_dict()}
        return _render(movement, Form({**values, NUMBER: str(uuid4())}))

    return show


def _store() -> str:
    """Where most of it comes from and goes to."""
    with access.database().reading() as session:
        stores = select(Place.code).where(Place.kind == PlaceKind.STORE).order_by(Place.id)
        return session.scalar(stores) or ""


def _send(movement: Movement) -> Callable[[], Response | tuple[str, int]]:
    def send() -> Response | tuple[str, int]:
        form = Form(request.form.to_dict())
        movement.check(form)
        if form.sound:
            _book(movement, form)
        if form.sound:
            address = url_for("movements.booked", number=form.number, what=movement.name)
            return redirect(address, 303)
        return _render(movement, form), 400

    return send


def _book(movement: Movement, form: Form) -> None:
    """Once, whatever the number of times it was sent; what does not fit becomes a fault of the form."""

    def work(session: Session) -> None:
        content = f"{movement.name}\n{form.content(access.CSRF_FIELD)}"
        booking = bookings.begin(session, number=form.number, content=content, day=days.today())
        if booking is not None:
            movement.book(session, form, booking)

    try:
        access.database().write(work)
    except bookings.SentBefore as error:
        form.values = {**form.values, NUMBER: str(uuid4())}
        form.fault("", error.message)
    except ComptoirError as error:
        form.fault(MISFITS.get(type(error), ""), error.message)


for _movement in MOVEMENTS.values():
    bp.add_url_rule(f"/movements/{_movement.name}", _movement.name, _form(_movement))
    bp.add_url_rule(
        f"/movements/{_movement.name}",
        f"send_{_movement.name}",
        _send(_movement),
        methods=["POST"],
    )


def _render(movement: Movement, form: Form) -> str:
    with access.database().reading() as session:
        choices = _choices(session)
    return render_template(
        "movement.html",
        movement=movement,
        form=form,
        labels=LABELS,
        choices=choices,
        items=_items_by_shelf(),
        families=[(family, FAMILY.names(family)) for family in FAMILIES],
    )


def _choices(session: Session) -> dict[str, list[tuple[str, Message | str]]]:
    """What each list to choose from offers: the value that is sent, and the words."""
    places = session.scalars(select(Place).order_by(Place.name)).all()
    ours = [
        place
        for place in places
        if PlaceKind(place.kind).gives_stock and place.kind != PlaceKind.PARTNER
    ]
    named: list[tuple[str, Message | str]] = [(place.code, place.name) for place in ours]
    waiting = desk.waiting(session)
    return {
        "partner": [(p.code, p.name) for p in places if p.kind == PlaceKind.PARTNER],
        "from": named,
        "to": named,
        "decide": [*named, (DISPOSED, Message("thrown away"))],
        "place": [(place.code, place.name) for place in ours if place.channel],
        "why": [(why.value, said) for why, said in WHY.items()],
        "source": [*SOURCES.items()],
        "how": [*MEASURES.items()],
        "waiting": [
            (
                f"{row.place}|{row.item}|{row.lot}",
                Message(
                    "%(item)s, %(lot)s: %(pieces)d",
                    item=row.names,
                    lot=shown_lot(row.lot),
                    pieces=row.pieces,
                ),
            )
            for row in waiting
        ],
    }


def _items_by_shelf() -> list[tuple[Message, list[tuple[str, Names]]]]:
    """Every item, as the counter groups them."""
    with access.database().reading() as session:
        items = session.scalars(select(Item).order_by(Item.id)).all()
        return [
            (name, [(item.code, item.names) for item in items if item.family in families])
            for name, families in words.SHELVES.items()
        ]


# What was booked


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces of one lot, from where to where."""

    names: Names
    lot: Message | str
    expires: date | None
    pieces: int
    source: Message | str
    target: Message | str


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking as the page shows it; `returns` are used material: how it was measured, and how much."""

    number: UUID
    undone: bool
    lines: list[Line]
    returns: list[tuple[Message, str]]
    of_kits: bool
    """Kits were taken apart."""


@bp.get("/movements/booked")
def booked() -> Response | str:
    """What a form has booked, with the way back."""
    number = _number(request.args.get("number"))
    if number is None:
        return redirect(url_for("movements.page"))
    return _show(number)


@bp.post("/movements/undo")
def undo() -> Response | tuple[str, int]:
    """Take a booking back by moves the other way; what has gone on since stays."""
    number = _number(request.form.get(NUMBER))
    if number is None:
        raise NotOnTheLists(Message("Booking"), "")
    day = days.today()
    try:
        access.database().write(lambda session: bookings.undo(session, number=number, day=day))
    except ComptoirError as error:
        return _show(number, error.message), 400
    what = request.form.get("what", "")
    return redirect(url_for("movements.booked", number=number, what=what), 303)


def _show(number: UUID, fault: Message | None = None) -> str:
    with access.database().reading() as session:
        booking = bookings.find(session, number)
        shown = Booked(
            number,
            booking.undone,
            list(_lines(session, booking)),
            _returns(session, booking),
            any(move.assembly_id for move in bookings.moves_of(session, booking)),
        )
    movement = MOVEMENTS.get(request.values.get("what", ""))
    return render_template("booked.html", booked=shown, movement=movement, fault=fault)


def _lines(session: Session, booking: Booking) -> Iterator[Line]:
    """Its moves; the way of borrowed pieces through the partner's own stock is the books' business."""
    moves = bookings.moves_of(session, booking)
    if booking.undone:
        moves = moves[: len(moves) // 2]
    for move in moves:
        if BORROWED in (move.from_id, move.to_id):
            continue
        item, lot = session.get_one(Item, move.item_id), session.get_one(Lot, move.lot_id)
        yield Line(
            item.names,
            shown_lot(lot.code),
            lot.expires,
            move.pieces,
            _end(session, move.from_id, move),
            _end(session, move.to_id, move),
        )


def _end(session: Session, place_id: int, move: Move) -> Message | str:
    place = session.get_one(Place, place_id)
    why = {str(reason): said for reason, said in WHY.items()}.get(move.reason)
    if why is not None and place_id == move.to_id:
        return why
    return OUTSIDE.get(PlaceKind(place.kind), place.name)


def _returns(session: Session, booking: Booking) -> list[tuple[Message, str]]:
    query = select(ShiftReturn).where(ShiftReturn.shift_id == booking.shift_id)
    return [
        (
            words.returned(row.method, row.unit),
            words.with_unit(language.number(returns.measure(row.measured)), row.unit)
            or language.number(returns.measure(row.measured)),
        )
        for row in session.scalars(query)
    ]


def shown_lot(code: str) -> Message | str:
    """A lot for people: pieces that carry none, or whose lot nobody read."""
    if code == UNKNOWN_LOT:
        return Message("lot unknown")
    return Message("no lot") if code == NO_LOT else Message("lot %(lot)s", lot=code)


def _number(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
