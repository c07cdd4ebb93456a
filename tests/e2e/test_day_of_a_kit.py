"""The day of a kit: from the delivery to the tally, on an empty folder, with nothing but the command line and HTTP.

Each command that changes something is a process of its own the first time; then, as what only asks, it runs in this
one, where a start costs nothing.
"""

from __future__ import annotations

import http.client
import json
import queue
import random
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.devices.escpos_printer import PaperPrinter, paper_printer
from tests.e2e.conftest import CommandLine
from tests.e2e.processes import (
    EXAMPLE,
    LIMIT_S,
    Here,
    Process,
    free_port,
    post_reads,
    read,
)
from tests.labels.escpos_decoder import decode

GS = "\x1d"
# As tests/data/real-scans.tsv has them.
BOX_OF_NEEDLES = "]C10130382903057604"
ITS_SECOND_CODE = f"]C117310228102603001{GS}30100"
NEEDLE = "]C1010038290305760317270228102203009"
SYRINGE = "]d201003829030299521727093010008298877"

OPENING = (
    "lieu;article;pièces;lot;péremption\nCLIP;BAC05;40;;\nMEDIBUS;SER1;300;S1A2411;30/11/2029\n"
)


@dataclass
class Day:
    """What the steps of the day tell each other."""

    here: Here
    folder: Path
    token: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    """Command codes by name."""
    label: str = ""
    lot: str = ""
    picture: str = ""
    started: set[str] = field(default_factory=set)
    """Commands that were a process of their own."""

    def do(self, *arguments: str | Path, typed: str = "") -> str:
        """What a command that changes something prints."""
        if arguments[0] in self.started:
            return CommandLine(self.here).run(*arguments, typed=typed.encode()).stdout
        self.started.add(str(arguments[0]))
        return self.here.comptoir(*arguments, typed=typed).stdout

    def done(self, *arguments: str | Path) -> Any:
        """The data that it prints."""
        return json.loads(self.do(*arguments, "--json"))

    def scan(self, station: str, *codes: str) -> list[dict[str, Any]]:
        """Read codes at a station, all of which must be taken; command codes go by name."""
        typed = "".join(f"{self.codes.get(code, code)}\n" for code in codes)
        said = self.do("read", "--station", station, "--json", "-", typed=typed)
        answers = [json.loads(line) for line in said.splitlines()]
        assert {answer["status"] for answer in answers} == {"accepted"}, answers
        return answers

    def touch(self, *codes: str) -> list[dict[str, Any]]:
        """The same over HTTP, at the counter CLIP, with its token."""
        reads = [read(self.codes.get(code, code)) for code in codes]
        results = post_reads(self.here.port, "CLIP", self.token, reads)
        assert {result["status"] for result in results} == {"accepted"}, results
        return results

    def ask(self, *arguments: str | Path) -> Any:
        """What a command that changes nothing answers."""
        return CommandLine(self.here).json(*arguments)

    def pieces(self, place: str, item: str) -> dict[str | None, int]:
        """Lots of an item at a place."""
        rows = self.ask("stock", "--place", place, "--item", item)
        return {row["lot"]: row["pieces"] for row in rows}


@pytest.mark.slow
def test_the_day_of_a_kit(tmp_path: Path) -> None:
    day = Day(Here(tmp_path / "data", free_port()), tmp_path)
    with paper_printer() as paper:
        import_everything(day)
        set_up_stations(day, paper.url)
        receive_against_the_delivery(day)
        make_and_load_kits(day)
        with day.here.serving() as server:
            hand_out_a_hundred(day)
            back_up_in_mid_shift(day)
            fifty_beyond_the_books_while_the_server_dies(day, server)
        with day.here.serving():
            settle_the_shortfall(day)
            take_back_used_material(day)
            close_with_passages(day)
            read_the_tally(day)
            print_it(day, paper)
            trace_a_suppliers_lot(day)
            assert day.ask("verify")["ok"] is True
            back_up_and_restore_elsewhere(day)


