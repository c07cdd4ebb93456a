"""The desk: what there is to do away from the counter, as cards on the first page.

One line a page. Whether somebody sees a card is what `rights.ONLY_FOR` says of its blueprint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from inventory import set_aside
from inventory.messages import Message
from web import access, simulated_lists


@dataclass(frozen=True, slots=True)
class Card:
    """A page of the desk: its endpoint, the pictogram beside its name, and one sentence on what it is for."""

    endpoint: str
    icon: str
    name: Message
    does: Message
    only_if: Callable[[Session], bool] | None = None
    """Shown only while this is so; else always."""

    @property
    def address(self) -> str:
        return url_for(self.endpoint)


CARDS = (
    Card(
        "tally.page",
        "tally",
        Message("Tally"),
        Message("What was handed out and brought back."),
    ),
    Card(
        "sheets.choose",
        "keypad",
        Message("Tick sheet"),
        Message("An evening on paper: print a sheet, type one in."),
    ),
    Card(
        "shifts.page",
        "later",
        Message("Shifts"),
        Message("What each evening came to; the wrong channel corrected."),
    ),
    Card(
        "opening_days.page",
        "close",
        Message("Opening days"),
        Message("When each place is open, so that a forgotten evening is asked about."),
    ),
    Card(
        "prints.page",
        "printer",
        Message("Printing"),
        Message("What waits for a printer, and what somebody must look at."),
    ),
    Card(
        "items.page",
        "box",
        Message("Articles"),
        Message("What they look like on the screen: photographs."),
    ),
    Card(
        "labels.page",
        "scan",
        Message("Labels"),
        Message("For kits, boxes and shelves; the sheet of command codes."),
    ),
    Card(
        "screens.page",
        "more",
        Message("Order of the screen"),
        Message("Which pictures a place shows, and in which order."),
    ),
    Card(
        "sentences.compare",
        "learn",
        Message("Languages of the workshop"),
        Message("Its sentences, to be read by somebody who speaks the language."),
    ),
    Card(
        "orders.page",
        "truck",
        Message("Stock and orders"),
        Message("What to do today, how long things last, orders to suppliers."),
    ),
    Card(
        "replenish.page",
        "bring",
        Message("To bring"),
        Message("What is low at each place, as a pick list."),
    ),
    Card(
        "kits.page",
        "kit-inject",
        Message("Kits"),
        Message("How many are needed, what can be made, recipes, taking apart."),
    ),
    Card(
        "lots.page",
        "hold",
        Message("Lots on hold"),
        Message("Stop a lot that you doubt, find where it is, release it."),
    ),
    Card(
        "movements.page",
        "exchange",
        Message("Movements"),
        Message("Loans, donations, losses, quarantine, used material from the street."),
    ),
    Card(
        "late.page",
        "warn",
        Message("Arrived too late"),
        Message("Hand-outs of long ago that count nowhere: look at them."),
        only_if=set_aside.anything_waits,
    ),
    Card(
        "people.page",
        "person",
        Message("Access"),
        Message("Access, badges and stations' keys."),
    ),
    Card(
        "jobs.page",
        "waiting",
        Message("Timed jobs"),
        Message("What Comptoir does by itself: last and next run."),
    ),
    Card(
        "devices.page",
        "device",
        Message("Devices"),
        Message("Scanners and printers: how they are, testing one, adding one."),
    ),
    Card(
        "simulator.page",
        "hand",
        Message("Simulator"),
        Message("A scanner and a printer made of software: scan, and see the paper."),
        only_if=simulated_lists.any_there,
    ),
)


def cards() -> list[Card]:
    """The cards for whoever is signed in."""
    person = access.signed_in()
    if person is None:
        return []
    allowed = [card for card in CARDS if access.may(person, card.endpoint.partition(".")[0])]
    with access.database().reading() as session:
        return [card for card in allowed if card.only_if is None or card.only_if(session)]
