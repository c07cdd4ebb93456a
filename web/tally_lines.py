"""The lines of a tally as a page and an A4 sheet show them, in the order of the lists."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal

from inventory.messages import Message, Names
from inventory.tally import Tally
from web import words
from web.i18n import LOCALES


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: an article somewhere, and its pieces."""

    names: Names
    where: str
    pieces: int


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """Used material by how it was measured."""

    how: Message
    from_street: bool
    measured: str
    pieces: int


def tables(tally: Tally, language: str) -> dict[str, Any]:
    """What the template of a tally's tables shows, by its own names."""
    return {
        "kits": lines(tally, kits=True),
        "articles": lines(tally, kits=False),
        "contents": contents(tally),
        "returns": returns(tally, language),
        "contacts": [(words.CONTACTS[kind], times) for kind, times in tally.contacts.items()],
        "unopened": unopened(tally),
        "short": short(tally, in_kits=False),
        "short_in_kits": short(tally, in_kits=True),
    }


def lines(tally: Tally, *, kits: bool) -> list[Line]:
    """In the order of the lists; channel and place are said only where there are several."""
    several = len({(row.channel, row.site) for row in tally.rows}) > 1
    rows = [row for row in tally.rows if tally.articles[row.item].is_kit == kits]
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        where = " · ".join((row.channel, tally.places[row.site])) if several else ""
        totals[row.item, where] += row.handed_out
    return _in_order(tally, totals)


def contents(tally: Tally) -> list[Line]:
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for row in tally.contents:
        totals[row.item, ""] += row.pieces
    return _in_order(tally, totals)


def unopened(tally: Tally) -> list[Line]:
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for row in tally.unopened:
        totals[row.item, ""] += row.pieces
    return _in_order(tally, totals)


SHORT = Message("To be verified: handed out beyond the books")
SHORT_IN_KITS = Message("To be verified: in kits counted beyond the books")


def short(tally: Tally, *, in_kits: bool) -> list[Line]:
    """What is beyond the books: handed out, or in kits that a recount found."""
    rows = [row for row in tally.short if row.in_kits == in_kits]
    several = len({row.place for row in rows}) > 1
    places = {code: name if several else "" for code, name in tally.places.items()}
    return _in_order(tally, {(row.item, places[row.place]): row.pieces for row in rows})


def _in_order(tally: Tally, totals: dict[tuple[str, str], int]) -> list[Line]:
    def place_in_lists(key: tuple[str, str]) -> tuple[int, str]:
        return tally.articles[key[0]].number, key[1]

    return [
        Line(tally.articles[key[0]].names, key[1], totals[key])
        for key in sorted(totals, key=place_in_lists)
    ]


def returns(tally: Tally, language: str) -> list[BroughtBack]:
    """One line per way of measuring, whatever the factor."""
    measured: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    pieces: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in tally.returns:
        key = (row.method, row.unit, row.origin)
        measured[key] += row.measured
        pieces[key] += row.pieces
    return [
        BroughtBack(
            words.returned(method, unit),
            origin == "street",
            words.with_unit(_number(measured[method, unit, origin], language), unit),
            pieces[method, unit, origin],
        )
        for method, unit, origin in measured
    ]


def _number(value: Decimal, language: str) -> str:
    return str(format_decimal(value, locale=LOCALES[language]))
