"""`comptoir orders receive` and `close`: by the line, by the codes of boxes, by the delivery note."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labels.gtin import check_digit

from .conftest import CommandLine, with_example
from .test_orders_commands import MODUS

GTIN = f"0590000000001{check_digit('0590000000001')}"
"""Of a box of a hundred syringes, in a list of the test."""
EXPIRES = "2031-05-31"
BOX = f"]d201{GTIN}1731053110LOT-A\x1d"
NAMES, SAYS = f"]C101{GTIN}", "]C11731053110LOT-B"


def sent(comptoir: CommandLine, **pieces: int) -> str:
    """An order that is with the supplier; its number."""
    (made,) = comptoir.json("orders", "draft", "--supplier", MODUS, "--empty")
    number: str = made["number"]
    for item, count in pieces.items():
        comptoir.run("orders", "set", number, item, str(count))
    for step in ("approve", "sent"):
        comptoir.run("orders", step, number)
    return number


@pytest.fixture
def comptoir(example: CommandLine, tmp_path: Path) -> CommandLine:
    codes = tmp_path / "codes.csv"
    codes.write_text(f"GTIN;article;pièces;niveau\n{GTIN};SER1;100;boîte\n", encoding="utf-8")
    example.run("import", "codes", codes)
    return example


def line(comptoir: CommandLine, number: str, item: str) -> Any:
    order = comptoir.json("orders", "show", number)
    return next(one for one in order["lines"] if one["item"] == item)


def there(comptoir: CommandLine, item: str, lot: str | None) -> int:
    rows = comptoir.json("stock", "--item", item)
    return sum(row["pieces"] for row in rows if row.get("lot") == lot)


def scanned(comptoir: CommandLine, number: str, *codes: str, code: int = 0) -> list[Any]:
    typed = "".join(f"{one}\n" for one in codes).encode()
    what = ("orders", "receive", number, "--scan", "--note", "BL-1", "--json")
    done = comptoir.run(*what, typed=typed, code=code)
    return [json.loads(row) for row in done.stdout.splitlines()]


def test_line_by_line_then_closed(comptoir: CommandLine) -> None:
    number = sent(comptoir, SER1=500, CUP=300)
    what = ("receive", number, "SER1", "400", "--lot", "X", "--expires", EXPIRES, "--note", "BL-1")
    booked = comptoir.json("orders", *what)
    assert booked["arrivals"] == [
        {
            "item": "SER1",
            "lot": "X",
            "expires": EXPIRES,
            "pieces": 400,
            "condition": "good",
            "refused": False,
            "announced": False,
        }
    ]
    assert line(comptoir, number, "SER1")["received"] == 400
    assert there(comptoir, "SER1", "X") == 400
    comptoir.run("orders", "receive", number, "CUP", "20", "--lot", "C", "--damaged")
    said = comptoir.run("orders", "receive", number, "GARR", "5")
    assert said.stderr.strip() and "comptoir undo" in said.stdout
    comptoir.run("verify")

    undone = comptoir.json("orders", "receive", number, "SER1", "70", "--lot", "X")["booking"]
    *_, last = comptoir.json("orders", "show", number)["arrivals"]
    assert (last["pieces"], last["booking"]) == (70, undone)
    comptoir.run("undo", undone)
    assert len(comptoir.json("orders", "show", number)["arrivals"]) == 3
    closed = comptoir.json("orders", "close", number)
    found = {one["item"]: one for one in closed["outcome"]}
    assert (found["SER1"]["short"], found["CUP"]["short"], found["GARR"]["wrong"]) == (100, 300, 5)
    assert found["CUP"]["damaged"] == 20 and len(closed["differences"]) == 4
    assert closed["status"] == "closed"
    history = [one["what"] for one in comptoir.json("orders", "show", number)["history"]]
    assert history == ["drafted", "approved", "sent", "received", "closed"]
    comptoir.run("orders", "receive", number, "SER1", "1", code=2)
    comptoir.run("orders", "close", number, code=2)
    comptoir.run("verify")


def test_box_by_box(comptoir: CommandLine) -> None:
    number = sent(comptoir, SER1=500)
    found = scanned(comptoir, number, BOX, BOX, NAMES, SAYS)
    assert [one["status"] for one in found] == ["accepted"] * 4
    assert [(one["pieces"], one["lot"], one["expires"]) for one in found] == [
        (100, "LOT-A", EXPIRES),
        (100, "LOT-A", EXPIRES),
        (0, None, None),
        (100, "LOT-B", EXPIRES),
    ]
    assert line(comptoir, number, "SER1")["received"] == 300
    assert (there(comptoir, "SER1", "LOT-A"), there(comptoir, "SER1", "LOT-B")) == (200, 100)
    comptoir.run("verify")


def test_far_too_many_are_booked_once_somebody_is_sure(comptoir: CommandLine) -> None:
    number = sent(comptoir, SER1=500)
    what = ("orders", "receive", number, "SER1", "5000", "--lot", "X", "--expires", EXPIRES)
    refused = comptoir.run(*what, code=2)
    assert "5000 × " in refused.stderr and "500 were ordered" in refused.stderr
    assert line(comptoir, number, "SER1")["received"] == 0
    comptoir.run(*what, "--sure")
    assert line(comptoir, number, "SER1")["received"] == 5000
    (found,) = scanned(comptoir, number, BOX)  # not asked about again
    assert found["status"] == "accepted"


def test_the_code_that_says_undo(comptoir: CommandLine) -> None:
    number = sent(comptoir, SER1=500)
    undo = next(one["code"] for one in comptoir.json("commands") if one["name"] == "undo")
    found = scanned(comptoir, number, undo, BOX, NAMES, undo, undo, BOX, undo)
    assert [one["status"] for one in found] == ["ignored", *["accepted"] * 6]
    assert there(comptoir, "SER1", "LOT-A") == 0 == line(comptoir, number, "SER1")["received"]
    assert comptoir.json("orders", "show", number)["status"] == "sent"
    comptoir.run("verify")


def test_one_bad_code_is_told_and_the_others_count(comptoir: CommandLine) -> None:
    number = sent(comptoir, SER1=500)
    wrong = BOX.replace("310531", "300531")  # another expiry of the same lot
    found = scanned(
        comptoir, number, BOX, "05410000000001", "4", "\x01", wrong, SAYS, NAMES, code=2
    )
    assert [one["status"] for one in found] == [
        "accepted",
        *["refused"] * 4,
        "accepted",
        "accepted",
    ]
    assert all(one["message"] for one in found)
    assert line(comptoir, number, "SER1")["received"] == 200


def test_a_box_whose_lot_nobody_reads(comptoir: CommandLine) -> None:
    number = sent(comptoir, SER1=500)
    scanned(comptoir, number, NAMES, NAMES)
    assert there(comptoir, "SER1", "unknown") == 200
    assert line(comptoir, number, "SER1")["received"] == 200


def test_as_the_note_says(comptoir: CommandLine, tmp_path: Path) -> None:
    number = sent(comptoir, SER1=500)
    note = tmp_path / "note.csv"
    note.write_text(
        "fournisseur;bon;date;article;pièces;lot;péremption\n"
        f"{MODUS};BL-9;2026-11-20;SER1;500;N;{EXPIRES}\n"
        f"{MODUS};BL-9;2026-11-20;CUP;100;M;{EXPIRES}\n",
        encoding="utf-8",
    )
    comptoir.run("import", "receipts", note)
    before = comptoir.json("stock")
    what = ("orders", "receive", number, "--as-announced", "--note")
    booked = comptoir.json(*what, "bl-9")
    assert [(one["item"], one["condition"]) for one in booked["arrivals"]] == [
        ("SER1", "good"),
        ("CUP", "wrong"),
    ]
    assert comptoir.json("stock") == before and line(comptoir, number, "SER1")["received"] == 500
    comptoir.run(*what, "BL-9", code=2)
    comptoir.run(*what, "BL-10", code=2)
    assert comptoir.json("import", "receipts", note)["unchanged"] == 2
    comptoir.run("verify")


@pytest.mark.parametrize(("pieces", "code"), [(200, 0), (300, 2)])
def test_a_note_imported_after_its_boxes_were_read(
    comptoir: CommandLine, tmp_path: Path, pieces: int, code: int
) -> None:
    number = sent(comptoir, SER1=500)
    scanned(comptoir, number, BOX, BOX)
    note = tmp_path / "note.csv"
    note.write_text(
        "fournisseur;bon;date;article;pièces;lot;péremption\n"
        f"{MODUS.upper()};bl-1;2026-01-20;SER1;{pieces};LOT-A;{EXPIRES}\n",
        encoding="utf-8",
    )
    comptoir.run("import", "receipts", note, code=code)
    assert there(comptoir, "SER1", "LOT-A") == 200
    comptoir.run("verify")


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> tuple[CommandLine, str]:
    """For tests that change nothing."""
    made = CommandLine(with_example(tmp_path_factory.mktemp("receiving")))
    return made, sent(made, SER1=500)


@pytest.mark.parametrize(
    "wrong",
    [
        "receive NUMBER",
        "receive NUMBER SER1",
        "receive NUMBER SER1 0",
        "receive NUMBER SER1 many",
        "receive NUMBER NOSUCH 5",
        "receive NUMBER SER1 5 --expires 2031-01-01",
        "receive NUMBER SER1 5 --to NOWHERE",
        "receive NUMBER SER1 5 --to TRANSIT",
        "receive NUMBER SER1 5 --scan",
        "receive NUMBER --scan --lot A",
        "receive NUMBER --as-announced",
        "receive NUMBER --as-announced --note MV-1 --damaged",
        "receive 1999-001 SER1 5",
        "receive 1999-001 --scan",
        "close NUMBER",
        "close 1999-001",
        "note NUMBER late",
        "note 1999-001 late",
    ],
)
def test_what_is_refused_changes_nothing(refusing: tuple[CommandLine, str], wrong: str) -> None:
    comptoir, number = refusing
    before = comptoir.json("orders", "show", number)
    result = comptoir.run("orders", *wrong.replace("NUMBER", number).split(), code=2)
    assert result.stderr.strip() and "Traceback" not in result.output
    assert comptoir.json("orders", "show", number) == before


def test_a_note_for_the_supplier(comptoir: CommandLine) -> None:
    (made,) = comptoir.json("orders", "draft", "--supplier", MODUS.upper(), "--empty")
    number = made["number"]
    comptoir.run("orders", "set", number, "CUP", "100")
    comptoir.run("orders", "approve", number)
    noted = comptoir.json("orders", "note", number, "  by the yard,  before 11 ")
    assert (noted["note"], noted["status"]) == ("by the yard, before 11", "draft")
    assert comptoir.json("orders", "note", number, "")["note"] == ""
    comptoir.run("orders", "note", number, "x" * 201, code=2)
