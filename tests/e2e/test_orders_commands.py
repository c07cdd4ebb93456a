"""`comptoir orders`: from the draft to the confirmation, and what is refused."""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from inventory import days
from inventory.database import open_database, sqlite_url
from inventory.order_rules import STATUS, Status
from inventory.tables import Item
from web.i18n import LANGUAGES, say
from web.order_files import HEADINGS

from .conftest import CommandLine, with_example

MODUS = "Modus Vivendi"


@pytest.fixture
def comptoir(example: CommandLine) -> CommandLine:
    """The example, with three articles below their levels."""
    return lowered(example)


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The same, for tests that change nothing; with a draft."""
    made = lowered(CommandLine(with_example(tmp_path_factory.mktemp("orders"))))
    made.run("orders", "draft")
    return made


def lowered(made: CommandLine) -> CommandLine:
    for item, point, up_to in (
        ("SER1", 10_000_000, 10_000_000),
        ("CUP", 9_000_000, 9_000_090),
        ("GARR", 900_000, 900_000),
    ):
        made.run("levels", "--item", item, "--fix", str(point), str(up_to))
    return made


def drafted(comptoir: CommandLine) -> Any:
    (found,) = comptoir.json("orders", "draft", "--supplier", MODUS)
    return comptoir.json("orders", "show", found["number"])


def line(order: Any, item: str) -> Any:
    (found,) = (one for one in order["lines"] if one["item"] == item)
    return found


def test_from_the_draft_to_the_confirmation(comptoir: CommandLine) -> None:
    before = {row["item"]: row["position"] for row in comptoir.json("levels")}
    order = drafted(comptoir)
    number = order["number"]
    assert number == f"{days.local(days.now()).year}-001"
    cups = line(order, "CUP")
    assert cups["wanted"] == -(-(9_000_090 - before["CUP"]) // 100) * 100
    assert cups["wanted"] == cups["suggested"] == cups["pieces"] and not cups["by_hand"]
    syringes, tourniquets = line(order, "SER1"), line(order, "GARR")
    assert (syringes["pieces"], syringes["reference"]) == (10_000, "S1-29G")  # its quota
    assert tourniquets["pieces"] == 300 < tourniquets["wanted"]

    changed = comptoir.json("orders", "set", number, "CUP", "250", "--note", "=1+1 festival")
    assert line(changed, "CUP") == {**cups, "pieces": 250, "by_hand": True, "note": "=1+1 festival"}
    assert len(changed["warnings"]) == 1
    assert line(drafted(comptoir), "CUP")["pieces"] == 250
    assert "100" in comptoir.run("orders", "set", number, "CUP", "250").stderr
    assert comptoir.run("orders", "set", number, "CUP", "300").stderr == ""

    assert comptoir.json("orders", "approve", number)["status"] == "approved"
    assert comptoir.json("orders", "set", number, "CUP", "400")["status"] == "draft"
    comptoir.run("orders", "approve", number)
    sent = comptoir.json("orders", "sent", number)
    (supplier,) = (one for one in comptoir.json("suppliers") if one["name"] == MODUS)
    assert sent["expected_on"] == supplier["expected"]
    day = (date.fromisoformat(sent["expected_on"]) + timedelta(days=3)).isoformat()
    assert comptoir.json("orders", "confirm", number, "--expected", day)["expected_on"] == day
    order = comptoir.json("orders", "show", number)
    assert [one["what"] for one in order["history"]] == [
        *("drafted", "approved", "changed", "approved", "sent", "confirmed")
    ]
    after = {row["item"]: row for row in comptoir.json("levels")}
    assert after["CUP"]["counted"]["on_order"] == 400
    assert after["CUP"]["position"] == before["CUP"] + 400

    assert comptoir.json("orders", "cancel", number)["status"] == "cancelled"
    assert comptoir.json("levels", "--item", "CUP")[0]["position"] == before["CUP"]
    assert [one["status"] for one in comptoir.json("orders", "list")] == ["cancelled"]
    comptoir.run("verify")


def test_levels_fixed_by_hand_say_so_and_why(refusing: CommandLine) -> None:
    fix = ("levels", "--item", "NALOX", "--fix", "40", "100", "--note", "festival in July")
    (nalox,) = [row for row in refusing.run(*fix).stdout.splitlines() if row.startswith("NALOX")]
    assert "fixed" in nalox and "festival in July" in nalox


def test_a_draft_is_not_sent_and_says_what_comes_first(refusing: CommandLine) -> None:
    number = drafted(refusing)["number"]
    for how in ("send", "sent"):
        refused = refusing.run("orders", how, number, code=2)
        assert f"{number} is being prepared: approve it first, then" in refused.stderr


def test_people_read_it_too(refusing: CommandLine) -> None:
    words = {say(STATUS[Status.DRAFT], language) for language in LANGUAGES}
    for command in ("list", "show NUMBER", "draft"):
        number = drafted(refusing)["number"]
        text = refusing.run("orders", *command.replace("NUMBER", number).split()).stdout
        assert number in text and any(word in text for word in words)


@pytest.mark.parametrize("name", ["order.xlsx", "order.CSV", "order.pdf"])
def test_the_file(refusing: CommandLine, name: str, tmp_path: Path) -> None:
    number, file = drafted(refusing)["number"], tmp_path / name
    found = refusing.json("orders", "file", number, "--out", file)
    supplied = sum(row["supplier"] == MODUS for row in refusing.json("levels"))
    assert found["file"] == str(file) and found["lines"] >= supplied >= 3
    content = file.read_bytes()
    if name.endswith("xlsx"):
        sheet = load_workbook(file).active
        assert sheet is not None and sheet.title == number
        assert sheet.max_row == HEADINGS + found["lines"]
    elif name.endswith("pdf"):
        assert content.startswith(b"%PDF-")
    else:
        assert f"S1-29G;{names(refusing)['SER1']};" in content.decode("utf-8-sig")
    refusing.run("orders", "file", number, "--out", tmp_path / "order.doc", code=2)
    refusing.run("orders", "file", number, "--out", tmp_path / "nowhere" / name, code=2)
    refusing.run("orders", "file", "1999-001", "--out", file, code=2)
    assert file.read_bytes() == content and len([*tmp_path.iterdir()]) == 1


def test_the_suppliers_own_form(comptoir: CommandLine, tmp_path: Path) -> None:
    """Named in the list of suppliers; not there, or wrong, it is told in a line."""
    suppliers = tmp_path / "suppliers.csv"
    suppliers.write_text(
        "fournisseur;adresse;délai;jours de commande;heure limite;formulaire\n"
        f"{MODUS};a@example.org;10;;;bon.xlsx\n",
        encoding="utf-8",
    )
    comptoir.run("import", "suppliers", suppliers)
    number, out = drafted(comptoir)["number"], tmp_path / "order.xlsx"
    form = comptoir.here.data / "templates" / "bon.xlsx"
    for content in (None, b"no spreadsheet"):
        if content is not None:
            form.parent.mkdir()
            form.write_bytes(content)
        told = comptoir.run("orders", "file", number, "--out", out, code=2).stderr
        assert "bon.xlsx" in told and len(told.splitlines()) == 1 and not out.exists()
    book = Workbook()
    book.create_sheet("Bon", 0).append(["{{reference}}", "{{ordered}}"])
    book.save(form)
    comptoir.run("orders", "file", number, "--out", out)
    found = {row[0]: row[1] for row in load_workbook(out)["Bon"].iter_rows(values_only=True)}
    assert found["S1-29G"] == line(drafted(comptoir), "SER1")["pieces"]


def names(comptoir: CommandLine) -> dict[str, str]:
    file = sqlite_url(comptoir.here.data / "comptoir.db")
    with closing(open_database(file)) as database, database.reading() as session:
        return {item.code: item.name_fr for item in session.scalars(select(Item))}


def test_nothing_to_order(example: CommandLine) -> None:
    assert example.json("orders", "draft") == []
    assert example.run("orders", "draft").stdout.strip()
    assert example.run("orders", "list").stdout == ""
    (empty,) = example.json("orders", "draft", "--supplier", MODUS, "--empty")
    assert empty["lines"] == 0
    example.run("orders", "approve", empty["number"], code=2)
    example.run("orders", "set", empty["number"], "CUP", "100")
    example.run("orders", "approve", empty["number"])


@pytest.mark.parametrize(
    "wrong",
    [
        "show 1999-001",
        "set NUMBER NOSUCH 5",
        "set NUMBER CUP -5",
        "set NUMBER CUP many",
        "set NUMBER NALOX 5",
        "sent NUMBER",
        "confirm NUMBER",
        "confirm NUMBER --expected tomorrow",
        "approve 1999-001",
        "cancel 1999-001",
        "draft --supplier Nobody",
        "draft --empty",
    ],
)
def test_what_is_refused_changes_nothing(refusing: CommandLine, wrong: str) -> None:
    order = drafted(refusing)
    words = wrong.replace("NUMBER", order["number"]).split()
    result = refusing.run("orders", *words, code=2)
    assert result.stderr.strip() and "Traceback" not in result.output
    assert refusing.json("orders", "show", order["number"]) == order
    assert len(refusing.json("orders", "list")) == 1
