"""What the tests of the workshop's screen do, and its pictures: a stocked workshop, somebody at a table, hands."""

from __future__ import annotations

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days, ledger, printing, stations
from inventory.counter.commands import BY_NAME
from inventory.database import Database
from inventory.printing import State
from inventory.tables import Assembly, Balance, Item, Lot, Place, RecipeLine, Station
from inventory.words import Mode
from labels.house import Kind, house_code
from web.example import PERSON, PIN
from web.station_status import Printer, Status

from .counter import ready, recorded

KITS_WORTH = 300
"""Pieces of every component at the workshop: more than any test uses."""

PRINTER = "tcp:127.0.0.1:9"

SWABS = "0105019144107587"
"""The beginning of what a box of swabs bears: its GTIN; after it come expiry and lot."""


def stock_workshop(database: Database, *, second_table: str = "") -> None:
    """Every component at the workshop, first expired first, and a printer at its station."""
    with database.writing() as session:
        store, workshop = catalogue.place(session, "RESERVE"), catalogue.place(session, "TAD")
        used = select(RecipeLine.item_id).distinct().order_by(RecipeLine.item_id)
        for item in session.scalars(select(Item).where(Item.id.in_(used))).all():
            ledger.transfer(
                session,
                from_place=store,
                to_place=workshop,
                item=item,
                pieces=KITS_WORTH,
                day=days.today(),
            )
        session.scalars(select(Station).where(Station.name == "TAD")).one().printer = PRINTER
        if second_table:
            stations.add_station(session, name=second_table, place="TAD", mode=Mode.ASSEMBLE)


def enter(page: Page, language: str = "", station: str = "TAD") -> None:
    """Signed in at the station, which shows the workshop's screen by itself."""
    page.goto(f"/stations/{station}")
    page.locator("#name").fill(PERSON)
    page.locator("#pin").fill(PIN)
    page.locator("#pin").press("Enter")
    ready(page)
    phase(page, "choose")
    if language:
        page.locator(f"#languages [data-language={language}]").click()
        expect(page.locator(f"html[lang={language}]")).to_be_attached()


def phase(page: Page, name: str) -> None:
    expect(page.locator(f"body[data-phase={name}]")).to_be_attached()


def answered(page: Page, selector: str) -> None:
    """Touch something and wait until the server has said what became of it."""
    with recorded(page):
        page.locator(selector).click()


def choose(page: Page, kit: str = "KIT-INJ") -> None:
    answered(page, f"#choose [data-item={kit}]")
    phase(page, "lots")


def confirm_all(page: Page) -> None:
    """Touch every picture that is not checked yet."""
    parts = page.locator("#parts button:not(.confirmed)")
    for left in range(parts.count(), 0, -1):
        answered(page, "#parts button:not(.confirmed) >> nth=0")
        expect(parts).to_have_count(left - 1)
    phase(page, "making")


def kits_ready(page: Page, number: int) -> None:
    expect(page.locator("#ready-number")).to_have_text(str(number))


def type_count(page: Page, number: int) -> None:
    for digit in str(number):
        answered(page, f"#keypad button:text-is('{digit}')")
    expect(page.locator("#count-number")).to_have_text(str(number))


def command(name: str) -> str:
    """The code of a command, as its sheet has it."""
    return house_code(Kind.COMMAND, BY_NAME[name].number)


def at_the_printer(application: Flask, printer: Printer) -> None:
    """The station's process tells how its printer is."""
    application.config["LIVE"].status("TAD", Status(printer=printer))


def job_becomes(database: Database, state: State) -> None:
    """What the printer's process makes of the oldest job of the station, and tells."""
    with database.writing() as session:
        here = catalogue.station(session, "TAD").id
        oldest = printing.unfinished(session, station_id=here)[0]
        printing.claim(session, station_id=here, job_id=oldest.id)
        assert printing.report(session, station_id=here, job_id=oldest.id, state=state).taken


def on_hand(session: Session, item: str, place: str = "TAD") -> int:
    query = (
        select(Balance.pieces)
        .join(Place, Place.id == Balance.place_id)
        .join(Item, Item.id == Balance.item_id)
        .where(Place.code == place, Item.code == item)
    )
    return sum(session.scalars(query))


def kit_lot(session: Session, kit: str = "KIT-INJ") -> Lot:
    """The newest lot of a kit."""
    query = select(Lot).join(Item, Item.id == Lot.item_id).where(Item.code == kit)
    return session.scalars(query.order_by(Lot.id.desc())).first() or _none(kit)


def assemblies(session: Session) -> list[tuple[int, int]]:
    """Lot and kits of everything assembled."""
    return [(one.lot_id, one.kits) for one in session.scalars(select(Assembly))]


def _none(kit: str) -> Lot:
    raise AssertionError(f"no lot of {kit}")
