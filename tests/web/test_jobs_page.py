"""The timed jobs on a page: when each ran and runs, and whether anybody runs them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page

from inventory import days, opening_days
from inventory.database import Database
from web.jobs import run_due
from web.jobs_pages import NAMES
from web.mail_settings import Mailing
from web.postman import SEND_MAIL
from web.worker import jobs

from .conftest import csrf_of
from .counter import BROWSER, problems, sign_in
from .test_orders_pages import text

ALONE = "No worker runs"


@pytest.fixture
def admin(camille: FlaskClient) -> FlaskClient:
    camille.set_cookie("language", "en")
    return camille


def work(database: Database, now: datetime) -> None:
    run_due(database, now, jobs(Mailing()))


def test_every_job_has_a_name_for_people() -> None:
    assert [*NAMES] == [*(job.name for job in jobs(Mailing())), SEND_MAIL]


def test_last_and_next_run(admin: FlaskClient, database: Database) -> None:
    """In the clock of Brussels; the one of five minutes shows that somebody works."""
    shown = text(admin.get("/jobs").text)
    assert ALONE in shown and "compute-levels never yet due" in shown
    assert "weekly-digest never yet due" not in shown  # it waits for its day
    moment = datetime(2026, 11, 22, 14, 3, tzinfo=days.ZONE)
    work(database, moment)
    with days.played_at(moment + timedelta(minutes=2)):
        shown = text(admin.get("/jobs").text)
    assert ALONE not in shown and "No mail server is set up" in shown
    assert "compute-levels 22/11/2026, 14:03 23/11/2026, 04:30" in shown
    assert "close-idle-shifts 22/11/2026, 14:03 22/11/2026, 14:08" in shown
    with days.played_at(moment + timedelta(minutes=16)):
        shown = text(admin.get("/jobs").text)
    assert ALONE in shown and "close-idle-shifts 22/11/2026, 14:03 due" in shown


def test_a_place_without_usual_days_is_named_where_levels_are_explained(
    admin: FlaskClient, database: Database
) -> None:
    """Else nobody knows why so much is ordered; a place that never opened is none of these."""
    assert "counts as open" not in admin.get("/stock/item/SER1").text
    assert "every day to come counts as open here" in admin.get("/opening-days?place=CLIP").text

    admin.post(
        "/unrecorded",
        data={
            "csrf": csrf_of(admin),
            "place": "CLIP",
            "day": str(days.today()),
            "answer": "nothing",
        },
    )
    shown = admin.get("/stock/item/SER1").text
    assert "counts as open at Comptoir CLIP, whose usual days nobody has said" in shown
    with database.writing() as session:
        opening_days.set_usual(session, place="CLIP", weekdays=[0], today=days.today())
    assert "counts as open" not in admin.get("/stock/item/SER1").text
    assert "counts as open" not in admin.get("/opening-days?place=CLIP").text


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
class TestInABrowser:
    pytestmark = BROWSER

    def test_axe_has_nothing_to_say_and_it_fits(
        self, page: Page, database: Database, width: int, height: int
    ) -> None:
        work(database, days.now() - timedelta(hours=1))
        sign_in(page)
        page.set_viewport_size({"width": width, "height": height})
        page.goto("/jobs")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert problems(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
