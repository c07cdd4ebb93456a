"""Stock at the desk: how long each article lasts, what expires, and the levels that say when something is ordered."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirection

from inventory import catalogue, days, expiries, levels, opening_days
from inventory.cover import Cover, State, covers
from inventory.errors import ComptoirError, NotAllowed, NotOnTheLists
from inventory.expiries import Expiring
from inventory.lists import fields
from inventory.messages import Message, Names
from inventory.tables import Item, ItemLevel
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

WITHIN = (30, 91, expiries.AHEAD.days)
"""Days ahead that expiries may be asked for."""

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
    Message("In kits that lie ready"),
    Message("With partners, ours"),
    Message("Here, theirs"),
    Message("Can be counted on"),
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
        one.there.in_kits,
        one.there.lent,
        one.there.owed,
        one.there.total,
    ]


# Expiries


@dataclass(frozen=True, slots=True)
class Asked:
    """Which expiries an address asks for: within so many days, and only what will not leave in time."""

    within: int
    only_late: bool

    @classmethod
    def of_request(cls) -> Asked:
        within = request.args.get("within", type=int)
        within = within if within in WITHIN else expiries.AHEAD.days
        return cls(within, request.args.get("show") == "late")

    def lots(self, session: Session, today: date) -> list[Expiring]:
        until = today + timedelta(days=self.within)
        found = expiries.expiring(session, today=today, until=until)
        return [one for one in found if one.too_late or not self.only_late]

    @property
    def address(self) -> dict[str, int | str]:
        """What differs from all of half a year, for addresses."""
        within = {} if self.within == expiries.AHEAD.days else {"within": self.within}
        return {**within, **({"show": "late"} if self.only_late else {})}


@bp.get("/stock/expiries")
def expiring() -> str:
    """Lots that expire within half a year or sooner, and those that have."""
    today, asked = days.today(), Asked.of_request()
    with access.database().reading() as session:
        lots = asked.lots(session, today)
    return render_template(
        "stock_expiries.html", lots=lots, today=today, asked=asked, choices=WITHIN
    )


@bp.get("/stock/expiries.<form>")
def expiring_table(form: str) -> Response:
    """The same rows as a file."""
    headings = (
        Message("Code"),
        Message("Article"),
        Message("Lot"),
        Message("Expires"),
        Message("Pieces"),
        Message("Will not leave in time"),
    )
    with access.database().reading() as session:
        found = Asked.of_request().lots(session, days.today())
    rows: list[list[Value | Message | Names]] = [
        [one.item, one.names, one.lot, one.expires, one.pieces, one.too_late] for one in found
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
    now = _written(cover.level if cover is not None else None)
    form = Form({**now, **(form.values if form is not None else {})}, form.faults if form else {})
    return render_template(
        "stock_item.html",
        item=found,
        cover=cover,
        row=Row.from_cover(cover) if cover is not None else None,
        states=STATES,
        form=form,
        was=" ".join(now.values()),
        unsaid=opening_days.never_said(session),
        kept="kept" in request.args,
    )


def _written(level: ItemLevel | None) -> dict[str, str]:
    """The fields of the form, as the level is."""
    return {
        "reorder-point": str(level.reorder_point) if level is not None else "",
        "order-up-to": str(level.order_up_to) if level is not None else "",
        "note": level.note if level is not None and level.fixed else "",
    }


@bp.post("/stock/item/<path:code>")
def fix(code: str) -> Redirection | tuple[str, int]:
    """Fix the levels by hand, or leave them to the computation again."""
    form = Form(request.form.to_dict())
    if form["what"] == "release":
        _write(form, code, lambda session, item: levels.release(session, item=item))
    else:
        point = form.get("reorder-point", PIECES)
        up_to = form.get("order-up-to", PIECES)
        if point is not None and up_to is not None:
            _fix(form, code, point, up_to)
    if not form.sound:
        with access.database().reading() as session:
            return _render_item(session, code, form), 400
    return redirect(url_for("stock.item", code=code, kept=1), 303)


def _fix(form: Form, code: str, point: int, up_to: int) -> None:
    def work(session: Session, item: Item) -> None:
        levels.fix(
            session,
            item=item,
            reorder_point=point,
            order_up_to=up_to,
            note=form["note"],
            day=days.today(),
        )

    _write(form, code, work)


def _write(form: Form, code: str, work: Callable[[Session, Item], object]) -> None:
    """What cannot be, or was changed meanwhile, becomes a fault of the form."""

    def on_what_was_shown(session: Session) -> None:
        item = catalogue.item(session, code)
        level = session.get(ItemLevel, item.id, with_for_update=True, populate_existing=True)
        _as_shown(level, form)
        work(session, item)

    try:
        access.database().write(on_what_was_shown)
    except NotOnTheLists:
        raise
    except ComptoirError as error:
        form.fault("", error.message)


def _as_shown(level: ItemLevel | None, form: Form) -> None:
    """Raises NotAllowed where the level is no longer what the form showed: a page that stayed open overnight, or two
    who write at once. Sent again it holds, for then it shows what there is."""
    now = _written(level)
    if level is not None and form["was"] != " ".join(now.values()).strip():
        raise NotAllowed(
            Message(
                "These levels were changed meanwhile: it is now %(point)s / %(up_to)s%(note)s. Nothing was kept; "
                "press again to write over it.",
                point=now["reorder-point"],
                up_to=now["order-up-to"],
                note=f" ({now['note']})" if now["note"] else "",
            )
        )
