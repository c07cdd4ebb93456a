"""Kits at the desk: how many are needed and can be made, and taking some apart again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask import Response as Download
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inventory import bookings, catalogue, days, kit_needs, photos, taking_apart
from inventory.errors import ComptoirError, NotEnoughStock
from inventory.kit_needs import KitNeed, Needs
from inventory.lists import fields
from inventory.lists.fields import Unfit
from inventory.messages import Message, Names
from inventory.tables import Assembly, Balance, Item, Lot, Place
from inventory.words import PlaceKind
from inventory.workshop import batches
from web import access, beyond, pictograms
from web.downloads import Table, download
from web.form import NUMBER, Form
from web.shelves import photo_address
from web.spreadsheets import Value

bp = Blueprint("kits", __name__)

BAR_WIDTH = 100
"""Of the picture of a kit, in units of its own: all that is needed, or all that can be made where that is more."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What can be made, as lengths: with what lies here, and with the stores; and where the need ends."""

    here: float
    with_stores: float
    need: float

    @classmethod
    def of(cls, one: KitNeed) -> Bar:
        longest = max(one.needed, one.with_stores.kits, 1)
        if one.needed:  # what goes far beyond the need says nothing
            longest = min(longest, 2 * one.needed)

        def length(kits: int) -> float:
            return round(min(kits, longest) / longest * BAR_WIDTH, 1)

        return cls(length(one.here.kits), length(one.with_stores.kits), length(one.needed))


@dataclass(frozen=True, slots=True)
class Row:
    """A kit on the page."""

    of: KitNeed
    photo: str | None
    symbol: str
    bar: Bar


@bp.get("/kits")
def page() -> str:
    """What is needed and what can be made, at the workshop asked for or the first."""
    return _render_kits()


def _workshops(session: Session) -> tuple[list[Place], Place | None]:
    """All of them, and the one asked for or the first."""
    places = select(Place).where(Place.kind == PlaceKind.WORKSHOP).order_by(Place.id)
    workshops = list(session.scalars(places))
    asked = request.args.get("place")
    chosen = next((one for one in workshops if one.code == asked), None)
    return workshops, chosen or next(iter(workshops), None)


@bp.get("/kits.<form>")
def table(form: str) -> Download:
    """How many of each kit are needed, and what can be made, as a file."""
    headings = (
        Message("Code"),
        Message("Kit"),
        Message("Needed"),
        Message("In the making"),
        Message("Ready"),
        Message("On the way"),
        Message("Can be made with what is here"),
        Message("With the store too"),
        Message("All kits together"),
        Message("Runs out first"),
    )
    return download(Table("kits", headings, _of_needs(_kit_cells)), form)


@bp.get("/kits/fetch.<form>")
def fetch_table(form: str) -> Download:
    """What the store has to bring first, as a file."""
    headings = (Message("Code"), Message("Article"), Message("Pieces"))
    return download(Table("fetch", headings, _of_needs(_fetch_cells)), form)


Cells = list[Value | Message | Names]


def _of_needs(cells: Callable[[Needs], list[Cells]]) -> list[Cells]:
    with access.database().reading() as session:
        _, workshop = _workshops(session)
        if workshop is None:
            return []
        return cells(kit_needs.needs(session, workshop=workshop, day=days.today()))


def _kit_cells(found: Needs) -> list[Cells]:
    return [
        [
            *(one.kit.code, one.kit.names, one.needed, one.in_the_making, one.ready),
            *(one.on_the_way, one.here.kits, one.with_stores.kits, one.together),
            one.with_stores.limit.names if one.with_stores.limit is not None else None,
        ]
        for one in found.kits
    ]


def _fetch_cells(found: Needs) -> list[Cells]:
    return [[item.code, item.names, pieces] for item, pieces in found.to_fetch]


def _render_kits(fault: Message | None = None) -> str:
    with access.database().reading() as session:
        workshops, workshop = _workshops(session)
        found = None
        if workshop is not None:
            found = kit_needs.needs(session, workshop=workshop, day=days.today())
        return render_template(
            "kits.html",
            workshops=workshops,
            workshop=workshop,
            needs=found,
            rows=_rows(session, found) if found else [],
            under_way=_under_way(session, workshop) if workshop else [],
            beyond=beyond.told(session),
            fault=fault,
        )


def _rows(session: Session, needs: Needs) -> list[Row]:
    hashes = photos.hashes(session)
    return [
        Row(
            one,
            photo_address(one.kit.code, hashes.get(one.kit.id)),
            pictograms.of(one.kit),
            Bar.of(one),
        )
        for one in needs.kits
    ]


