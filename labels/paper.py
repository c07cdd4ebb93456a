"""Receipts as ESC/POS bytes, built by python-escpos; who carries them to a printer is not known.

Each job gets a builder of its own: python-escpos remembers the code page it believes the printer
to be in, and on a reused builder that memory goes stale (`œuf € é` came out as `£uf Ç Θ`). Each
job also says everything it needs, because nobody knows what was printed before.
"""

import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from labels.alphabet import NO_BREAK, CodePage, spell
from labels.codes import Symbology, draw
from labels.layout import Row
from labels.readback import checked_image
from labels.receipt import Paper, Receipt, body, foot, rewritten

# Epson's numbers for the code pages, and a cutter: a printer without one ignores the command.
_PROFILE: Final = "TM-T88V"

# ESC R 0: the American set. Printers sold for one country print other characters in place of these; not every printer
# knows the command, so it is sent only where one of them is to be printed.
_AMERICAN_SET: Final = b"\x1bR\x00"
_NATIONAL: Final = frozenset("#$@[\\]^`{|}~")


@dataclass(frozen=True, slots=True)
class Printout:
    """Bytes for a printer, and the characters (sorted) that the printer cannot show as they are."""

    data: bytes
    approximated: tuple[str, ...]


def receipt_bytes(
    receipt: Receipt, *, paper: Paper = Paper.WIDE, code_page: CodePage = CodePage.WPC1252
) -> Printout:
    """The receipt as a whole print job: reset, text, QR code, feed and cut.

    Raises a `LabelError` when the QR code cannot be drawn readably on this paper; any other text
    is printed, as nearly as the code page can (see `labels.alphabet`).
    """
    lost: set[str] = set()

    def rewrite(text: str) -> str:
        spelled, missing = spell(text, code_page)
        lost.update(missing)
        return spelled

    spelled = rewritten(receipt, rewrite)
    above, beneath = body(spelled, paper.columns), foot(spelled, paper.columns)
    printer = new_printer(_PROFILE)
    if any(not _NATIONAL.isdisjoint(row.text) for row in above + beneath):
        printer._raw(_AMERICAN_SET)
    printer.charcode(code_page)
    _print_rows(printer, above)
    if receipt.qr is not None:
        printer.set(align="center")
        code = draw(Symbology.QR, receipt.qr, room=paper.dots)
        printer.image(checked_image(code, layout="receipt", printer=f"{paper.value} mm"))
        printer.set(align="left")
    _print_rows(printer, beneath)
    printer.cut(mode="PART")
    return Printout(printer.output, tuple(sorted(lost)))


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


def _print_rows(printer: Any, rows: list[Row]) -> None:
    bold = False
    for row in rows:
        if row.bold is not bold:
            bold = row.bold
            printer.set(bold=bold)
        printer.text(row.text.replace(NO_BREAK, " ") + "\n")
    if bold:
        printer.set(bold=False)
