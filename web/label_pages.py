"""Labels at the desk: chosen, seen as they will be, and printed on sheets of labels."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template, request
from sqlalchemy.orm import Session

from inventory.messages import Message
from labels import formats, layouts
from labels.errors import LabelError
from labels.formats import Sheet
from labels.label import arranged
from labels.label_pdf import FURTHEST, SHEET_DPI, calibration_pdf, sheet_pdf
from labels.label_svg import label_svg
from web import access, label_sets, language
from web.i18n import say
from web.label_refusals import said
from web.label_sets import MOST_COPIES, Choice, Kind

bp = Blueprint("labels", __name__)

OFFSET_COOKIE = "label-offset"
"""What this browser's printer is out by: nobody else's concern."""

ALL = "*"
"""Chosen: all of them."""

LASTS_S = 400 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form says, as it was typed; `offset` in millimetres."""

    chosen: list[str]
    copies: str
    sheet: str
    start: str
    offset: tuple[str, str]

    @classmethod
    def of(cls, kind: Kind) -> Asked:
        known = [*request.cookies.get(OFFSET_COOKIE, "").split("_"), "", ""]
        return cls(
            request.args.getlist("of") or ([ALL] if kind.all_at_once else []),
            request.args.get("copies", "1"),
            request.args.get("sheet", kind.sheet),
            request.args.get("start", "1"),
            (request.args.get("right", known[0]) or "0", request.args.get("down", known[1]) or "0"),
        )


@bp.get("/labels")
def page() -> str:
    """What can be printed."""
    return render_template("labels.html", kinds=label_sets.KINDS)


@bp.get("/labels/<layout>")
def form(layout: str) -> str:
    """The labels of a layout, the first of those chosen as it will be."""
    return _form(_kind(layout))


@bp.get("/labels/<layout>/preview/<path:key>.svg")
def preview(layout: str, key: str) -> Response:
    """A label as it will be printed."""
    kind = _kind(layout)
    with access.database().reading() as session:
        chosen = [one for one in kind.choices(session) if one.key == key]
        if not chosen:
            abort(404)
        content = chosen[0].content(language.current())
    drawn = label_svg(arranged(layouts.load(layout), content, dpi=SHEET_DPI))
    return Response(drawn, mimetype="image/svg+xml")


@bp.get("/labels/<layout>/sheets")
def sheets(layout: str) -> Response | tuple[str, int]:
    """The PDF; what is wrong with the form is said at it, and nothing typed is lost."""
    kind = _kind(layout)
    asked = Asked.of(kind)
    offset, start, copies = _numbers(asked)
    if offset is None or start is None or copies is None:
        return _form(kind, _WRONG), 422
    with access.database().reading() as session:
        chosen = _chosen(session, kind, asked)
        if not chosen:
            return _form(kind, Message("Choose at least one label.")), 422
        made = [
            (arranged(layouts.load(layout), one.content(language.current()), dpi=SHEET_DPI), copies)
            for one in chosen
        ]
    title = say(kind.name, language.current())
    try:
        pdf = sheet_pdf(
            made,
            _sheet(asked.sheet),
            title=title,
            language=language.current(),
            start=start,
            offset=offset,
        )
    except LabelError as error:
        return _form(kind, said(error)), 422
    return _remembering(_pdf(pdf, f"{layout}.pdf"), offset)


@bp.get("/labels/calibration")
def calibration() -> Response:
    """The outlines of a sheet's labels, to be laid over one against the light."""
    sheet = _sheet(request.args.get("sheet", "l7160"))
    offset = tuple(_millimetres(request.args.get(name, "0")) or 0.0 for name in ("right", "down"))
    pdf = calibration_pdf(
        sheet, title=sheet.title, language=language.current(), offset=(offset[0], offset[1])
    )
    return _pdf(pdf, f"{sheet.name}.pdf")


_WRONG = Message(
    "Copies go from 1 to %(copies)d, positions from 1, corrections up to %(mm)d mm.",
    copies=MOST_COPIES,
    mm=int(FURTHEST),
)


def _kind(layout: str) -> Kind:
    if layout not in label_sets.BY_LAYOUT:
        abort(404)
    return label_sets.BY_LAYOUT[layout]


def _sheet(name: str) -> Sheet:
    found = formats.load(name) if name in formats.names() else None
    if not isinstance(found, Sheet):
        abort(404)
    return found


def fitting(layout: str) -> list[Sheet]:
    """The sheets a layout fits on, as they come."""
    wanted = layouts.load(layout)
    return [
        sheet
        for sheet in map(formats.load, formats.names())
        if isinstance(sheet, Sheet)
        and sheet.width >= wanted.width
        and sheet.height >= wanted.height
    ]


def _form(kind: Kind, message: Message | None = None) -> str:
    asked = Asked.of(kind)
    with access.database().reading() as session:
        choices = kind.choices(session)
        chosen = {one.key for one in choices if asked.chosen == [ALL] or one.key in asked.chosen}
    shown = next((one for one in choices if one.key in chosen), choices[0] if choices else None)
    return render_template(
        "label.html",
        kind=kind,
        asked=asked,
        choices=choices,
        chosen=chosen,
        shown=shown,
        sheets=fitting(kind.layout),
        layout=layouts.load(kind.layout),
        message=message,
        most_copies=MOST_COPIES,
        furthest=int(FURTHEST),
    )


def _chosen(session: Session, kind: Kind, asked: Asked) -> list[Choice]:
    choices = kind.choices(session)
    return [one for one in choices if asked.chosen == [ALL] or one.key in asked.chosen]


def _numbers(asked: Asked) -> tuple[tuple[float, float] | None, int | None, int | None]:
    """Correction, first position, copies; None where it is not a number that can be."""
    right, down = map(_millimetres, asked.offset)
    offset = None if right is None or down is None else (right, down)
    return offset, _whole(asked.start, 999), _whole(asked.copies, MOST_COPIES)


def _whole(text: str, most: int) -> int | None:
    digits = text.strip()
    ok = digits.isascii() and digits.isdigit() and len(digits) < 6
    return int(digits) if ok and 1 <= int(digits) <= most else None


def _millimetres(text: str) -> float | None:
    try:
        found = float(text.strip().replace(",", ".") or "0")
    except ValueError:
        return None
    return found if abs(found) <= FURTHEST else None


def _pdf(data: bytes, name: str) -> Response:
    response = Response(data, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=name)
    return response


def _remembering(response: Response, offset: tuple[float, float]) -> Response:
    value = "_".join(f"{mm:g}" for mm in offset)
    access.set_cookie(response, OFFSET_COOKIE, value, max_age=LASTS_S)
    return response