# Under way


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Kits being made: how many are noted, and whether the batch may be dropped without counting."""

    kit: Item
    ready: int
    may_be_dropped: bool


def _under_way(session: Session, workshop: Place) -> list[UnderWay]:
    return [
        UnderWay(batch.kit, batch.ready, batches.may_be_dropped(session, batch))
        for batch in batches.under_way(session, place_id=workshop.id)
    ]


@bp.post("/kits/drop")
def drop() -> Response:
    """A batch whose table is gone, where nothing was made; dropped already, it is simply so."""
    place, kit = request.form.get("place", ""), request.form.get("kit", "")

    def work(session: Session) -> bool:
        place_id, kit_id = catalogue.place(session, place).id, catalogue.item(session, kit).id
        return batches.drop(session, place_id=place_id, kit_id=kit_id)

    if access.database().write(work):
        access.database().forget_erased()
    return redirect(url_for("kits.page", place=place), 303)


# Taking apart


@bp.get("/kits/apart")
def apart() -> str:
    """Kits made here, wherever they lie: some of a lot become components again."""
    form = Form({**request.args.to_dict(), NUMBER: str(uuid4())})
    return _render_apart(form)


@bp.post("/kits/apart")
def take_apart() -> Response | tuple[str, int]:
    """Once, whatever the number of times it was sent; what does not fit becomes a fault of the form."""
    form = Form(request.form.to_dict())
    chosen = form.get("what", _lot_at_place)
    count = form.get("kits", fields.pieces)
    if chosen is not None and count is not None:
        _take_apart(form, *chosen, count)
    if not form.sound:
        return _render_apart(form), 400
    return redirect(url_for("movements.booked", number=form.number), 303)


def _lot_at_place(text: str) -> tuple[int, int]:
    place, _, lot = text.partition("|")
    return _key(place), _key(lot)


def _key(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Unfit(Message("one of the list"))
    return int(text)


def _take_apart(form: Form, place_id: int, lot_id: int, count: int) -> None:
    def work(session: Session, day: date, booking_id: bytes) -> None:
        place, lot = session.get(Place, place_id), session.get(Lot, lot_id)
        if place is None or lot is None:
            raise Unfit(Message("one of the list"))
        taking_apart.take_apart(
            session, lot_id=lot.id, count=count, place=place, day=day, booking_id=booking_id
        )

    _book(form, "take apart", work)


@bp.post("/kits/take-back")
def take_back() -> Response | tuple[str, int]:
    """Kits that were counted beyond the books, and are not there: once, whatever the number of times it was sent."""
    form = Form(request.form.to_dict())
    lot_id, count = form.get("lot", _key), form.get("kits", fields.pieces)
    if lot_id is None or count is None:
        return _render_kits(Message("Nothing was booked: choose the kits once more.")), 400

    def work(session: Session, day: date, booking_id: bytes) -> None:
        taking_apart.take_back(session, lot_id=lot_id, count=count, day=day, booking_id=booking_id)

    _book(form, "take back", work)
    if not form.sound:
        return _render_kits(next(iter(form.faults.values()))), 400
    return redirect(url_for("movements.booked", number=form.number), 303)


def _book(form: Form, what: str, work: Callable[[Session, date, bytes], None]) -> None:
    """Once for each form; what does not fit becomes a fault of it."""

    def once(session: Session) -> None:
        content, day = f"{what}\n{form.content(access.CSRF_FIELD)}", days.today()
        booking = bookings.begin(session, number=form.number, content=content, day=day)
        if booking is not None:
            work(session, day, booking.id)

    try:
        access.database().write(once)
    except Unfit as unfit:
        form.fault("what", Message("Expected: %(expected)s.", expected=unfit.expected))
    except bookings.SentBefore as error:
        form.values = {**form.values, NUMBER: str(uuid4())}
        form.fault("", error.message)
    except NotEnoughStock as error:
        form.fault("kits", error.message)
    except ComptoirError as error:
        form.fault("", error.message)


def _render_apart(form: Form) -> str:
    with access.database().reading() as session:
        choices = [
            (f"{place_id}|{lot_id}", words) for place_id, lot_id, words in _made_here(session)
        ]
    return render_template("kits_apart.html", form=form, choices=choices)


def _made_here(session: Session) -> list[tuple[int, int, Message]]:
    """Kits that were assembled here, by the lot and where they lie."""
    rows = session.execute(
        select(Place, Item, Lot, Balance.pieces)
        .join(Balance, Balance.place_id == Place.id)
        .join(Item, Item.id == Balance.item_id)
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Assembly, Assembly.lot_id == Lot.id)
        .where(Balance.pieces > 0)
        .order_by(Item.id, Place.name, Lot.code)
    )
    return [
        (place.id, lot.id, _lying(place, item, lot, pieces))
        for place, item, lot, pieces in rows
        if PlaceKind(place.kind).holds_stock
    ]


def _lying(place: Place, item: Item, lot: Lot, pieces: int) -> Message:
    what = {"item": item.names, "lot": lot.code, "place": place.name, "pieces": pieces}
    if lot.on_hold_since is not None:
        return Message("%(item)s, lot %(lot)s (on hold), %(place)s: %(pieces)d", **what)
    return Message("%(item)s, lot %(lot)s, %(place)s: %(pieces)d", **what)
