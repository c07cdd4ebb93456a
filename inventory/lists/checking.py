"""Checking rows: every fault is written down, none stops the reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy.orm import Session

from inventory.errors import Fault
from inventory.lists.columns import Header, ListKind, find_columns
from inventory.lists.fields import MAX_CODE, Unfit, code, shown
from inventory.lists.tabular import Cell, NotATable, Row, read_table
from inventory.messages import Message

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
D = TypeVar("D", bound="DataclassInstance")

# What a cell shows when its formula failed, by the language of the spreadsheet, and when it is too narrow.
_ERRORS = frozenset(
    [
        "#N/A",
        "#N/B",
        "#NB",
        "#REF!",
        "#VERW!",
        "#NAME?",
        "#NOM?",
        "#NAAM?",
        "#VALUE!",
        "#VALEUR!",
        "#WAARDE!",
        "#DIV/0!",
        "#DEEL/0!",
        "#NUM!",
        "#NOMBRE!",
        "#GETAL!",
        "#NULL!",
        "#NUL!",
        "#LEEG!",
    ]
)


def _is_error(cell: str) -> bool:
    return cell.upper() in _ERRORS or not cell.strip("#")


class Line:
    """One row being checked, and where its faults go."""

    __slots__ = ("_faults", "_header", "_row", "file", "sound")

    def __init__(self, file: str, row: Row, header: Header, faults: list[Fault]) -> None:
        self.file = file
        self.sound = True
        self._row = row
        self._header = header
        self._faults = faults

    @property
    def number(self) -> int:
        return self._row.line

    def cell(self, column: str) -> Cell:
        position = self._header.positions.get(column)
        if position is None or position >= len(self._row.cells):
            return ""
        return self._row.cells[position]

    def has(self, column: str) -> bool:
        """Whether the file has this column."""
        return column in self._header.positions

    @property
    def languages(self) -> tuple[str, ...]:
        """Further languages in which the file has names."""
        return self._header.languages

    def blank(self, column: str) -> bool:
        return not self.cell(column)

    def get(self, column: str, parse: Callable[[Cell], T]) -> T | None:
        """The value of a cell; None, and a fault, where it does not say what it should."""
        cell = self.cell(column)
        try:
            if cell and isinstance(cell, str) and cell[0] == "#" and _is_error(cell):
                raise Unfit(Message("a value: the spreadsheet shows an error in this cell"))
            return parse(cell)
        except Unfit as unfit:
            self.fault(column, unfit.expected)
            return None

    def fault(self, column: str, expected: Message) -> None:
        self.sound = False
        name = self._header.names.get(column, column)
        self._faults.append(Fault(self.file, self.number, name, shown(self.cell(column)), expected))

    def check_width(self) -> None:
        """More cells than the header has: a separator inside a cell without quotes has shifted the others."""
        for cell in self._row.cells[self._header.width :]:
            if cell:
                self.sound = False
                expected = Message("no more cells than line 1 has; one with a separator in quotes")
                self._faults.append(Fault(self.file, self.number, "", shown(cell), expected))
                return


def updated(known: D, line: Line, read: Mapping[str, Any], *, blank: D) -> D:
    """What is known, changed to what a row says: an empty cell is as in `blank`, a column that is missing changes
    nothing. `read` has the values by column, None for an empty cell."""
    said = {name: value for name, value in read.items() if line.has(name)}
    return replace(
        known,
        **{name: getattr(blank, name) if value is None else value for name, value in said.items()},
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do: how many rows change something, how many are there already, and the doing."""

    imported: int
    unchanged: int
    write: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One import while it is checked."""

    session: Session
    files: Sequence[Path]
    today: date
    to: str | None
    normalise_gtin: Callable[[str], str | None]
    faults: list[Fault] = field(default_factory=list)

    @property
    def file(self) -> str:
        """The file to name for a fault of none of them in particular."""
        return str(self.files[0]) if self.files else ""

    def lines(self, kind: ListKind) -> Iterator[Line]:
        """The rows of all files in order; what cannot be read becomes faults."""
        seen: set[Path] = set()
        for path in self.files:
            try:
                if _real(path) in seen:
                    raise NotATable(Message("each file once"))
                seen.add(_real(path))
                header_row, rows = read_table(path)
            except NotATable as error:
                self.faults.append(Fault(str(path), error.line, "", error.value, error.expected))
                continue
            header, faults = find_columns(kind, str(path), header_row)
            self.faults.extend(faults)
            for row in rows if header else ():
                assert header
                line = Line(str(path), row, header, self.faults)
                line.check_width()
                yield line


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):  # reading it will say what is wrong
        return path


class Directory(Generic[T]):
    """Things by code. Codes are compared exactly; one that differs only in capitals is pointed out."""

    def __init__(self, known: Iterable[tuple[str, T]], *, missing: Message) -> None:
        self._known = dict(known)
        self._spellings = {code.casefold(): code for code in self._known}
        self._missing = missing

    def __contains__(self, code: str) -> bool:
        return code in self._known

    def __getitem__(self, code: str) -> T:
        return self._known[code]

    def add(self, code: str, thing: T) -> None:
        self._known[code] = thing
        self._spellings.setdefault(code.casefold(), code)

    def other_spelling(self, code: str) -> str | None:
        spelling = self._spellings.get(code.casefold())
        return spelling if spelling != code else None

    def find(self, cell: Cell) -> T:
        """The thing a cell names; Unfit where the lists have none."""
        if cell and isinstance(cell, str) and cell in self._known:
            return self._known[cell]
        found = self._known.get(written := code(cell)) if cell else None
        if found is not None:
            return found
        spelling = self.other_spelling(written) if cell else None
        if spelling is not None:
            raise Unfit(
                Message("%(what)s; did you mean %(code)s?", what=self._missing, code=spelling)
            )
        raise Unfit(self._missing)

    def new_code(self, cell: Cell) -> str:
        """A code to define or to update; two that differ only in capitals would be taken for each other."""
        written = code(cell, at_most=MAX_CODE)
        spelling = self.other_spelling(written)
        if spelling is not None and written not in self._known:
            raise Unfit(Message("%(code)s, as it is written already", code=spelling))
        return written
