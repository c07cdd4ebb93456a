"""Access: who works here, where they are signed in, their badges, and the stations' tokens. For administrators.

Nothing here shows what somebody did, or when: devices are named by their words and the day they came.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from inventory import badges, days, people, sign_ins, stations
from inventory.errors import AlreadyThere, ComptoirError
from inventory.messages import Message
from inventory.tables import Place, Station, StationToken
from inventory.words import PlaceKind, Role
from labels.badges import Badge, badge_sheet
from labels.house import Kind, house_code
from web import access, language, words
from web.form import Form
from web.i18n import say

bp = Blueprint("people", __name__, url_prefix="/access")


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody in the list."""

    id: int
    name: str
    role: Message
    place: str
    has_badge: bool
    sign_ins: int


@dataclass(frozen=True, slots=True)
class Device:
    """Where somebody is signed in, or what holds a station's token: its words, and since which day."""

    key: str
    device: str
    since: date
    by_badge: bool = False
    station: str = ""


MISFITS: dict[type[ComptoirError], str] = {
    people.NotAPin: "pin",
    people.WeakPin: "pin",
    people.NotAName: "name",
    AlreadyThere: "name",
}
"""At which field a refusal is shown; others stand above the form."""


@bp.get("")
def page() -> str:
    return _page(Form({"role": Role.COUNTER}))


def _page(form: Form) -> str:
    with access.database().reading() as session:
        return render_template(
            "people.html",
            badges_made=request.args.get("badges", 0, type=int),
            people=_rows(session),
            tokens=_tokens(session),
            form=form,
            **_choices(session),
        )


@bp.post("")
def add() -> AnyResponse | tuple[str, int]:
    """Somebody new. What is wrong is said at its field; what was typed stays, the PIN never."""
    name, role, place = request.form.get("name", ""), _role(), request.form.get("place", "")
    try:
        hashed = people.hash_pin(request.form.get("pin", ""))
        person_id = access.database().write(
            lambda session: (
                people.new_person(session, name=name, role=role, hashed=hashed, place=place).id
            )
        )
    except ComptoirError as error:
        return _page(_refused(error)), 400
    return redirect(url_for("people.one", person_id=person_id, told="added"), 303)


def _refused(error: ComptoirError) -> Form:
    """The form as it was sent, less the PIN, with the refusal at its field."""
    form = Form({name: value for name, value in request.form.items() if name != "pin"})
    form.fault(MISFITS.get(type(error), ""), error.message)
    return form


@bp.get("/<int:person_id>")
def one(person_id: int) -> str:
    return _one(person_id, Form({}))


def _one(person_id: int, form: Form) -> str:
    with access.database().reading() as session:
        person = people.by_id(session, person_id)
        devices = [
            Device(row.hash.hex(), row.device, row.since, row.by_badge)
            for row in sign_ins.open_of(session, person_id=person_id, today=days.today())
        ]
        return render_template(
            "person.html",
            somebody=person,
            place=person.place.code if person.place else "",
            has_badge=person_id in badges.holders(session),
            told=request.args.get("told"),
            today=days.today(),
            devices=devices,
            link=sign_ins.LINK,
            form=form,
            **_choices(session),
        )


@bp.post("/<int:person_id>")
def change(person_id: int) -> AnyResponse:
    role, place = _role(), request.form.get("place", "")

    def work(session: Session) -> None:
        person = people.by_id(session, person_id)
        people.set_role(session, person=person, role=role)
        people.set_place(session, person=person, place=place)

    access.database().write(work)
    return _back(person_id)


@bp.post("/<int:person_id>/pin")
def reset_pin(person_id: int) -> AnyResponse | tuple[str, int]:
    try:
        hashed = people.hash_pin(request.form.get("pin", ""))
    except ComptoirError as error:
        return _one(person_id, _refused(error)), 400

    def work(session: Session) -> None:
        people.set_pin(session, person=people.by_id(session, person_id), hashed=hashed)

    access.database().write(work)
    return _back(person_id)


@bp.post("/<int:person_id>/remove")
def remove(person_id: int) -> AnyResponse:
    access.database().write(
        lambda session: people.remove(session, person=people.by_id(session, person_id))
    )
    return redirect(url_for("people.page"), 303)


@bp.post("/<int:person_id>/sign-out")
def sign_out(person_id: int) -> AnyResponse:
    """End one sign-in, or all of them where none is named."""
    key = _key(request.form.get("key", ""))

    def work(session: Session) -> None:
        if key:
            sign_ins.close_one(session, person_id=person_id, hash_=key)
        else:
            sign_ins.close_all(session, person_id=person_id)

    access.database().write(work)
    return _back(person_id)


@bp.post("/<int:person_id>/revoke-badge")
def revoke_badge(person_id: int) -> AnyResponse:
    access.database().write(lambda session: badges.revoke(session, person_id=person_id))
    return _back(person_id)


@bp.post("/badges")
def print_badges() -> Response:
    """New badges for those chosen, as a sheet to print. Their numbers are shown nowhere else, and never again."""
    chosen = [int(one) for one in request.form.getlist("person") if one.isdigit()]
    if not chosen:
        raise people.NobodyChosen
    made = access.database().write(lambda session: make_badges(session, chosen))
    here = language.current()
    sheet = badge_sheet(made, title=say(Message("Badges"), here), language=here)
    response = Response(sheet, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename="badges.pdf")
    return response


@bp.post("/tokens")
def revoke_token() -> AnyResponse:
    """A station's process or browser is known no more."""
    key = _key(request.form.get("key", ""))
    access.database().write(lambda session: stations.revoke_token(session, hash_=key))
    return redirect(url_for("people.page") + "#stations", 303)


def make_badges(session: Session, chosen: list[int]) -> list[Badge]:
    """A new badge for each, in the order of their names; those before are no longer valid."""
    wanted = [person for person in people.everybody(session) if person.id in set(chosen)]
    return [
        Badge(person.name, house_code(Kind.BADGE, badges.make(session, person_id=person.id)))
        for person in wanted
    ]


def _rows(session: Session) -> list[Row]:
    with_badge, today = badges.holders(session), days.today()
    return [
        Row(
            person.id,
            person.name,
            words.ROLES[Role(person.role)],
            person.place.name if person.place else "",
            person.id in with_badge,
            len(sign_ins.open_of(session, person_id=person.id, today=today)),
        )
        for person in people.everybody(session)
    ]


def _tokens(session: Session) -> list[Device]:
    query = select(Station.name, StationToken.hash, StationToken.device, StationToken.since)
    query = query.join(StationToken, StationToken.station_id == Station.id)
    ordered = query.order_by(Station.name, StationToken.since, StationToken.hash)
    return [
        Device(hash_.hex(), device, since, station=station)
        for station, hash_, device, since in session.execute(ordered)
    ]


def _choices(session: Session) -> dict[str, object]:
    holding = [kind for kind in PlaceKind if kind.holds_stock]
    places = select(Place.code, Place.name).where(Place.kind.in_(holding)).order_by(Place.name)
    return {"roles": words.ROLES, "places": session.execute(places).all()}


def _role() -> Role:
    try:
        return Role(request.form.get("role", ""))
    except ValueError as error:
        raise BadRequest from error


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise BadRequest from error


def _back(person_id: int) -> AnyResponse:
    return redirect(url_for("people.one", person_id=person_id), 303)
