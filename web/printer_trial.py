"""Trying a station's printer: a receipt that shows what it can do, and what somebody saw on it as a setting."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from inventory import stations
from inventory.errors import NotAllowed
from inventory.messages import Message
from inventory.tables import Station
from labels.alphabet import CodePage
from labels.receipt import Paper
from labels.trial import PAGES, Words, chosen, trial_bytes
from web.i18n import say

_NOTHING = ("0", "-", "none", "aucune", "geen")


def code_page_of(station: Station) -> CodePage:
    """Which letters its printer has; where that is not known any more, ASCII is safe."""
    try:
        return CodePage(station.code_page)
    except ValueError:
        return CodePage.NONE


def trial_job(station: Station, *, address: str, copy: bool = False) -> bytes:
    """The receipt, in the words of the station; its code opens the service at `address`."""

    def text(message: Message) -> str:
        return say(message, station.language)

    title = text(Message("Test of the printer, station %(name)s", name=station.name))
    words = Words(
        title=f"{text(Message('COPY'))} · {title}" if copy else title,
        compare=text(
            Message("Which numbered lines show the same letters as this one? They may end earlier.")
        ),
        drawn=text(Message("Always drawn:")),
        width=text(Message("This line goes from edge to edge:")),
        code=text(Message("This code opens the service:")),
    )
    return trial_bytes(words, paper=Paper(station.paper_mm), qr=address)


def answered(session: Session, *, station: str, said: str) -> CodePage:
    """Note which numbered lines read right, such as “1 4”, and give the code page that follows from it.

    Raises NotAllowed for anything else than numbers of lines, or a word for none.
    """
    try:
        numbers = (
            [] if said.strip().lower() in _NOTHING else map(int, re.split(r"[\s,;]+", said.strip()))
        )
        page = chosen(numbers)
    except ValueError:
        raise NotAllowed(
            Message(
                "“%(said)s” are no numbers of lines: expected some of 1 to %(last)s, such as “1 4”, "
                "or 0 for none.",
                said=said,
                last=len(PAGES),
            )
        ) from None
    stations.set_code_page(session, station=station, code_page=page.value)
    return page
