"""Low stock becomes an order: six weeks under a clock that the test sets, two workers, a mail server that fails, a
browser, boxes under a scanner.

Everything the service does is done by processes of its own. The second worker runs all through, as somebody may have
started it by mistake.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from inventory import catalogue, days, ledger, opening_days, order_sheet, orders, stations
from inventory.database import Database, open_database, sqlite_url
from inventory.lists import ListKind, import_lists
from inventory.order_rules import Status
from inventory.outbox import WAITING
from inventory.tables import Mail
from labels.gtin import gtin_of
from tests import LONG, postgres
from tests.e2e.clock import Clock
from tests.e2e.processes import LIMIT_S, Here, free_port, post_reads, read
from tests.mail.post_office import NO_ANSWER, Arrived, PostOffice, post_office
from tests.office.cells import Reader, in_libreoffice, in_openpyxl, padded, shown
from tests.web.counter import BROWSER
from web.example import PERSON, PIN, load_example
from web.jobs import planned
from web.mail_settings import Mailing
from web.order_files import HEADINGS, order_rows
from web.worker import jobs

AT_FIRST = 8000
GTIN = "05400000000010"
CODES = f"code;article;pièces;niveau\n{GTIN};SER1;100;boîte\n"

BEGINS = date(2026, 10, 5)
"""A Monday. On the 25th clocks are put back."""

TOO_EARLY = date(2026, 10, 16)
REVIEW = date(2026, 11, 6)
"""Modus Vivendi takes orders on the first and third Friday, before noon. On the one of October nothing is low yet."""

DAY_BEFORE = date(2026, 11, 5)

LOW_IS_TOLD = date(2026, 11, 2)
"""The Monday after syringes fell to their reorder point."""

PAYDAY = date(2026, 11, 4)
"""An evening on which more go than usual: the rest does not last until an order can come."""

DELIVERY = date(2026, 11, 16)
"""Ten days after the review."""

pytestmark = BROWSER


@dataclass(frozen=True)
class Mailed(Here):
    """An organisation whose mail goes to the post office of the test, and whose clock is the test's."""

    smtp_port: int
    clock: Clock
    url: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            **Here.environment.fget(self),  # type: ignore[attr-defined]
            **self.clock.environment,
            "COMPTOIR_DATABASE_URL": self.url,
            "COMPTOIR_SMTP_HOST": "127.0.0.1",
            "COMPTOIR_SMTP_PORT": str(self.smtp_port),
            "COMPTOIR_SMTP_SECURITY": "none",
            "COMPTOIR_SMTP_FROM": "comptoir@example.org",
            "COMPTOIR_ALERTS_TO": "lead@example.org",
            "COMPTOIR_LANGUAGE": "en",
        }


@dataclass
class Service:
    """Evenings at the counter from Monday to Friday, and the mornings after."""

    here: Mailed
    at_night: Mailed
    """Where the workers are: for them the evenings are over in no time, however long they take to be served."""
    office: PostOffice
    database: Database
    token: str
    handed_out: int = 0
    mails: list[tuple[date, Arrived]] = field(default_factory=list)
    """Every one that arrived, and on which day."""

    def evening(self, day: date) -> None:
        """Boxes of a hundred syringes go, at eight."""
        at = moment(day, 20)
        self.here.clock.set(at)
        boxes = 10 if day == PAYDAY else (2, 3, 2, 2, 3)[day.weekday()]
        reads = [read(GTIN, at=at.isoformat()) for _ in range(boxes)]
        answers = post_reads(self.here.port, "CLIP", self.token, reads)
        assert [one["status"] for one in answers] == ["accepted"] * boxes
        self.handed_out += 100 * boxes

    def morning(self, day: date) -> None:
        """At nine the workers find that it is. What is due runs, and the mail leaves."""
        at = moment(day, 9)
        for here in (self.here, self.at_night):
            here.clock.set(at)
        wait_until(lambda: self._nothing_is_due(at))
        wait_until(self._nothing_waits)
        self.mails += [(day, one) for one in self.office.arrived[len(self.mails) :]]

    def _nothing_is_due(self, at: datetime) -> bool:
        timed = jobs(Mailing.from_environment(self.here.environment))
        with self.database.reading() as session:
            return all(next_run > at for _, _, next_run in planned(session, timed, now=at))

    def _nothing_waits(self) -> bool:
        with self.database.reading() as session:
            return session.scalar(select(Mail.id).where(Mail.state.in_(WAITING)).limit(1)) is None

    def orders(self) -> dict[str, str]:
        """The state of each, by its number."""
        with self.database.reading() as session:
            return {one.number: one.status for one in orders.all_orders(session)}

    def live(self, first: date, last: date, *, on_mondays: bool = False) -> None:
        """The evenings between two days, and the mornings after: all of them, or Mondays and the last alone, as where a
        machine is off in between."""
        day = first
        while day < last:
            self.evening(day)
            day += timedelta(days=3 if day.weekday() == 4 else 1)
            if day == last or day.weekday() == 0 or not on_mondays:
                self.morning(day)


