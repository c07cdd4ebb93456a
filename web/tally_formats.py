"""The tally for other programs: JSON, and one flat table with stable columns as CSV or XLSX.

The CSV is what a spreadsheet in Brussels opens by itself: semicolons, UTF-8 with a byte order mark, decimal commas.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from inventory.lists.vocabulary import COUNTS_AS, FAMILY
from inventory.messages import Message
from inventory.tally import Tally
from labels.receipt import Paper, receipt_text
from web import words
from web.i18n import say
from web.spreadsheets import Value, csv_file, saved, workbook
from web.tally_receipt import receipt_of


class Format(StrEnum):
    """What a tally can be asked as, besides the page and the receipt."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


def tally_text(tally: Tally, language: str, *, previous: Tally | None = None) -> str:
    """The tally as lines of 42 characters: the same as on wide paper."""
    return receipt_text(receipt_of(tally, language, previous=previous), Paper.WIDE.columns)


# JSON


def tally_dict(tally: Tally) -> dict[str, Any]:
    """The tally as plain data. `rows` are by place drawn from; `sites` says the same by where it was handed out."""
    rows: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in tally.rows:
        rows[row.item, row.channel, row.place] += row.handed_out
    return {
        "from": tally.first,
        "to": tally.last,
        "shifts": tally.shifts,
        "open_shifts": tally.open_shifts,
        "rows": [
            {"item": item, "channel": channel, "place": place, "handed_out": pieces}
            for (item, channel, place), pieces in rows.items()
        ],
        "sites": [asdict(row) for row in tally.rows],
        "contents": [asdict(row) for row in tally.contents],
        "indicators": {**asdict(tally.indicators), "syringes": tally.indicators.syringes},
        "returns": [
            {
                **asdict(row),
                "measured": number(Fraction(row.measured)),
                "factor": number(row.factor),
                "factor_exact": str(row.factor),
            }
            for row in tally.returns
        ],
        "unopened": [asdict(row) for row in tally.unopened],
        "passages": tally.passages,
        "contacts": tally.contacts,
        "counts": [asdict(row) for row in tally.counts],
        "shortfall": tally.shortfall,
        "short": [asdict(row) for row in tally.short],
        "unknown_codes": [asdict(row) for row in tally.unknown],
    }


def number(value: Fraction) -> int | float:
    """A JSON number: whole where it is whole, else as near as JSON's readers can hold it."""
    return value.numerator if value.denominator == 1 else float(value)


# One flat table

COLUMNS = {
    "section": Message("section"),
    "first": Message("from"),
    "last": Message("to"),
    "channel": Message("channel"),
    "place": Message("place"),
    "site": Message("site"),
    "item": Message("item"),
    "name": Message("name"),
    "family": Message("family"),
    "counts_as": Message("counts as"),
    "pieces": Message("pieces"),
    "origin": Message("origin"),
    "method": Message("method"),
    "measured": Message("measured"),
    "unit": Message("unit"),
    "factor": Message("factor"),
    "place_name": Message("place name"),
    "site_name": Message("site name"),
}
"""In this order for ever, new ones at the end: reports are built on it. `place`, `site` and `item` are codes of the
lists, which stay when a name changes. `pieces` of passages and contacts are times.

Of what was weighed, `pieces` are the estimate of each shift, rounded and added up; `factor` is in pieces per unit, to
four decimals. The product's own words for programs stand in the JSON only, with the exact factor.
"""

SECTIONS = {
    "handed_out": Message("handed out"),
    "contents": Message("inside kits"),
    "returned": Message("brought back"),
    "unopened": Message("brought back unopened"),
    "passage": Message("passages"),
    "contact": Message("contacts"),
    "short": Message("to be verified"),
    "short_in_kits": Message("to be verified, in kits counted"),
    "unknown": Message("unknown codes"),
}

ORIGINS = {"person": Message("person"), "street": Message("street")}

METHODS = {**words.RETURNED, "container": Message("container")}


def tally_table(tally: Tally, language: str) -> tuple[list[str], list[list[Value]]]:
    """Headings and rows, in the words of one language, as on the page; numbers and codes are alike in all."""
    rows = []
    for cells in _cells(tally, language):
        section = say(SECTIONS[str(cells["section"])], language)
        cells |= {"section": section, "first": tally.first, "last": tally.last}
        for column in ("place", "site"):
            cells[f"{column}_name"] = tally.places.get(str(cells.get(column)))
        rows.append([cells.get(column) for column in COLUMNS])
    return [say(heading, language) for heading in COLUMNS.values()], rows


def _cells(tally: Tally, language: str) -> Iterator[dict[str, Value]]:
    def article(code: str) -> dict[str, Value]:
        known = tally.articles[code]
        return {
            "item": code,
            "name": known.names.in_language(language),
            "family": FAMILY.names(known.family).in_language(language),
            "counts_as": COUNTS_AS.names(known.counts_as).in_language(language),
        }

    for row in tally.rows:
        where: dict[str, Value] = {"channel": row.channel, "place": row.place, "site": row.site}
        yield {"section": "handed_out", **where, **article(row.item), "pieces": row.handed_out}
    for content in tally.contents:
        where = {"channel": content.channel, "place": content.place}
        yield {"section": "contents", **where, **article(content.item), "pieces": content.pieces}
    for back in tally.returns:
        yield {
            **asdict(back),
            "section": "returned",
            "origin": _word(ORIGINS, back.origin, language),
            "method": _word(METHODS, back.method, language),
            "unit": _said(words.unit(back.unit), language),
            "factor": _decimal(back.factor),
        }
    for unopened in tally.unopened:
        where = {"channel": unopened.channel, "place": unopened.place}
        yield {"section": "unopened", **where, **article(unopened.item), "pieces": unopened.pieces}
    for count in tally.counts:
        what, _, kind = count.what.partition(":")
        where = {"channel": count.channel, "place": count.place}
        name = _word(words.CONTACTS, kind, language)
        yield {"section": what, **where, "name": name, "pieces": count.times}
    for short in tally.short:
        where = {"place": short.place}
        section = "short_in_kits" if short.in_kits else "short"
        yield {"section": section, **where, **article(short.item), "pieces": short.pieces}
    for unknown in tally.unknown:
        where = {"channel": unknown.channel, "place": unknown.place}
        yield {"section": "unknown", **where, "item": unknown.gtin, "pieces": unknown.pieces}


def _word(known: dict[str, Message], word: str, language: str) -> str:
    return _said(known.get(word, word), language)


def _said(text: str | Message, language: str) -> str:
    return say(text, language) if isinstance(text, Message) else text


def _decimal(value: Fraction) -> int | Decimal:
    """To four decimals: 5000/39 is 128.2051."""
    if value.denominator == 1:
        return value.numerator
    return round(Decimal(value.numerator) / value.denominator, 4)


def tally_csv(tally: Tally, language: str) -> bytes:
    headings, rows = tally_table(tally, language)
    return csv_file([[*headings], *rows])


def tally_xlsx(tally: Tally, language: str) -> bytes:
    headings, rows = tally_table(tally, language)
    book = workbook([[*headings], *rows], title=say(Message("Tally"), language))
    book.worksheets[0].auto_filter.ref = book.worksheets[0].dimensions
    return saved(book)
