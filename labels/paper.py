"""Receipts as ESC/POS bytes, built by python-escpos; who carries them to a printer is not known.

Each job gets a builder of its own: python-escpos remembers the code page it believes the printer
to be in, and on a reused builder that memory goes stale (`œuf € é` came out as `£uf Ç Θ`). Each
job also says everything it needs, because nobody knows what was printed before.
"""

import shutil
import tempfile
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from labels.alphabet import CodePage, encoded, has, spell
from labels.codes import Symbology, draw
from labels.drawn import rows_image
from labels.layout import Row
from labels.readback import checked_image
from labels.receipt import Paper, Receipt, body, foot, rewritten

# Epson's numbers for the code pages, and a cutter: a printer without one ignores the command.
PROFILE: Final = "TM-T88V"

# ESC R 0: the American set. Printers sold for one country print other characters in place of these; not every printer
# knows the command, so it is sent only where one of them is to be printed.
_AMERICAN_SET: Final = b"\x1bR\x00"
_NATIONAL: Final = frozenset("#$@[\\]^`{|}~")


def receipt_bytes(
    receipt: Receipt, *, paper: Paper = Paper.WIDE, code_page: CodePage = CodePage.WPC1252
) -> bytes:
    """The receipt as a whole print job: reset, text, QR code, feed and cut.

    A line with a letter that `code_page` lacks is drawn. Raises a `LabelError` when the QR code cannot be drawn
    readably on this paper.
    """
    spelled = rewritten(receipt, lambda text: spell(text, code_page))
    above, beneath = body(spelled, paper.columns), foot(spelled, paper.columns)
    printer = new_printer(PROFILE)
    if any(_is_national(row, code_page) for row in above + beneath):
        printer._raw(_AMERICAN_SET)
    printer._raw(code_page.command)
    print_rows(printer, above, paper, code_page)
    if receipt.qr is not None:
        printer.set(align="center")
        code = draw(Symbology.QR, receipt.qr, room=paper.dots)
        printer.image(checked_image(code, layout="receipt", printer=f"{paper.value} mm"))
        printer.set(align="left")
    print_rows(printer, beneath, paper, code_page)
    printer.cut(mode="PART")
    return bytes(printer.output)


def new_printer(profile: str) -> Any:
    """python-escpos's builder for one job on a kind of printer it knows. It begins with a reset: nobody knows what was
    printed before."""
    printer = _escpos().Dummy(profile=profile)
    printer.hw("INIT")
    return printer


@lru_cache(maxsize=1)
def _escpos() -> Any:
    """python-escpos, loaded with the first job rather than with this module.

    Loading it takes half a second that most processes never need, and writes a copy of its table
    of printers into a new temporary directory which it leaves behind: removed here.
    """
    from escpos import capabilities, printer

    cache = Path(capabilities.pickle_dir)
    if cache.parent == Path(tempfile.gettempdir()):  # not a place somebody chose
        shutil.rmtree(cache, ignore_errors=True)
    return printer


def print_rows(printer: Any, rows: list[Row], paper: Paper, code_page: CodePage) -> None:
    """Lines in the printer's own letters, and as pictures where it lacks one."""
    bold = False
    for drawn, some in groupby(rows, lambda row: not has(code_page, row.text)):
        if drawn:
            printer.image(rows_image(list(some), paper.columns))
            continue
        for row in some:
            if row.bold is not bold:
                bold = row.bold
                printer.set(bold=bold)
            printer._raw((encoded(row.text, code_page) or b"") + b"\n")
    if bold:
        printer.set(bold=False)


def _is_national(row: Row, code_page: CodePage) -> bool:
    return has(code_page, row.text) and not _NATIONAL.isdisjoint(row.text)