def moment(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=days.ZONE)


def wait_until(so: Callable[[], bool]) -> None:
    """For what the service says only when it is asked."""
    until = time.monotonic() + LIMIT_S
    while not so():
        assert time.monotonic() < until, "waited in vain"
        threading.Event().wait(0.05)


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield sqlite_url(folder / "comptoir.db")
        return
    with postgres.server() as url:
        yield postgres.create(url)


@contextmanager
def a_service(kind: str, folder: Path) -> Iterator[Service]:
    """All syringes lie at a counter that is open from Monday to Friday, and nobody has ordered any."""
    folder.mkdir()
    clock, at_night = Clock(folder / "clock"), Clock(folder / "at-night")
    with (
        database_url(kind, folder) as url,
        post_office() as office,
        closing(open_database(url)) as database,
    ):
        with days.played_at(moment(BEGINS, 8)):
            token = all_at_the_counter(database, folder)
        for one in (clock, at_night):
            one.set(moment(BEGINS, 8))
        here = Mailed(folder, free_port(), office.port, clock, url)
        yield Service(here, replace(here, clock=at_night), office, database, token)


def all_at_the_counter(database: Database, folder: Path) -> str:
    """Where everything begins; the token of its station."""
    (folder / "codes.csv").write_text(CODES)
    load_example(database)
    with database.writing() as session:
        import_lists(
            session,
            kind=ListKind.CODES,
            files=[folder / "codes.csv"],
            normalise_gtin=gtin_of,
        )
        opening_days.set_usual(session, place="CLIP", weekdays=range(5), today=BEGINS)
        ledger.transfer(
            session,
            from_place=catalogue.place(session, "RESERVE"),
            to_place=catalogue.place(session, "CLIP"),
            item=catalogue.item(session, "SER1"),
            pieces=AT_FIRST,
            day=BEGINS,
        )
        return stations.new_token(session, station="CLIP")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("kind", "opened"),
    [
        pytest.param("sqlite", in_openpyxl, id="sqlite"),
        pytest.param(
            "postgresql",
            in_openpyxl,
            id="postgresql",
            marks=[
                *(pytest.mark.long, pytest.mark.postgres),
                pytest.mark.skipif(not LONG, reason="in make test-long"),
            ],
        ),
        pytest.param("sqlite", in_libreoffice, id="libreoffice", marks=pytest.mark.office),
    ],
)
def test_from_the_shelf_to_the_supplier_and_back(
    kind: str, opened: Reader, browser: Browser, tmp_path: Path
) -> None:
    with a_service(kind, tmp_path / "data") as service, ExitStack() as running:
        here = service.here
        running.enter_context(here.serving())
        for _ in range(2):
            running.enter_context(service.at_night.start("worker"))

        service.live(BEGINS, TOO_EARLY, on_mondays=True)
        assert service.orders() == {}
        service.live(TOO_EARLY, LOW_IS_TOLD, on_mondays=True)
        service.live(LOW_IS_TOLD, DAY_BEFORE)
        assert service.orders() == {}
        service.live(DAY_BEFORE, REVIEW)
        (number,) = service.orders()
        assert service.orders() == {number: Status.DRAFT}
        assert alerts(service) == [
            (LOW_IS_TOLD, "Stock: the week of 02/11/2026"),
            (
                DAY_BEFORE,
                "Syringe 1 ml fixed needle 29G lasts until 13/11/2026; an order to "
                "Modus Vivendi comes on 16/11/2026 at the earliest.",
            ),
        ]

        page = signed_in(browser, here)
        assert approved(page) == number
        order = sent_all_the_same(service, page)
        check_mail(service, order, number, opened, tmp_path)

        service.live(REVIEW, DELIVERY, on_mondays=True)
        received(signed_in(browser, here), number)  # the sign-in of ten days ago is over
        assert service.orders() == {number: Status.CLOSED}
        assert len(service.mails) == 3, alerts(service)
        assert here.json("verify")["faults"] == []