def import_everything(day: Day) -> None:
    (day.folder / "ouverture.csv").write_bytes(
        OPENING.encode("cp1252")
    )  # as a spreadsheet saves it
    lists = {
        "articles": (EXAMPLE / "articles.csv", 45),
        "codes": (EXAMPLE / "codes.csv", 11),
        "places": (EXAMPLE / "lieux.csv", 14),
        "recipes": (EXAMPLE / "compositions.csv", 27),
        "stock": (day.folder / "ouverture.csv", 2),
        "receipts": (EXAMPLE / "livraison-2026-09-14.csv", 38),
    }
    for kind, (file, rows) in lists.items():
        done = day.done("import", kind, file)
        assert (done["imported"], done["faults"]) == (rows, []), kind
    assert day.ask("import", "receipts", lists["receipts"][0])["imported"] == 0
    assert day.pieces("RESERVE", "SER1") == {"S1A2511": 2000, "S1A2603": 6000}
    assert day.pieces("CLIP", "BAC05") == {None: 40}
    day.codes = {row["name"]: row["code"] for row in day.ask("commands")}


def set_up_stations(day: Day, printer_address: str) -> None:
    for name, place, mode in (("CLIP", "CLIP", "hand-out"), ("QUAI", "RESERVE", "receive")):
        CommandLine(day.here).run(
            *("station", "add", name, "--place", place, "--mode", mode),
            *("--printer", printer_address),
        )
    day.token = day.ask("station", "token", "CLIP")["token"]


def receive_against_the_delivery(day: Day) -> None:
    """The note has booked the goods; reading the boxes checks them off and adds nothing."""
    before = day.ask("stock")
    answers = day.scan(
        "QUAI",
        *("times-10", BOX_OF_NEEDLES, ITS_SECOND_CODE),
        *("times-10", "times-100", NEEDLE, "times-100", NEEDLE),
        *("times-100", SYRINGE),
    )
    received = [(a["item"], a["lot"], a["pieces"]) for a in answers if a["item"] and a["pieces"]]
    assert received == [
        ("AIG23", "2603001", 1000),
        ("AIG23", "2203009", 100),
        ("AIG23", "2203009", 100),
        ("SER10", "008298877", 100),
    ]
    assert day.ask("stock") == before
    day.scan("QUAI", SYRINGE)  # one more than the note says is one more
    assert day.pieces("RESERVE", "SER10") == {"008298877": 101}
    day.scan("QUAI", "undo")
    assert day.done("shift", "close", "--station", "QUAI")["posted"] == []
    assert day.ask("stock") == before


def make_and_load_kits(day: Day) -> None:
    moved = day.done(
        *("transfer", "--from", "RESERVE", "--to", "CLIP", "--item", "AIG23", "--pieces", "1200")
    )
    assert moved["moves"] == [
        {"item": "AIG23", "lot": "2203009", "pieces": 1000},
        {"item": "AIG23", "lot": "2603001", "pieces": 200},
    ]
    made = day.done("assemble", "--kit", "KIT-INJ", "--count", "120")
    assert (made["kits"], made["expires"]) == (120, "2028-07-31")  # as its citric acid
    assert [(c["item"], c["lot"], c["pieces"]) for c in made["components"]] == [
        ("SER1", "S1A2511", 240),
        ("CUP", "CU-118", 240),
        ("ACIT", "C-26-07", 240),
        ("EAU5", "EPPI-881", 240),
        ("TAMP", "AT4471", 240),
        ("TSEC", "TS-09", 240),
        ("PRES", "P9912", 120),
        ("DEPL-FR", None, 120),
    ]
    day.lot, day.label = made["lot"], made["label"]
    loaded = day.done(
        *("transfer", "--from", "TAD", "--to", "CLIP", "--item", "KIT-INJ", "--pieces", "100")
    )
    assert loaded["moves"] == [{"item": "KIT-INJ", "lot": day.lot, "pieces": 100}]
    assert day.pieces("TAD", "KIT-INJ") == {day.lot: 20}
    codes = day.ask("codes", "--item", "KIT-INJ")
    assert day.label in [row["code"] for row in codes if row["lot"] == day.lot]
    (day.picture,) = (row["code"] for row in codes if row["kind"] == "item")


