"""Receiving an order at the desk: boxes scanned or typed, each booked as it is read, until the order is completed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask import Response as Download
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inventory import bookings, catalogue, days, levels, order_outcome, order_receiving, orders
from inventory.errors import ComptoirError, NotOnTheLists
from inventory.lists import fields
from inventory.messages import Message, Names
from inventory.order_doubts import FarTooMany, refuse_far_too_many
from inventory.order_receiving import Arrival
from inventory.order_rules import CONDITION, STATUS, TRANSITIONS, Action, Condition, Status
from inventory.tables import Item, Place, Purchase, PurchaseArrival, PurchaseLine, SupplierItem
from inventory.words import PlaceKind
from web import access
from web.downloads import Table, download
from web.form import NUMBER, Form
from web.movement_pages import shown_lot
from web.order_scanning import Scanned, Waiting, rest, scan
from web.spreadsheets import Value

bp = Blueprint("delivery", __name__, url_prefix="/orders")

PIECES = fields.whole(levels.MOST_PIECES)

WITHOUT_LOT = "without-lot"
"""Pressed where the lot of the box that waits cannot be read."""

MINE = "mine"
"""The hidden field with the numbers of what this page booked, newest last: what an undo code takes back."""

MOST_UNDONE = 20

SURE = "sure"
"""Pressed where far too many pieces are asked about: the code that was asked about, or `TYPED`."""

TYPED = "typed"

STICKY = ("note", "to")
"""Fields that stay as they are from box to box."""


@dataclass(slots=True)
class Done:
    """What one press came to: what it booked, what is to be said of it, the code that waits for its other half, and the
    bookings that an undo code takes back, newest last."""

    booked: UUID | None = None
    says: list[Message] = field(default_factory=list)
    before: str = ""
    refused: bool = False
    mine: list[str] = field(default_factory=list)
    asks: str = ""
    """What the button that says yes to far too many pieces sends; nothing where nothing is asked."""


@bp.get("/<number>/receive")
def page(number: str) -> str:
    """What is expected, and the field that boxes are read into."""
    form = Form({name: request.args.get(name, "") for name in STICKY})
    with access.database().reading() as session:
        return _render(session, orders.order(session, number=number), form)


@bp.get("/<number>/come.<form>")
def outcome_table(number: str, form: str) -> Download:
    """What came beside what was ordered, as a file."""
    headings = (
        Message("Code"),
        Message("Article"),
        Message("Ordered"),
        Message("Received"),
        Message("To come"),
        Message("Too many"),
        Message("Not ordered"),
        Message("Damaged"),
        Message("Expire too soon"),
        Message("Sent back"),
    )
    with access.database().reading() as session:
        found = order_outcome.outcome(session, order=orders.order(session, number=number))
        rows: list[list[Value | Message | Names]] = [
            [
                *(one.item.code, one.item.names, one.ordered, one.received, one.short, one.over),
                *(one.wrong, one.damaged, one.soon, one.refused),
            ]
            for one in found
        ]
    return download(Table(f"{number}-received", headings, rows), form)


@bp.post("/<number>/receive")
def take_in(number: str) -> str | tuple[str, int]:
    """One box, read or typed: booked once, however often it is sent. The page answers it, ready for the next one."""
    form = Form(request.form.to_dict())
    if form[SURE] not in ("", TYPED, WITHOUT_LOT) and not form["code"]:
        form.values = {**form.values, "code": form[SURE]}
    scanned = form["code"] or WITHOUT_LOT in (form["then"], form[SURE])
    typed = None if scanned else _typed(form)
    if scanned and any(form[name] for name in ("item", "pieces", "lot", "expires")):
        both = Message(
            "Either a code, or what you wrote: nothing was booked. Empty one of the two."
        )
        form.fault("code", both)
    done = Done()
    if form.sound:
        try:
            done = access.database().write(lambda session: _work(session, number, form, typed))
        except FarTooMany as error:
            done = _asked(form, error.message, typed)
        except ComptoirError as error:
            form.fault("", error.message)
    kept = {name: form[name] for name in STICKY}
    mine = " ".join(done.mine[-MOST_UNDONE:])
    fresh = Form({**kept, "before": done.before, MINE: mine})
    shown = form if form.faults or done.asks else fresh
    with access.database().reading() as session:
        answer = _render(session, orders.order(session, number=number), shown, done)
    return (answer, 400) if form.faults else answer


def _asked(form: Form, says: Message, typed: Typed | None) -> Done:
    """The form as it was, its code under the button that says yes: the field is free for the next box."""
    asks = TYPED if typed is not None else form["code"] or WITHOUT_LOT
    form.values = {name: value for name, value in form.values.items() if name != "code"}
    return Done(says=[says], refused=True, asks=asks)


@dataclass(frozen=True, slots=True)
class Typed:
    """A box by hand."""

    item: str
    pieces: int
    lot: str | None
    expires: Any


def _typed(form: Form) -> Typed | None:
    item, pieces = form["item"], form.get("pieces", PIECES)
    lot, expires = form.optional("lot", fields.lot), form.optional("expires", fields.day)
    if not item:
        form.fault("item", Message("Scan a box, or choose an article."))
    if expires is not None and lot is None:
        form.fault("lot", Message("An expiry needs its lot: a lot is what expires."))
    if pieces is None or not form.sound:
        return None
    return Typed(item, pieces, lot, expires)


def _work(session: Session, number: str, form: Form, typed: Typed | None) -> Done:
    order = orders.order(session, number=number)
    place = order_receiving.destination(session, code=form["to"] or None)
    how = {"damaged": form["how"] == "damaged", "refused": form["how"] == "refused"}
    found = Scanned()
    arrivals: Sequence[Arrival]
    if typed is not None:
        item = catalogue.item(session, typed.item)
        arrivals = [Arrival(item, typed.pieces, typed.lot, typed.expires, **how)]
    else:
        found = _scanned(session, form)
        if found.undo:
            return _undo_last(session, form)
        arrivals = [box.arrival(session, **how) for box in found.boxes]
    done = Done(
        says=[] if found.says is None else [found.says],
        before=_still_waiting(form, found),
        refused=found.unusable,
        mine=form[MINE].split(),
    )
    if arrivals:
        _book(session, order, arrivals, place, form, done)
    return done


def _scanned(session: Session, form: Form) -> Scanned:
    """The code, after the one that waits for its other half: the page brings that back."""
    waiting: Waiting | None = None
    if form["before"]:
        waiting = scan(session, form["before"]).waiting
    if WITHOUT_LOT in (form["then"], form[SURE]):
        return Scanned(rest(waiting))
    return scan(session, form["code"], waiting=waiting)


def _still_waiting(form: Form, found: Scanned) -> str:
    """The code whose other half is still to come: after one that could not be used, the one before it."""
    if found.waiting is None:
        return ""
    return form["before"] if found.unusable else form["code"]


def _book(
    session: Session,
    order: Purchase,
    arrivals: Sequence[Arrival],
    place: Place,
    form: Form,
    done: Done,
) -> None:
    content = f"receive\n{order.number}\n{form.content(access.CSRF_FIELD)}"
    booking = bookings.begin(session, number=form.number, content=content, day=days.today())
    if booking is None:
        done.booked = form.number
        return
    if not form[SURE]:
        refuse_far_too_many(session, order=order, arrivals=arrivals)
    received = order_receiving.receive(
        session,
        order=order,
        arrivals=arrivals,
        place=place,
        booking_id=booking.id,
        note=form["note"],
        now=days.now(),
    )
    done.says += received.warnings
    done.booked = form.number
    done.mine.append(str(form.number))


def _undo_last(session: Session, form: Form) -> Done:
    """The last that this page booked, once for each press: what others read at the same delivery is theirs."""
    mine = form[MINE].split()
    content = f"undo\n{form.content(access.CSRF_FIELD)}"
    if bookings.begin(session, number=form.number, content=content, day=days.today()) is None:
        return Done(mine=mine[:-1])
    last = Form({NUMBER: mine.pop()}).number if mine else None
    booked = select(PurchaseArrival).where(
        PurchaseArrival.booking_id == (last or form.number).bytes
    )
    arrivals = session.scalars(booked).all()
    if last is None or not arrivals:
        says = Message("Nothing read here is left to take back: use the buttons below.")
        return Done(says=[says], refused=True, mine=mine)
    says = Message(
        "Taken back: %(pieces)d × %(item)s.",
        pieces=sum(one.pieces for one in arrivals),
        item=arrivals[0].item.names,
    )
    bookings.undo(session, number=last, day=days.today())
    return Done(says=[says], mine=mine)


@bp.post("/<number>/receive/undo")
def undo(number: str) -> Response | tuple[str, int]:
    """Take one booking of this order back."""
    form = Form(request.form.to_dict())

    def work(session: Session) -> None:
        order = orders.order(session, number=number)
        ours = {one.booking_id for one in order.arrivals}
        if form.number.bytes not in ours:
            raise NotOnTheLists(Message("Booking"), form[NUMBER])
        bookings.undo(session, number=form.number, day=days.today())

    try:
        access.database().write(work)
    except ComptoirError as error:
        form.fault("", error.message)
        with access.database().reading() as session:
            return _render(session, orders.order(session, number=number), form), 400
    address = url_for(
        "delivery.page", number=number, note=form["note"] or None, to=form["to"] or None
    )
    return redirect(address, 303)


def _render(session: Session, order: Purchase, form: Form, done: Done | None = None) -> str:
    status = Status(order.status)
    return render_template(
        "delivery.html",
        order=order,
        status=status,
        statuses=STATUS,
        may={action.value for action in Action if (status, action) in TRANSITIONS},
        form=Form({**form.values, NUMBER: str(uuid4())}, form.faults),
        done=done or Done(),
        outcomes=order_outcome.outcome(session, order=order),
        arrivals=sorted(order.arrivals, key=lambda one: one.id, reverse=True),
        conditions={condition: CONDITION[condition] for condition in Condition},
        lot=shown_lot,
        items=_items(session, order),
        places=_places(session),
        booking_of=lambda arrival: UUID(bytes=arrival.booking_id),
    )


def _items(session: Session, order: Purchase) -> list[tuple[str, Any]]:
    """What may have come: what is ordered first, then what else this supplier has."""
    ordered = select(PurchaseLine.item_id).where(PurchaseLine.purchase_id == order.id)
    sold = select(SupplierItem.item_id).where(SupplierItem.supplier_id == order.supplier_id)
    wanted = select(Item).where(Item.id.in_(ordered) | Item.id.in_(sold)).order_by(Item.id)
    first = set(session.scalars(ordered))
    found = sorted(session.scalars(wanted), key=lambda item: (item.id not in first, item.id))
    return [(item.code, item.names) for item in found]


def _places(session: Session) -> list[tuple[str, str]]:
    """Where it may go, where there is a choice."""
    stores = select(Place).where(Place.kind == PlaceKind.STORE).order_by(Place.id)
    found = [(place.code, place.name) for place in session.scalars(stores)]
    return found if len(found) > 1 else []
