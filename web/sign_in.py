"""Signing in by name and PIN, by a badge, or by a link from the console; and out again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inventory import badges as all_badges
from inventory import days, people, sign_ins
from inventory.errors import ComptoirError
from inventory.messages import Message
from inventory.tables import Person
from web import access, badges, browsers, station_badges
from web.language import local_path
from web.limits import Attempts, Key, TooManyTries, network

bp = Blueprint("sign_in", __name__)

WRONG = Message("This name and PIN do not go together. Try again.")
NOT_YOUR_PIN = Message("This is not your PIN. Try again.")
NOT_VALID = Message("This badge is not valid. Sign in with your name and PIN.")
NOBODY_YET = Message(
    "A badge alone signs in where somebody signed in before. Here, give your name and PIN first."
)


Answer = tuple[str, int, dict[str, str]]
"""A page, its status and headers."""


class Refused(ComptoirError):
    """A sign-in that did not work: `message` says why, and no more than that."""

    code = "not_signed_in"


def set_up(app: Flask) -> None:
    app.config["SIGN_IN_ATTEMPTS"] = Attempts()
    app.register_blueprint(bp)


def attempts() -> Attempts:
    found: Attempts = current_app.config["SIGN_IN_ATTEMPTS"]
    return found


@bp.get("/sign-in")
def form() -> Response | str:
    back = local_path(request.args.get("next"))
    if access.signed_in() is not None:
        return redirect(back)
    return _page(next=back)


@bp.post("/sign-in")
def enter() -> Response | Answer:
    access.refuse_other_sites()
    name = request.form.get("name", "")
    try:
        badge = badge_shown()
        if badge is not None:
            return _signed_in(check_badge(badge), by_badge=True)
        return _signed_in(check_name(name, request.form.get("pin", "")))
    except (Refused, TooManyTries) as error:
        return _again(error, name)


@bp.get("/sign-in/pin")
def ask_pin() -> str:
    """A page wants more than a badge."""
    return render_template("sign_in_pin.html", next=local_path(request.args.get("next")))


@bp.post("/sign-in/pin")
def give_pin() -> Response | Answer:
    person = access.signed_in()
    assert person is not None  # the guard lets nobody else pass
    try:
        check_name(person.name, request.form.get("pin", ""), NOT_YOUR_PIN)
    except (Refused, TooManyTries) as error:
        back = local_path(request.form.get("next"))
        return _answer(render_template("sign_in_pin.html", next=back, message=error.message), error)
    return _signed_in(person)


@bp.get("/sign-in/link/<token>")
def link(token: str) -> str:
    """A link from the console. Opening it by itself does nothing: what looks at links beforehand must not use it up."""
    return render_template("sign_in_link.html", token=token)


@bp.post("/sign-in/link/<token>")
def use_link(token: str) -> Response | Answer:
    access.refuse_other_sites()

    def work(session: Session) -> Person | None:
        person_id = sign_ins.use_link(session, token=token, today=days.today())
        person = people.by_id(session, person_id) if person_id is not None else None
        if person is not None:
            session.refresh(person)
            session.expunge(person)
        return person

    person = access.database().write(work)
    if person is None:
        message = Message("This link was used already, or its day is over. Ask for another one.")
        return _again(Refused(message))
    return _signed_in(person)


@bp.post("/sign-out")
def leave() -> Response:
    token = request.cookies.get(access.COOKIE, "")
    access.database().write(lambda session: sign_ins.close(session, token=token))
    at = access.standing()
    response = redirect(url_for("pages.counter", name=at.station) if at else "/sign-in", 303)
    response.delete_cookie(access.COOKIE)
    return response


def badge_shown() -> int | None:
    """The number of the badge that a form brings, in whichever field; None where it brings a name.

    Raises Refused for what is no badge, or not a whole one.
    """
    name, pin = request.form.get("name", ""), request.form.get("pin", "")
    shown = request.form.get("badge", "")
    for text in (shown, name):
        number = badges.number_in(text)
        if number is not None:
            return number
    if not shown and not pin and badges.is_torn(name):
        shown = name
    if shown and (shown == name or not name):
        raise Refused(badges.fault_of(shown))
    return None


def check_name(name: str, pin: str, wrong: Message = WRONG) -> Person:
    """Whose name and PIN these are; nobody's name takes as long as a wrong PIN. Raises Refused, TooManyTries."""
    name = " ".join(name[: people.LONGEST_NAME].split())
    browser = browsers.current()
    with access.database().reading() as session:
        person = people.find(session, name)
        known = person is not None and browser.knows(session, person)
        if person is not None:
            session.expunge(person)
    keys = _own_keys(browser, name) if known else _strangers_keys(name)
    with attempts().trying(keys) as right:
        if not people.is_pin(person, pin) or person is None:
            raise Refused(wrong)
        right()
    return person


