"""The pictures of the desk in docs/screens: `make screens` takes them in a browser, from the example after a week."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch
from uuid import UUID, uuid4

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import (
    bookings,
    catalogue,
    days,
    ledger,
    levels,
    loans,
    opening_days,
    order_receiving,
    orders,
    people,
    picks,
    replenish,
    suppliers,
)
from inventory.counter import correcting, sheets
from inventory.counter.correcting import Where
from inventory.counter.sheets import Sheet
from inventory.database import SECRET, Database, open_database, sqlite_url
from inventory.order_receiving import Arrival
from inventory.tables import Balance, Item, Place, Setting
from inventory.words import PlaceKind, Role
from tests.web.conftest import serving
from tests.web.counter import CHROMIUM, FLAGS
from tests.web.screens import FOLDER, PHONE, WIDE, save
from web import app
from web.example import PERSON, PIN, load_example

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=days.ZONE)
"""The morning of every picture."""

SHEET = UUID("00000000-0000-4000-8000-000000000001")

PAGES = {
    "desk": "/",
    "movements": "/movements",
    "lend": "/movements/lend",
    "levels": "/levels?place=CLIP",
    "bring": "/replenish",
    "pick": "/replenish/list?number=1",
    "services": "/services",
    "service": "/services/1",
    "kits": "/kits",
    "lot": "/lots?lot=S1A2511",
    "sheet": f"/sheets/{SHEET}?place=CLIP&day=2026-11-18",
    "people": "/access",
    "labels": "/labels",
    "label": "/labels/command",
    "morning": "/orders",
    "stock": "/stock?show=low",
    "order": "/orders/2026-001",
    "delivery": "/orders/2026-001/receive?note=BL-7",
}
"""The main pages of the desk, by the name of their picture."""


def main(names: list[str]) -> None:
    """All of them, or those named: each wide and on a phone, in French."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        sync_playwright() as playwright,
        patch.object(days, "now", lambda: NOW),
        _desk() as address,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for size, suffix in ((WIDE, "fr"), (PHONE, "phone-fr")):
            page = _signed_in(browser, address, size)
            for name, where in PAGES.items():
                if not names or name in names:
                    page.goto(where)
                    save(page, FOLDER / f"{name}-{suffix}.png")
        browser.close()


@contextmanager
def _desk() -> Iterator[str]:
    """A service of the example organisation that has had a week."""
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "comptoir.db")
        with closing(open_database(url)) as database:
            load_example(database)
            a_week(database)
            with serving(app.create_app(database)) as address:
                yield address


def _signed_in(browser: Browser, address: str, size: tuple[int, int]) -> Page:
    width, height = size
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        locale="fr-BE",
        color_scheme="light",
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": "language", "value": "fr", "url": address}])
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("#name").fill(PERSON)
    page.locator("#pin").fill(PIN)
    page.locator("#pin").press("Enter")
    page.get_by_role("heading", level=1).wait_for()
    return page


def a_week(database: Database) -> None:
    """What the pages show: people, stock at the counter, evenings, loans and what came back."""
    with database.writing() as session:
        _people(session)
        _supplies(session)
        _evenings(session)
        _movements(session)
    with database.writing() as session:
        _order(session)


def _people(session: Session) -> None:
    for name, role, place in (
        ("Amal", Role.LOGISTICS, "RESERVE"),
        ("Noor", Role.COUNTER, "CLIP"),
        ("Sam", Role.FIELD, "MEDIBUS"),
        ("Wim", Role.WORKSHOP, "TAD"),
    ):
        people.add_person(session, name=name, role=role, pin="4071", place=place)


