"""Labels as SVG, for screens: letters are outlines, so that it looks alike without any font."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from io import BytesIO

from labels import codes, letters, pictures
from labels.codes import MM
from labels.label import Label, Line, Placed, Shown, Words
from labels.label_pixels import label_image

_PHOTO_DPI = 300


def label_svg(label: Label, *, title: str = "") -> str:
    """A drawing as large as the label, in millimetres. Raises `UnreadableCode`: a screen shows what paper would."""
    label_image(label)
    inside = "".join(_element(thing, label.dpi) for thing in label.things)
    named = f"<title>{escape(title)}</title>" if title else ""
    role = ' role="img"' if title else ' aria-hidden="true"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{label.width:g}mm" height="{label.height:g}mm" '
        f'viewBox="0 0 {label.width:g} {label.height:g}"{role}>{named}'
        f'<path fill="#fff" d="M0 0h{label.width:g}v{label.height:g}H0z"/>{inside}</svg>\n'
    )


def _element(thing: Words | Shown | Placed | Line, dpi: int) -> str:
    match thing:
        case Words():
            path, units = letters.outline(thing.text, bold=thing.bold)
            scale = thing.points * letters.POINT / units
            move = f"translate({thing.x:.3f} {thing.y:.3f}) scale({scale:.6f} {-scale:.6f})"
            return f'<path transform="{move}" d="{path}"/>'
        case Shown(picture=pictures.Drawing(path=path)):
            side = min(thing.width, thing.height)
            left, top = thing.x + (thing.width - side) / 2, thing.y + (thing.height - side) / 2
            return (
                f'<path transform="translate({left:.3f} {top:.3f}) scale({side / pictures.SQUARE:.5f})" '
                f'd="{escape(path)}" fill="none" stroke="#000" stroke-width="{pictures.STROKE}" '
                'stroke-linecap="round" stroke-linejoin="round"/>'
            )
        case Shown():
            return (
                f'<image x="{thing.x:g}" y="{thing.y:g}" width="{thing.width:g}" height="{thing.height:g}" '
                f'href="data:image/png;base64,{_photograph(thing)}"/>'
            )
        case Placed(code=code):
            dot = MM / dpi
            across, down = (
                code.dots * dot,
                (code.height if code.is_linear else code.dots) * dot,
            )
            move = f"translate({thing.column * dot:.4f} {thing.row * dot:.4f}) scale({across:.5f} {down:.5f})"
            return f'<path transform="{move}" shape-rendering="crispEdges" d="{codes.svg_path(code)}"/>'
        case Line():
            return (
                f'<rect x="{thing.x:g}" y="{thing.y:g}" width="{thing.width:g}" height="{thing.height:g}" '
                'fill="none" stroke="#000" stroke-width="0.1"/>'
            )


def _photograph(shown: Shown) -> str:
    out = BytesIO()
    size = (round(n * _PHOTO_DPI / MM) for n in (shown.width, shown.height))
    pictures.pixels(shown.picture, *size).save(out, "PNG")
    return b64encode(out.getvalue()).decode()
