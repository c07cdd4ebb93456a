"""The articles at the desk: their names and photographs. And each photograph, for whoever sees a counter."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from inventory import catalogue, photos
from inventory.lists import vocabulary
from inventory.messages import Message, Names
from inventory.tables import Item
from web import access, photographs, pictograms
from web.photographs import NotAPhotograph
from web.shelves import photo_address
from web.words import SHELVES

bp = Blueprint("items", __name__)
photo_bp = Blueprint("photos", __name__)

MOST_SENT = 2 * photographs.MOST_BYTES
"""More than a photograph may have, so that one that is a little too large is told so."""

AS_LONG_AS_YOU_LIKE = "private, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Article:
    """An item as the desk shows it."""

    code: str
    names: Names
    family: Names
    symbol: str
    photo: str | None

    @classmethod
    def of(cls, item: Item, content_hash: str | None) -> Article:
        return cls(
            item.code,
            item.names,
            vocabulary.FAMILY.names(item.family),
            pictograms.of(item),
            photo_address(item.code, content_hash),
        )


@bp.url_value_preprocessor
def _take_photographs(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    # Before anything reads the form: other pages take less.
    request.max_content_length = MOST_SENT


@bp.get("/items")
def page() -> str:
    """Every article, by shelf, and how many have a photograph."""
    with access.database().reading() as session:
        hashes = photos.hashes(session)
        items = session.scalars(select(Item).order_by(Item.id)).all()
        shelves = [
            (name, articles)
            for name, families in SHELVES.items()
            if (
                articles := [
                    Article.of(item, hashes.get(item.id))
                    for item in items
                    if item.family in families
                ]
            )
        ]
    return render_template("items.html", shelves=shelves, items=len(items), photos=len(hashes))


@bp.get("/items/<path:item>")
def item_page(item: str) -> str:
    """One article."""
    return _item_page(item)


@bp.post("/items/<path:item>/photo")
def put_photo(item: str) -> AnyResponse | tuple[str, int]:
    """A photograph sent by a form, in place of the one before; or none any more."""
    if "remove" in request.form:
        access.database().write(lambda session: photos.remove(session, item=item))
        return redirect(url_for("items.item_page", item=item), 303)
    sent = request.files.get("photo")
    if sent is None or not sent.filename:
        return _item_page(item, Message("No photograph was chosen.")), 400
    try:
        image = photographs.prepare(sent.read(photographs.MOST_BYTES + 1))
    except NotAPhotograph as error:
        return _item_page(item, error.message), 400
    access.database().write(lambda session: photos.put(session, item=item, image=image))
    return redirect(url_for("items.item_page", item=item), 303)


@photo_bp.get("/photos/<path:item>")
def photo(item: str) -> Response:
    """A photograph, which browsers keep for as long as its address stays the same."""
    with access.database().reading() as session:
        found = photos.of(session, item=item)
        if found is None:
            abort(404)
        image, content_hash = found.image, found.hash
    response = Response(image, mimetype=photographs.MIMETYPE)
    response.set_etag(content_hash)
    same = request.args.get("v") == content_hash
    response.headers["Cache-Control"] = AS_LONG_AS_YOU_LIKE if same else "private, no-cache"
    response.make_conditional(request)
    return response


def _item_page(code: str, refused: Message | None = None) -> str:
    with access.database().reading() as session:
        item = catalogue.item(session, code)
        article = Article.of(item, photos.hashes(session).get(item.id))
    return render_template(
        "item.html",
        article=article,
        refused=refused,
        formats=",".join(f"image/{name.lower()}" for name in photographs.FORMATS),
        most=photographs.MOST_BYTES // 1024 // 1024,
    )