def _supplies(session: Session) -> None:
    """A part of what each article has in the store goes to the counter, and a list of what lacks is being brought."""
    store, clip = catalogue.place(session, "RESERVE"), catalogue.place(session, "CLIP")
    lying = select(Item, Balance.pieces).join(Balance, Balance.item_id == Item.id)
    for item, pieces in session.execute(lying.where(Balance.place_id == store.id)).all():
        if pieces > 1:
            ledger.transfer(
                session,
                from_place=store,
                to_place=clip,
                item=item,
                pieces=max(1, pieces // 8),
                day=days.today(),
            )
    replenish.set_levels(session, place=clip, levels={"SER1": 1_500, "EAU5": 1_200})
    picks.start(session, round=_round(session, clip), day=days.today())


def _evenings(session: Session) -> None:
    """Sheets of four days; the counter was open on a fifth, and nobody noted anything."""
    today, secret = days.today(), session.get_one(Setting, SECRET).value
    for back, passages in ((1, 61), (2, 54), (4, 1), (5, 48)):
        sheet = Sheet(
            id=uuid4(),
            place="CLIP",
            day=today - timedelta(days=back),
            passages=passages,
            items={"KIT-INJ": passages // 2, "SER1": 2 * passages, "EAU5": passages},
            returns={"kilograms": 780, "container-3l": 2_000, "declared": 87_000},
            contacts={"shower": 4},
        )
        shift_id = sheets.record_sheet(session, sheet=sheet, secret=secret, now=NOW)
        if back == 2 and shift_id is not None:
            seen, wanted = Where("comptoir", "CLIP"), Where("maraude", "MIDI")
            correcting.correct(session, shift_id=shift_id, seen=seen, wanted=wanted)
    opening_days.set_usual(
        session, place="CLIP", weekdays=range(6), today=today - timedelta(days=5)
    )


def _movements(session: Session) -> None:
    """Loans both ways, and something that came back unopened."""
    today, clip = days.today(), catalogue.place(session, "CLIP")
    partner = _first(session, PlaceKind.PARTNER)
    item, other = catalogue.item(session, "SER1"), catalogue.item(session, "EAU5")
    for number in range(2):
        booking = bookings.begin(session, number=uuid4(), content=str(number), day=today)
        assert booking is not None
        if number:
            loans.borrow(
                session,
                partner=partner,
                to_place=clip,
                item=other,
                pieces=60,
                day=today,
                booking_id=booking.id,
            )
        else:
            loans.lend(
                session,
                partner=partner,
                from_place=clip,
                item=item,
                pieces=200,
                day=today,
                booking_id=booking.id,
            )
    ledger.transfer(
        session,
        from_place=_first(session, PlaceKind.HANDED_OUT),
        to_place=_first(session, PlaceKind.QUARANTINE),
        item=item,
        pieces=12,
        day=today,
    )


def _order(session: Session) -> None:
    """One of two articles, of which a box came; and something else is low since."""
    levels.nightly(session, now=NOW)
    for code in ("SER1", "EAU5"):
        _low(session, code)
    supplier = suppliers.supplier(session, name="Modus Vivendi")
    order = orders.draft(session, supplier=supplier, now=NOW)
    assert order is not None
    orders.approve(session, order=order, now=NOW)
    orders.mark_sent(session, order=order, now=NOW)
    booking = bookings.begin(session, number=uuid4(), content="box", day=days.today())
    assert booking is not None
    box = Arrival(catalogue.item(session, "SER1"), 500, "24B07", date(2029, 2, 28))
    order_receiving.receive(
        session,
        order=order,
        arrivals=[box],
        place=order_receiving.destination(session),
        booking_id=booking.id,
        note="BL-7",
        now=NOW,
    )
    _low(session, "TAMP")


def _low(session: Session, code: str) -> None:
    levels.fix(
        session,
        item=catalogue.item(session, code),
        reorder_point=9_000,
        order_up_to=18_000,
        note="",
        day=days.today(),
    )


def _round(session: Session, place: Place) -> replenish.Round:
    return replenish.needs(session, place=place, day=days.today()).rounds[0]


def _first(session: Session, kind: PlaceKind) -> Place:
    return session.scalars(select(Place).where(Place.kind == kind).order_by(Place.id)).all()[0]


if __name__ == "__main__":
    main(sys.argv[1:])
