"""After a badge was made the page says so: the sheet is saved, and whoever looks need not wonder."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from inventory import badges, people
from inventory.database import Database

from .counter import BROWSER, problems, sign_in

pytestmark = BROWSER


def test_the_page_says_who_was_added_and_that_the_badge_is_made(
    page: Page, database: Database, tmp_path: Path
) -> None:
    sign_in(page)
    page.goto("/access")
    page.get_by_label("Name", exact=True).fill("Noor")
    page.get_by_label("First PIN").fill("4071")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Noor is added.")
    expect(page.get_by_text("No valid badge.")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Make and print").click()
    saved.value.save_as(tmp_path / "badges.pdf")
    assert saved.value.suggested_filename == "badges.pdf"
    assert (tmp_path / "badges.pdf").read_bytes().startswith(b"%PDF")
    expect(page.get_by_role("status")).to_contain_text("Badge made on")
    expect(page.get_by_text("No valid badge.")).to_have_count(0)
    with database.reading() as session:
        assert people.named(session, "Noor").id in badges.holders(session)
    expect(page.get_by_role("button", name="Replace and print")).to_be_visible()
    assert not problems(page)

    page.goto("/access")
    with page.expect_download():
        page.get_by_label("A badge for Noor").check()
        page.get_by_role("button", name="Make badges for those ticked").click()
    expect(page.get_by_role("status")).to_contain_text("The badges are made")

    # Nothing ticked: why nothing was made is said as ever.
    page.get_by_role("button", name="Make badges for those ticked").click()
    expect(page.get_by_text("The badges are made")).to_have_count(0)
