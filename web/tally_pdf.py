"""The tally on A4, for a file of its own or a wall: the same figures as the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from inventory import days
from inventory.messages import Message
from inventory.tally import Tally
from labels.report import Report, Table, report_pdf
from web import tally_lines, words
from web.i18n import LOCALES, say
from web.tally_lines import Line


def tally_pdf(
    tally: Tally, language: str, *, place: str | None = None, made_at: datetime | None = None
) -> bytes:
    """A PDF of as many pages as it takes. `place` is the name of the place that was asked for, if one was."""
    now = days.local(made_at or days.now())
    text = _Text(tally, language)
    report = Report(
        title=text.say(Message("Tally")),
        place=place or text.place(),
        period=text.period(),
        note=text.note(),
        figures=tuple(text.figures()),
        tables=tuple(table for table in text.tables() if table.rows),
        printed=text.say(
            Message(
                "Comptoir · made on %(day)s at %(time)s",
                day=now.date(),
                time=format_time(now, "HH:mm", locale=LOCALES[language]),
            )
        ),
        page=text.say(Message("page")) + " %d / %d",
        continued=text.say(Message("(continued)")),
    )
    return report_pdf(report, language=language, made_at=now)


_PIECES = Message("Pieces")


@dataclass(frozen=True, slots=True)
class _Text:
    tally: Tally
    language: str

    def say(self, message: Message) -> str:
        return say(message, self.language)

    def place(self) -> str:
        codes = {row.place for row in self.tally.rows}
        codes |= {row.place for row in self.tally.counts} | {r.place for r in self.tally.returns}
        if len(codes) == 1:
            return self.tally.places[codes.pop()]
        return self.say(Message("All places"))

    def period(self) -> str:
        first, last = self.tally.first, self.tally.last
        if first and first == last:
            return str(format_date(first, "full", locale=LOCALES[self.language]))
        if first and last:
            return f"{self._day(first)} – {self._day(last)}"
        if first:
            return self.say(Message("since %(day)s", day=self._day(first)))
        return self.say(Message("up to %(day)s", day=self._day(last))) if last else ""

    def _day(self, day: date) -> str:
        return str(format_date(day, "dd/MM/yyyy", locale=LOCALES[self.language]))

    def note(self) -> str:
        if self.tally.open_shifts:
            return self.say(Message("A shift is still open: its figures are as they stand now."))
        if self.tally.shifts:
            return self.say(Message("Closed: only these totals are kept, the journal is erased."))
        return self.say(Message("Nothing was recorded."))

    def number(self, value: int) -> str:
        return str(format_decimal(value, locale=LOCALES[self.language]))

    def figures(self) -> Iterator[tuple[str, str]]:
        """The same three as on the page."""
        tally = self.tally
        if tally.shifts:
            yield self.number(tally.passages), self.say(Message("passages"))
            syringes = Message("syringes in all, those in kits too")
            yield self.number(tally.indicators.syringes), self.say(syringes)
            yield self.number(tally.returned), self.say(Message("used ones that came back"))

    def tables(self) -> Iterator[Table]:
        lines = tally_lines
        yield self._articles(Message("Kits"), lines.lines(self.tally, kits=True))
        articles = lines.lines(self.tally, kits=False)
        yield self._articles(Message("Articles outside kits"), articles)
        yield self._articles(Message("What the kits contained"), lines.contents(self.tally))
        yield self._syringes()
        yield self._returns()
        unopened = Message("Brought back unopened, in quarantine")
        yield self._articles(unopened, lines.unopened(self.tally))
        yield self._contacts()
        yield self._articles(lines.SHORT, lines.short(self.tally, in_kits=False))
        yield self._articles(lines.SHORT_IN_KITS, lines.short(self.tally, in_kits=True))
        yield self._unknown()

    def _articles(self, title: Message, lines: list[Line]) -> Table:
        rows = [
            (
                " · ".join(filter(None, (line.names.in_language(self.language), line.where))),
                line.pieces,
            )
            for line in lines
        ]
        return self._table(title, rows)

    def _syringes(self) -> Table:
        found = self.tally.indicators
        rows = [
            (Message("Syringes with a fixed needle"), found.fixed_needle_syringes),
            (Message("Syringes without a needle"), found.syringe_bodies),
            (Message("Loose needles"), found.loose_needles),
        ]
        shown = [(self.say(label), n) for label, n in rows] if any(n for _, n in rows) else []
        title = Message("Syringes and needles, those in kits too")
        return self._table(title, shown, total=False)

    def _returns(self) -> Table:
        rows = []
        for back in tally_lines.returns(self.tally, self.language):
            how = Message("%(how)s, in the street", how=back.how) if back.from_street else back.how
            rows.append((self.say(how), back.measured, self.number(back.pieces)))
        heads = (Message("Measured"), _PIECES)
        return Table(
            self.say(Message("Used material that came back")),
            tuple(map(self.say, heads)),
            tuple(rows),
            self._total(len(rows), self.tally.returned, before=("",)),
        )

    def _contacts(self) -> Table:
        rows = [
            (self.say(words.CONTACTS[kind]) if kind in words.CONTACTS else kind, times)
            for kind, times in self.tally.contacts.items()
        ]
        title = Message("Came by without material")
        return self._table(title, rows, figure=Message("Times"))

    def _unknown(self) -> Table:
        rows = [(row.gtin, row.pieces) for row in self.tally.unknown]
        return self._table(Message("Codes that no list has yet"), rows)

    def _table(
        self,
        title: Message,
        rows: list[tuple[str, int]],
        *,
        figure: Message = _PIECES,
        total: bool = True,
    ) -> Table:
        return Table(
            self.say(title),
            (self.say(figure),),
            tuple((text, self.number(n)) for text, n in rows),
            self._total(len(rows) if total else 0, sum(n for _, n in rows)),
        )

    def _total(
        self, rows: int, pieces: int, before: tuple[str, ...] = ()
    ) -> tuple[str, ...] | None:
        """One row needs none."""
        return (self.say(Message("Total")), *before, self.number(pieces)) if rows > 1 else None
