"""Codes for paper: one drawn into a file, and those of a file read."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import click
from PIL import Image

from inventory.errors import ComptoirError
from inventory.messages import Message
from labels import readback
from labels.codes import RESOLUTIONS, Code, Symbology, draw, image, svg
from web.cli.common import as_json, command, print_json, print_table
from web.label_refusals import refusals
from web.pictures_of_pages import pages_of


class NotWritten(ComptoirError):
    """A file that cannot be written, or of no kind we write."""

    code = "not_written"


@click.command("label")
@click.option(
    "--symbology",
    type=click.Choice([str(symbology) for symbology in Symbology]),
    required=True,
    help="The kind of code.",
)
@click.option(
    "--dpi",
    type=click.Choice([str(dpi) for dpi in RESOLUTIONS]),
    default="203",
    show_default=True,
    help="Dots an inch of the printer: modules are whole dots of it.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="Where to write it: FILE.png or FILE.svg.",
)
@click.argument("text")
@command
def label(symbology: str, dpi: str, out: Path, text: str) -> None:
    """Draw TEXT as a code, read it back as it would be printed, and write it.

    Code 128 takes printable ASCII, EAN-13 12 or 13 digits, GS1 its bracketed form, QR any text. What would not be a
    right code is refused, and nothing is written.

    \b
    Example: comptoir label --symbology gs1-128 --dpi 300 --out box.png "(01)05410036306703(17)270930(10)A1"
    """
    with refusals():
        code = draw(Symbology(symbology), text, dpi=int(dpi))
        data = _file(code, out)
    try:
        out.write_bytes(data)
    except OSError as error:
        why = error.strerror or str(error)
        raise NotWritten(
            Message("“%(file)s” cannot be written: %(why)s.", file=str(out), why=why)
        ) from error


def _file(code: Code, out: Path) -> bytes:
    """The bytes of the file, read back."""
    match out.suffix.lower():
        case ".png":
            return _png(code)
        case ".svg":
            readback.checked_image(code)
            return svg(code).encode()
        case _:
            raise NotWritten(
                Message("“%(file)s” should end in .png or .svg.", file=str(out)),
            )


def _png(code: Code) -> bytes:
    """Black and white, with its size on paper. What is read back are these very bytes."""
    file = BytesIO()
    image(code).convert("1").save(file, format="PNG", dpi=(code.dpi, code.dpi))
    readback.checked(Image.open(file).convert("L"), [code])
    return file.getvalue()


@click.command("decode")
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@command
def decode(file: Path, as_json: bool) -> None:
    """Read every code in FILE: a picture (PNG, JPEG…) or the pages of a PDF.

    Positions are corners in dots, from the top left one clockwise; pages of a PDF are looked at with 300 dots an inch.

    \b
    Example: comptoir decode box.png --json
    """
    rows = [
        {
            "page": number,
            "symbology": found.symbology,
            "content_type": found.content_type,
            "text": found.text,
            "position": found.position,
        }
        for number, page in enumerate(pages_of(file), 1)
        for found in _read(page)
    ]
    if as_json:
        print_json(rows)
    else:
        keys = ["page", "symbology", "text"]
        print_table(keys, [[row[key] for key in keys] for row in rows])


def _read(page: Image.Image) -> list[readback.Found]:
    """As large as it is; made smaller only where nothing is seen, as bars are then misread now and then."""
    return readback.decode(page, shrinking=False) or readback.decode(page)
