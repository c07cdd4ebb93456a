"""Labels at the desk: chosen, seen as they will be, and printed on sheets of labels."""

from __future__ import annotations

import math

from flask import Blueprint, Response, abort, render_template, request

from inventory.lists.fields import Unfit, whole
from inventory.messages import Message
from labels import formats, layouts
from labels.errors import LabelError, NoSuchPosition, OffThePaper
from labels.formats import Sheet
from labels.label import Content, Label, arranged
from labels.label_pdf import FURTHEST, SHEET_DPI, calibration_pdf, sheet_pdf
from labels.label_svg import label_svg
from web import access, label_sets, language
from web.form import Form
from web.i18n import say
from web.label_refusals import refusals, said
from web.label_sets import MOST_COPIES, Choice, Kind

bp = Blueprint("labels", __name__)

OFFSET_COOKIE = "label-offset"
"""What this browser's printer is out by: nobody else's concern."""

ALL = "*"
"""Chosen: all of them."""

LASTS_S = 400 * 24 * 3600

_MOST_ON_A_SHEET = 999


@bp.get("/labels")
def page() -> str:
    """What can be printed."""
    return render_template("labels.html", kinds=label_sets.KINDS)


@bp.get("/labels/<layout>")
def form(layout: str) -> str:
    """The labels of a layout, the first of those chosen as it will be."""
    kind = _kind(layout)
    return _form(kind, _typed(kind))


@bp.get("/labels/<layout>/preview/<path:key>.svg")
def preview(layout: str, key: str) -> Response:
    """A label as it will be printed. Raises LabelRefused for one that is not."""
    kind = _kind(layout)
    with access.database().reading() as session:
        chosen = [one for one in kind.choices(session) if one.key == key]
        if not chosen:
            abort(404)
        content = chosen[0].content(language.current())
    with refusals():
        return Response(label_svg(_label(layout, content)), mimetype="image/svg+xml")


@bp.get("/labels/<layout>/sheets")
def sheets(layout: str) -> Response | tuple[str, int]:
    """The PDF; what is wrong with the form is said at its field, and nothing typed is lost."""
    kind = _kind(layout)
    form = _typed(kind)
    copies = form.get("copies", whole(MOST_COPIES))
    start = form.get("start", whole(_MOST_ON_A_SHEET))
    right, down = (form.optional(name, _millimetres) or 0.0 for name in ("right", "down"))
    with access.database().reading() as session:
        chosen = _chosen(kind, kind.choices(session))
        contents = [one.content(language.current()) for one in chosen]
    if not chosen:
        form.fault("of", Message("Choose at least one label."))
    if not form.sound or copies is None or start is None:
        return _form(kind, form), 422
    try:
        pdf = sheet_pdf(
            [(_label(layout, content), copies) for content in contents],
            _sheet(form["sheet"]),
            title=say(kind.name, language.current()),
            language=language.current(),
            start=start,
            offset=(right, down),
        )
    except LabelError as error:
        form.fault(_FIELDS.get(type(error), ""), said(error))
        return _form(kind, form), 422
    return _remembering(_pdf(pdf, f"{layout}.pdf"), (right, down))


@bp.get("/labels/calibration")
def calibration() -> Response:
    """The outlines of a sheet's labels, to be laid over one against the light."""
    sheet = _sheet(request.args.get("sheet", "l7160"))
    form = Form(request.args)
    right, down = (form.optional(name, _millimetres) or 0.0 for name in ("right", "down"))
    pdf = calibration_pdf(
        sheet, title=sheet.title, language=language.current(), offset=(right, down)
    )
    return _pdf(pdf, f"{sheet.name}.pdf")


_FIELDS: dict[type[LabelError], str] = {NoSuchPosition: "start", OffThePaper: "right"}
"""Where a fault of the sheet is put right."""


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


def _typed(kind: Kind) -> Form:
    """What the form says, as it was typed; what it does not say, as this browser had it last."""
    right, down, *_ = [*request.cookies.get(OFFSET_COOKIE, "").split("_"), "", ""]
    before = {"copies": "1", "sheet": kind.sheet, "start": "1", "right": right, "down": down}
    return Form({name: request.args.get(name, value) for name, value in before.items()})


def _form(kind: Kind, form: Form) -> str:
    with access.database().reading() as session:
        choices = kind.choices(session)
    chosen = {one.key for one in _chosen(kind, choices)}
    if not chosen and len(choices) == 1 and form.sound:
        chosen = {choices[0].key}  # the one whose picture is shown
    shown = next((one for one in choices if one.key in chosen), choices[0] if choices else None)
    return render_template(
        "label.html",
        kind=kind,
        form=form,
        choices=choices,
        chosen=chosen,
        shown=shown,
        sheets=[(sheet.name, sheet.title) for sheet in fitting(kind.layout)],
        layout=layouts.load(kind.layout),
    )


def _chosen(kind: Kind, choices: list[Choice]) -> list[Choice]:
    asked = request.args.getlist("of") or ([ALL] if kind.all_at_once else [])
    return [one for one in choices if asked == [ALL] or one.key in asked]


def _label(layout: str, content: Content) -> Label:
    return arranged(layouts.load(layout), content, dpi=SHEET_DPI)


def _millimetres(text: str) -> float:
    try:
        found = float(text.replace(",", ".").replace("−", "-"))
    except ValueError:
        found = math.inf
    if not abs(found) <= FURTHEST:
        raise Unfit(Message("millimetres, from −%(mm)d to %(mm)d", mm=int(FURTHEST)))
    return found


def _pdf(data: bytes, name: str) -> Response:
    response = Response(data, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=name)
    return response


def _remembering(response: Response, offset: tuple[float, float]) -> Response:
    value = "_".join(f"{mm:g}" for mm in offset)
    access.set_cookie(response, OFFSET_COOKIE, value, max_age=LASTS_S)
    return response
