"""The tally on a receipt: what counts first, the same figures as the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from inventory import days
from inventory.counter.commands import CONTAINERS
from inventory.messages import Message
from inventory.tally import Article, Indicators, ReturnRow, Tally, indicators
from inventory.words import CountsAs, Family
from labels.receipt import Line, Receipt, Section
from web import words
from web.i18n import LOCALES, say

Group = tuple[str, str]
"""Place and channel."""

Way = tuple[str, str, str]
"""Origin, method and unit of used material."""

_FAMILIES = (Family.KIT, *(family for family in Family if family is not Family.KIT))


def receipt_of(
    tally: Tally,
    language: str,
    *,
    previous: Tally | None = None,
    station: str | None = None,
    times: tuple[datetime, datetime] | None = None,
    printed_at: datetime | None = None,
    qr: str | None = None,
    place: str | None = None,
    copy: bool = False,
) -> Receipt:
    """A tally in the words of one language, ready to be laid out.

    `previous` is the same weekday a week before, for a second column. `times` are the first and the last moment of the
    shift: they are erased with the journal, so only the receipt printed at closing has them. `qr` is the address of the
    same tally on screen. `place` is the name of the place, where it is known; a `copy` says that it is one.
    """
    if previous is not None and not (previous.shifts and (previous.rows or previous.counts)):
        previous = None
    text = _Text(tally, previous, language)
    return Receipt(
        stamp=text.say(Message("COPY")) if copy else "",
        title=place.upper() if place else text.place(),
        date_line=text.days(),
        subtitle=text.subtitle(times),
        subtitle_right=text.say(Message("station %(name)s", name=station)) if station else "",
        sections=tuple(filter(lambda section: section.lines, text.sections())),
        notes=text.notes(),
        qr=qr,
        footer=text.footer(printed_at),
    )


@dataclass(frozen=True, slots=True)
class _Text:
    tally: Tally
    previous: Tally | None
    language: str

    def say(self, message: Message) -> str:
        return say(message, self.language)

    # The head and the foot

    def place(self) -> str:
        codes = {place for place, _ in _groups(self.tally)}
        codes |= {row.place for row in self.tally.counts} | {r.place for r in self.tally.returns}
        if len(codes) == 1:
            return self.tally.places[codes.pop()].upper()
        return self.say(Message("All places"))

    def days(self) -> str:
        first, last = self.tally.first, self.tally.last
        if first and last:
            if first == last:
                return f"{self._date(first, 'EEEE')} {self._date(first)}"
            return f"{self._date(first)} – {self._date(last)}"
        if first:
            return self.say(Message("since %(day)s", day=self._date(first)))
        return self.say(Message("up to %(day)s", day=self._date(last))) if last else ""

    def _date(self, day: date, pattern: str = "dd/MM/yyyy") -> str:
        return format_date(day, pattern, locale=LOCALES[self.language])

    def _time(self, moment: datetime) -> str:
        return format_time(days.local(moment), "HH:mm", locale=LOCALES[self.language])

    def subtitle(self, times: tuple[datetime, datetime] | None) -> str:
        tally = self.say(Message("Tally"))
        return f"{tally} {self._time(times[0])} – {self._time(times[1])}" if times else tally

    def notes(self) -> tuple[str, ...]:
        if self.tally.open_shifts:
            note = Message("A shift is still open: its figures are as they stand now.")
        elif self.tally.shifts:
            note = Message("Closed: only these totals are kept, the journal is erased.")
        else:
            note = Message("Nothing was recorded.")
        return (self.say(note),)

    def footer(self, printed_at: datetime | None) -> tuple[str, ...]:
        if printed_at is None:
            return ()
        return (self.say(Message("printed at %(time)s", time=self._time(printed_at))),)

    # The figures

    def sections(self) -> Iterator[Section]:
        yield Section(lines=(*self._passages(), *self._contacts()))
        second = ""
        if self.previous is not None and self.previous.first is not None:
            weekday = self._date(self.previous.first, "EEEE")
            second = self.say(Message("last %(weekday)s", weekday=weekday))
        yield Section(
            heading=self.say(Message("Handed out")),
            lines=(*self._handed_out(), *self._returned(), *self._unopened()),
            value_heading=self.say(Message("pieces")),
            second_heading=second,
        )
        yield Section(lines=tuple(self._to_verify()))

    def _line(
        self,
        label: Message | str,
        count: Callable[[Tally], int],
        *,
        indent: int = 0,
        bold: bool = False,
    ) -> Line:
        """A figure, with that of the week before where there is one."""
        text = label if isinstance(label, str) else self.say(label)
        second = None if self.previous is None else str(count(self.previous))
        return Line(text, str(count(self.tally)), second, indent, bold)

    def _passages(self) -> Iterator[Line]:
        if self.tally.shifts:
            yield Line(self.say(Message("Passages")), str(self.tally.passages), bold=True)

    def _contacts(self) -> Iterator[Line]:
        for kind, times in self.tally.contacts.items():
            label = self.say(words.CONTACTS[kind]) if kind in words.CONTACTS else kind
            yield Line(label, str(times), indent=1)

    def _handed_out(self) -> Iterator[Line]:
        groups = sorted({group for tally in self._both() for group in _groups(tally)})
        for place, channel in groups:
            if len(groups) > 1:
                where = " · ".join(filter(None, (self.tally.places[place], channel)))
                yield Line(where, bold=True)
            yield from self._of_group((place, channel))
        if len(groups) > 1 and self.tally.indicators.syringes:
            label = Message("syringes in all, everywhere")
            yield self._line(label, lambda tally: tally.indicators.syringes, bold=True)

    def _both(self) -> list[Tally]:
        return [self.tally] if self.previous is None else [self.tally, self.previous]

    def _of_group(self, group: Group) -> Iterator[Line]:
        """Kits first; then the articles in the order of the lists, syringes and needles followed by their total."""
        articles = {code: one for tally in self._both() for code, one in tally.articles.items()}
        inside = {code for tally in self._both() for code in _inside(tally, group)}
        codes = sorted(
            {code for tally in self._both() for code in _loose(tally, group)},
            key=lambda code: _order(articles[code]),
        )
        kinds = {code: _total_kind(articles[code]) for code in codes}
        for n, code in enumerate(codes):
            name = articles[code].names.in_language(self.language)
            label: Message | str = name
            if code in inside and not articles[code].is_kit:
                label = Message("%(item)s (not in kits)", item=name)
            yield self._line(label, partial(_pieces, group=group, item=code))
            last_of_its_kind = kinds[code] not in [kinds[other] for other in codes[n + 1 :]]
            if last_of_its_kind:
                yield from self._total(group, kinds[code], list(kinds.values()))
        for kind in _TOTALS:
            if kind not in kinds.values():
                yield from self._total(group, kind, [])

    def _total(self, group: Group, kind: str, loose: list[str]) -> Iterator[Line]:
        """Syringes, or needles, those in kits too; left out where it would repeat the line above."""
        if kind not in _TOTALS:
            return
        label, of = _TOTALS[kind]
        in_kits = any(of(_of_kits(tally, group)) for tally in self._both())
        if in_kits or loose.count(kind) > 1:
            yield self._line(label, lambda tally: of(_of(tally, group)), indent=1)

    def _unopened(self) -> Iterator[Line]:
        """One line: it waits in quarantine, and reduces nothing above."""
        if any(tally.unopened for tally in self._both()):
            yield self._line(Message("Brought back unopened"), lambda tally: tally.brought_back)

    def _returned(self) -> Iterator[Line]:
        if not any(tally.returns for tally in self._both()):
            return
        yield self._line(Message("Brought back"), lambda tally: tally.returned, bold=True)
        ways = sorted({_way(row) for tally in self._both() for row in tally.returns})
        for way in ways:
            measured = sum((r.measured for r in self.tally.returns if _way(r) == way), Decimal())
            yield self._line(self._way(way, measured), partial(_returned, way=way), indent=1)

    def _way(self, way: Way, measured: Decimal) -> str:
        """How it was measured and, where that is not in pieces, how much it was."""
        origin, method, unit = way
        how = words.returned(method, unit)
        number = format_decimal(measured, locale=LOCALES[self.language], group_separator=False)
        if unit in CONTAINERS:
            how = Message("%(count)s × %(container)s", count=number, container=how)
        elif unit != "piece":
            amount = words.with_unit(number, unit) or f"{number} {unit}"
            how = Message("%(how)s (%(amount)s)", how=how, amount=amount)
        if origin == "street":
            how = Message("%(how)s, in the street", how=how)
        return self.say(how)

    def _to_verify(self) -> Iterator[Line]:
        if self.tally.shortfall:
            yield Line(self.say(Message("To be verified")), str(self.tally.shortfall), bold=True)
        if self.tally.unknown:
            yield Line(self.say(Message("Codes that no list has yet")))
        codes: dict[str, int] = defaultdict(int)
        for row in self.tally.unknown:
            codes[row.gtin] += row.pieces
        for gtin, pieces in codes.items():
            yield Line(gtin, str(pieces), indent=1)


def _groups(tally: Tally) -> set[Group]:
    return {(row.place, row.channel) for row in tally.rows}


def _loose(tally: Tally, group: Group) -> dict[str, int]:
    """Pieces by item as they were handed out: kits as kits."""
    totals: dict[str, int] = defaultdict(int)
    for row in tally.rows:
        if (row.place, row.channel) == group:
            totals[row.item] += row.handed_out
    return totals


def _pieces(tally: Tally, *, group: Group, item: str) -> int:
    return _loose(tally, group).get(item, 0)


def _way(row: ReturnRow) -> Way:
    return row.origin, row.method, row.unit


def _returned(tally: Tally, *, way: Way) -> int:
    return sum(row.pieces for row in tally.returns if _way(row) == way)


def _inside(tally: Tally, group: Group) -> set[str]:
    return {row.item for row in tally.contents if (row.place, row.channel) == group}


def _of(tally: Tally, group: Group) -> Indicators:
    rows = [row for row in tally.rows if (row.place, row.channel) == group]
    contents = [row for row in tally.contents if (row.place, row.channel) == group]
    return indicators(rows, contents, tally.articles)


def _of_kits(tally: Tally, group: Group) -> Indicators:
    contents = [row for row in tally.contents if (row.place, row.channel) == group]
    return indicators((), contents, tally.articles)


def _order(article: Article) -> tuple[int, int]:
    families: Iterable[str] = _FAMILIES
    return ([*families, article.family].index(article.family), article.number)


_TOTALS: dict[str, tuple[Message, Callable[[Indicators], int]]] = {
    "syringe": (Message("syringes in all"), lambda found: found.syringes),
    "needle": (Message("loose needles in all"), lambda found: found.loose_needles),
}


def _total_kind(article: Article) -> str:
    if article.counts_as in (CountsAs.FIXED_NEEDLE_SYRINGE, CountsAs.SYRINGE_BODY):
        return "syringe"
    return "needle" if article.counts_as == CountsAs.NEEDLE else article.family
