"""Signing in by name and PIN, and out again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from flask import Blueprint, Flask, current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from inventory import days, people, sign_ins
from inventory.messages import Message
from web import access
from web.language import local_path

bp = Blueprint("sign_in", __name__)

FREE_TRIES = 5
LONGEST_WAIT_S = 300
FORGOTTEN_AFTER_S = 3600
MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class Attempts:
    """Wrong PINs, by name and address: who tries many waits, everybody else signs in as ever.

    Kept in memory and by pairs, so that nobody can lock a whole team out by knowing its names.
    """

    clock: Callable[[], float] = monotonic
    _wrong: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_s(self, name: str, address: str) -> int:
        """Seconds until the next try of this name from this address."""
        with self._lock:
            tries, last = self._wrong.get((name.casefold(), address), (0, 0.0))
        if tries < FREE_TRIES:
            return 0
        wait: int = min(2 ** min(tries - FREE_TRIES + 1, 10), LONGEST_WAIT_S)
        return max(0, round(last + wait - self.clock()))

    def wrong(self, name: str, address: str) -> None:
        now = self.clock()
        with self._lock:
            if len(self._wrong) >= MOST_REMEMBERED:
                self._wrong = {
                    key: seen
                    for key, seen in self._wrong.items()
                    if now - seen[1] < FORGOTTEN_AFTER_S
                }
            if len(self._wrong) >= MOST_REMEMBERED:
                self._wrong.clear()
            tries, _ = self._wrong.get((name.casefold(), address), (0, now))
            self._wrong[name.casefold(), address] = (tries + 1, now)

    def right(self, name: str, address: str) -> None:
        with self._lock:
            self._wrong.pop((name.casefold(), address), None)


def set_up(app: Flask) -> None:
    app.config["SIGN_IN_ATTEMPTS"] = Attempts()
    app.register_blueprint(bp)


@bp.get("/sign-in")
def form() -> Response | str:
    if access.signed_in() is not None:
        return redirect(local_path(request.args.get("next")))
    return render_template("sign_in.html", next=local_path(request.args.get("next")))


@bp.post("/sign-in")
def enter() -> Response | tuple[str, int]:
    access.refuse_other_sites()
    name, pin = request.form.get("name", "")[: people.LONGEST_NAME], request.form.get("pin", "")
    address = request.remote_addr or ""
    attempts: Attempts = current_app.config["SIGN_IN_ATTEMPTS"]
    wait_s = attempts.wait_s(name, address)
    if wait_s:
        message = Message("Too many wrong PINs. Try again in %(seconds)d seconds.", seconds=wait_s)
        return _again(name, message, 429)
    token = _open(name, pin)
    if token is None:
        attempts.wrong(name, address)
        return _again(name, Message("This name and PIN do not go together. Try again."), 401)
    attempts.right(name, address)
    response = redirect(local_path(request.form.get("next")), 303)
    access.keep(response, token)
    return response


@bp.post("/sign-out")
def leave() -> Response:
    token = request.cookies.get(access.COOKIE, "")
    access.database().write(lambda session: sign_ins.close(session, token=token))
    response = redirect("/sign-in", 303)
    response.delete_cookie(access.COOKIE)
    return response


def _open(name: str, pin: str) -> str | None:
    """The secret of a new sign-in, if name and PIN are right. The slow check holds no writing transaction."""
    with access.database().reading() as session:
        person = people.check_pin(session, name=name, pin=pin)
        person_id = person.id if person else None
    if person_id is None:
        return None
    return access.database().write(
        lambda session: sign_ins.open_sign_in(
            session, person_id=person_id, today=days.today(), device="?"
        )
    )


def _again(name: str, message: Message, status: int) -> tuple[str, int]:
    back = local_path(request.form.get("next"))
    return render_template("sign_in.html", next=back, name=name, message=message), status
