"""The form of an order on A4, in the supplier's language: what is ordered stands out of what there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from inventory import days
from inventory.messages import Message
from inventory.order_sheet import SheetLine
from inventory.tables import Purchase
from labels.list_page import Column, ListPage, Row, list_pdf
from web.i18n import LOCALES, say

_COLUMNS = (
    (Message("Reference"), 24, False),
    (Message("Article"), 66, False),
    (Message("On hand"), 19, True),
    (Message("In kits"), 17, True),
    (Message("On order"), 19, True),
    (Message("On loan"), 17, True),
    (Message("Need a week"), 21, True),
    (Message("Ordered"), 22, True),
    (Message("Note"), 55, False),
)
"""Those of the spreadsheet, with their widths."""


def order_pdf(
    order: Purchase, lines: Sequence[SheetLine], *, made_at: datetime | None = None
) -> bytes:
    """As many pages as it takes."""
    now = days.local(made_at or days.now())
    language = order.supplier.language
    locale = LOCALES[language]

    def day(value: date | None) -> str:
        return str(format_date(value, "dd/MM/yyyy", locale=locale)) if value else "–"

    head = (
        (Message("Drafted on"), day(order.drafted_on)),
        (Message("Sent on"), day(order.sent_on)),
        (Message("Expected on"), day(order.expected_on)),
    )
    made = Message(
        "Comptoir · made on %(day)s at %(time)s",
        day=now.date(),
        time=format_time(now, "HH:mm", locale=locale),
    )
    page = ListPage(
        title=say(Message("Order %(number)s", number=order.number), language),
        subtitle=" · ".join(filter(None, (order.supplier.name, order.supplier.email))),
        head=tuple((say(title, language), value) for title, value in head),
        note=order.note,
        columns=tuple(
            Column(say(title, language), wide, is_figure) for title, wide, is_figure in _COLUMNS
        ),
        rows=tuple(_row(line, language) for line in lines),
        printed=say(made, language),
        page=say(Message("page"), language) + " %d / %d",
    )
    return list_pdf(page, language=language, made_at=now)


def _row(line: SheetLine, language: str) -> Row:
    """Nothing is said by nothing: what is ordered is seen at once."""

    def figure(value: float) -> str:
        return str(format_decimal(round(value, 1), locale=LOCALES[language])) if value else ""

    return Row(
        (
            line.reference or line.code,
            line.names.in_language(language),
            str(format_decimal(line.usable, locale=LOCALES[language])),
            *map(figure, (line.in_kits, line.on_order, line.lent, line.weekly, line.ordered)),
            line.note,
        ),
        marked=line.ordered > 0,
    )
