"""The pictures of paper in docs/screens: `make screens` takes them from the emulator, dot by dot (as root)."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

from inventory.printing import KIT_LABELS, TALLY
from inventory.tables import Station
from labels.paper import receipt_bytes
from labels.receipt import Line, Paper, Receipt, Section
from tests.printer import emulator
from tests.printer.jobs import ADDRESS, evening, sent
from web.printer_trial import trial_job

FOLDER = Path("docs/screens")
MARGIN = 16
"""Dots of white around the paper: heads do not reach its edges."""

PICTURES = (
    ("paper-tally-80-fr", TALLY, "wide", Paper.WIDE, "fr"),
    ("paper-kit-80-fr", KIT_LABELS, "wide", Paper.WIDE, "fr"),
    ("paper-tally-58-nl", TALLY, "narrow", Paper.NARROW, "nl"),
)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with evening() as database, emulator.running() as emulated:
        for name, what, printer, paper, language in PICTURES:
            data = sent(database, what, paper, language).data
            printed = emulated.print(printer, data)
            _save(name, printed.papers[0].image)
        for name, job in (("paper-drawn-80-fr", drawn()), ("paper-trial-80-fr", trial())):
            _save(name, emulated.print("wide", job).papers[0].image)


def drawn() -> bytes:
    """Names in several scripts, between lines in the printer's own letters."""
    names = ["Kit injection", "حقيبة الحقن", "Kit d’injection حقيبة", "Strzykawka 1 ml z igłą"]
    names += ["Шприц 2 мл", "Σύριγγα 5 ml", "Cœur d’œufs", "Kőszegi készlet"]
    lines = tuple(Line(name, str(48 * n), str(41 * n)) for n, name in enumerate(names, 1))
    section = Section("Remis", lines, "pièces", "samedi dernier")
    return receipt_bytes(Receipt("COMPTOIR CLIP", "samedi 21/11/2026", (section,)))


def trial() -> bytes:
    station = Station(name="CLIP", language="fr", paper_mm=Paper.WIDE)
    return trial_job(station, address=ADDRESS)


def _save(name: str, paper: Image.Image) -> None:
    framed = ImageOps.expand(paper.convert("L"), MARGIN, fill=255).convert("1")
    framed.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
