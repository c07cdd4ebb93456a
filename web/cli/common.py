"""What every command shares: the database, output for people or as JSON, and how failure is said."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import click

from inventory.errors import ComptoirError, FaultyLists
from inventory.messages import Message
from web.i18n import say
from web.settings import Settings, terminal_language

if (
    TYPE_CHECKING
):  # most of a start is SQLAlchemy's import, which help and command codes can do without
    from sqlalchemy.orm import Session

    from inventory.database import Database

BROKEN_PROMISE = 1
BAD_INPUT = 2

F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print data as JSON.")


@functools.cache
def settings() -> Settings:
    return Settings.from_environment()


@functools.cache
def database() -> Database:
    return settings().open_database()


@contextmanager
def writing() -> Iterator[Session]:
    with database().writing() as session:
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    with database().reading() as session:
        yield session


def tell(message: Message) -> str:
    """A message in the language of the terminal."""
    return say(
        message, terminal_language()
    )  # not by way of the settings, which may be what is wrong


def command(function: F) -> F:
    """Say a failure in one line on standard error and exit with 2: for every command that can fail."""

    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except FaultyLists as error:
            raise _Exit(_fault_lines(error), error.code) from error
        except ComptoirError as error:
            raise _Exit([tell(error.message)], error.code) from error

    return guarded  # type: ignore[return-value]


class _Exit(click.ClickException):
    exit_code = BAD_INPUT

    def __init__(self, lines: list[str], code: str) -> None:
        super().__init__("\n".join(lines))
        self.code = code

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


def _fault_lines(error: FaultyLists) -> list[str]:
    line = Message("%(file)s, line %(line)d, %(column)s “%(value)s”: %(expected)s")
    lines = []
    for fault in error.faults:
        params = {
            "file": fault.file,
            "line": fault.line,
            "column": fault.column,
            "value": fault.value,
            "expected": fault.expected,
        }
        lines.append(tell(Message(line.text, **params)))
    return [*lines, tell(error.message)]


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, default=plain, ensure_ascii=False))


def plain(value: Any) -> Any:
    """JSON's view of our values: dates as ISO, whole decimals as integers, dataclasses as objects."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Message):
        return tell(value)
    return str(value)


def shown_lot(code: str | None) -> str | None:
    """A lot in JSON: pieces without a lot have none."""
    return code or None


def print_table(headings: list[str], rows: list[list[Any]]) -> None:
    """Columns side by side; numbers to the right."""
    cells = [headings, *[["" if c is None else str(c) for c in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
    for n, row in enumerate(cells):
        padded = [
            cell.rjust(width) if n and isinstance(rows[n - 1][i], int) else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(padded).rstrip())


class Day(click.ParamType[date]):
    """A day as people and machines write it: 2026-09-14 or 14/09/2026."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        text = str(value)
        try:
            if "/" in text:
                day, month, year = text.split("/")
                text = f"{year:0>4}-{month:0>2}-{day:0>2}"
            return date.fromisoformat(text)
        except ValueError:
            self.fail(f"{value!r} is not a day: write 2026-09-14 or 14/09/2026.", param, ctx)


DAY = Day()
