"""Transfers, corrections, kits and traces by command line: what they print, and what they refuse."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from labels.house import Kind, parse_house
from tests.e2e.conftest import CommandLine

COMPONENTS = {"SER1", "CUP", "ACIT", "EAU5", "TAMP", "TSEC", "PRES", "DEPL-FR"}


def stock(example: CommandLine, item: str | None = None) -> dict[tuple[str, str, str | None], int]:
    """The balances as they are in the file, by place, item and lot."""
    with closing(sqlite3.connect(example.here.data / "comptoir.db")) as connection:
        rows = connection.execute(
            "SELECT place.code, item.code, lot.code, balance.pieces FROM balance"
            " JOIN place ON place.id = place_id JOIN item ON item.id = balance.item_id"
            " JOIN lot ON lot.id = lot_id"
        )
        return {(at, what, lot): pieces for at, what, lot, pieces in rows if item in (None, what)}


def assemble(example: CommandLine, count: int, *arguments: str) -> Any:
    return example.json("assemble", "--kit", "KIT-INJ", "--count", str(count), *arguments)


def test_transfer_first_expired_first_over_lots(example: CommandLine) -> None:
    moved = example.json(
        "transfer", "--from", "RESERVE", "--to", "CLIP", "--item", "SER1", "--pieces", "2500"
    )
    assert moved == {
        "moves": [
            {"item": "SER1", "lot": "S1A2511", "pieces": 2000},
            {"item": "SER1", "lot": "S1A2603", "pieces": 500},
        ]
    }
    assert stock(example)["CLIP", "SER1", "S1A2603"] == 500


def test_transfer_of_a_named_lot_and_of_pieces_without_one(example: CommandLine) -> None:
    way = ("transfer", "--from", "RESERVE", "--to", "CLIP", "--pieces", "3", "--item")
    named = example.json(*way, "SER1", "--lot", "S1A2603")
    assert named["moves"] == [{"item": "SER1", "lot": "S1A2603", "pieces": 3}]
    assert example.json(*way, "GARR")["moves"] == [{"item": "GARR", "lot": None, "pieces": 3}]


@pytest.mark.parametrize(
    "wrong",
    [
        ("--from", "NOWHERE"),
        ("--to", "handed-out"),
        ("--to", "RESERVE"),
        ("--item", "NOTHING"),
        ("--pieces", "0"),
        ("--pieces", "900001"),
        ("--lot", "nonesuch"),
        ("--expires", "2030-01-31"),
    ],
)
def test_what_transfer_refuses(example: CommandLine, wrong: tuple[str, str]) -> None:
    right = {"--from": "RESERVE", "--to": "CLIP", "--item": "SER1", "--pieces": "5"}
    before = stock(example)
    options = [part for pair in (right | {wrong[0]: wrong[1]}).items() for part in pair]
    result = example.run("transfer", *options, code=2)
    assert result.stderr
    assert stock(example) == before


def test_kits_from_store_to_workshop_with_their_label(example: CommandLine) -> None:
    made = assemble(example, 120)
    assert (made["kits"], made["expires"]) == (120, "2028-07-31")
    assert {part["item"] for part in made["components"]} == COMPONENTS
    assert {"item": "SER1", "lot": "S1A2511", "pieces": 240} in made["components"]
    assert {"item": "DEPL-FR", "lot": None, "pieces": 120} in made["components"]
    label = parse_house(made["label"])
    assert label is not None and label.kind is Kind.LOT
    assert stock(example, "KIT-INJ") == {("TAD", "KIT-INJ", made["lot"]): 120}


def test_a_proposal_changes_nothing_and_a_choice_is_followed(example: CommandLine) -> None:
    before = stock(example)
    proposed = assemble(example, 10, "--propose", "--use", "SER1=S1A2603")
    assert stock(example) == before
    made = assemble(example, 10, "--use", "SER1=S1A2603")
    assert made["components"] == proposed["components"]
    assert {"item": "SER1", "lot": "S1A2603", "pieces": 20} in made["components"]
    for use in ("SER1", "SER1=nonesuch", "GARR="):
        example.run("assemble", "--kit", "KIT-INJ", "--count", "1", "--use", use, code=2)


def test_everything_that_lacks_is_said_in_one_line(example: CommandLine) -> None:
    before = stock(example)
    result = example.run("assemble", "--kit", "KIT-INJ", "--count", "3500", code=2)
    assert len(result.stderr.splitlines()) == 1
    assert "CUP 4000/7000" in result.stderr and "PRES 3000/3500" in result.stderr
    assert "TAMP" not in result.stderr
    assert stock(example) == before


@pytest.mark.parametrize("version", ["2", "0", "99999999999999999999"])
def test_a_version_that_is_not_there(example: CommandLine, version: str) -> None:
    example.run("assemble", "--kit", "KIT-INJ", "--count", "1", "--version", version, code=2)


def test_taken_apart_the_books_are_as_before(example: CommandLine) -> None:
    before = stock(example)
    made = assemble(example, 12, "--to", "RESERVE")
    first = example.json("take-apart", made["lot"], "--count", "5", "--at", "RESERVE")
    assert first["kits"] == 5
    assert {"item": "SER1", "lot": "S1A2511", "pieces": 10} in first["components"]
    example.run("take-apart", made["lot"], "--count", "8", "--at", "RESERVE", code=2)
    example.json("take-apart", made["label"], "--count", "7", "--at", "RESERVE")
    assert stock(example) == before
    assert example.json("verify")["ok"]


def test_trace_forwards_by_lot_and_by_scan(example: CommandLine) -> None:
    made = assemble(example, 120)
    example.json(
        "transfer", "--from", "TAD", "--to", "CLIP", "--item", "KIT-INJ", "--pieces", "100"
    )
    found = example.json("trace", "S1A2511")
    assert [(row["item"], row["lot"], row["kits"], row["pieces"]) for row in found["kit_lots"]] == [
        ("KIT-INJ", made["lot"], 120, 240)
    ]
    where = {(row["place"], row["item"], row["lot"], row["pieces"]) for row in found["on_hand"]}
    assert where == {
        ("CLIP", "KIT-INJ", made["lot"], 100),
        ("TAD", "KIT-INJ", made["lot"], 20),
        ("RESERVE", "SER1", "S1A2511", 1760),
    }
    assert found["handed_out"] == []
    (origin,) = found["from"]
    assert (origin["supplier"], origin["note"]) == ("Modus Vivendi", "MV-2026-0914")
    assert (origin["day"], origin["pieces"]) == ("2026-09-14", 2000)
    assert example.json("trace", "]d2" + "17301130" + "10S1A2511") == found  # the box's second code


def test_trace_backwards_from_a_label(example: CommandLine) -> None:
    made = assemble(example, 120)
    found = example.json("trace", made["label"])
    assert found == example.json("trace", made["lot"])
    assert {row["item"] for row in found["components"]} == COMPONENTS
    assert {row["item"] for row in found["from"] if row["note"]} == COMPONENTS
    assert "MV-2026-0914" in example.run("trace", made["lot"]).stdout


@pytest.mark.parametrize("code", ["nonesuch", "1000099961", "5410036306703", "]d2", "x" * 2000])
def test_what_names_no_lot(example: CommandLine, code: str) -> None:
    assert example.run("trace", code, code=2).stderr


def test_correct_needs_the_lot_only_where_there_are_several(example: CommandLine) -> None:
    way = ("correct", "--place", "RESERVE", "--item")
    few = example.json(*way, "GARR", "--counted", "190")
    assert few == {"moves": [{"item": "GARR", "lot": None, "pieces": -10}]}
    assert example.json(*way, "GARR", "--counted", "190") == {"moves": []}
    assert example.json(*way, "CUP", "--counted", "4001")["moves"][0]["lot"] == "CU-118"
    result = example.run(*way, "SER1", "--counted", "5", code=2)
    assert "S1A2511" in result.stderr and "S1A2603" in result.stderr
    example.json(*way, "SER1", "--lot", "S1A2511", "--counted", "5")
    found = stock(example)
    assert found["RESERVE", "SER1", "S1A2511"] == 5
    assert found["unaccounted", "SER1", "S1A2511"] == 1995
    shown = example.run("stock", "--item", "SER1").stdout
    assert "unaccounted, above zero: a count found so much less" in shown
    assert "below zero" not in shown
    assert example.json("verify")["ok"]
