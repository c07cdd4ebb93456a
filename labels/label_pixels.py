"""Labels as pictures: what a thermal head burns, dot by dot, and every code on it read back before it leaves."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from labels import codes, letters, pictures, readback
from labels.codes import MM
from labels.label import Label, Line, Placed, Shown, Words

if TYPE_CHECKING:
    from PIL import Image, ImageDraw


def label_image(label: Label, *, printer: str | None = None) -> Image.Image:
    """Black (0) on white (255), nothing between. Raises `UnreadableCode`, naming the layout and the printer."""
    from PIL import Image, ImageDraw

    dots = label.dpi / MM
    picture = Image.new("L", (round(label.width * dots), round(label.height * dots)), 255)
    draw = ImageDraw.Draw(picture)
    draw.fontmode = "1"  # whole dots: a head knows no grey
    for thing in label.things:
        match thing:
            case Words():
                _write(draw, thing, label.dpi)
            case Shown():
                wide, high = round(thing.width * dots), round(thing.height * dots)
                shown = pictures.black_and_white(thing.picture, wide, high)
                picture.paste(shown, (round(thing.x * dots), round(thing.y * dots)))
            case Placed():
                picture.paste(codes.image(thing.code), (thing.column, thing.row))
            case Line():
                _frame(draw, thing, dots)
    return readback.checked(
        picture,
        label.codes,
        layout=label.layout,
        printer=printer,
        photographs=label.photographs,
    )


def _write(draw: ImageDraw.ImageDraw, words: Words, dpi: int) -> None:
    font = letters.sized(words.points * dpi / 72, bold=words.bold)
    at = (words.x * dpi / MM, words.y * dpi / MM)
    draw.text(at, words.text, fill=0, font=font, anchor="ls")


def _frame(draw: ImageDraw.ImageDraw, line: Line, dots: float) -> None:
    left, top = round(line.x * dots), round(line.y * dots)
    right, bottom = round((line.x + line.width) * dots), round((line.y + line.height) * dots)
    draw.rectangle((left, top, right - 1, bottom - 1), outline=0, width=1)


def label_png(label: Label, *, printer: str | None = None) -> bytes:
    """A PNG that knows its resolution. Raises `UnreadableCode`."""
    out = BytesIO()
    image = label_image(label, printer=printer).convert("1")
    image.save(out, "PNG", dpi=(label.dpi, label.dpi))
    return out.getvalue()
