"""One's own account: another PIN, a lost badge, the open sign-ins."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inventory import badges, days, people, sign_ins
from inventory.errors import ComptoirError
from inventory.messages import Message
from inventory.tables import Person
from web import access, sign_in
from web.limits import TooManyTries
from web.sign_in import Answer

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
def page() -> str:
    return _page()


@bp.post("/pin")
def change_pin() -> Response | Answer:
    """A new PIN, chosen by whoever knows the old one. Every other sign-in ends."""
    person = _me()
    try:
        sign_in.check_name(person.name, request.form.get("old", ""), sign_in.NOT_YOUR_PIN)
        hashed = people.hash_pin(_typed_twice())
    except ComptoirError as error:
        status = 429 if isinstance(error, TooManyTries) else 400
        return _page(error.message), status, sign_in.retry_after(error)

    def work(session: Session) -> None:
        people.set_pin(session, person=people.by_id(session, person.id), hashed=hashed)

    access.database().write(work)
    return sign_in.signed_in_again(person.id, url_for("account.page"))


@bp.post("/badge")
def lost_badge() -> Response:
    """A lost badge opens nothing any more; an administrator makes another one."""
    person_id = _me().id
    access.database().write(lambda session: badges.revoke(session, person_id=person_id))
    return redirect(url_for("account.page"), 303)


@bp.post("/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    person_id = _me().id
    access.database().write(lambda session: sign_ins.close_all(session, person_id=person_id))
    response = redirect("/sign-in", 303)
    response.delete_cookie(access.COOKIE)
    return response


def _me() -> Person:
    person = access.signed_in()
    assert person is not None  # the guard lets nobody else pass
    return person


def _typed_twice() -> str:
    pin = request.form.get("new", "")
    if pin != request.form.get("again", ""):
        raise ComptoirError(Message("The new PIN was typed in two ways. Type it twice alike."))
    return pin


def _page(message: Message | None = None) -> str:
    person_id = _me().id
    with access.database().reading() as session:
        has_badge = person_id in badges.holders(session)
        signed = sign_ins.open_of(session, person_id=person_id, today=days.today())
        devices = [(one.device, one.since) for one in signed if one.device != sign_ins.LINK]
    return render_template("account.html", message=message, has_badge=has_badge, devices=devices)
