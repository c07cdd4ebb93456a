"""Labels: five hundred of a kit as a PDF, and one as a receipt printer's job, each beside the bare renderer.

The bare renderer draws the same letters and codes with fpdf2 or python-escpos, and neither arranges nor reads back.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from io import BytesIO

from labels import codes, formats, layouts
from labels.a4 import FAMILY, a4_document
from labels.codes import MM
from labels.formats import Roll, Sheet
from labels.label import Content, Label, Placed, Words, arranged
from labels.label_escpos import label_job
from labels.label_pdf import SHEET_DPI, sheet_pdf
from labels.label_pixels import label_image
from labels.paper import new_printer
from labels.pictures import USE_BY

COPIES = 500
PDF_AIM_S = 2.0
RECEIPT_AIM_MS = 50.0

CONTENT = Content(
    {
        "name": "Kit injection",
        "other-names": "Injectiekit · Injecting kit",
        "expires": "31/08/2028",
        "lot": "K000042",
        "digits": "10 000042 35",
    },
    {"digits": "1000004235"},
    {"use-by": USE_BY},
)


def main() -> None:
    sheet, roll = formats.load("l7160"), formats.load("roll-80")
    assert isinstance(sheet, Sheet) and isinstance(roll, Roll)
    pdf, bare_pdf = _in_turns(lambda: _pdf(sheet), lambda: _bare_pdf(sheet), times=5)
    print(
        f"{COPIES} kit labels as PDF: {pdf:.2f} s (aim {PDF_AIM_S:g}); the bare renderer {bare_pdf:.2f} s: "
        f"{pdf / bare_pdf:.2f} of it"
    )
    drawn = label_image(arranged(layouts.load("kit"), CONTENT, dpi=roll.dpi)).convert("1")
    receipt, bare = _in_turns(lambda: _receipt(roll), lambda: _bare_receipt(roll, drawn), times=40)
    print(
        f"one receipt label: {1000 * receipt:.1f} ms (aim {RECEIPT_AIM_MS:g}); the bare renderer "
        f"{1000 * bare:.1f} ms"
    )


def _in_turns(
    ours: Callable[[], object], bare: Callable[[], object], *, times: int
) -> tuple[float, float]:
    """The median seconds of each, taken in turns, after a first of each."""
    taken: dict[Callable[[], object], list[float]] = {ours: [], bare: []}
    for turn in range(times + 1):
        for work, seconds in taken.items():
            begun = time.perf_counter()
            work()
            if turn:
                seconds.append(time.perf_counter() - begun)
    return statistics.median(taken[ours]), statistics.median(taken[bare])


def _pdf(sheet: Sheet) -> bytes:
    label = arranged(layouts.load("kit"), CONTENT, dpi=SHEET_DPI)
    return sheet_pdf([(label, COPIES)], sheet, title="Kits", language="fr")


def _bare_pdf(sheet: Sheet) -> bytes:
    label = arranged(layouts.load("kit"), CONTENT, dpi=SHEET_DPI)
    pdf, images = a4_document(title="Kits", language="fr"), _images(label)
    for number in range(COPIES):
        if number % sheet.count == 0:
            pdf.add_page()
        x, y = sheet.corner(number % sheet.count)
        for thing in label.things:
            if isinstance(thing, Words):
                pdf.set_font(FAMILY, "B" if thing.bold else "", thing.points)
                pdf.text(x + thing.x, y + thing.y, thing.text)
        for image, left, top, wide, high in images:
            pdf.image(image, x + left, y + top, wide, high)
    return bytes(pdf.output())


def _images(label: Label) -> list[tuple[BytesIO, float, float, float, float]]:
    dot, images = MM / label.dpi, []
    for thing in label.things:
        if isinstance(thing, Placed):
            file, code = BytesIO(), thing.code
            codes.image(code).convert("1").save(file, "PNG")
            images.append(
                (file, thing.column * dot, thing.row * dot, code.width * dot, code.height * dot)
            )
    return images


def _receipt(roll: Roll) -> bytes:
    label = arranged(layouts.load("kit"), CONTENT, dpi=roll.dpi)
    return label_job([(label, 1)], roll)


def _bare_receipt(roll: Roll, drawn: object) -> bytes:
    job = new_printer(roll.profile)
    job.image(drawn)
    job.cut(mode="PART")
    return bytes(job.output)


if __name__ == "__main__":
    main()
