"""Codes for paper: one drawn into a file, and those of a file read."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import click
from PIL import Image

from inventory.errors import ComptoirError
from inventory.messages import Message
from labels import readback
from labels.codes import RESOLUTIONS, Code, Symbology, draw, image, svg
from web.cli.common import as_json, command, print_json, print_table
from web.label_refusals import refusals
from web.label_sets import MOST_COPIES, kind_of
from web.pictures_of_pages import pages_of


class NotWritten(ComptoirError):
    """A file that cannot be written, or of no kind we write."""

    code = "not_written"


_ENDINGS = {".pdf", ".png", ".svg"}
_DPI = [str(dpi) for dpi in RESOLUTIONS]


@click.command("label")
@click.option(
    "--symbology",
    type=click.Choice([str(symbology) for symbology in Symbology]),
    help="Draw TEXT as a code of this kind.",
)
@click.option("--layout", metavar="NAME", help="Make labels after this layout: kit, pack, shelf…")
@click.option("--lot", metavar="LOT", help="The lot of kits: its code, or its ten digits.")
@click.option(
    "--of", metavar="NAME", help="An article, the ten digits of a pack, or the name of a command."
)
@click.option("--copies", type=click.IntRange(1, MOST_COPIES), default=1, show_default=True)
@click.option(
    "--format", "kind", type=click.Choice(["pdf", "escpos", "png", "svg"]), help="With --layout."
)
@click.option("--paper", metavar="NAME", help="A sheet (l7160…) or a roll (roll-80, roll-58).")
@click.option("--start", type=int, default=1, help="The first free label of a sheet, row by row.")
@click.option(
    "--offset", type=(float, float), default=(0, 0), help="Millimetres to the right and down."
)
@click.option(
    "--dpi",
    type=click.Choice(_DPI),
    default="203",
    show_default=True,
    help="Dots an inch of the printer: modules are whole dots of it.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="Where to write it.",
)
@click.argument("text", required=False)
@command
def label(out: Path, symbology: str | None, layout: str | None, **options: Any) -> None:
    """Draw TEXT as a code, or labels after a layout; read them back as they would be printed; write them to FILE.

    Code 128 takes printable ASCII, EAN-13 12 or 13 digits, GS1 its bracketed form, QR any text; FILE ends in .png or
    .svg. What would not be a right code is refused, and nothing is written.

    \b
    Example: comptoir label --symbology gs1-128 --dpi 300 --out box.png "(01)05410036306703(17)270930(10)A1"
    Example: comptoir label --layout kit --lot K000042 --copies 40 --format pdf --out kits.pdf
    """
    if (symbology is None) == (layout is None):
        raise click.UsageError("Give --symbology and a TEXT, or --layout.")
    with refusals():
        if symbology is not None:
            data = _code(symbology, int(options["dpi"]), options["text"] or "", out)
        else:
            data = _labels(str(layout), options, out)
    try:
        out.write_bytes(data)
    except OSError as error:
        why = error.strerror or str(error)
        raise NotWritten(
            Message("“%(file)s” cannot be written: %(why)s.", file=str(out), why=why)
        ) from error


def _code(symbology: str, dpi: int, text: str, out: Path) -> bytes:
    return _file(draw(Symbology(symbology), text, dpi=dpi), out)


def _labels(layout: str, options: dict[str, Any], out: Path) -> bytes:
    from labels.layouts import load
    from web.cli import layouts

    load(layout)  # a layout that is none is the first thing to say
    kind_of(layout)
    of = options["lot"] or options["of"]
    if of is None:
        raise click.UsageError("Say which label: --lot for kits, --of for the others.")
    kind = options["kind"]
    if kind is None:
        raise click.UsageError("Say --format pdf, escpos, png or svg.")
    if out.suffix.lower() in _ENDINGS - {f".{kind}"}:
        raise NotWritten(
            Message("“%(file)s” would hold %(kind)s: call it otherwise.", file=str(out), kind=kind)
        )
    asked = layouts.Asked(
        layout=layout,
        of=of,
        copies=options["copies"],
        dpi=int(options["dpi"]),
        paper=options["paper"],
        start=options["start"],
        offset=options["offset"],
    )
    return layouts.made(asked, kind)


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
    """Read every code in FILE: a picture (PNG, JPEG, GIF, BMP, TIFF, WebP) or the pages of a PDF.

    Other files are refused, SVG and ESC/POS among them: those that comptoir label writes were read back as it wrote
    them. Positions are corners in dots, from the top left one clockwise; a PDF is looked at with 300 dots an inch.

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
