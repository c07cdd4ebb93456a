"""One order at the desk, from draft to delivery."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

from flask import (
    Blueprint,
    Response,
    abort,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirection

from inventory import catalogue, days, levels, order_outcome, order_sheet, orders, outbox, suppliers
from inventory.cover import Cover, covers
from inventory.errors import ComptoirError
from inventory.lists import fields
from inventory.messages import Message
from inventory.order_rules import STATUS, TRANSITIONS, Action, Status, Terms, told
from inventory.tables import Purchase, PurchaseLine, SupplierItem
from web import access, order_files, order_mail
from web.downloads import attachment
from web.form import Form
from web.stock_pages import STATES, Row

bp = Blueprint("order", __name__, url_prefix="/orders")

PIECES = fields.whole(levels.MOST_PIECES, at_least=0)


@dataclass(frozen=True, slots=True)
class Line:
    """An article of the supplier in an order, or one that could join it."""

    code: str
    reference: str
    sheet: order_sheet.SheetLine
    cover: Cover | None
    line: PurchaseLine | None
    warnings: list[Message]

    @property
    def row(self) -> Row | None:
        return Row.from_cover(self.cover) if self.cover is not None else None


@bp.get("/<number>")
def page(number: str) -> str:
    """One order: its lines, its files, what comes next, what happened."""
    with access.database().reading() as session:
        return _render(session, orders.order(session, number=number))


def _render(session: Session, found: Purchase, form: Form | None = None) -> str:
    lines = _lines(session, found)
    status = Status(found.status)
    return render_template(
        "order.html",
        order=found,
        status=status,
        statuses=STATUS,
        may={action.value for action in Action if (status, action) in TRANSITIONS},
        lines=[one for one in lines if one.line is not None],
        others=[one for one in lines if one.line is None],
        states=STATES,
        form=form or Form({}),
        seen=_seen(found),
        kept="kept" in request.args,
        acted="done" in request.args,
        review=suppliers.schedule(found.supplier, now=days.now()).review,
        forms=[ending.removeprefix(".") for ending in order_files.FORMATS],
        differences=_differences(session, found),
        mail=_mail(session, found),
        is_mailed=access.mailing().smtp is not None and bool(found.supplier.email),
        events=[(event.day, _EVENTS.get(event.what, Message("changed"))) for event in found.events],
    )


def _differences(session: Session, found: Purchase) -> list[Message]:
    """What came otherwise than ordered, once nothing more comes."""
    if found.status != Status.CLOSED:
        return []
    return order_outcome.differences(order_outcome.outcome(session, order=found))


def _mail(session: Session, found: Purchase) -> tuple[Message, str] | None:
    """What became of its mail, and what the server said where it did not take it."""
    row = outbox.about(session, order_mail.about(found))
    return None if row is None else (outbox.STATE[outbox.State(row.state)], row.said)


_EVENTS: dict[str, Message] = {
    orders.DRAFTED: Message("drafted"),
    orders.CHANGED: Message("changed after it was approved"),
    order_outcome.REOPENED: Message("opened again"),
    **{status.value: said for status, said in STATUS.items() if status is not Status.DRAFT},
}


def _lines(session: Session, found: Purchase) -> list[Line]:
    now = days.now()
    sheet = order_sheet.sheet(session, order=found, today=days.service_day(now))
    cover = {one.item.code: one for one in covers(session, now=now).values()}
    lines = {line.item.code: line for line in found.lines}
    terms = {
        row.item.code: Terms.of(row)
        for row in session.scalars(
            select(SupplierItem).where(SupplierItem.supplier_id == found.supplier_id)
        )
    }
    return [
        Line(
            one.code,
            one.reference,
            one,
            cover.get(one.code),
            line := lines.get(one.code),
            told(one.names, line.pieces, terms.get(one.code, Terms())) if line is not None else [],
        )
        for one in sheet
    ]


@bp.post("/<number>/lines")
def change(number: str) -> Redirection | tuple[str, int]:
    """The figures and notes that somebody changed, in one go, and approved with them where that was pressed: all of it,
    or nothing where something is wrong."""
    form = Form(request.form.to_dict())
    wanted = {
        code: form.optional(f"pieces:{code}", PIECES) if form[f"pieces:{code}"] else 0
        for code in _changed(form)
    }

    def work(session: Session) -> None:
        found = _locked(session, number)
        if form["then"] == Action.APPROVE:
            _as_read(found, form)
        _unchanged_meanwhile(found, wanted, form)
        for code, pieces in wanted.items():
            orders.set_line(
                session,
                order=found,
                item=catalogue.item(session, code),
                pieces=pieces or 0,
                note=form[f"note:{code}"],
                now=days.now(),
            )
        if form["then"] == Action.APPROVE:
            orders.approve(session, order=found, now=days.now())

    if form.sound:
        try:
            access.database().write(work)
        except ChangedMeanwhile as error:
            form.fault(error.field, error.message)
        except ComptoirError as error:
            form.fault("", error.message)
    if not form.sound:
        with access.database().reading() as session:
            return _render(session, orders.order(session, number=number), form), 400
    approved = form["then"] == Action.APPROVE
    done, kept = (1, None) if approved else (None, 1)
    return redirect(url_for("order.page", number=number, done=done, kept=kept), 303)


class ChangedMeanwhile(ComptoirError):
    """Somebody else changed what the form showed; `field` is where it is said."""

    code = "changed_meanwhile"

    def __init__(self, message: Message, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def _locked(session: Session, number: str) -> Purchase:
    """The order, which nobody else changes from now on."""
    found = orders.order(session, number=number)
    session.refresh(found, ["status", "lines"], with_for_update=True)
    return found


def _seen(found: Purchase) -> str:
    """What somebody who reads an order has read: another one where a line is another."""
    lines = sorted((line.item.code, line.pieces, line.note) for line in found.lines)
    return hashlib.blake2b(repr(lines).encode(), digest_size=12).hexdigest()


def _as_read(found: Purchase, form: Form) -> None:
    """Nobody approves or sends what they have not read. Raises ChangedMeanwhile."""
    if form["seen"] != _seen(found):
        raise ChangedMeanwhile(
            Message("The order was changed meanwhile: nothing was done. Read it again.")
        )


def _unchanged_meanwhile(found: Purchase, wanted: Collection[str], form: Form) -> None:
    """Raises ChangedMeanwhile where a line is no longer what the form showed."""
    lines = {line.item.code: line for line in found.lines}
    for code in wanted:
        line = lines.get(code)
        now = (str(line.pieces), line.note) if line is not None else ("", "")
        if now != (form[f"was-pieces:{code}"], form[f"was-note:{code}"]):
            raise ChangedMeanwhile(
                Message(
                    "Somebody wrote %(pieces)s here meanwhile. Nothing was kept: look again.",
                    pieces=now[0] or "0",
                ),
                f"pieces:{code}",
            )


def _changed(form: Form) -> list[str]:
    """Codes of the lines that differ from what the form showed: what somebody else changed meanwhile stays."""
    codes = [name.partition(":")[2] for name in form.values if name.startswith("pieces:")]
    return [
        code
        for code in codes
        if form[f"pieces:{code}"] != form[f"was-pieces:{code}"]
        or form[f"note:{code}"] != form[f"was-note:{code}"]
    ]


@bp.post("/<number>/<action>")
def act(number: str, action: str) -> Redirection | tuple[str, int]:
    """Approve, send, confirm, cancel: by a person, always."""
    if action not in _ACTIONS:
        abort(404)
    form = Form(request.form.to_dict())

    def work(session: Session) -> None:
        found = _locked(session, number)
        if action in _READ_FIRST:
            _as_read(found, form)
        _ACTIONS[action](session, found, form)

    try:
        form.optional("expected", fields.day)
        if form.sound:
            access.database().write(work)
    except ComptoirError as error:
        form.fault("", error.message)
    if not form.sound:
        with access.database().reading() as session:
            return _render(session, orders.order(session, number=number), form), 409
    return redirect(url_for("order.page", number=number, done=1), 303)


_READ_FIRST = (Action.APPROVE, Action.SEND)


def _confirm(session: Session, found: Purchase, form: Form) -> None:
    expected = form.optional("expected", fields.day)
    orders.confirm(session, order=found, expected=expected, now=days.now())


_ACTIONS: dict[str, Callable[[Session, Purchase, Form], object]] = {
    "approve": lambda session, found, form: orders.approve(session, order=found, now=days.now()),
    "send": lambda session, found, form: order_mail.send(
        session, order=found, mailing=access.mailing(), now=days.now()
    ),
    "confirm": _confirm,
    "close": lambda session, found, form: order_outcome.close(session, order=found, now=days.now()),
    "reopen": lambda session, found, form: order_outcome.reopen(
        session, order=found, now=days.now()
    ),
    "cancel": lambda session, found, form: orders.cancel(session, order=found, now=days.now()),
}


@bp.get("/<number>/file/<name>")
def file(number: str, name: str) -> Response:
    """The form for the supplier: what is mailed, or handed over."""
    ending = PurePosixPath(name).suffix
    if ending not in order_files.FORMATS or name != f"{number}{ending}":
        abort(404)
    with access.database().reading() as session:
        found = orders.order(session, number=number)
        lines = order_sheet.sheet(session, order=found, today=days.today())
        data = order_files.FORMATS[ending](found, lines)
    return attachment(data, name)