def alerts(service: Service) -> list[tuple[date, str]]:
    """What the lead was told of syringes, and when."""
    for _, mail in service.mails:
        assert mail.to == ["lead@example.org"] and "Syringe 1 ml" in mail.text
    return [(day, str(mail.message["Subject"])) for day, mail in service.mails]


def signed_in(browser: Browser, here: Here) -> Page:
    context = browser.new_context(locale="en-GB", base_url=f"http://127.0.0.1:{here.port}")
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Your name").fill(PERSON)
    page.get_by_label("Your PIN").fill(PIN)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def approved(page: Page) -> str:
    """The draft that the worker made, read, changed and approved."""
    page.goto("/orders")
    page.get_by_role("link", name="Read it").click()
    number = page.url.rpartition("/")[2]
    page.get_by_role("textbox", name="Pieces of Syringe 1 ml").fill("500")
    page.get_by_role("textbox", name="Note on Syringe 1 ml").fill("half now")
    page.get_by_role("button", name="Approve this order").click()
    expect(page.locator(".heading .pill")).to_have_text("approved")
    return number


def sent_all_the_same(service: Service, page: Page) -> Arrived:
    """The server drops the line in mid-delivery, then is not there at all, then is back."""
    office = service.office
    office.drain()
    office.to_message.append(NO_ANSWER)
    page.get_by_role("button", name="Send it by mail to Modus Vivendi").click()
    office.wait_for("data")
    office.stop()
    expect(page.locator(".heading .pill")).to_have_text("sent")
    office.start()
    with service.database.reading() as session:
        waits = session.scalars(select(Mail).where(Mail.state.in_(WAITING))).one().id.hex()
    service.here.comptoir("mail", "retry", waits)
    office.wait_for("message")
    service.mails.append((REVIEW, office.arrived[-1]))
    return office.arrived[-1]


def check_mail(service: Service, mail: Arrived, number: str, opened: Reader, folder: Path) -> None:
    """Every cell of the form, and the page that goes with it."""
    assert sorted(mail.to) == ["commandes@modus-vivendi.example.org", "logistique@example.org"]
    assert set(mail.files) == {f"{number}.xlsx", f"{number}.pdf"}
    cells = opened(folder, mail.files[f"{number}.xlsx"])
    with service.database.reading() as session:
        order = orders.order(session, number=number)
        lines = order_sheet.sheet(session, order=order, today=REVIEW)
        assert cells == padded([[shown(one) for one in row] for row in order_rows(order, lines)])
    (syringes,) = [row for row in cells if row[0] == "S1-29G"]
    by_heading = dict(zip(cells[HEADINGS - 1], syringes, strict=True))
    assert by_heading["En stock"] == AT_FIRST - service.handed_out
    assert [by_heading["Commandé"], syringes[-1]] == [500, "half now"]
    (folder / "order.pdf").write_bytes(mail.files[f"{number}.pdf"])
    said = subprocess.run(
        ["pdftotext", "-layout", folder / "order.pdf", "-"], check=True, capture_output=True
    )
    assert number in said.stdout.decode() and "half now" in said.stdout.decode()


def received(page: Page, number: str) -> None:
    """Five boxes under a scanner, and nothing more comes."""
    page.goto("/orders")
    expect(page.get_by_text(f"Order {number} of Modus Vivendi comes today.")).to_be_visible()
    page.goto(f"/orders/{number}/receive")
    for box in range(1, 6):
        expect(page.locator("#code")).to_be_focused()
        page.keyboard.type(f"]d201{GTIN}1729022810B{box}")
        page.keyboard.press("Enter")
        expect(page.locator(".read")).to_contain_text(f"B{box}")
    expect(page.locator(".pill.ok")).to_contain_text("complete")
    page.get_by_role("button", name="Nothing more comes").click()
    expect(page.locator(".heading .pill")).to_have_text("completed")
