"""The people of one evening: two lanes, by touch, by a scanner that types on a Belgian host, and by command codes.

Whatever the mixture, the tally is what the people got. SEED=n plays another evening.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from inventory.database import Database
from inventory.tables import Item, Move, Shift, ShiftCount, ShiftReturn
from inventory.verify import verify
from inventory.words import HANDED_OUT
from tests import LONG
from web.pages import command_code

from .conftest import code_of
from .counter import BROWSER, panel, sign_in, touch
from .keys import scan

pytestmark = BROWSER

PASSAGES = 60 if LONG else 20
BY_CODE = 0.2
"""How much is done with the sheet of command codes."""

CONTAINERS = ("container-0.5l", "bottle-1.5l", "container-3l")
# One moment for the whole evening: a lane left for a minute, on a slow machine, would be the next person's. Not by
# Playwright's clock, which also takes the time stamps of keys, and with them what tells a scan from fingers.
ONE_MOMENT = """
const now = Date.now();
const Real = Date;
window.Date = class extends Real {
  constructor(...given) { if (given.length) super(...given); else super(now); }
  static now() { return now; }
};
"""

SEED = int(os.environ.get("SEED", "20261121"))


@dataclass
class Evening:
    """A worker at the screen, and what they know they did."""

    page: Page
    codes: dict[str, str]
    names: dict[str, str]
    rng: random.Random
    lane: str = "a"
    lines: dict[str, Counter[str]] = field(default_factory=lambda: {"a": Counter(), "b": Counter()})
    handed_out: Counter[str] = field(default_factory=Counter)
    returns: Counter[str] = field(default_factory=Counter)
    contacts: Counter[str] = field(default_factory=Counter)
    passages: int = 0

    def command(self, name: str) -> None:
        """As a code of the sheet, or, more often, by its button."""
        button = self.page.locator(f"button[data-code='{command_code(name)}']:visible")
        if self.rng.random() < BY_CODE or button.count() == 0:
            self.scan(command_code(name))
        else:
            button.first.click()

    def scan(self, code: str) -> None:
        scan(self.page, code, scanner=self.rng.choice(["US", "BE"]))

    def take(self, item: str) -> None:
        number = self.rng.choice([1, 1, 1, 2, 5, 10])
        if number > 1:
            self.command(f"times-{number}")
        if self.rng.random() < 0.5:
            touch(self.page, item)
        else:
            self.scan(self.codes[item])
        self.lines[self.lane][item] += number
        self.sees(item)

    def sees(self, item: str) -> None:
        """What the screen says of this person is what they got."""
        pieces = self.lines[self.lane][item]
        row = self.page.locator("#lines li").filter(
            has=self.page.get_by_text(self.names[item], exact=True)
        )
        if pieces:
            expect(row.locator("b")).to_have_text(str(pieces))
        else:
            expect(row).to_have_count(0)

    def take_one_back(self) -> None:
        item = self.rng.choice(list(self.codes))
        self.take(item)
        before = self.lines[self.lane][item]
        self.command("times-5")
        self.scan(self.codes[item])
        self.lines[self.lane][item] += 5
        self.sees(item)
        self.command("undo")
        self.lines[self.lane][item] = before
        self.sees(item)

    def correct(self) -> None:
        item = self.rng.choice(list(self.lines[self.lane]))
        right = self.rng.randrange(10)
        if right == self.lines[self.lane][item]:
            right += 10
        self.page.locator("#lines button").filter(
            has=self.page.get_by_text(self.names[item], exact=True)
        ).click()
        expect(self.page.locator("#correct-name")).to_have_text(self.names[item])
        keypad = self.page.locator("#correct")
        for digit in str(right):
            keypad.get_by_role("button", name=digit, exact=True).click()
        keypad.get_by_role("button", name="OK").click()
        self.lines[self.lane][item] = right
        self.sees(item)
        if right == 0:
            del self.lines[self.lane][item]

    def bring_back(self) -> None:
        container = self.rng.choice(CONTAINERS)
        if self.rng.random() < BY_CODE:
            self.scan(command_code(f"returned-{container}"))
        else:
            panel(self.page, "returned")
            self.page.locator(
                f"#returned [data-code='{command_code(f'returned-{container}')}']"
            ).click()
            self.page.locator("#returned .close-panel").first.click()
        self.returns[container] += 1

    def serve(self) -> None:
        """One person, in a lane that is free."""
        if self.rng.random() < 0.5:
            self.lane = "b" if self.lane == "a" else "a"
            self.command(f"lane-{self.lane}")
            expect(self.page.locator(f"#lane-{self.lane}")).to_have_attribute(
                "aria-pressed", "true"
            )
        if self.lines[self.lane]:  # somebody was still there
            self.next_person()
        for item in self.rng.sample(list(self.codes), self.rng.randrange(1, 4)):
            self.take(item)
        for chance, doing in (
            (0.15, self.take_one_back),
            (0.2, self.correct),
            (0.3, self.bring_back),
        ):
            if self.rng.random() < chance:
                doing()
        if self.rng.random() < 0.1:
            self.command("contact-shower")
            self.contacts["shower"] += 1
        if self.rng.random() < 0.7 and self.lines[self.lane]:
            self.next_person()

    def next_person(self) -> None:
        self.command("next-person")
        self.handed_out += self.lines[self.lane]
        self.lines[self.lane] = Counter()
        self.passages += 1
        expect(self.page.locator("#passages")).to_have_text(str(self.passages))
        expect(self.page.locator("#lines li")).to_have_count(0)

    def close(self) -> None:
        for lane in "ab":
            self.lane = lane
            self.command(f"lane-{lane}")
            expect(self.page.locator(f"#lane-{lane}")).to_have_attribute("aria-pressed", "true")
            if self.lines[lane]:
                self.next_person()
        panel(self.page, "closing")
        expect(self.page.get_by_label("How many passages?")).to_have_value(str(self.passages))
        self.page.locator("#close-now").click()
        expect(self.page.get_by_text("the journal is erased")).to_be_visible()


@pytest.mark.long
def test_everybody_is_served_and_the_tally_is_exact(page: Page, database: Database) -> None:
    page.add_init_script(ONE_MOMENT)
    sign_in(page)
    rng = random.Random(SEED)
    with database.reading() as session:
        items = session.scalars(select(Item).order_by(Item.code)).all()
        names = {item.code: item.name_en for item in items}
    chosen = rng.sample(sorted(names), 12)
    codes = {item: code_of(database, item) for item in chosen}
    evening = Evening(page, codes, names, rng)
    while evening.passages < PASSAGES:
        evening.serve()
    evening.close()
    exact(database, evening)


def exact(database: Database, evening: Evening) -> None:
    """The ledger against what the worker knows they did."""
    with database.reading() as session:
        shift = session.scalars(select(Shift).order_by(Shift.id.desc())).first()
        assert shift is not None
        moves = select(Item.code, func.sum(Move.pieces)).join(Move, Move.item_id == Item.id)
        moves = moves.where(Move.shift_id == shift.id, Move.to_id == HANDED_OUT)
        rows = session.execute(moves.group_by(Item.code))
        assert {row[0]: row[1] for row in rows} == dict(+evening.handed_out)
        counts = session.scalars(select(ShiftCount).where(ShiftCount.shift_id == shift.id))
        times = Counter[str]()
        for one in counts:
            times[one.what] += one.times
        contacts = {f"contact:{kind}": n for kind, n in evening.contacts.items()}
        assert times == {"passage": evening.passages, **contacts}
        returned = session.scalars(select(ShiftReturn).where(ShiftReturn.shift_id == shift.id))
        assert {row.unit: row.measured for row in returned} == {
            container: 1000 * n for container, n in evening.returns.items()
        }
        assert verify(session).faults == []
