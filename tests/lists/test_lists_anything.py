"""Whatever is handed over: a promise kept or a list of faults, never a half of either."""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from inventory.database import Database, sqlite_url
from inventory.errors import FaultyLists
from inventory.lists import Imported, ListKind
from inventory.lists.fields import day
from tests import LONG

from .helpers import EXAMPLE_FILES, HEADERS, TODAY, Office


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the items and places of the example, to copy."""
    office = Office.opened(tmp_path_factory.mktemp("template")).with_lists()
    assert office.db.forget_erased()
    office.db.close()
    return office.folder / "t.db"


@contextmanager
def copied(template: Path) -> Iterator[Office]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(template, folder / "t.db")
        office = Office(Database(sqlite_url(folder / "t.db")), folder)
        yield office
        office.db.close()


@contextmanager
def undone(office: Office) -> Iterator[None]:
    """Keep an office as it is, for the next example."""
    before = office.content()
    yield
    assert office.content() == before


@pytest.fixture(scope="module")
def kept(template: Path) -> Iterator[Office]:
    """One office for examples that write nothing."""
    with copied(template) as office:
        yield office


@given(st.sampled_from(list(ListKind)), st.binary(max_size=200))
def test_any_bytes_are_imported_or_refused(kept: Office, kind: ListKind, content: bytes) -> None:
    header = HEADERS[kind].encode() + b"\r\n"
    for start in (b"", header):
        try:
            kept.run(kind, kept.file(start + content), check=True)
        except FaultyLists as error:
            assert error.faults
            for fault in error.faults:
                assert fault.line >= 1 and "\n" not in fault.value and str(fault.expected)


# Cells that come near to being right, so that the rules behind the first checks are reached.
likely = {
    "item": ["SER1", "GARR", "KIT-INJ", "KIT-HYG", "ser1", "SER9", ""],
    "place": ["RESERVE", "CLIP", "MIDI", "supplier", ""],
    "position": ["1", "2", "", "masqué", "0"],
    "number": ["1", "2", "1 000", "0", "x", ""],
    "lot": ["", "A", "B", "0A", "unknown"],
    "day": ["", "31/12/2030", "2030-12-30", "14/09/2026", "31/04/2031"],
    "supplier": ["MV", "mv", ""],
    "gtin": ["", "5019144107587", "5038483225400", "5019144107588"],
    "level": ["pièce", "boîte", ""],
    "kind": ["réserve", "hotspot", "sac", ""],
    "word": ["x", "y", ""],
    "family": ["kit", "soins", "x"],
    "months": ["", "36", "60"],
    "none": [""],
    "mail": ["", "orders@example.org", "orders@", "a@b.example, c@d.example"],
    "language": ["", "Nederlands", "x"],
    "lead": ["0", "10", "366", ""],
    "review": ["", "VEN1 FRI3", "fri", "FRI6"],
    "hour": ["", "12", "12:00", "0"],
    "closed": ["", "2026-07-20/2026-08-07, 2026-12-24", "2026-12-24", "2026-12-25/2026-12-24"],
    "answer": ["", "oui", "no", "?"],
}
SHAPES = {
    ListKind.ARTICLES: ("item", "word", "word", "none", "family", "none", "none", "months"),
    ListKind.CODES: ("gtin", "item", "number", "level"),
    ListKind.PLACES: ("place", "word", "kind", "word"),
    ListKind.RECIPES: ("item", "number", "item", "number"),
    ListKind.STOCK: ("place", "item", "number", "lot", "day"),
    ListKind.RECEIPTS: ("supplier", "word", "day", "item", "number", "lot", "day"),
    ListKind.SUPPLIERS: (
        "supplier",
        "mail",
        "mail",
        "language",
        "lead",
        "review",
        "hour",
        "closed",
        "word",
    ),
    ListKind.SUPPLY: ("supplier", "item", "word", "number", "number", "number", "answer"),
    ListKind.SCREEN: ("place", "item", "position", "number"),
}


@st.composite
def lists(draw: st.DrawFn) -> tuple[ListKind, list[str]]:
    kind = draw(st.sampled_from(list(ListKind)))
    row = st.tuples(*(st.sampled_from(likely[shape]) for shape in SHAPES[kind])).map(";".join)
    return kind, draw(st.lists(row, min_size=1, max_size=4))


@settings(deadline=None, max_examples=240 if LONG else 20)
@given(st.lists(lists(), min_size=1, max_size=12))
def test_importing_again_changes_nothing(
    template: Path, handed_over: list[tuple[ListKind, list[str]]]
) -> None:
    with copied(template) as office:
        for kind, rows in handed_over:
            path = office.rows(kind, *rows)
            before = office.content()
            try:
                done = office.run(kind, path)
            except FaultyLists:
                assert office.content() == before
                continue
            after = office.content()
            assert (after == before) == (done.imported == 0)
            assert office.run(kind, path) == Imported(0, done.imported + done.unchanged)
            assert office.content() == after


def table(kind: ListKind) -> list[list[str]]:
    with EXAMPLE_FILES[kind].open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def as_csv(rows: list[list[str]], delimiter: str, codec: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(codec)


def as_xlsx(rows: list[list[str]]) -> bytes:
    """As somebody types it into a spreadsheet: numbers become numbers, dates become dates."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append([typed(cell) for cell in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def typed(cell: str) -> Any:
    if cell.isdigit() and not cell.startswith("0"):
        return int(cell)
    return day(cell) if re.fullmatch("[0-9]+/[0-9]+/[0-9]+", cell) else cell or None


def written_in(codec: str, rows: list[list[str]]) -> list[list[str]]:
    """Without the columns that this encoding has no letters for, as the Arabic names: what is known of them stays."""

    def fits(column: Iterable[str]) -> bool:
        return all(cell == cell.encode(codec, "replace").decode(codec) for cell in column)

    return [list(row) for row in zip(*filter(fits, zip(*rows, strict=True)), strict=True)]


def test_the_example_in_every_flavour_is_the_same_list(office: Office) -> None:
    for kind, path in EXAMPLE_FILES.items():
        rows = table(kind)
        office.run(kind, path)
        unchanged = Imported(0, len(rows) - 1)
        with undone(office):
            for delimiter in ";,\t":
                for codec in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
                    same = office.file(as_csv(written_in(codec, rows), delimiter, codec))
                    assert office.run(kind, same) == unchanged
            assert office.run(kind, office.file(as_xlsx(rows), ".xlsx")) == unchanged


def test_rows_are_checked_without_a_question_each(kept: Office) -> None:
    asked: list[str] = []
    event.listen(
        kept.db.engine, "before_cursor_execute", lambda *given: asked.append(str(given[2]))
    )

    def statements(kind: ListKind, row: str, count: int) -> int:
        path = kept.rows(kind, *(row.format(n) for n in range(count)))
        asked.clear()
        assert kept.run(kind, path, check=True).imported == count
        return len(asked)

    for kind, row in {
        ListKind.ARTICLES: "NEW{};Nom;;;soins;;;",
        ListKind.PLACES: "NEW{};Nom;sac;",
        ListKind.STOCK: "CLIP;SER1;5;L{};31/12/2030",
        ListKind.RECEIPTS: f"MV;N{{0}};{TODAY:%d/%m/%Y};SER1;5;L{{0}};31/12/2030",
        ListKind.SUPPLIERS: "S{};;;;10;FRI;12;2026-07-20/2026-08-07;",
    }.items():
        assert statements(kind, row, 2) == statements(kind, row, 200), kind
