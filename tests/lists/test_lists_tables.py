"""Reading tables: every flavour of CSV and XLSX gives the same rows, and no bytes do harm."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.lists.delimited import rows as delimited_rows
from inventory.lists.tabular import MAX_ROWS, Cell, NotATable, Row, read_table

from .helpers import DATA, EXAMPLE

CODECS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
HEADER = ["article", "pièces", "péremption"]

printable = st.characters(codec="cp1252", exclude_categories=("Cc", "Cf"))
# The first cell of a line is filled: a spreadsheet shows no blank lines at the end of a sheet.
cells = st.text(printable, max_size=12).map(str.strip)
filled = cells.filter(bool)
tables = st.lists(st.tuples(filled, cells, cells), min_size=1, max_size=6)


AFTERNOON = datetime(2031, 3, 31, 14, 0)  # noqa: DTZ001 (spreadsheets know no time zones)


def csv_bytes(table: list[Any], *, delimiter: str, codec: str, newline: str = "\r\n") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=newline).writerows(table)
    return text.getvalue().encode(codec)


def xlsx_bytes(table: list[Any], formats: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in table:
        sheet.append(list(row))
    for place, number_format in (formats or {}).items():
        sheet[place].number_format = number_format
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def read(content: bytes) -> list[tuple[int, tuple[Cell, ...]]]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        header, rows = read_table(Path(file.name))
    return [(row.line, row.cells) for row in (header, *rows)]


def numbered(table: list[Any]) -> list[tuple[int, tuple[Cell, ...]]]:
    return [(line, tuple(row)) for line, row in enumerate(table, start=1)]


def refused(content: bytes) -> NotATable:
    with pytest.raises(NotATable) as caught:
        read(content)
    return caught.value


@given(
    tables,
    st.sampled_from(CODECS),
    st.sampled_from([";", ",", "\t"]),
    st.sampled_from(["\r\n", "\n", "\r"]),
)
def test_csv_gives_back_what_was_written(
    table: list[Any], codec: str, delimiter: str, newline: str
) -> None:
    whole = [HEADER, *table]
    content = csv_bytes(whole, delimiter=delimiter, codec=codec, newline=newline)
    assert read(content) == numbered(whole)


@settings(deadline=None)
@given(tables)
def test_xlsx_gives_back_what_was_written(table: list[Any]) -> None:
    # A text that begins with = would be written as a formula.
    whole = [HEADER, *([cell.lstrip("=#") or "x" for cell in row] for row in table)]
    expected = [(line, row) for line, row in numbered(whole)]
    assert [(line, row[:3]) for line, row in read(xlsx_bytes(whole))] == expected


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_refusal(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"article;lot\r\n"):
        try:
            assert all(isinstance(line, int) for line, _ in read(start + content))
        except NotATable as refusal:
            assert str(refusal.expected)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_spreadsheet_is_a_table_or_a_refusal(data: st.DataObject) -> None:
    content = bytearray(SHEET)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(content))
    except NotATable as refusal:
        assert str(refusal.expected)


SHEET = xlsx_bytes([HEADER, ["SER1", 1000, date(2031, 3, 31)]])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_spreadsheet_of_broken_xml_is_a_table_or_a_refusal(data: st.DataObject) -> None:
    """Damage inside the archive, where no checksum catches it."""
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SHEET)) as old, zipfile.ZipFile(broken, "w") as new:
        victim = data.draw(st.sampled_from(old.namelist()))
        for name in old.namelist():
            content = bytearray(old.read(name))
            for _ in range(data.draw(st.integers(1, 4)) if name == victim else 0):
                content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
                    st.sampled_from(b'<>"/&9A0-.')
                )
            new.writestr(name, bytes(content))
    try:
        read(broken.getvalue())
    except NotATable as refusal:
        assert str(refusal.expected)


def test_numbers_and_dates_of_a_spreadsheet_are_what_it_shows() -> None:
    table = [
        ["a", "b", "c", "d", "e", "f", "g"],
        [1000, 1000.0, 12.5, date(2031, 3, 31), AFTERNOON, 382903057603, 7],
        [5019144107587, 2.9999999999, True, None, " SER1 ", "0012", "=1/0"],
    ]
    rows = read(xlsx_bytes(table, {"F2": "00000000000000", "G2": "0"}))
    day = date(2031, 3, 31)
    assert rows[1][1][:7] == ("1000", "1000", "12,5", day, day, "00382903057603", "7")
    assert rows[2][1][:6] == ("5019144107587", "3", "TRUE", "", "SER1", "0012")


def test_lines_are_numbered_as_the_spreadsheet_numbers_them() -> None:
    content = b'article;nom\r\n\r\n;\r\nSER1;"two\r\nlines"\r\nSER2;x\r\n\r\n;;\r\n'
    assert [line for line, _ in read(content)] == [1, 4, 5]
    table = [["article", "nom"], [], [None, " "], ["SER1", "x"]]
    assert [line for line, _ in read(xlsx_bytes(table))] == [1, 4]


def test_a_line_that_names_the_separator_is_not_shown() -> None:
    assert read(b"sep=,\r\narticle,nom;naam\r\nSER1,a;b\r\n") == [
        (1, ("article", "nom;naam")),
        (2, ("SER1", "a;b")),
    ]


def test_a_quote_that_is_never_closed_is_named_by_its_line() -> None:
    assert refused(b'article;nom\r\nSER1;"Seringue\r\nSER2;x\r\n').line == 2


def test_a_cell_of_200_thousand_characters_is_named_by_its_line() -> None:
    assert refused(b"article;nom\r\nSER1;x\r\nSER2;" + b"x" * 200_000).line == 3


def test_the_shared_files_are_tables() -> None:
    for path in (*EXAMPLE.glob("*.csv"), DATA / "livraison-fautive.csv"):
        header, rows = read_table(path)
        assert header.line == 1 and rows


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n\r\n",
        b"\r\narticle;nom\r\nSER1;x\r\n",
        b"\0" * 50,
        b"article;n\0m\r\n",
        b"\xff\xfea",
        b"\x81\x8d\x8f",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500,
        b"PK\x03\x04 and then nothing",
    ],
)
def test_what_is_no_table_is_refused_on_line_1(content: bytes) -> None:
    assert refused(content).line == 1


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path, Path("a\0b.csv")):
        with pytest.raises(NotATable):
            read_table(path)


def test_too_many_rows_are_refused_where_they_begin() -> None:
    few = b"article\r\n" + b"SER1\r\n" * MAX_ROWS
    assert len(read(few)) == MAX_ROWS + 1
    assert refused(few + b"SER1\r\n").line == MAX_ROWS + 2


def test_a_file_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(3 * 1024**3)  # sparse
    with pytest.raises(NotATable, match="20 MB"):
        read_table(path)


def test_a_spreadsheet_that_unpacks_to_far_more_is_refused() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        with zipfile.ZipFile(io.BytesIO(SHEET)) as sheet:
            for name in sheet.namelist():
                archive.writestr(name, sheet.read(name))
        for number in range(5):
            archive.writestr(f"xl/media/{number}.bin", b"\0" * 50_000_000)
    assert len(bomb.getvalue()) < 1_000_000
    assert "packed" in str(refused(bomb.getvalue()))


def test_a_row_far_below_the_last_line_is_left_out() -> None:
    far = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SHEET)) as old, zipfile.ZipFile(far, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(b'r="2"', b'r="999999999"')
                content = content.replace(b'2"', b'999999999"')
            new.writestr(name, content)
    assert [line for line, _ in read(far.getvalue())] == [1]


def test_a_wrong_word_on_its_own_size_cuts_no_row_off() -> None:
    wrong = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SHEET)) as old, zipfile.ZipFile(wrong, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(b'dimension ref="A1:C2"', b'dimension ref="A1"'))
    assert read(wrong.getvalue()) == read(SHEET)


def test_records_are_read_one_at_a_time() -> None:
    assert next(delimited_rows(b"a;b\r\n1;2")) == Row(1, ("a", "b"))
