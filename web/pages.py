"""The pages for people: the choice of a station, and the counter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import ngettext  # type: ignore[import-untyped]
from sqlalchemy import exists, select
from werkzeug.wrappers import Response as AnyResponse

from inventory import catalogue
from inventory.counter.commands import BY_NAME, CONTAINERS
from inventory.counter.parts import MODE_NAMES
from inventory.messages import Message
from inventory.tables import Place, Station
from inventory.words import Mode, PlaceKind, Role
from labels.house import Kind, house_code
from web import access, desk, joining_pages, language, opening_days_pages, pictograms, reads
from web.device_words import LOST, NOT_READY, TESTED
from web.i18n import say
from web.language import _
from web.print_pages import PRINTERS
from web.shelves import Picture, hidden, shelves

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
        person = access.signed_in()
        desks = [
            Desk(row.name, row.place.name, MODE_NAMES[Mode(row.mode)])
            for row in rows
            if person is not None and access.works_at(Role(person.role), row.place.kind)
        ]
        holding = [kind for kind in PlaceKind if kind.holds_stock]
        has_places = session.scalar(select(exists().where(Place.kind.in_(holding))))
    return render_template(
        "stations.html",
        desks=desks,
        has_places=has_places,
        cards=desk.cards(),
        unrecorded=opening_days_pages.unrecorded(),
        came_late=joining_pages.waiting(),
    )


@bp.get("/stations/<name>")
def counter(name: str) -> AnyResponse | str:
    """The counter; where kits are made the workshop's screen, unless this page is asked for by name."""
    if "counter" not in request.args and _makes_kits(name):
        closed = request.args.get("closed")  # what happened is said there
        return redirect(url_for("workshop.page", name=name, closed=closed))
    with access.database().reading() as session:
        station = catalogue.station(session, name)
        place, own_mode = station.place.code, Mode(station.mode)
        prints = bool(station.printer)
        on_shelves = shelves(session, station.place_id)
        off_shelves = hidden(session, station.place_id)
    return render_template(
        "counter.html",
        station=name,
        prints=prints,
        mode=MODE_NAMES[own_mode],
        hands_out=own_mode is Mode.HAND_OUT,
        closed_here="closed" in request.args and is_shut(name),
        shelves=on_shelves,
        command=command_code,
        known=BY_NAME,
        quantities=QUANTITIES,
        said=SAID,
        containers={container: words for container, (words, _factor) in CONTAINERS.items()},
        container_symbols=pictograms.CONTAINERS,
        tally=url_for("tally.page", place=place),
        tick_sheet=url_for("sheets.printed", place=place),
        page=_for_the_script(name, place, own_mode, off_shelves),
    )


def is_shut(station: str) -> bool:
    """Whether this browser stands there and nobody has opened it: an account alone serves."""
    at = access.standing()
    return at is not None and at.station == station and not at.is_open


def _makes_kits(station: str) -> bool:
    now = reads.current_session(access.database(), station=station)
    return now is not None and now["mode"] == Mode.ASSEMBLE


def _for_the_script(station: str, place: str, mode: Mode, unseen: list[Picture]) -> dict[str, Any]:
    """What the script of the counter needs to know: addresses, codes of commands, and words."""
    at = access.standing()
    stands = at is not None and at.station == station
    return {
        "station": station,
        "reads": url_for("api.post_reads", station=station),
        "session": url_for("api.get_session", station=station),
        "live": url_for("live.stream", name=station),
        "tally": url_for("tally.page", place=place),
        "csrf": access.csrf_token(),
        # To this page again: who may see it, and what is asked first, is decided there.
        "signIn": url_for("pages.counter", name=station),
        "opening": url_for("serving.enter", name=station) if stands else None,
        "mode": mode.value,
        # Where kits are made from now on; not where this page was asked for by name.
        "workshop": None if "counter" in request.args else url_for("workshop.page", name=station),
        "codes": {name: command_code(name) for name in BY_NAME},
        "says": {name: _say(command.says) for name, command in BY_NAME.items()},
        "unseen": [_plain(picture) for picture in unseen],
        "words": {**_words(), **_kept_words(stands)},
    }


def _plain(picture: Picture) -> dict[str, Any]:
    name = picture.names.in_language(language.current())
    return {
        "item": picture.item,
        "code": picture.code,
        "name": name,
        "symbol": picture.symbol,
        "photo": picture.photo,
    }


def _words() -> dict[str, Any]:
    """The sentences that the script puts together, in the language of this request."""
    return {
        "sending": _("Sending…"),
        "badgeNotSent": _("No connection: the badge was not sent. Scan it again later."),
        "badgeError": _(
            "The system answered with an error: the badge was not taken. Scan it again later."
        ),
        "pageStays": {
            "away": _("No network: this page stays, since nothing can be loaded. Nothing is lost."),
            "error": _("The system answers with an error: this page stays. Nothing is lost."),
        },
        "scanAgain": _("The scan was garbled. Scan again."),
        "scanTested": _say(TESTED.says),
        "notKept": _(
            "NOT recorded: this browser cannot keep anything. Write it down, then load the page again."
        ),
        "shortcuts": {
            "on": _("on"),
            "off": _("off"),
            "nowOn": _("The shortcut keys work."),
            "nowOff": _("The shortcut keys are off."),
        },
        "paper": {
            "times": _("Tally of %(day)s, %(began)s – %(ended)s"),
            "day": _("Tally of %(day)s"),
            "labels": _("Labels, lot %(lot)s, %(copies)s"),
            "trial": _("Test of the printer"),
            "copy": _("COPY"),
        },
        **_person_words(),
        **_line_words(),
        **_returned_words(),
        **_device_words(),
    }


