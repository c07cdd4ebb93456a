"""Stock at the desk: how long each article lasts, what expires, and the levels that say when something is ordered."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirection

from inventory import catalogue, days, expiries, levels
from inventory.cover import Cover, State, covers
from inventory.errors import ComptoirError
from inventory.lists import fields
from inventory.messages import Message, Names
from web import access
from web.downloads import Table, download
from web.form import Form
from web.spreadsheets import Value

bp = Blueprint("stock", __name__)

PIECES = fields.whole(levels.MOST_PIECES, at_least=0)

PLENTY = 90
"""Days of cover that fill the bar: more is enough, and looks so."""

STATES = {
    State.OUT: Message("none left"),
    State.LOW: Message("low"),
    State.WATCH: Message("to watch"),
    State.GOOD: Message("good"),
    State.UNKNOWN: Message("no figures yet"),
}

TO_LOOK_AT = (State.OUT, State.LOW, State.WATCH)


@dataclass(frozen=True, slots=True)
class Row:
    """An article on the page: how full its bar is, of 100, and what there is to do."""

    of: Cover
    full: float
    days: Message
    hint: Message | None

    @classmethod
    def from_cover(cls, cover: Cover) -> Row:
        full = round(min(cover.lasts, PLENTY) / PLENTY * 100, 1)
        return cls(cover, full, _days(cover), _hint(cover))


def _days(cover: Cover) -> Message:
    if cover.state is State.UNKNOWN or math.isinf(cover.lasts):
        return Message("–")
    if cover.lasts > PLENTY:
        return Message("> %(days)d d", days=PLENTY)
    return Message("%(days)d d", days=int(cover.lasts))


def _hint(cover: Cover) -> Message | None:
    wanted = cover.lacks
    if wanted.wanted and cover.supply is None:
        return Message("to be assembled")
    if wanted.wanted > wanted.pieces:
        return Message("order %(pieces)d (quota)", pieces=wanted.pieces)
    if wanted.wanted:
        return Message("order %(pieces)d", pieces=wanted.pieces)
    if cover.state in (State.WATCH, State.OUT) and cover.there.on_order:
        return Message("%(pieces)d are on their way", pieces=cover.there.on_order)
    if cover.there.too_late:
        return Message("%(pieces)d expire before they are used", pieces=cover.there.too_late)
    return None


def rows_of(found: Iterable[Cover], show: str | None, supplier: str | None) -> list[Row]:
    """The rows that an address asks for, the worst first; in the order of the lists among equals."""
    rows = [
        Row.from_cover(one)
        for one in found
        if (show != "low" or one.state in TO_LOOK_AT) and (not supplier or supplier == _source(one))
    ]
    return sorted(rows, key=lambda row: (list(State).index(row.of.state), row.of.lasts))


MADE_HERE = "-"
"""In an address, instead of a supplier's name: kits that are assembled here."""


def _source(cover: Cover) -> str:
    return cover.supply.supplier.name if cover.supply is not None else MADE_HERE


@bp.get("/stock")
def page() -> str:
    """Every article that is ordered or made, and how long it lasts."""
    show, supplier = request.args.get("show"), request.args.get("supplier")
    with access.database().reading() as session:
        found = covers(session, now=days.now()).values()
        rows = rows_of(found, show, supplier)
        return render_template(
            "stock.html",
            rows=rows,
            show=show,
            supplier=supplier,
            sources=sorted({_source(one) for one in found}),
            states=STATES,
            anything=bool(found),
        )


@bp.get("/stock.<form>")
def table(form: str) -> Response:
    """The same rows as a file."""
    with access.database().reading() as session:
        found = covers(session, now=days.now()).values()
        rows = rows_of(found, request.args.get("show"), request.args.get("supplier"))
        return download(Table("stock", HEADINGS, map(_cells, rows)), form)


HEADINGS = (
    Message("Code"),
    Message("Article"),
    Message("Supplier"),
    Message("There"),
    Message("On order"),
    Message("On hold"),
    Message("Expire too soon"),
    Message("Need a week"),
    Message("Lasts until"),
    Message("Reorder point"),
    Message("Order up to"),
    Message("To order or make"),
    Message("How it stands"),
)


def _cells(row: Row) -> list[Value | Message | Names]:
    one, level = row.of, row.of.level
    return [
        one.item.code,
        one.item.names,
        _source(one) if one.supply is not None else Message("made here"),
        one.here,
        one.there.on_order,
        one.there.on_hold,
        one.there.too_late + one.there.expired,
        Decimal(f"{level.daily * 7:.1f}") if level is not None else None,
        one.until,
        level.reorder_point if level is not None else None,
        level.order_up_to if level is not None else None,
        one.lacks.pieces if one.supply is not None else one.lacks.wanted,
        STATES[one.state],
    ]


# Expiries


@bp.get("/stock/expiries")
def expiring() -> str:
    """Lots that expire within half a year, and those that have."""
    today = days.today()
    with access.database().reading() as session:
        found = expiries.expiring(session, today=today)
    return render_template("stock_expiries.html", lots=found, today=today)


@bp.get("/stock/expiries.<form>")
def expiring_table(form: str) -> Response:
    headings = (
        Message("Code"),
        Message("Article"),
        Message("Lot"),
        Message("Expires"),
        Message("Pieces"),
        Message("Will not leave in time"),
    )
    with access.database().reading() as session:
        found = expiries.expiring(session, today=days.today())
    rows: list[list[Value | Message | Names]] = [
        [
            one.item,
            one.names,
            one.lot,
            one.expires,
            one.pieces,
            one.too_late,
        ]
        for one in found
    ]
    return download(Table("expiries", headings, rows), form)


# One article


@bp.get("/stock/item/<path:code>")
def item(code: str) -> str:
    """What there is of an article, how its level came about, and the form that fixes it."""
    with access.database().reading() as session:
        return _render_item(session, code)


def _render_item(session: Session, code: str, form: Form | None = None) -> str:
    found = catalogue.item(session, code)
    cover = covers(session, now=days.now()).get(found.id)
    if form is None:
        level = cover.level if cover is not None else None
        values = {
            "reorder-point": str(level.reorder_point) if level is not None else "",
            "order-up-to": str(level.order_up_to) if level is not None else "",
            "note": level.note if level is not None and level.fixed else "",
        }
        form = Form(values)
    return render_template(
        "stock_item.html",
        item=found,
        cover=cover,
        row=Row.from_cover(cover) if cover is not None else None,
        states=STATES,
        form=form,
        kept="kept" in request.args,
    )


@bp.post("/stock/item/<path:code>")
def fix(code: str) -> Redirection | tuple[str, int]:
    """Fix the levels by hand, or leave them to the computation again."""
    if request.form.get("what") == "release":
        access.database().write(
            lambda session: levels.release(session, item=catalogue.item(session, code))
        )
        return redirect(url_for("stock.item", code=code, kept=1), 303)
    form = Form(request.form.to_dict())
    point = form.get("reorder-point", PIECES)
    up_to = form.get("order-up-to", PIECES)
    if point is not None and up_to is not None:
        _fix(form, code, point, up_to)
    if not form.sound:
        with access.database().reading() as session:
            return _render_item(session, code, form), 400
    return redirect(url_for("stock.item", code=code, kept=1), 303)


def _fix(form: Form, code: str, point: int, up_to: int) -> None:
    def work(session: Session) -> None:
        levels.fix(
            session,
            item=catalogue.item(session, code),
            reorder_point=point,
            order_up_to=up_to,
            note=form["note"],
            day=days.today(),
        )

    try:
        access.database().write(work)
    except ComptoirError as error:
        form.fault("", error.message)
