"""The tick sheet: printed before an evening, typed in after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory import days
from inventory.counter import sheets as services
from inventory.counter.sheets import SERVING
from inventory.database import SECRET
from inventory.errors import ComptoirError, NotAllowed
from inventory.messages import Message
from inventory.tables import Place, Setting
from labels.tick_sheet import tick_sheet_pdf
from web import access, language, sheets

bp = Blueprint("sheets", __name__)


@bp.get("/sheets")
def choose() -> str:
    """Which sheet: to print one, or to type one in."""
    with access.database().reading() as session:
        places = places_served(session)
    return render_template(
        "sheets.html",
        places=places,
        place=request.args.get("place") or _usual_place(),
        today=days.today(),
        day=day_of(request.args.get("day")) or days.today(),
        sheet_id=uuid4(),
    )


@bp.get("/sheets/print")
def printed() -> AnyResponse:
    """The PDF; without a day there is room to write one."""
    with access.database().reading() as session:
        code = request.args.get("place") or next(iter(places_served(session)), ("", ""))[0]
        place = services.serving_place(session, code)
        found = sheets.groups(session, place.id)
        day = day_of(request.args.get("day"))
        sheet = sheets.printed(place, found, day=day, language=language.current())
        name = "-".join(["sheet", place.code.lower(), *([str(day)] if day else [])])
    response = Response(tick_sheet_pdf(sheet), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"{name}.pdf")
    return response


@bp.get("/sheets/<uuid:sheet>")
def form(sheet: UUID) -> AnyResponse | str:
    """The boxes of a place. The sheet's id is in the address: loaded again or gone back to, it is the same sheet."""
    place, day = request.args.get("place"), day_of(request.args.get("day"))
    if place is None or day is None:
        return redirect(url_for("sheets.choose"))
    with access.database().reading() as session:
        if services.is_recorded(session, sheet_id=sheet, secret=_secret(session)):
            return _recorded_before(place, day)
        services.serving_place(session, place)
    try:
        services.check_day(day, days.now())
    except NotAllowed as error:
        return _choose_again(place, day, error.message)
    return _boxes(sheet, place, day, {}, {})


@bp.post("/sheets/<uuid:sheet>")
def save(sheet: UUID) -> AnyResponse | tuple[str, int]:
    """Everything or nothing; what is wrong is said at its box, and nothing typed is lost."""
    place, day = request.form.get("place", ""), day_of(request.form.get("day"))
    if day is None:
        return redirect(url_for("sheets.choose"))
    with access.database().reading() as session:
        found = sheets.groups(session, services.serving_place(session, place).id)
    typed = sheets.typed(request.form, found, sheet_id=sheet, place=place, day=day)
    if typed.sheet is None:
        return _boxes(sheet, place, day, request.form, typed.faults), 422
    wanted = typed.sheet
    try:
        shift_id = access.database().write(
            lambda session: services.record_sheet(
                session, sheet=wanted, secret=_secret(session), now=days.now()
            )
        )
    except ComptoirError as error:
        return _boxes(sheet, place, day, request.form, {"": error.message}), 422
    if shift_id is None:
        return _recorded_before(place, day)
    access.database().forget_erased()
    return redirect(url_for("shifts.one", shift_id=shift_id, recorded=1), 303)


def places_served(session: Session) -> list[tuple[str, str]]:
    """Code and name of each place from which people are served, in the order of the lists."""
    wanted = select(Place.code, Place.name).where(Place.kind.in_(SERVING)).order_by(Place.id)
    return [(code, name) for code, name in session.execute(wanted)]


def day_of(text: str | None) -> date | None:
    """A day as forms send it; None where it is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _boxes(
    sheet: UUID, place: str, day: date, form: Mapping[str, str], faults: Mapping[str, Message]
) -> str:
    with access.database().reading() as session:
        there = services.serving_place(session, place)
        found = sheets.groups(session, there.id)
        others = services.is_noted(session, place_id=there.id, day=day)
        name = there.name
    return render_template(
        "sheet.html",
        sheet=sheet,
        place=place,
        place_name=name,
        day=day,
        groups=found,
        typed=form,
        faults=faults,
        others=others,
    )


def _choose_again(place: str, day: date, message: Message) -> str:
    with access.database().reading() as session:
        places = places_served(session)
    return render_template(
        "sheets.html",
        places=places,
        place=place,
        today=days.today(),
        day=day,
        sheet_id=uuid4(),
        message=message,
    )


def _recorded_before(place: str, day: date) -> AnyResponse:
    around: dict[str, Any] = {"from": day, "to": day}
    return redirect(url_for("shifts.page", place=place, already=1, **around), 303)


def _usual_place() -> str | None:
    person = access.signed_in()
    if person is None or person.place_id is None:
        return None
    with access.database().reading() as session:
        place = session.get(Place, person.place_id)
        return place.code if place else None


def _secret(session: Session) -> str:
    return session.get_one(Setting, SECRET).value
