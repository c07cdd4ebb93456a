"""The tally (décompte): what left the counter in a shift, a day or a period, what came back, and how many came by.

Totals only, open shifts included as they stand. Kits are counted as kits; what they contained stands beside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days, kits, returns, tally_reads
from inventory.messages import Names
from inventory.tables import Item, Place, Recipe, Shift
from inventory.tally_reads import Counted, HandedOut, Returned, Scope, Short, Unknown, Unopened
from inventory.words import CountsAs, Family, PlaceKind


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces handed out, less what was corrected back; `place` is where the stock was drawn from, `site` where."""

    item: str
    channel: str
    place: str
    site: str
    handed_out: int


@dataclass(frozen=True, slots=True)
class ContentRow:
    """Pieces of an item inside the kits handed out."""

    item: str
    channel: str
    place: str
    pieces: int


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """Used material that came back. `measured` is in `unit`, `factor` in pieces per unit, exact.

    `pieces` are those of each shift, rounded, added up: see `returns.pieces_of_shifts`.
    """

    channel: str
    place: str
    origin: str
    method: str
    measured: Decimal
    unit: str
    factor: Fraction
    pieces: int


@dataclass(frozen=True, slots=True)
class UnopenedRow:
    """Pieces brought back unopened, to quarantine: they were handed out all the same, and reduce nothing."""

    item: str
    channel: str
    place: str
    pieces: int


@dataclass(frozen=True, slots=True)
class CountRow:
    """Passages ("passage") or contacts without material ("contact:shower")."""

    what: str
    channel: str
    place: str
    times: int


@dataclass(frozen=True, slots=True)
class ShortRow:
    """Pieces handed out or moved beyond the books of a place: to be verified."""

    item: str
    place: str
    pieces: int
    in_kits: bool = False
    """Whether they are inside kits that were counted there, and nobody handed them out."""


@dataclass(frozen=True, slots=True)
class UnknownRow:
    """Hand-outs of a code no list has yet."""

    gtin: str
    channel: str
    place: str
    pieces: int


@dataclass(frozen=True, slots=True)
class Article:
    """What a report says of an item; `number` is its place in the lists."""

    number: int
    names: Names
    family: str
    counts_as: str

    @property
    def is_kit(self) -> bool:
        return self.family == Family.KIT


@dataclass(frozen=True, slots=True)
class Indicators:
    """What EUDA Standard Table 10 and UNAIDS ask for, pieces in kits included; needles come fixed or loose, apart."""

    fixed_needle_syringes: int
    syringe_bodies: int
    loose_needles: int

    @property
    def syringes(self) -> int:
        """All syringes, with or without a needle of their own."""
        return self.fixed_needle_syringes + self.syringe_bodies


@dataclass(frozen=True, slots=True)
class Tally:
    """The totals of a shift, a day or a period; either end of a period may be open."""

    first: date | None
    last: date | None
    shifts: int
    open_shifts: int
    rows: list[Row]
    contents: list[ContentRow]
    returns: list[ReturnRow]
    unopened: list[UnopenedRow]
    counts: list[CountRow]
    short: list[ShortRow]
    unknown: list[UnknownRow]
    articles: dict[str, Article]
    places: dict[str, str]
    """Names of the places, by code."""

    @property
    def indicators(self) -> Indicators:
        return indicators(self.rows, self.contents, self.articles)

    @property
    def passages(self) -> int:
        return sum(row.times for row in self.counts if row.what == "passage")

    @property
    def contacts(self) -> dict[str, int]:
        """Contacts without material, by kind."""
        found: dict[str, int] = defaultdict(int)
        for row in self.counts:
            what, _, kind = row.what.partition(":")
            if what == "contact":
                found[kind] += row.times
        return dict(sorted(found.items()))

    @property
    def returned(self) -> int:
        return sum(row.pieces for row in self.returns)

    @property
    def brought_back(self) -> int:
        """Pieces brought back unopened."""
        return sum(row.pieces for row in self.unopened)

    @property
    def shortfall(self) -> int:
        """Pieces beyond the books in this period, settled since or not."""
        return sum(row.pieces for row in self.short)


