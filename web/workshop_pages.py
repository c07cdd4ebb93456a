"""The screen of a workshop's station, where kits are made: pictures, numbers, sentences in the reader's language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    render_template,
    request,
    send_file,
    url_for,
)
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from inventory import catalogue
from inventory.tables import Item, Recipe, RecipeLine
from inventory.words import PlaceKind
from web import access, language, workshop, workshop_languages
from web.i18n import DEFAULT_LANGUAGE
from web.pages import command_code, is_shut
from web.shelves import hidden, shelves
from web.workshop_languages import Language

bp = Blueprint("workshop", __name__)
sentences = Blueprint("sentences", __name__)

COMMANDS = (
    *("kits-1", "kits-5", "kits-10", "redo", "leave", "finish", "help", "clear"),
    *("labels-1", "labels-10", "labels-20", "did-print-yes", "did-print-no"),
    *(f"digit-{digit}" for digit in range(10)),
)
"""What the screen's buttons read, and what its script tells apart while nobody answers."""

LABELS = (1, 10, 20)


def set_up(app: Flask) -> None:
    """The pages, with the languages that ship."""
    speak(app)
    app.register_blueprint(bp)
    app.register_blueprint(sentences)


def speak(app: Flask, *folders: Path) -> None:
    """Read the languages: ours, then those of further folders, each once."""
    languages = workshop_languages.load([workshop_languages.OURS, *folders])
    app.config["WORKSHOP_LANGUAGES"] = languages


def languages() -> dict[str, Language]:
    """Every language of the screen, by its code."""
    found: dict[str, Language] = current_app.config["WORKSHOP_LANGUAGES"]
    return found


@bp.get("/stations/<name>/workshop")
def page(name: str) -> str:
    """One page for all that is done at a table: what is shown of it follows the batch."""
    with access.database().reading() as session:
        station = catalogue.station(session, name)
        kind = station.place.kind
        pictures = _pictures(session, station.place_id)
    at = access.standing()
    stands = at is not None and at.station == name
    return render_template(
        "workshop.html",
        station=name,
        stands=stands,
        closed_here="closed" in request.args and is_shut(name),
        command=command_code,
        labels=LABELS,
        team=_team(name, kind),
        page=_for_the_script(name, stands) | {"pictures": pictures},
    )


@bp.get("/workshop/voices/<code>/<key>")
def voice(code: str, key: str) -> Response:
    """Somebody's recorded voice, saying one sentence."""
    spoken = languages().get(code)
    path = spoken.voices.get(key) if spoken else None
    if path is None:
        raise NotFound
    return send_file(path, conditional=True)


@sentences.get("/workshop/sentences")
def compare() -> str:
    """Every sentence beside the French one, for a speaker of a language to read; for the team alone."""
    spoken = languages()
    others = [one for one in spoken.values() if one.code != DEFAULT_LANGUAGE]
    # What nobody has read yet comes first.
    unread = min(others, key=lambda one: one.checked)
    chosen = spoken.get(request.args.get("language", ""), unread)
    with access.database().reading() as session:
        items = session.scalars(select(Item).where(_of_kits()).order_by(Item.id)).all()
        known = workshop.spoken_names(session)
        names = [(one.name_fr, _name(one, known, chosen.code)) for one in items]
    return render_template(
        "workshop_sentences.html",
        chosen=chosen,
        others=others,
        french=spoken[DEFAULT_LANGUAGE],
        names=names,
    )


def _of_kits() -> ColumnElement[bool]:
    """Kits, and what goes into them."""
    return or_(
        Item.id.in_(select(Recipe.item_id)),
        Item.id.in_(select(RecipeLine.item_id)),
    )


def _name(item: Item, spoken: dict[str, dict[str, str]], code: str) -> str:
    return workshop.names_of(item.names, spoken.get(item.code)).get(code, item.name_fr)


def _team(station: str, kind: str) -> str:
    """The counter's page, from where a browser is given its station and a counter goes back to its work; to the
    workshop's own people, what they may open."""
    if kind != PlaceKind.WORKSHOP or access.may_see("serving.pair"):
        return url_for("pages.counter", name=station, counter="yes")
    return url_for("pages.stations")


def _pictures(session: Session, place_id: int) -> dict[str, dict[str, Any]]:
    """Every article, so that what does not go into a kit is shown when somebody reads it."""
    spoken = workshop.spoken_names(session)
    on_shelves = [one for shelf in shelves(session, place_id) for one in shelf.pictures]
    return {
        one.item: {
            "item": one.item,
            "code": one.code,
            "names": workshop.names_of(one.names, spoken.get(one.item)),
            "symbol": one.symbol,
            "photo": one.photo,
        }
        for one in on_shelves + hidden(session, place_id)
    }


def _for_the_script(station: str, stands: bool) -> dict[str, Any]:
    here = url_for("workshop.page", name=station)
    return {
        "station": station,
        "reads": url_for("api.post_reads", station=station),
        "session": url_for("api.get_session", station=station),
        "live": url_for("live.stream", name=station),
        "batch": url_for("api.get_batch", station=station),
        "counter": url_for("pages.counter", name=station),
        "csrf": access.csrf_token(),
        # To this page again: who may see it, and what is asked first, is decided there.
        "signIn": here,
        "opening": url_for("serving.enter", name=station) if stands else None,
        "codes": {name: command_code(name) for name in COMMANDS},
        "language": language.current(),
        "languages": [_plain(one) for one in languages().values()],
    }


def _plain(one: Language) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "direction": one.direction,
        "font": one.font,
        "words": dict(one.words),
        "voices": {key: url_for("workshop.voice", code=one.code, key=key) for key in one.voices},
    }
