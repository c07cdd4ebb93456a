"""What can be booked on the page of movements: each with its fields, and the service that books it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sqlalchemy.orm import Session

from inventory import catalogue, days, desk, loans
from inventory.counter import sheets
from inventory.counter.commands import BY_NAME, CONTAINERS
from inventory.counter.values import Returned
from inventory.errors import NotAllowed
from inventory.lists import fields
from inventory.lists.fields import Unfit, line_of_text
from inventory.loans import Arriving, Goods
from inventory.messages import Message, Names
from inventory.tables import Booking, Item, Place
from inventory.words import Family, PlaceKind, Reason
from web.form import Form

Book = Callable[[Session, Form, Booking], object]


@dataclass(frozen=True, slots=True)
class Movement:
    """A form: its address, the words and the pictogram of its card, its fields in their order, and what it does."""

    name: str
    icon: str
    title: Message
    does: Message
    fields: tuple[str, ...]
    check: Callable[[Form], None]
    book: Book


LABELS = {
    "partner": Message("Partner"),
    "from": Message("From which place"),
    "to": Message("To which place"),
    "item": Message("Article"),
    "pieces": Message("Pieces"),
    "lot": Message("Lot, if it is known"),
    "expires": Message("Expiry, if it is known"),
    "why": Message("Why"),
    "waiting": Message("What lies there"),
    "place": Message("Who picked it up"),
    "day": Message("Day"),
    "how": Message("How it is measured"),
    "measured": Message("How many"),
    "source": Message("Where it comes from"),
}

WHY = {
    Reason.VANISHED: Message("vanished"),
    Reason.BROKEN: Message("broken or damaged"),
    Reason.EXPIRED: Message("expired"),
    Reason.LOSS: Message("something else"),
}

SOURCES = {
    "donation": Message("a donation"),
    "shop": Message("bought in a shop"),
}

DISPOSED = "disposed"

MEASURES = {
    "returned-kilograms": Message("kilograms"),
    "returned-litres": Message("litres"),
    **{f"returned-{name}": words for name, (words, _factor) in CONTAINERS.items()},
    "returned-estimated": Message("pieces, estimated"),
}
"""How used material is measured, by the command that says it at a counter."""

OUTSIDE = {
    PlaceKind.DONATION: Message("a donation"),
    PlaceKind.SUPPLIER: Message("a supplier or a shop"),
    PlaceKind.DISPOSED: Message("thrown away"),
    PlaceKind.LOST: Message("lost"),
    PlaceKind.BORROWED: Message("the partner’s own"),
    PlaceKind.HANDED_OUT: Message("handed out"),
    PlaceKind.ASSEMBLY: Message("kits taken apart"),
    PlaceKind.UNACCOUNTED: Message("to be checked"),
}

FAMILIES = [family for family in Family if family is not Family.KIT]

_name = line_of_text(desk.LONGEST_NAME)


def measure(text: str) -> Decimal:
    """A number above zero, with a point or a comma."""
    try:
        found = Decimal(text.replace(",", ".").replace("\N{NO-BREAK SPACE}", "").replace(" ", ""))
    except InvalidOperation:
        raise Unfit(Message("a number such as 2 or 2,5")) from None
    if not found.is_finite() or not 0 < found <= fields.MAX_PIECES:
        raise Unfit(Message("a number above zero"))
    if found != round(found, 3):
        raise Unfit(Message("three decimals at most"))
    return found


# Checking what was typed


def _check(*needed: str) -> Callable[[Form], None]:
    def check(form: Form) -> None:
        for name in needed:
            form.get(name, str)
        form.get("pieces", fields.pieces)
        _check_lot(form)

    return check


def _check_lot(form: Form) -> None:
    form.optional("lot", fields.lot)
    if form.optional("expires", fields.day) is not None and not form["lot"]:
        form.fault("lot", Message("An expiry needs its lot: a lot is what expires."))


def _check_come_in(form: Form) -> None:
    _check("source", "to")(form)
    names = [form.optional(f"name_{language}", _name) for language in ("fr", "nl", "en")]
    if form["item"]:
        if any(names):
            form.fault("item", Message("Choose an article, or name a new one: not both."))
        return
    if not any(names) and not any(name.startswith("name_") for name in form.faults):
        form.fault("item", Message("Choose an article, or name a new one below."))
        return
    if form["family"] not in FAMILIES:
        form.fault("family", Message("Something is needed here."))
    if (form["lot"] or form["expires"]) and not form["dated"]:
        form.fault("dated", Message("With a lot or an expiry, it carries dates."))


def _check_street(form: Form) -> None:
    form.get("place", str)
    day = form.get("day", fields.day)
    try:
        if day is not None:
            sheets.check_day(day, days.now())
    except NotAllowed as error:
        form.fault("day", error.message)
    if form["how"] not in MEASURES:
        form.fault("how", Message("Something is needed here."))
    form.get("measured", measure)


# Booking it. Forms are checked before.


def _pieces(form: Form) -> int:
    return fields.pieces(form["pieces"])


def _place(session: Session, form: Form, field: str) -> Place:
    return catalogue.place(session, form[field])


def _goods(session: Session, form: Form, booking: Booking) -> Goods:
    """What goes from one place to another, as the form says it."""
    return {
        "item": catalogue.item(session, form["item"]) if form["item"] else _new_item(session, form),
        "pieces": _pieces(form),
        "lot": form["lot"] or None,
        "day": booking.day,
        "booking_id": booking.id,
    }


def _arriving(session: Session, form: Form, booking: Booking) -> Arriving:
    return {
        **_goods(session, form, booking),
        "expires": fields.day(form["expires"]) if form["expires"] else None,
    }


def _lend(session: Session, form: Form, booking: Booking) -> None:
    loans.lend(
        session,
        partner=_place(session, form, "partner"),
        from_place=_place(session, form, "from"),
        **_goods(session, form, booking),
    )


def _give_back(session: Session, form: Form, booking: Booking) -> None:
    loans.give_back(
        session,
        partner=_place(session, form, "partner"),
        from_place=_place(session, form, "from"),
        **_goods(session, form, booking),
    )


def _borrow(session: Session, form: Form, booking: Booking) -> None:
    loans.borrow(
        session,
        partner=_place(session, form, "partner"),
        to_place=_place(session, form, "to"),
        **_arriving(session, form, booking),
    )


def _take_back(session: Session, form: Form, booking: Booking) -> None:
    loans.take_back(
        session,
        partner=_place(session, form, "partner"),
        to_place=_place(session, form, "to"),
        **_arriving(session, form, booking),
    )


def _come_in(session: Session, form: Form, booking: Booking) -> None:
    desk.come_in(
        session,
        bought=form["source"] == "shop",
        place=_place(session, form, "to"),
        **_arriving(session, form, booking),
    )


def _new_item(session: Session, form: Form) -> Item:
    return desk.new_item(
        session,
        names=Names(form["name_fr"], form["name_nl"], form["name_en"]),
        family=Family(form["family"]),
        dated=bool(form["dated"]),
    )


def _lose(session: Session, form: Form, booking: Booking) -> None:
    desk.lose(
        session,
        place=_place(session, form, "from"),
        why=Reason(form["why"]),
        **_goods(session, form, booking),
    )


def _decide(session: Session, form: Form, booking: Booking) -> None:
    place, item, lot = [*form["waiting"].split("|", 2), "", ""][:3]
    desk.leave_quarantine(
        session,
        place=catalogue.place(session, place),
        item=catalogue.item(session, item),
        lot=lot,
        pieces=_pieces(form),
        to_place=catalogue.place(session, form["to"]),
        day=booking.day,
        booking_id=booking.id,
    )


def _street(session: Session, form: Form, booking: Booking) -> None:
    how = BY_NAME[form["how"]].meaning
    assert isinstance(how, Returned)
    booking.day = fields.day(form["day"])
    desk.picked_up(
        session,
        booking=booking,
        place=catalogue.place(session, form["place"]),
        method=how.method,
        unit=how.unit,
        factor=how.factor,
        measured=measure(form["measured"]),
    )


MOVEMENTS = {
    movement.name: movement
    for movement in (
        Movement(
            "lend",
            "bring",
            Message("Lend to a partner"),
            Message("Material of ours goes to another organisation."),
            ("partner", "from", "item", "pieces", "lot"),
            _check("partner", "from", "item"),
            _lend,
        ),
        Movement(
            "take-back",
            "arrive",
            Message("A partner gives back"),
            Message("What we lent comes back, the same lot or another."),
            ("partner", "to", "item", "pieces", "lot", "expires"),
            _check("partner", "to", "item"),
            _take_back,
        ),
        Movement(
            "borrow",
            "arrive",
            Message("Borrow from a partner"),
            Message("Material of another organisation comes to us: we owe it."),
            ("partner", "to", "item", "pieces", "lot", "expires"),
            _check("partner", "to", "item"),
            _borrow,
        ),
        Movement(
            "give-back",
            "bring",
            Message("Give back to a partner"),
            Message("What we borrowed goes back, of any lot."),
            ("partner", "from", "item", "pieces", "lot"),
            _check("partner", "from", "item"),
            _give_back,
        ),
        Movement(
            "come-in",
            "box",
            Message("Donation or purchase"),
            Message("Also of an article that no list has yet."),
            ("source", "to", "item", "new", "pieces", "lot", "expires"),
            _check_come_in,
            _come_in,
        ),
        Movement(
            "loss",
            "bad",
            Message("Loss"),
            Message("Vanished, broken, expired."),
            ("from", "item", "pieces", "why", "lot"),
            _check("from", "item", "why"),
            _lose,
        ),
        Movement(
            "quarantine",
            "unopened",
            Message("Quarantine"),
            Message("Back into stock, or thrown away."),
            ("waiting", "pieces", "to"),
            _check("waiting", "to"),
            _decide,
        ),
        Movement(
            "street",
            "returned",
            Message("Picked up in the street"),
            Message("Used material that somebody collected outside."),
            ("place", "day", "how", "measured"),
            _check_street,
            _street,
        ),
    )
}
