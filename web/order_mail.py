"""An order leaves: marked as sent, and mailed to the supplier with its form, the lead in copy."""

from __future__ import annotations

from datetime import datetime

from babel.numbers import format_decimal
from sqlalchemy.orm import Session

from inventory import days, order_sheet, orders, outbox
from inventory.messages import Counted, Message
from inventory.outbox import File
from inventory.tables import Purchase
from web.i18n import LOCALES, say
from web.mail_settings import Mailing
from web.order_files import FORMATS
from web.spreadsheets import MEDIA_TYPES

ATTACHED = (".xlsx", ".pdf")
"""The form to work with, and the page to look at."""

BY_HAND = Message(
    "No mail goes to %(supplier)s: hand the file over yourself (comptoir orders file %(number)s --out FILE)."
)


def send(session: Session, *, order: Purchase, mailing: Mailing, now: datetime) -> bool:
    """Mark an approved order as sent and queue its mail, in one transaction. False where no mail is set up or the
    supplier has no address: then somebody hands the file over (`by_hand` says so). Raises WrongState."""
    orders.mark_sent(session, order=order, now=now)
    supplier = order.supplier
    if mailing.smtp is None or not supplier.email:
        return False
    return outbox.queue(
        session,
        about=about(order),
        recipients=[supplier.email],
        copy_to=[supplier.copy_to] if supplier.copy_to else [],
        subject=say(Message("Order %(number)s", number=order.number), supplier.language),
        body=_body(order),
        files=_files(session, order, now),
        now=now,
    )


def about(order: Purchase) -> str:
    """By which the outbox knows the mail of an order."""
    return orders.mail_about(order)


def by_hand(order: Purchase) -> Message:
    """What to do where no mail goes out."""
    return Message(BY_HAND.text, supplier=order.supplier.name, number=order.number)


def _body(order: Purchase) -> str:
    language = order.supplier.language
    ordered = [line.pieces for line in order.lines if line.pieces]
    said = [
        Message("Hello,"),
        None,
        Counted(
            "Attached is our order %(number)s: %(count)d article, %(pieces)s pieces in all.",
            "Attached is our order %(number)s: %(count)d articles, %(pieces)s pieces in all.",
            count=len(ordered),
            number=order.number,
            pieces=format_decimal(sum(ordered), locale=LOCALES[language]),
        ),
        Message("We expect it on %(day)s.", day=order.expected_on) if order.expected_on else None,
        Message("Please answer this mail to confirm it, or to say what will be different."),
        None,
        Message("Thank you!"),
    ]
    return "\n".join("" if one is None else say(one, language) for one in said) + "\n"


def _files(session: Session, order: Purchase, now: datetime) -> list[File]:
    lines = order_sheet.sheet(session, order=order, today=days.service_day(now))
    return [
        File(
            f"{order.number}{ending}",
            MEDIA_TYPES[ending.removeprefix(".")],
            FORMATS[ending](order, lines),
        )
        for ending in ATTACHED
    ]
