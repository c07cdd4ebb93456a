"""The recipe of a kit at the desk: what goes in from now on, and what went in before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inventory import catalogue, recipes
from inventory.errors import ComptoirError
from inventory.lists import fields
from inventory.messages import Message, Names
from inventory.tables import Item, Recipe
from inventory.words import RegulatoryClass
from web import access, words
from web.form import MISSING, Form

bp = Blueprint("recipes", __name__)

BLANK = 2
"""Lines without anything, for what is added."""

MOST_LINES = 60
"""More than any kit holds."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line as it was typed: the names of its two fields, and what they hold."""

    item: str
    pieces: str

    @classmethod
    def at(cls, number: int) -> Wanted:
        return cls(f"item-{number}", f"pieces-{number}")


@bp.get("/recipes/<path:item>")
def page(item: str) -> str:
    """What goes into a kit, as a form that makes a new version."""
    with access.database().reading() as session:
        kit = catalogue.item(session, item)
        found = recipes.versions(session, kit=kit)
        form = Form(_as_typed(found[0] if found else None))
        return _render(session, kit, form, kept=request.args.get("kept", type=int))


def _as_typed(latest: Recipe | None) -> dict[str, str]:
    values = {"seen": str(latest.version if latest else 0)}
    for number, line in enumerate(latest.lines if latest else ()):
        at = Wanted.at(number)
        values |= {at.item: line.item.code, at.pieces: str(line.pieces)}
    return values


@bp.post("/recipes/<path:item>")
def change(item: str) -> Response | str | tuple[str, int]:
    """A new version; or a line more, or one less, with all that was typed."""
    form = Form(request.form.to_dict())
    if "more" in form.values or "less" in form.values:
        form.values = _without(form.values, form["less"])
        with access.database().reading() as session:
            return _render(session, catalogue.item(session, item), form)
    made = access.database().write(lambda session: _made(session, item, form))
    if made is not None:
        return redirect(url_for("recipes.page", item=item, kept=made), 303)
    with access.database().reading() as session:
        return _render(session, catalogue.item(session, item), form), 400


def _made(session: Session, item: str, form: Form) -> int | None:
    """The version there is now, or None where the form has faults."""
    kit = catalogue.item(session, item)
    form.faults.clear()
    contents = _contents(session, kit, form)
    seen = form["seen"]
    if not form.sound:
        return None
    try:
        number = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
        return recipes.new_version(session, kit=kit, contents=contents, seen=number).version
    except recipes.ChangedMeanwhile as error:
        latest = recipes.versions(session, kit=kit)[0]
        form.values = {**form.values, "seen": str(latest.version)}
        form.fault("", error.message)
    except ComptoirError as error:
        form.fault("", error.message)
    return None


def _contents(session: Session, kit: Item, form: Form) -> dict[int, int]:
    """Pieces by number of the item, as typed; what is wrong stands at its field."""
    items = {one.code: one for one in session.scalars(select(Item))}
    inside = recipes.all_inside(session)
    contents: dict[int, int] = {}
    for at in _lines(form):
        code, pieces = form[at.item], form.optional(at.pieces, fields.pieces)
        if not code and not form[at.pieces]:
            continue
        item = items.get(code)
        if not code:
            form.fault(at.item, MISSING)
        elif item is None:
            form.fault(
                at.item, Message("Expected: %(expected)s.", expected=Message("one of the list"))
            )
        elif item.id in contents:
            form.fault(at.item, Message("It is in the recipe already: each article once."))
        elif recipes.contains(inside, item.id, kit.id):
            form.fault(at.item, recipes.in_itself(item, kit))
        elif not form[at.pieces]:
            form.fault(at.pieces, MISSING)
        elif pieces is not None:
            contents[item.id] = pieces
    return contents


def _lines(form: Form) -> list[Wanted]:
    """The lines that were sent, in their order."""
    numbers = {
        int(number)
        for name in form.values
        for what, _, number in (name.partition("-"),)
        if what in ("item", "pieces") and number.isdecimal() and len(number) <= 3
    }
    return [Wanted.at(number) for number in sorted(numbers)][:MOST_LINES]


def _without(values: Mapping[str, str], less: str) -> dict[str, str]:
    gone = Wanted(f"item-{less}", f"pieces-{less}")
    return {
        name: value
        for name, value in values.items()
        if name not in (gone.item, gone.pieces, "less", "more")
    }


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier or the present version, and what still goes by it."""

    number: int
    lines: list[tuple[Names, int]]
    used: recipes.InUse


def _render(session: Session, kit: Item, form: Form, kept: int | None = None) -> str:
    found = recipes.versions(session, kit=kit)
    used = recipes.in_use(session, kit=kit)
    shown = [
        Version(
            one.version,
            [(line.item.names, line.pieces) for line in one.lines],
            used.get(one.id, recipes.InUse()),
        )
        for one in found
    ]
    classes = recipes.regulatory_classes(session, found[0]) if found else ()
    items = _items_by_shelf(session, kit)
    return render_template(
        "recipe.html",
        kit=kit,
        form=form,
        lines=_with_blanks(form),
        versions=shown,
        kept=kept,
        has_medicine=RegulatoryClass.MEDICINE in classes,
        items=items,
        known={code for _, shelf in items for code, _ in shelf},
    )


def _with_blanks(form: Form) -> list[Wanted]:
    """What was typed, and room for more."""
    lines = _lines(form)
    filled = [at for at in lines if form[at.item] or form[at.pieces]]
    first = 1 + max((int(at.item.partition("-")[2]) for at in lines), default=-1)
    return [*filled, *(Wanted.at(first + number) for number in range(BLANK))]


def _items_by_shelf(session: Session, kit: Item) -> list[tuple[Message, list[tuple[str, Names]]]]:
    """Every item that may go in, as the counter groups them; kits last, for few hold other kits."""
    items = session.scalars(select(Item).where(Item.id != kit.id).order_by(Item.id)).all()
    shelves = [
        (name, [(item.code, item.names) for item in items if item.family in families])
        for name, families in words.SHELVES.items()
    ]
    return [*shelves[1:], shelves[0]]