def check_badge(number: int) -> Person:
    """Whose badge this is, at a station or in a browser that knows somebody. Raises Refused, TooManyTries."""
    at = access.standing()
    if at is not None:  # a browser there may call itself by any number: the station's tries count
        return check_any_badge(number, station_badges.tries_at(at.station))
    browser = browsers.current()
    with access.database().reading() as session:
        if not browser.knows_somebody(session):
            raise Refused(NOBODY_YET)
    return check_any_badge(number, ("badge", browser.number))


def check_any_badge(number: int, key: Key) -> Person:
    """Whose badge this is; tries are counted under `key`. Raises Refused, TooManyTries."""
    with attempts().trying([key]) as right, access.database().reading() as session:
        person = all_badges.whose(session, number)
        if person is None:
            raise Refused(NOT_VALID)
        session.expunge(person)
        right()
    return person


def signed_in_again(person_id: int, back: str) -> Response:
    """A new sign-in for whoever has just changed their PIN, which ended all of them."""
    with access.database().reading() as session:
        person = people.by_id(session, person_id)
        session.expunge(person)
    return _signed_in(person, back)


def retry_after(error: ComptoirError) -> dict[str, str]:
    """The header that goes with a refusal to look at another try yet."""
    return {"Retry-After": str(error.wait_s)} if isinstance(error, TooManyTries) else {}


def _own_keys(browser: browsers.Browser, name: str) -> Sequence[Key]:
    return [("browser", browser.number, name.casefold())]


def _strangers_keys(name: str) -> Sequence[Key]:
    address, folded = network(request.remote_addr), name.casefold()
    return [("pair", folded, address), ("name", folded), ("address", address)]


def _signed_in(person: Person, back: str | None = None, *, by_badge: bool = False) -> Response:
    """A new sign-in, whatever the browser had before: a secret put there by somebody else is worth nothing."""
    before, today, device = request.cookies.get(access.COOKIE, ""), days.today(), browsers.device()
    browser = browsers.current()

    def work(session: Session) -> tuple[str, browsers.Browser]:
        sign_ins.close(session, token=before)
        sign_ins.forget_ended(session, today=today)
        token = sign_ins.open_sign_in(
            session, person_id=person.id, today=today, device=device, by_badge=by_badge
        )
        return token, browser if by_badge else browser.with_mark(session, person)

    token, browser = access.database().write(work)
    response = redirect(back or local_path(request.form.get("next")), 303)
    access.keep(response, token)
    if not by_badge:
        browsers.remember(response, browser)
    return response


def _page(**shown: Any) -> str:
    """The badge is offered only where it can sign somebody in."""
    with access.database().reading() as session:
        takes_badges = access.standing() is not None or browsers.current().knows_somebody(session)
    return render_template("sign_in.html", takes_badges=takes_badges, **shown)


def _again(error: ComptoirError, name: str = "") -> Answer:
    # The number of a badge, or what is left of one, is never shown again.
    name = "" if badges.number_in(name) is not None or badges.is_torn(name) else name
    back = local_path(request.form.get("next"))
    shown = name[: people.LONGEST_NAME]
    return _answer(_page(next=back, name=shown, message=error.message), error)


def _answer(page: str, error: ComptoirError) -> Answer:
    status = 429 if isinstance(error, TooManyTries) else 401
    return page, status, retry_after(error)
