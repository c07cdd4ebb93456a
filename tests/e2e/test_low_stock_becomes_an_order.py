"""Low stock becomes an order: weeks of hand-outs, workers, a mail server that fails, a browser, boxes under a scanner.

Two workers run all through, as somebody may have started by mistake.
"""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect, sync_playwright

from inventory import catalogue, days, ledger
from inventory.counter import sheets
from inventory.counter.sheets import Sheet
from inventory.database import SECRET, Database, open_database, sqlite_url
from inventory.stock import stock
from inventory.tables import Setting
from tests.e2e.conftest import with_example
from tests.e2e.processes import Here
from tests.mail.post_office import NO_ANSWER, Arrived, PostOffice, post_office
from tests.web.counter import BROWSER, CHROMIUM, FLAGS
from web.example import PERSON, PIN

GTIN = "05400000000010"
SUPPLIERS = (
    "fournisseur;adresse;copie;langue;délai;jours de commande;heure limite;fermé;note\n"
    "Modus Vivendi;commandes@modus.example.org;lead@example.org;français;10;;;;\n"
)
"""It takes orders on any day, so one of them is today."""

CODES = f"code;article;pièces;niveau\n{GTIN};SER1;100;boîte\n"

pytestmark = [one for one in BROWSER if one.name != "xdist_group"]  # a browser of its own


@dataclass(frozen=True)
class Mailed(Here):
    """An organisation whose mail goes to the post office of the test."""

    smtp_port: int = 0

    @property
    def environment(self) -> dict[str, str]:
        return {
            **super().environment,
            "COMPTOIR_SMTP_HOST": "127.0.0.1",
            "COMPTOIR_SMTP_PORT": str(self.smtp_port),
            "COMPTOIR_SMTP_SECURITY": "none",
            "COMPTOIR_SMTP_FROM": "comptoir@example.org",
            "COMPTOIR_ALERTS_TO": "lead@example.org",
            "COMPTOIR_QUIET": "0-0",
            "COMPTOIR_LANGUAGE": "en",
        }


@dataclass
class Service:
    here: Here
    office: PostOffice

    def mail(self) -> Arrived:
        """The message that the post office takes next."""
        self.office.wait_for("message")
        return self.office.arrived[-1]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Four weeks in which syringes went, and nobody ordered any."""
    here = with_example(tmp_path / "data")
    for name, content in (("suppliers", SUPPLIERS), ("codes", CODES)):
        file = tmp_path / f"{name}.csv"
        file.write_text(content)
        here.comptoir("import", name, file)
    with closing(open_database(sqlite_url(here.data / "comptoir.db"))) as database:
        four_weeks(database)
    with post_office() as office:
        yield Service(Mailed(here.data, here.port, office.port), office)


def four_weeks(database: Database) -> None:
    """All syringes lie at the counter; two days' worth is left of them."""
    today = days.today()
    began = today - timedelta(days=29)
    with database.writing() as session:
        lying = [row for row in stock(session) if row.item == "SER1"]
        for row in lying:
            ledger.transfer(
                session,
                from_place=catalogue.place(session, row.place),
                to_place=catalogue.place(session, "CLIP"),
                item=catalogue.item(session, "SER1"),
                pieces=row.pieces,
                lot=row.lot,
                day=began,
            )
    each = sum(row.pieces for row in lying) // 30
    for back in range(28, 0, -1):
        sheet = Sheet(
            id=uuid4(),
            place="CLIP",
            day=today - timedelta(days=back),
            passages=60,
            items={"SER1": each},
            returns={},
            contacts={},
        )
        with database.writing() as session:
            secret = session.get_one(Setting, SECRET).value
            sheets.record_sheet(session, sheet=sheet, secret=secret, now=days.now())
        database.forget_erased()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.mark.slow
def test_from_the_shelf_to_the_supplier_and_back(
    service: Service, browser: Browser, tmp_path: Path
) -> None:
    here = service.here
    with ExitStack() as running:
        running.enter_context(here.serving())
        for _ in range(2):
            running.enter_context(here.start("worker"))
        alert = service.mail()
        assert alert.to == ["lead@example.org"] and "Syringe 1 ml" in alert.text
        page = signed_in(browser, here)
        number = approved(page)
        # The server drops the line in mid-delivery, then is not there at all.
        service.office.to_message.append(NO_ANSWER)
        page.get_by_role("button", name="Send it by mail to Modus Vivendi").click()
        service.office.wait_for("data")
        service.office.stop()
        expect(page.locator(".heading .pill")).to_have_text("sent")
        service.office.start()
        here.comptoir("mail", "retry", waiting(here))
        order = service.mail()
        assert sorted(order.to) == ["commandes@modus.example.org", "lead@example.org"]
        assert set(order.files) == {f"{number}.xlsx", f"{number}.pdf"}
        assert ordered(order.files[f"{number}.xlsx"]) == {"S1-29G": 500}
        (tmp_path / "order.pdf").write_bytes(order.files[f"{number}.pdf"])
        said = subprocess.run(
            ["pdftotext", "-layout", tmp_path / "order.pdf", "-"], check=True, capture_output=True
        )
        assert number in said.stdout.decode() and "half now" in said.stdout.decode()
        received(page, number)
        assert here.json("orders", "show", number)["status"] == "closed"
    assert [one.id for one in service.office.arrived] == [alert.id, order.id]
    assert here.json("verify")["faults"] == []
    here.comptoir("verify")


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


def waiting(here: Here) -> str:
    """The mail that did not leave."""
    found = [one for one in here.json("mail", "list") if one["state"] != "sent"]
    assert len(found) == 1
    return str(found[0]["id"])


def ordered(data: bytes) -> dict[str, int]:
    """References and pieces of the form that a supplier opens."""
    rows = list(load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(values_only=True))
    heading = next(n for n, row in enumerate(rows) if "Référence" in row)
    at, pieces = rows[heading].index("Référence"), rows[heading].index("Commandé")
    return {str(row[at]): int(str(row[pieces])) for row in rows[heading + 1 :] if row[pieces]}


def received(page: Page, number: str) -> None:
    """Five boxes under a scanner, and nothing more comes."""
    page.goto(f"/orders/{number}/receive")
    for box in range(1, 6):
        page.keyboard.type(f"]d201{GTIN}1729022810B{box}")
        page.keyboard.press("Enter")
        expect(page.locator(".read")).to_contain_text(f"B{box}")
    expect(page.locator(".pill.ok")).to_contain_text("complete")
    page.get_by_role("button", name="Nothing more comes").click()
    expect(page.locator(".heading .pill")).to_have_text("completed")