def indicators(
    rows: Iterable[Row], contents: Iterable[ContentRow], articles: dict[str, Article]
) -> Indicators:
    """The indicators of some rows and of what their kits contained."""
    totals: dict[str, int] = defaultdict(int)
    for item, pieces in [(r.item, r.handed_out) for r in rows] + [
        (c.item, c.pieces) for c in contents
    ]:
        totals[articles[item].counts_as] += pieces
    return Indicators(
        totals[CountsAs.FIXED_NEEDLE_SYRINGE],
        totals[CountsAs.SYRINGE_BODY],
        totals[CountsAs.NEEDLE],
    )


def tally(
    session: Session,
    *,
    first: date | None = None,
    last: date | None = None,
    channel: str | None = None,
    place: str | None = None,
    shift_id: int | None = None,
) -> Tally:
    """Count a shift, or a period of service days (both ends included) of a channel and a place.

    Without dates: the day of the last shift opened. A place that holds no stock, such as a hotspot, is taken for the
    site of the hand-outs, any other for the place they were drawn from. NotOnTheLists for an unknown place.
    """
    scope = _scope(session, first, last, channel, place, shift_id)
    opened = tally_reads.open_shifts(session, scope)
    handed_out = tally_reads.handed_out(session, scope, opened)
    short = tally_reads.short(session, scope, opened)
    unopened = tally_reads.unopened(session, scope, opened)
    inside = _inside_kits(session, handed_out)
    items = {one.item_id for one in handed_out} | {one.item_id for one in unopened}
    items |= {one.item_id for one in short}
    words = _Words.of(session, items.union(*inside.values()))
    return Tally(
        first=scope.first,
        last=scope.last,
        shifts=tally_reads.shifts(session, scope),
        open_shifts=len(opened),
        rows=words.rows(handed_out),
        contents=words.contents(inside),
        returns=words.returns(tally_reads.returned(session, scope, opened)),
        unopened=words.unopened(unopened),
        counts=words.counts(tally_reads.counted(session, scope, opened)),
        short=words.short(short),
        unknown=words.unknown(tally_reads.unknown(session, scope, opened)),
        articles=words.articles,
        places=words.place_names,
    )


def last_day(session: Session) -> date:
    """The service day of the last shift opened: a shift opens at its first read, so that is the latest day.

    An evening that a van sends the next morning opened the evening before, whenever its reads arrive.
    """
    # Said as a range, the days are searched in their index from the latest on, and nothing else is read.
    stands = select(Shift.day).where(Shift.day <= date.max, Shift.taken_back.is_(False))
    return session.scalar(stands.order_by(Shift.day.desc()).limit(1)) or days.today()


def _scope(
    session: Session,
    first: date | None,
    last: date | None,
    channel: str | None,
    place: str | None,
    shift_id: int | None,
) -> Scope:
    if shift_id is not None:
        shift = session.get_one(Shift, shift_id)
        return Scope(shift.day, shift.day, shift=shift)
    if first is None and last is None:
        first = last = last_day(session)
    if place is None:
        return Scope(first, last, channel)
    there = catalogue.place(session, place)
    if PlaceKind(there.kind).holds_stock:
        return Scope(first, last, channel, place_id=there.id)
    return Scope(first, last, channel, site_id=there.id)


def _inside_kits(
    session: Session, handed_out: Mapping[HandedOut, int]
) -> dict[tuple[str, int], dict[int, int]]:
    """Pieces inside the kits handed out, by channel and place, then by item."""
    kit_ids = set(session.scalars(select(Recipe.item_id)))
    lots: dict[tuple[str, int], dict[tuple[int, int], int]] = {}
    for key, pieces in handed_out.items():
        if key.item_id in kit_ids:
            there = lots.setdefault((key.channel, key.place_id), {})
            lot = (key.item_id, key.lot_id)
            there[lot] = there.get(lot, 0) + pieces
    return {
        where: kits.contents_of_lots(session, [(*lot, pieces) for lot, pieces in there.items()])
        for where, there in lots.items()
    }


