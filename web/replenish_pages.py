"""Replenishing: what to bring where, the pick list while both ends read, and the levels of each place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask import Response as Download
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inventory import catalogue, days, picks, replenish
from inventory.counter.commands import BY_NAME
from inventory.errors import NotAllowed, NotOnTheLists
from inventory.ledger import lock
from inventory.lists import fields
from inventory.messages import Message, Names
from inventory.stock import stock
from inventory.tables import Item, Pick, Place, Recipe, Station
from inventory.words import Mode, PlaceKind
from labels.codes import Symbology, draw, svg_path
from labels.house import Kind, house_code
from labels.readback import checked_image
from web import access, words
from web.downloads import Table, download
from web.form import Form
from web.movement_pages import shown_lot
from web.spreadsheets import Value

bp = Blueprint("replenish", __name__)
levels_bp = Blueprint("levels", __name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """A pick list and how far it is."""

    id: int
    store: str
    place: str
    place_code: str
    lines: list[picks.Line]
    lots: dict[str, list[replenish.FromLot]]
    """What is still to pick comes from these lots, first expired first, by code of the item."""

    @property
    def to_pick(self) -> int:
        return sum(line.to_pick for line in self.lines)

    @property
    def to_arrive(self) -> int:
        return sum(line.to_arrive for line in self.lines)

    @classmethod
    def of(cls, session: Session, pick: Pick) -> Opened:
        store, place = session.get_one(Place, pick.from_id), session.get_one(Place, pick.to_id)
        lines = picks.lines(session, pick=pick)
        lots = {
            line.item: replenish.lots_to_take(
                session,
                store_id=store.id,
                item_id=catalogue.item(session, line.item).id,
                pieces=line.to_pick,
                day=days.today(),
            )
            for line in lines
            if line.to_pick
        }
        return cls(pick.id, store.name, place.name, place.code, lines, lots)


@dataclass(frozen=True, slots=True)
class Scannable:
    """A code to be read off the page: what it says, its digits, and its bars as an SVG path so many modules wide."""

    name: Message | str
    digits: str
    width: int
    path: str

    @classmethod
    def of(cls, name: Message | str, digits: str) -> Scannable:
        code = draw(Symbology.CODE_128, digits)
        checked_image(code, layout="pick list")
        return cls(name, digits, code.modules, svg_path(code))

    @classmethod
    def mode(cls, mode: Mode) -> Scannable:
        code = BY_NAME[f"mode-{mode}"]
        return cls.of(code.says, house_code(Kind.COMMAND, code.number))


def _stations_at(session: Session, place_id: int) -> list[str]:
    here = select(Station.name).where(Station.place_id == place_id)
    return list(session.scalars(here.order_by(Station.name)))


def _ends(session: Session, pick: Pick) -> dict[str, list[Scannable]]:
    """What the store reads to begin, what the place reads to begin, and what ends it where things are handed out."""
    place = session.get_one(Place, pick.to_id)
    ends = {
        "store": [
            Scannable.mode(Mode.UNLOAD),
            Scannable.of(place.name, house_code(Kind.PLACE, place.id)),
        ],
        "place": [Scannable.mode(Mode.LOAD)],
    }
    if PlaceKind(place.kind) is not PlaceKind.WORKSHOP:
        ends["after"] = [Scannable.mode(Mode.HAND_OUT)]
    return ends


@bp.get("/replenish")
def page() -> str:
    """What every place lacks, or one; and the lists that are being brought."""
    with access.database().reading() as session:
        today = days.today()
        found = _asked(session, today)
        opened = [Opened.of(session, pick) for pick in picks.open_picks(session, today=today)]
        has_levels = bool(replenish.places_with_levels(session))
        kits = set(session.scalars(select(Recipe.item_id)))
    return render_template(
        "replenish.html",
        needs=found,
        place=request.args.get("place"),
        opened=opened,
        has_levels=has_levels,
        kits=kits,
        today=today,
        lot=shown_lot,
        may_set=_may_set(),
    )


def _asked(session: Session, today: date) -> list[replenish.Needs]:
    """Of the place that the address names, or of all."""
    code = request.args.get("place")
    if not code:
        return replenish.all_needs(session, day=today)
    found = replenish.needs(session, place=catalogue.place(session, code), day=today)
    return [found] if found.low else []


@bp.get("/replenish.<form>")
def table(form: str) -> Download:
    """What the stores bring and what nobody has, as a file."""
    headings = (
        Message("Place"),
        Message("Code"),
        Message("Article"),
        Message("There"),
        Message("Level"),
        Message("Store"),
        Message("To bring"),
        Message("Nobody has"),
    )
    with access.database().reading() as session:
        rows: list[list[Value | Message | Names]] = []
        for need in _asked(session, days.today()):
            for round in need.rounds:
                rows += [
                    [*_cells(need.place, line.low), round.store.name, line.pieces, None]
                    for line in round.lines
                ]
            rows += [[*_cells(need.place, low), None, None, lacks] for low, lacks in need.short]
    return download(Table("to-bring", headings, rows), form)


def _cells(place: replenish.Where, low: replenish.Low) -> list[Value | Message | Names]:
    return [place.name, low.item, low.names, low.there, low.level]


def _may_set() -> bool:
    person = access.signed_in()
    return person is not None and access.may(person, "levels")


@bp.post("/replenish")
def start() -> Response:
    """Begin to bring: the list as it is now, for both ends to read; one begun before is over."""
    store, place = request.form.get("store", ""), request.form.get("place", "")

    def work(session: Session) -> int | None:
        to = catalogue.place(session, place)
        needs = replenish.needs(session, place=to, day=days.today())
        for found in needs.rounds:
            if found.store.code == store:
                return picks.start(session, round=found, day=days.today()).id
        return None

    number = access.database().write(work)
    if number is None:
        raise NotAllowed(Message("Nothing is to be brought from there any more."))
    return redirect(url_for("replenish.pick", number=number), 303)


@bp.get("/replenish/list")
def pick() -> Response | str:
    """A list as it stands: what is still to pick, what is still to arrive."""
    number = request.args.get("number", type=int)
    with access.database().reading() as session:
        found = session.get(Pick, number) if number is not None else None
        if found is None:
            return redirect(url_for("replenish.page"))
        shown, is_open = Opened.of(session, found), found.is_open
        ends = _ends(session, found)
        stations = {
            "store": _stations_at(session, found.from_id),
            "place": _stations_at(session, found.to_id),
        }
    return render_template(
        "pick.html", pick=shown, is_open=is_open, ends=ends, stations=stations, lot=shown_lot
    )


@bp.post("/replenish/finish")
def finish() -> Response:
    """The list is over; what was read stays booked, and what is on its way is still booked once."""
    number = request.form.get("number", type=int)

    def work(session: Session) -> str:
        found = session.get(Pick, number) if number is not None else None
        if found is None:
            raise NotOnTheLists(Message("Pick list"), str(number or ""))
        picks.finish(session, pick=found)
        return session.get_one(Place, found.to_id).code

    place = access.database().write(work)
    return redirect(url_for("replenish.page", place=place), 303)


# Levels


@dataclass(frozen=True, slots=True)
class Row:
    """An item in the table of levels."""

    code: str
    names: Names
    there: int


@levels_bp.get("/levels")
def levels() -> str:
    """The levels of a place, to be typed."""
    with access.database().reading() as session:
        chosen = _chosen(session, request.args.get("place"))
        return _render_levels(session, chosen, Form({}), saved=request.args.get("saved", type=int))


@levels_bp.post("/levels")
def set_levels() -> Response | tuple[str, int]:
    """Those that somebody changed, all at once; an empty field is no level. Sent twice it is the same."""
    form = Form(request.form.to_dict())
    wanted = {code: form.optional(f"level:{code}", fields.pieces) for code in _changed(form)}

    def work(session: Session) -> int | None:
        place = catalogue.place(session, form["place"])
        lock(session, (place.id,))
        _unchanged_meanwhile(form, wanted, replenish.levels(session, place_id=place.id))
        if not form.sound:
            return None
        return replenish.set_levels(session, place=place, levels=wanted)

    changed = access.database().write(work) if form.sound else None
    if not form.sound:
        with access.database().reading() as session:
            return _render_levels(session, _chosen(session, form["place"]), form), 400
    return redirect(url_for("levels.levels", place=form["place"], saved=changed), 303)


def _changed(form: Form) -> list[str]:
    """Codes of the fields that differ from what the page showed: what somebody else wrote meanwhile stays."""
    codes = [name.partition(":")[2] for name in form.values if name.startswith("level:")]
    return [code for code in codes if form[f"level:{code}"] != form[f"was:{code}"]]


def _unchanged_meanwhile(form: Form, wanted: Iterable[str], kept: Mapping[str, int]) -> None:
    """A level that is no longer what the page showed is a fault of its field: sent again it holds."""
    for code in wanted:
        now = str(kept.get(code, ""))
        if now not in (form[f"was:{code}"], form[f"level:{code}"]):
            form.fault(
                f"level:{code}",
                Message(
                    "Somebody wrote %(level)s here meanwhile. Nothing was kept: look again.",
                    level=now or "–",
                ),
            )


def _chosen(session: Session, code: str | None) -> Place | None:
    """The place asked for, else the first counter."""
    if code:
        return catalogue.place(session, code)
    order = select(Place).where(Place.kind == PlaceKind.COUNTER).order_by(Place.id)
    return session.scalars(order).first()


def _render_levels(
    session: Session, place: Place | None, form: Form, saved: int | None = None
) -> str:
    every = session.scalars(select(Place).order_by(Place.name)).all()
    places = [one for one in every if PlaceKind(one.kind).gives_stock]
    there: dict[str, int] = {}
    kept = replenish.levels(session, place_id=place.id) if place is not None else {}
    typed = {f"level:{code}": form[f"level:{code}"] for code in _changed(form)}
    form = Form(
        {**{f"level:{code}": str(level) for code, level in kept.items()}, **typed}, form.faults
    )
    if place is not None:
        for row in stock(session, place=place.code):
            there[row.item] = there.get(row.item, 0) + row.pieces
    items = session.scalars(select(Item).order_by(Item.id)).all()
    shelves = [
        (name, [Row(i.code, i.names, there.get(i.code, 0)) for i in items if i.family in families])
        for name, families in words.SHELVES.items()
    ]
    return render_template(
        "levels.html",
        form=form,
        kept=kept,
        saved=saved,
        place=place.code if place else "",
        places=[(one.code, one.name) for one in places if one.kind != PlaceKind.PARTNER],
        shelves=[(name, rows) for name, rows in shelves if rows],
    )
