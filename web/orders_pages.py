"""Orders at the desk: what there is to do this morning, and all orders (one of them: `web.order_pages`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirection

from inventory import days, expiries, morning, orders, outbox, suppliers
from inventory.cover import covers
from inventory.messages import Message, Names
from inventory.morning import Kind, Todo
from inventory.order_rules import COMING, OPEN, STATUS, Status
from inventory.tables import Purchase
from web import access
from web.downloads import Table, download
from web.spreadsheets import Value
from web.stock_pages import STATES, rows_of

bp = Blueprint("orders", __name__)

YEAR = timedelta(days=366)

MOST_ROWS = 8
"""Of a table on the first page; the rest is a page away."""

ICONS = {
    Kind.RECALL: "hold",
    Kind.RUNS_OUT: "warn",
    Kind.LATE: "later",
    Kind.RECEIVE: "arrive",
    Kind.CLOSE: "ok",
    Kind.SEND: "truck",
    Kind.APPROVE: "edit",
    Kind.DRAFT: "truck",
    Kind.ASSEMBLE: "kit-inject",
    Kind.BRING: "bring",
    Kind.EXPIRING: "waiting",
    Kind.UNKNOWN_CODES: "scan",
    Kind.NOTHING_RECORDED: "tally",
}
URGENT = (Kind.RECALL, Kind.RUNS_OUT, Kind.LATE)

BUTTONS: dict[Kind, tuple[Message, Callable[[Todo], str]]] = {
    Kind.RECALL: (Message("Where it is"), lambda one: url_for("lots.lot", number=int(one.about))),
    Kind.RUNS_OUT: (Message("See"), lambda one: url_for("stock.item", code=one.about)),
    Kind.LATE: (Message("Open the order"), lambda one: url_for("order.page", number=one.about)),
    Kind.RECEIVE: (Message("Open the order"), lambda one: url_for("order.page", number=one.about)),
    Kind.CLOSE: (Message("Open the order"), lambda one: url_for("order.page", number=one.about)),
    Kind.SEND: (Message("Send"), lambda one: url_for("order.page", number=one.about)),
    Kind.APPROVE: (Message("Read it"), lambda one: url_for("order.page", number=one.about)),
    Kind.ASSEMBLE: (Message("Kits"), lambda one: url_for("kits.page")),
    Kind.BRING: (Message("Bring it"), lambda one: url_for("replenish.page")),
    Kind.EXPIRING: (Message("Expiries"), lambda one: url_for("stock.expiring")),
    Kind.UNKNOWN_CODES: (Message("See"), lambda one: url_for("tally.page")),
    Kind.NOTHING_RECORDED: (Message("Answer"), lambda one: url_for("pages.stations")),
}
"""What the button of a thing to do says, and where it leads; a draft is made by a form instead."""


# The morning


@bp.get("/orders")
def page() -> str:
    """What there is to do today; how long things last; what is on its way."""
    now = days.now()
    today = days.service_day(now)
    with access.database().reading() as session:
        found = covers(session, now=now)
        expiring = expiries.expiring(session, today=today)
        assemble = morning.to_assemble(session, covers=found, today=today)
        send = morning.to_send(session)
        todos = morning.todos(
            session, now=now, covers=found, expiring=expiring, assemble=assemble, send=send
        )
        rows = rows_of(found.values(), "low", None)
        return render_template(
            "orders.html",
            today=today,
            todos=todos,
            unsent=outbox.in_trouble(session),
            tells=access.mailing().tells,
            mails=access.mailing().smtp is not None,
            icons=ICONS,
            urgent=URGENT,
            buttons=BUTTONS,
            rows=rows[:MOST_ROWS],
            more=max(0, len(rows) - MOST_ROWS),
            states=STATES,
            running=orders.all_orders(session, statuses=OPEN + COMING),
            statuses=STATUS,
            expiring=expiring[:MOST_ROWS],
            assemble=assemble,
            send=send,
            has_suppliers=bool(suppliers.all_suppliers(session)),
            has_levels=any(one.level is not None for one in found.values()),
        )


@bp.post("/orders/mail")
def retry_mail() -> Redirection:
    """Try a mail again that the server refused or could not take."""
    number = request.form.get("number", "")
    access.database().write(lambda session: outbox.retry(session, number=number, now=days.now()))
    return redirect(url_for("orders.page"), 303)


@bp.get("/orders/assemble.<form>")
def assemble_table(form: str) -> Response:
    """The kits of the week as a file."""
    headings = (
        Message("Code"),
        Message("Kit"),
        Message("To make"),
        Message("Can be made"),
        Message("Runs out first"),
    )
    now = days.now()
    with access.database().reading() as session:
        found = morning.to_assemble(
            session, covers=covers(session, now=now), today=days.service_day(now)
        )
        rows: list[list[Value | Message | Names]] = [
            [
                one.kit.code,
                one.kit.names,
                one.pieces,
                one.can_be_made,
                one.stopped_by.names if one.stopped_by is not None else None,
            ]
            for one in found
        ]
    return download(Table("assemble", headings, rows), form)


@bp.get("/orders/send.<form>")
def send_table(form: str) -> Response:
    """What each place lacks, as a file."""
    headings = (
        Message("Place"),
        Message("Code"),
        Message("Article"),
        Message("There"),
        Message("Level"),
        Message("To bring"),
    )
    with access.database().reading() as session:
        rows: list[list[Value | Message | Names]] = [
            [one.place.code, low.item, low.names, low.there, low.level, low.lacking]
            for one in morning.to_send(session)
            for low in one.low
        ]
    return download(Table("send", headings, rows), form)


# All orders


@bp.get("/orders/all")
def all_orders() -> str:
    """The orders of a year, or all there were, newest first; of one supplier, or in one state."""
    with access.database().reading() as session:
        return render_template(
            "orders_all.html",
            orders=_asked(session),
            statuses=STATUS,
            status=request.args.get("status"),
            supplier=request.args.get("supplier"),
            all="all" in request.args,
            suppliers=[one.name for one in suppliers.all_suppliers(session)],
        )


@bp.get("/orders/all.<form>")
def all_orders_table(form: str) -> Response:
    """The same rows as a file."""
    headings = (
        Message("Order"),
        Message("Supplier"),
        Message("State"),
        Message("Drafted on"),
        Message("Sent on"),
        Message("Expected on"),
        Message("Closed on"),
        Message("Articles"),
        Message("Pieces"),
        Message("Received"),
        Message("Note"),
    )
    with access.database().reading() as session:
        rows = [
            [
                one.number,
                one.supplier.name,
                STATUS[Status(one.status)],
                one.drafted_on,
                one.sent_on,
                one.expected_on,
                one.closed_on,
                sum(line.pieces > 0 for line in one.lines),
                sum(line.pieces for line in one.lines),
                sum(line.received for line in one.lines),
                one.note,
            ]
            for one in _asked(session)
        ]
    return download(Table("orders", headings, rows), form)


def _asked(session: Session) -> list[Purchase]:
    status, supplier = request.args.get("status"), request.args.get("supplier")
    wanted = [one for one in Status if status in (None, "", one.value)]
    since = None if "all" in request.args else days.today() - YEAR
    found = orders.all_orders(session, statuses=wanted, since=since)
    return [one for one in found if not supplier or one.supplier.name == supplier]


@bp.post("/orders/draft")
def draft() -> Redirection:
    """The draft of a supplier, made or brought up to date; an empty one where nothing is low but somebody wants one."""
    name = request.form.get("supplier", "")

    def work(session: Session) -> str:
        supplier = suppliers.supplier(session, name=name)
        found = orders.draft(session, supplier=supplier, now=days.now(), empty=True)
        assert found is not None  # an empty one is made
        return found.number

    return redirect(url_for("order.page", number=access.database().write(work)), 303)