@dataclass(frozen=True, slots=True)
class _Words:
    """Turns numbers of items and places into the codes people see, in the order of those codes."""

    items: dict[int, str]
    articles: dict[str, Article]
    places: dict[int, str]
    place_names: dict[str, str]

    @classmethod
    def of(cls, session: Session, item_ids: set[int]) -> _Words:
        items = session.scalars(select(Item).where(Item.id.in_(item_ids))).all()
        places = session.execute(select(Place.id, Place.code, Place.name)).all()
        return cls(
            {item.id: item.code for item in items},
            {
                item.code: Article(item.id, item.names, item.family, item.counts_as)
                for item in items
            },
            {number: code for number, code, _ in places},
            {code: name for _, code, name in places},
        )

    def rows(self, found: Mapping[HandedOut, int]) -> list[Row]:
        """Summed over lots."""
        totals: dict[tuple[str, str, str, str], int] = defaultdict(int)
        for (item_id, _, channel, place_id, site_id), pieces in found.items():
            place, site = self.places[place_id], self.places[site_id]
            totals[self.items[item_id], channel, place, site] += pieces
        return [Row(*key, pieces) for key, pieces in sorted(totals.items()) if pieces]

    def contents(self, found: Mapping[tuple[str, int], Mapping[int, int]]) -> list[ContentRow]:
        return sorted(
            (
                ContentRow(self.items[item_id], channel, self.places[place_id], pieces)
                for (channel, place_id), contents in found.items()
                for item_id, pieces in contents.items()
                if pieces
            ),
            key=attrgetter("item", "channel", "place"),
        )

    def returns(self, found: Mapping[Returned, int]) -> list[ReturnRow]:
        """The same factor written in two ways is one; each shift is rounded by itself, so that shifts add up."""
        found_of: dict[tuple[str, str, str, str, str, Fraction], dict[int, int]] = defaultdict(dict)
        for way, thousandths in found.items():
            place, factor = self.places[way.place_id], Fraction(way.factor)
            of_shifts = found_of[way.channel, place, way.origin, way.method, way.unit, factor]
            of_shifts[way.shift_id] = of_shifts.get(way.shift_id, 0) + thousandths
        rows = []
        for (channel, place, origin, method, unit, factor), of_shifts in sorted(found_of.items()):
            measured = returns.measure(sum(of_shifts.values()))
            pieces = returns.pieces_of_shifts(of_shifts.values(), factor)
            rows.append(ReturnRow(channel, place, origin, method, measured, unit, factor, pieces))
        return rows

    def unopened(self, found: Mapping[Unopened, int]) -> list[UnopenedRow]:
        rows = (
            UnopenedRow(self.items[key.item_id], key.channel, self.places[key.place_id], pieces)
            for key, pieces in found.items()
        )
        return sorted(rows, key=attrgetter("item", "channel", "place"))

    def counts(self, found: Mapping[Counted, int]) -> list[CountRow]:
        rows = (
            CountRow(key.what, key.channel, self.places[key.place_id], times)
            for key, times in found.items()
        )
        return sorted(rows, key=attrgetter("what", "channel", "place"))

    def short(self, found: Mapping[Short, int]) -> list[ShortRow]:
        rows = (
            ShortRow(self.items[one.item_id], self.places[one.place_id], pieces, one.in_kits)
            for one, pieces in found.items()
        )
        return sorted(rows, key=attrgetter("in_kits", "item", "place"))

    def unknown(self, found: Mapping[Unknown, int]) -> list[UnknownRow]:
        rows = (
            UnknownRow(key.gtin, key.channel, self.places[key.place_id], pieces)
            for key, pieces in found.items()
        )
        return sorted(rows, key=attrgetter("gtin", "channel", "place"))
