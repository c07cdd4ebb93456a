"""An order leaves by mail, once, with what was approved in it; and is drafted in time, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, select

from inventory import catalogue, days, levels, orders
from inventory.database import Database
from inventory.tables import Purchase, SupplierClosed
from tests.e2e.conftest import CommandLine, with_example
from tests.e2e.processes import free_port
from tests.mail.post_office import PostOffice
from tests.mail.test_workers import Posted
from web.jobs import run_due
from web.mail_settings import Mailing, Moment
from web.order_files import COLUMNS, HEADINGS
from web.postman import Postman
from web.worker import jobs

MODUS = "Modus Vivendi"


@pytest.fixture
def here(tmp_path: Path, office: PostOffice) -> Posted:
    return Posted(with_example(tmp_path / "data").data, free_port(), office.port)


@pytest.fixture
def comptoir(here: Posted) -> CommandLine:
    made = CommandLine(here)
    for item in ("CUP", "GARR"):
        made.run("levels", "--item", item, "--fix", "9000000", "9000090")
    return made


def approved(comptoir: CommandLine) -> str:
    (order,) = comptoir.json("orders", "draft", "--supplier", MODUS)
    number = str(order["number"])
    comptoir.run("orders", "set", number, "CUP", "300", "--note", "festival")
    comptoir.run("orders", "approve", number)
    return number


def send_mail(here: Posted) -> None:
    with here.database() as database:
        Postman(database, Mailing.from_environment(here.environment)).deliver_due()


def test_it_arrives_with_its_form_and_the_lead_in_copy(
    comptoir: CommandLine, here: Posted, office: PostOffice
) -> None:
    number = approved(comptoir)
    sent = comptoir.json("orders", "send", number)
    assert sent["status"] == "sent" and sent["warnings"] == []
    comptoir.run("orders", "send", number, code=2)
    send_mail(here)
    send_mail(here)
    (one,) = office.arrived
    supplier, copy = "commandes@modus-vivendi.example.org", "logistique@example.org"
    assert one.to == [supplier, copy]
    assert (one.message["To"], one.message["Cc"], one.message["Reply-To"]) == (supplier, copy, copy)
    assert one.message["Subject"] == f"Commande {number}"
    assert "Bonjour" in one.text and "2 articles" in one.text  # in the supplier's language
    assert set(one.files) == {f"{number}.xlsx", f"{number}.pdf"}
    sheet = load_workbook(BytesIO(one.files[f"{number}.xlsx"])).active
    assert sheet is not None and sheet["B1"].value == number
    ordered = {
        sheet.cell(row, 2).value: sheet.cell(row, len(COLUMNS) - 1).value
        for row in range(HEADINGS + 1, sheet.max_row + 1)
    }
    assert {n for n in ordered.values() if n} == {300, pieces(sent, "GARR")}
    assert one.files[f"{number}.pdf"].startswith(b"%PDF")


def pieces(order: dict[str, list[dict[str, object]]], item: str) -> object:
    return next(line["pieces"] for line in order["lines"] if line["item"] == item)


def test_only_what_a_person_approved_leaves(
    comptoir: CommandLine, here: Posted, office: PostOffice
) -> None:
    number = approved(comptoir)
    comptoir.run("orders", "set", number, "CUP", "400")  # a draft again
    comptoir.run("orders", "send", number, code=2)
    assert comptoir.json("mail", "list") == []
    assert comptoir.json("orders", "show", number)["status"] == "draft"


def test_cancelled_while_the_server_is_away_it_never_leaves(
    comptoir: CommandLine, here: Posted, office: PostOffice
) -> None:
    number = approved(comptoir)
    comptoir.run("orders", "send", number)
    office.stop()
    send_mail(here)
    (waiting,) = comptoir.json("mail", "list")
    assert (waiting["state"], waiting["tries"]) == ("queued", 1)
    comptoir.run("orders", "cancel", number)
    office.start()
    here.time_passes()
    send_mail(here)
    assert office.arrived == [] and comptoir.json("mail", "list") == []


def test_who_cancels_what_has_left_hears_that_the_supplier_is_to_be_told(
    comptoir: CommandLine, here: Posted, office: PostOffice
) -> None:
    (draft,) = comptoir.json("orders", "draft", "--supplier", MODUS)
    assert comptoir.json("orders", "cancel", draft["number"])["warnings"] == []
    number = approved(comptoir)
    comptoir.run("orders", "send", number)
    send_mail(here)
    assert len(office.arrived) == 1
    result = comptoir.run("orders", "cancel", number)
    assert len(result.stderr.splitlines()) == 1 and f"tell {MODUS}" in result.stderr


def test_without_a_mail_server_somebody_hands_it_over(comptoir: CommandLine, here: Posted) -> None:
    number = approved(comptoir)
    without = CommandLine(with_example_of(here))
    result = without.run("orders", "send", number)
    assert len(result.stderr.splitlines()) == 1 and f"orders file {number}" in result.stderr
    assert without.json("orders", "show", number)["status"] == "sent"
    assert comptoir.json("mail", "list") == []


def with_example_of(here: Posted) -> NoMail:
    return NoMail(here.data, here.port, here.smtp_port)


class NoMail(Posted):
    @property
    def environment(self) -> dict[str, str]:
        return {k: v for k, v in super().environment.items() if "SMTP" not in k}


# The day on which an order is drafted


def drafted(database: Database, first: datetime, last: datetime, at: time) -> dict[str, list[str]]:
    """Tick every half hour; whatever is drafted is cancelled, so that the next one is seen. Moments by supplier."""
    (job,) = (one for one in jobs(Mailing(draft=Moment(at))) if one.name == "draft-orders")
    found: dict[str, list[str]] = {}
    now = first.astimezone(UTC)
    run_due(database, now, [job])
    cancel_all(database, now)
    while now < last:
        now += timedelta(minutes=30)
        if run_due(database, now, [job]):
            for name in cancel_all(database, now):
                found.setdefault(name, []).append(f"{days.local(now):%d.%m. %H:%M}")
    return found


def cancel_all(database: Database, now: datetime) -> list[str]:
    with database.writing() as session:
        drafts = session.scalars(select(Purchase).where(Purchase.status == "draft")).all()
        for order in drafts:
            orders.cancel(session, order=order, now=now)
        return [order.supplier.name for order in drafts]


@pytest.fixture
def short(here: Posted) -> Posted:
    """An article of each supplier that is always too few."""
    with here.database() as database, database.writing() as session:
        session.execute(delete(SupplierClosed))
        for code in ("CUP", "NALOX"):
            item = catalogue.item(session, code)
            levels.fix(
                session,
                item=item,
                reorder_point=10**6,
                order_up_to=10**6,
                note="",
                day=FIRST.date(),
            )
    return here


FIRST = datetime(2026, 11, 2, 12, tzinfo=days.ZONE)


def test_before_the_review_is_over_and_not_earlier(short: Posted) -> None:
    """Modus Vivendi takes orders on the first and third Friday until noon, the wholesaler every weekday until 15:00."""
    with short.database() as database:
        found = drafted(database, FIRST, FIRST + timedelta(days=28), time(6))
        assert found[MODUS] == ["06.11. 06:00", "20.11. 06:00"]
        (other,) = (name for name in found if name != MODUS)
        assert found[other][:5] == [f"{day:02}.11. 06:00" for day in (3, 4, 5, 6, 9)]
        # By an hour at which it is too late on the day itself: on the day before.
        later = FIRST + timedelta(days=28)
        found = drafted(database, later, later + timedelta(days=7), time(13))
        assert found[MODUS] == ["03.12. 13:00"]


@pytest.mark.parametrize("sunday", [date(2026, 3, 29), date(2026, 10, 25)])
def test_in_the_weeks_in_which_the_clock_changes(short: Posted, sunday: date) -> None:
    """At an hour that is not there, or twice: once a day."""
    first = datetime.combine(sunday - timedelta(days=3), time(12), days.ZONE)
    with short.database() as database:
        found = drafted(database, first, first + timedelta(days=7), time(2, 30))
        assert all(len(moments) == len(set(moments)) for moments in found.values())
        (other,) = (name for name in found if name != MODUS)
        assert [one[:6] for one in found[other]] == [
            f"{day:%d.%m.}"
            for n in range(1, 8)
            if (day := first.date() + timedelta(days=n)).weekday() < 5
        ]
