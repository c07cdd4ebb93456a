"""The pages for people: the choice of a station, and the counter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, url_for
from sqlalchemy import select

from inventory import catalogue
from inventory.counter.commands import BY_NAME, CONTAINERS
from inventory.counter.parts import MODE_NAMES
from inventory.messages import Message
from inventory.tables import Station
from inventory.words import Mode
from labels.house import Kind, house_code
from web import access, desk
from web.language import _
from web.shelves import shelves

bp = Blueprint("pages", __name__)

QUANTITIES = (1, 2, 5, 10, 20)
SAID = (10, 20, 50, 100)
"""How many came back, as people say it; these have a command code of their own."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A station in the list of stations."""

    name: str
    place: str
    mode: Message


@bp.get("/")
def stations() -> str:
    with access.database().reading() as session:
        rows = session.scalars(select(Station).order_by(Station.name))
        desks = [Desk(row.name, row.place.name, MODE_NAMES[Mode(row.mode)]) for row in rows]
    return render_template("stations.html", desks=desks, cards=desk.cards())


@bp.get("/stations/<name>")
def counter(name: str) -> str:
    with access.database().reading() as session:
        station = catalogue.station(session, name)
        place, mode = station.place.code, MODE_NAMES[Mode(station.mode)]
        on_shelves = shelves(session, station.place_id)
    return render_template(
        "counter.html",
        station=name,
        mode=mode,
        shelves=on_shelves,
        command=command_code,
        quantities=QUANTITIES,
        said=SAID,
        containers={container: words for container, (words, _factor) in CONTAINERS.items()},
        tally=url_for("tally.page", place=place),
        page=_for_the_script(name, place),
    )


def _for_the_script(station: str, place: str) -> dict[str, Any]:
    """What the script of the counter needs to know: addresses, codes of commands, and words."""
    words = {
        "sending": _("Sending…"),
        "kept": _("%(count)s kept"),
        "keptLong": _("No connection: %(count)s kept on this device. They are sent by themselves."),
        "signIn": _("Your sign-in has ended. Nothing is lost: sign in again."),
        "reload": _("This page is too old. Nothing is lost: load it again."),
        "passage": _("passage"),
        "passages": _("passages"),
    }
    digits = {f"digit-{digit}": command_code(f"digit-{digit}") for digit in range(10)}
    names = ("clear", "close-shift")
    return {
        "station": station,
        "reads": url_for("api.post_reads", station=station),
        "session": url_for("api.get_session", station=station),
        "tally": url_for("tally.page", place=place),
        "csrf": access.csrf_token(),
        "signIn": url_for("sign_in.form", next=url_for("pages.counter", name=station)),
        "codes": {**digits, **{name: command_code(name) for name in names}},
        "words": words,
    }


def command_code(name: str) -> str:
    """The in-house code of a command, by its English name."""
    return house_code(Kind.COMMAND, BY_NAME[name].number)