def hand_out_a_hundred(day: Day) -> None:
    """By label one by one, by label × n from the keyboard, by picture × n."""
    assert {r["lot"] for r in day.touch(*[day.label] * 30)} == {day.lot}
    day.touch("next-person")
    day.scan("CLIP", "times-20", day.label, "next-person")
    assert day.touch("times-50", day.picture)[-1]["pieces"] == 50
    assert day.pieces("CLIP", "KIT-INJ") == {}
    assert day.pieces("unaccounted", "KIT-INJ") == {}


def back_up_in_mid_shift(day: Day) -> None:
    """The copy's shift is closed, the real one goes on."""
    copy = restored(day, "mid-shift")
    assert copy.json("stock") == day.ask("stock")
    assert copy.json("tally")["rows"] == day.ask("tally")["rows"]
    assert copy.json("verify")["ok"] is True
    assert copy.json("shift", "close", "--station", "CLIP")["day"] is None
    day.touch("passages-plus")


def fifty_beyond_the_books_while_the_server_dies(day: Day, server: Process) -> None:
    """Four tablets at once; the server is killed after so many answers; then all of them send everything again."""
    reads = [read(day.picture) for _ in range(50)]
    shares = [reads[n::4] for n in range(4)]
    answered: queue.Queue[int] = queue.Queue()

    def send(share: Sequence[dict[str, Any]]) -> None:
        try:
            for n in range(0, len(share), 3):
                results = post_reads(day.here.port, "CLIP", day.token, share[n : n + 3])
                answered.put(len(results))
        except (OSError, http.client.HTTPException, ValueError):
            pass  # the server is gone: what was not answered is sent again

    tablets = [threading.Thread(target=send, args=(share,)) for share in shares]
    for tablet in tablets:
        tablet.start()
    before = random.Random(20260914).randint(15, 25)
    heard = 0
    while heard < before:
        heard += answered.get(timeout=LIMIT_S)
    server.kill()
    for tablet in tablets:
        tablet.join(LIMIT_S)
    heard += sum(answered.get() for _ in range(answered.qsize()))
    assert heard < 50  # else it was not the middle of the burst
    with day.here.serving():
        again = post_reads(day.here.port, "CLIP", day.token, reads)
        assert {result["status"] for result in again} == {"accepted"}
        assert heard <= sum("already_recorded" in result for result in again) < 50
        everything_again = post_reads(day.here.port, "CLIP", day.token, reads)
        assert all(result["already_recorded"] for result in everything_again)
        rows = day.ask("stock", "--place", "unaccounted")
        assert [(row["item"], row["pieces"]) for row in rows] == [("KIT-INJ", -50)]
        assert day.ask("verify")["ok"] is True


def settle_the_shortfall(day: Day) -> None:
    """Thirty kits were made and never noted, and fifty carried to CLIP and never noted."""
    more = day.done("assemble", "--kit", "KIT-INJ", "--count", "30")
    settle = ("transfer", "--from", "TAD", "--to", "unaccounted", "--item", "KIT-INJ")
    moves = day.done(*settle, "--pieces", "20")["moves"]
    assert sum(day.pieces("unaccounted", "KIT-INJ").values()) == -30
    moves += day.done(*settle, "--pieces", "30")["moves"]
    # Both lots expire on the same day: the first by code goes first.
    went = [move["lot"] for move in moves for _ in range(move["pieces"])]
    assert went == sorted([day.lot] * 20 + [more["lot"]] * 30)
    assert sum(day.pieces("unaccounted", "KIT-INJ").values()) == 0
    assert day.pieces("TAD", "KIT-INJ") == {}


