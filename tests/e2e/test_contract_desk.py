"""Loans, donations, losses, quarantine and replenishing by command line: what they print, and what they refuse."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import CommandLine
from tests.e2e.test_contract_kits import stock

SER1 = ("--item", "SER1", "--pieces")


def there(example: CommandLine, place: str, item: str) -> int:
    return sum(pieces for (at, _, _), pieces in stock(example, item).items() if at == place)


def test_loans_both_ways_and_back(example: CommandLine) -> None:
    before = there(example, "RESERVE", "SER1")
    lent = example.json("lend", "--to", "TRANSIT", "--from", "RESERVE", *SER1, "200")
    assert lent["moves"] == [
        {"item": "SER1", "lot": "S1A2511", "pieces": 200, "from": "RESERVE", "to": "TRANSIT"}
    ]
    borrowed = example.json("borrow", "--from", "TRANSIT", "--to", "CLIP", *SER1, "60")
    assert [(m["lot"], m["from"], m["to"]) for m in borrowed["moves"]] == [
        ("unknown", "TRANSIT", "CLIP")
    ]
    example.run("give-back", "--from", "RESERVE", "--to", "TRANSIT", *SER1, "20")
    other = ("--lot", "T9", "--expires", "2029-01-31")
    example.run("give-back", "--from", "TRANSIT", "--to", "RESERVE", *SER1, "50", *other)
    assert example.json("loans") == {
        "loans": [
            {
                "partner": "TRANSIT",
                "item": "SER1",
                "theirs_to_give_back": 150,
                "ours_to_give_back": 40,
            }
        ]
    }
    assert stock(example)["RESERVE", "SER1", "T9"] == 50
    example.run("undo", lent["booking"], code=2)  # some of them are with us again
    assert there(example, "RESERVE", "SER1") == before - 200 - 20 + 50
    assert example.json("verify")["ok"]


def test_a_donation_of_what_no_list_has_and_its_undo(example: CommandLine) -> None:
    new = ("--name", "Chaussettes laine", "--family", "hygiene", "--pieces", "40")
    given = example.json("donate", "--to", "CLIP", *new)
    (move,) = given["moves"]
    assert (move["item"], move["lot"], move["from"]) == ("CHAUSSETTES-LAINE", None, "donation")
    bought = example.json("donate", "--to", "CLIP", "--item", "NALOX", "--pieces", "2", "--bought")
    assert bought["moves"][0] == {
        "item": "NALOX",
        "lot": "unknown",
        "pieces": 2,
        "from": "supplier",
        "to": "CLIP",
    }
    assert given["booking"] in example.run("undo", given["booking"]).stdout
    assert there(example, "CLIP", "CHAUSSETTES-LAINE") == 0
    assert example.json("verify")["ok"]


@pytest.mark.parametrize(
    ("why", "to"),
    [("vanished", "lost"), ("loss", "lost"), ("broken", "disposed"), ("expired", "disposed")],
)
def test_a_loss_says_why(example: CommandLine, why: str, to: str) -> None:
    lost = example.json("lose", "--from", "RESERVE", *SER1, "3", "--why", why)
    assert [(move["pieces"], move["to"]) for move in lost["moves"]] == [(3, to)]
    assert example.json("verify")["ok"]


def test_quarantine(example: CommandLine) -> None:
    example.run("transfer", "--from", "RESERVE", "--to", "QUARANTAINE", *SER1, "12")
    (row,) = example.json("quarantine", "list")["quarantine"]
    assert (row["place"], row["item"], row["pieces"]) == ("QUARANTAINE", "SER1", 12)
    example.run("quarantine", "release", *SER1, "5", "--to", "CLIP")
    example.run("quarantine", "dispose", *SER1, "7")
    assert example.json("quarantine", "list") == {"quarantine": []}
    assert there(example, "CLIP", "SER1") == 5
    example.run("quarantine", "dispose", *SER1, "1", code=2)


def test_what_is_to_be_brought(example: CommandLine) -> None:
    found = example.json("replenish", "--place", "CLIP")
    syringes = next(row for row in found["bring"] if row["item"] == "SER1")
    assert syringes["from"] == "RESERVE" and syringes["pieces"] == syringes["level"]
    assert sum(lot["pieces"] for lot in syringes["lots"]) == syringes["pieces"]
    assert any(row["item"] == "KIT-INJ" for row in found["nobody_has"])  # none is made yet
    assert "SER1" in example.run("replenish").stdout


@pytest.mark.parametrize(
    "wrong",
    [
        ("lend", "--to", "CLIP", "--from", "RESERVE", *SER1, "5"),
        ("lend", "--to", "TRANSIT", "--from", "QUARANTAINE", *SER1, "5"),
        ("lend", "--to", "TRANSIT", "--from", "RESERVE", *SER1, "900000"),
        ("borrow", "--from", "RESERVE", "--to", "CLIP", *SER1, "5"),
        ("borrow", "--from", "TRANSIT", "--to", "CLIP", *SER1, "5", "--expires", "2030-01-31"),
        ("give-back", "--from", "RESERVE", "--to", "TRANSIT", *SER1, "1"),
        ("give-back", "--from", "TRANSIT", "--to", "RESERVE", *SER1, "1"),
        ("donate", "--to", "CLIP", "--pieces", "1"),
        ("donate", "--to", "CLIP", "--pieces", "1", "--name", "Gants"),
        ("donate", "--to", "lost", "--pieces", "1", "--item", "SER1"),
        ("donate", "--to", "CLIP", "--pieces", "1", "--item", "GARR", "--lot", "A"),
        ("lose", "--from", "CLIP", *SER1, "1", "--why", "tired"),
        ("undo", "0b7c8f3e-5d0c-4f4e-9a57-2f1d6a9b1c11"),
        ("undo", "nonsense"),
        ("replenish", "--place", "NOWHERE"),
    ],
    ids=" ".join,
)
def test_what_is_refused_leaves_no_trace(example: CommandLine, wrong: tuple[str, ...]) -> None:
    before = stock(example)
    assert example.run(*wrong, code=2).stderr
    assert stock(example) == before