def _person_words() -> dict[str, Any]:
    """Whoever is being served, and how many were."""
    return {
        "passage": ngettext("passage", "passages", 1),
        "passages": ngettext("passage", "passages", 2),
        "stillHere": {
            "one": _("%(passages)s + %(here)s person still on the screen"),
            "more": _("%(passages)s + %(here)s people still on the screen"),
        },
        "adding": {"begin": _("Add afterwards"), "end": _("Stop adding")},
        "training": {"begin": _("Training"), "end": _("End the training")},
        "modes": {mode.value: _mode_words(mode) for mode in Mode},
        "inHand": {"person": _("This person"), "load": _("This load")},
        "lane": _("Person %(lane)s"),
        "nextArticle": {
            "same": _("this person"),
            "next": _("next person"),
            "new": _("new person"),
        },
    }


def _line_words() -> dict[str, Any]:
    """The lines of what is in hand."""
    return {
        "touchToCorrect": _("touch to correct"),
        "unopened": _("Unopened, put aside: %(count)s × %(article)s"),
        "howMany": _("%(count)s now. How many should it be?"),
        "expect": {
            "look-up": _("Now the code to look up."),
            "correct": _("Now the article whose line becomes this number."),
            "channel": _("Now the place whose channel the whole shift counts for."),
            "brought-back": _("Now the article that comes back unopened: scan or touch it."),
        },
        "piece": ngettext("%(count)s piece", "%(count)s pieces", 1, count="%(count)s"),
        "pieces": ngettext("%(count)s piece", "%(count)s pieces", 2, count="%(count)s"),
    }


def _returned_words() -> dict[str, Any]:
    """Used material that comes back."""
    return {
        "street": _("Picked up in the street: now how it was measured."),
        "returned": {
            "declared": _("Came back: %(measure)s (the person says)"),
            "estimated": _("Came back: %(measure)s (estimated)"),
            "weight": _("Came back: %(measure)s"),
            "volume": _("Came back: %(measure)s"),
            "container": _("Came back: %(container)s"),
        },
        "containers": {name: _say(words) for name, (words, _factor) in CONTAINERS.items()},
        "units": {"kg": "kg", "l": "l"},
    }


def _kept_words(stands: bool) -> dict[str, Any]:
    """What is said of reads that nobody has answered; `stands` where the browser stands at the station."""
    shut = {
        "what": _("This station is no longer open on this device."),
        "then": _("Nothing is lost. Scan your badge, or:"),
        "way": _("Open with a PIN"),
    }
    signed_out = {
        "what": _("You are no longer signed in on this device."),
        "then": _("Nothing is lost."),
        "way": _("Sign in again"),
    }
    old = {
        "what": _("This page is too old."),
        "then": _("Nothing is lost."),
        "way": _("Load the page again"),
    }
    return {
        "kept": _("%(count)s kept"),
        "keptLong": _("No connection: %(count)s kept on this device. They are sent by themselves."),
        "keptHere": _("Kept without network, sent later (%(count)s)."),
        "keptError": _(
            "The system answered with an error. Kept on this device, sent later (%(count)s)."
        ),
        "keptShut": _("Kept on this device, sent later (%(count)s)."),
        "waiting": _("not sent yet"),
        "undoWaits": _("What was recorded before is undone once the system answers."),
        "more": {
            "one": _("1 more read is kept. It shows once the system answers."),
            "more": _("%(count)s more reads are kept. They show once the system answers."),
        },
        "code": _("Code %(code)s"),
        "stopped": {"signed-out": shut if stands else signed_out, "old-page": old},
    }


def _mode_words(mode: Mode) -> dict[str, str]:
    """A mode's name, and what stands in the place of the people where nothing is handed out."""
    looks_up = _("What you scan is looked up; nothing is recorded.")
    moved = _("What you scan is moved, not handed out.")
    name = _say(MODE_NAMES[mode])
    title, with_place, means = {
        Mode.RECEIVE: (
            _("Receiving"),
            _("Receiving"),
            _("What you scan comes into stock, it is not handed out."),
        ),
        Mode.LOAD: (_("Loading"), _("Loading from %(place)s"), moved),
        Mode.ASSEMBLE: (name, name, _("What you scan makes kits: see the screen of the workshop.")),
        Mode.UNLOAD: (_("Unloading"), _("Unloading to %(place)s"), moved),
    }.get(mode, (name, name, looks_up))
    return {"name": name, "title": title, "titleWithPlace": with_place, "means": means}


def _device_words() -> dict[str, Any]:
    return {
        "network": {
            "ok": _("Network"),
            "away": _("No network"),
            "error": _("System error"),
        },
        "scanner": {
            "ready": _("Scanner"),
            "back": _("Scanner ready"),
            "lost": _say(NOT_READY.word),
            **{why: _say(lost.word) for why, lost in LOST.items()},
        },
        "scannerNamed": _("%(what)s: %(names)s"),
        "station": _("Station away"),
        "printer": {
            "ready": _("Printer"),
            "near-end": _("Printer: soon out of paper"),
            "paper-out": _("Printer: no paper"),
            "cover-open": _("Printer: cover open"),
            "off-line": _("Printer: off-line"),
            "silent": _("Printer: no answer"),
            "forbidden": _("Printer: access refused"),
        },
        "printerAdvice": {
            state: _say(says) for state, (look, says) in PRINTERS.items() if look != "ok"
        },
    }


def _say(message: Message) -> str:
    return say(message, language.current())


def command_code(name: str) -> str:
    """The in-house code of a command, by its English name."""
    return house_code(Kind.COMMAND, BY_NAME[name].number)