def take_back_used_material(day: Day) -> None:
    day.touch("returned-declared-20")
    day.scan("CLIP", "digit-2", "point", "digit-5", "returned-kilograms", "next-person")


def close_with_passages(day: Day) -> None:
    closed = day.done("shift", "close", "--station", "CLIP", "--passages", "61")
    assert closed["passages"] == 61
    assert sum(row["pieces"] for row in closed["posted"]) == 150
    assert {"item": "KIT-INJ", "lot": day.lot, "pieces": 100} in closed["posted"]


def read_the_tally(day: Day) -> None:
    tally = day.ask("tally")
    assert tally["passages"] == 61
    (row,) = tally["rows"]
    assert {key: row[key] for key in ("item", "channel", "place", "handed_out")} == {
        "item": "KIT-INJ",
        "channel": "comptoir",
        "place": "CLIP",
        "handed_out": 150,
    }
    came_back = {(r["origin"], r["method"], r["unit"]): r for r in tally["returns"]}
    declared = came_back.pop(("person", "declared", "piece"))
    assert (declared["measured"], declared["factor"], declared["pieces"]) == (20, 1, 20)
    weighed = came_back.pop(("person", "weight", "kg"))
    assert (weighed["measured"], weighed["pieces"]) == (2.5, 321)
    assert weighed["factor"] == pytest.approx(1000 / 7.8)
    assert not came_back
    assert {(r["channel"], r["place"]) for r in tally["returns"]} == {("comptoir", "CLIP")}


def print_it(day: Day, paper: PaperPrinter) -> None:
    day.do("tally", "--print", "CLIP")
    shown = decode(paper.cuts.get_nowait())  # it ends once the printer is through
    assert shown.cut
    text = "\n".join(shown.lines)
    for what in (r"kit\b.*\b150$", r"\b61\b", r"2[.,]5\s*kg\b.*\b321$", r"\b341$"):
        assert re.search(what, text, re.IGNORECASE | re.MULTILINE), (what, text)
    assert paper.cuts.empty()


def trace_a_suppliers_lot(day: Day) -> None:
    found = day.ask("trace", "S1A2511")
    assert sorted((k["item"], k["kits"]) for k in found["kit_lots"]) == [
        ("KIT-INJ", 30),
        ("KIT-INJ", 120),
    ]
    assert [(r["place"], r["item"], r["pieces"]) for r in found["on_hand"]] == [
        ("RESERVE", "SER1", 2000 - 240 - 60)
    ]
    assert [
        (r["item"], r["lot"], r["channel"], r["place"], r["pieces"]) for r in found["handed_out"]
    ] == [("KIT-INJ", day.lot, "comptoir", "CLIP", 100)]
    (source,) = (r for r in found["from"] if r["item"] == "SER1")
    assert (source["supplier"], source["note"]) == ("Modus Vivendi", "MV-2026-0914")
    assert (source["pieces"], source["day"]) == (2000, "2026-09-14")
    by_label = day.ask("trace", day.label)
    assert ("SER1", "S1A2511") in {(c["item"], c["lot"]) for c in by_label["components"]}


def back_up_and_restore_elsewhere(day: Day) -> None:
    copy = restored(day, "evening")
    for question in (("stock",), ("tally",), ("trace", "S1A2511"), ("codes",)):
        assert copy.json(*question) == day.ask(*question)
    assert copy.json("verify")["ok"] is True


def restored(day: Day, name: str) -> CommandLine:
    """Another folder that holds what a backup made now says."""
    file = day.folder / f"{name}.db"
    day.do("backup", file)
    elsewhere = Here(day.folder / name, free_port())
    line = CommandLine(elsewhere)
    if name == "evening":
        elsewhere.comptoir("restore", file)
    else:
        line.run("restore", file)
    return line
