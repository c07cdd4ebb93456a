"""The contract of the command line: commands, keys, exit codes, and what an empty folder does."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.e2e.conftest import CommandLine
from tests.e2e.processes import DATA, EXAMPLE, Here
from tests.labels.test_real_scans import scans
from web.cli import main

CONTRACT = {
    *("run", "serve", "worker", "station run", "station add", "station token", "import"),
    *("transfer", "assemble", "read", "shift close", "stock", "tally", "trace", "verify"),
    *("backup", "restore", "commands"),
}
ANSWER = {"id", "status", "item", "lot", "expires", "gtin", "pieces", "command", "message"}


def every_command() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", sub) for inner, sub in command.commands.items())


def test_the_contract_has_every_command() -> None:
    assert {name for name, _ in every_command()} >= CONTRACT


def test_every_command_has_help_with_an_example(empty: CommandLine) -> None:
    for name in ("", *(name for name, _ in every_command())):
        text = empty.run(*name.split(), "--help").output
        example = re.search(r"Examples?: (.*)", text)
        assert example is not None, name
        assert f"comptoir {name.partition(' ')[0]}" in example[1], name
    assert not empty.here.data.exists()  # asking for help makes nothing


@pytest.mark.parametrize(
    "arguments",
    [
        "stock",
        "tally",
        "verify",
        "codes",
        "station list",
        "station add X --place X --mode count",
        "trace NOTHING",
        "import articles nothing.csv",
        "read --station X 1",
        "shift close --station X",
        "transfer --from A --to B --item C --pieces 1",
        "assemble --kit K --count 1",
        "backup copy.db",
        "person add Amal --pin 407190",
    ],
)
def test_any_command_makes_and_migrates_an_empty_folder(
    empty: CommandLine, arguments: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    known = arguments.split()[0] in ("stock", "tally", "verify", "codes", "backup", "person")
    code = 0 if known or arguments == "station list" else 2
    done = empty.run(*arguments.split(), code=code)
    if code == 2:
        assert len(done.stderr.splitlines()) in (1, 2)  # a fault a line, and what it means for all
    with sqlite3.connect(empty.here.data / "comptoir.db") as database:
        assert database.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
        assert database.execute("SELECT count(*) FROM move").fetchone() == (0,)


def test_command_codes(empty: CommandLine) -> None:
    rows = empty.json("commands")
    assert all(row.keys() == {"name", "code", "says"} for row in rows)
    names = [row["name"] for row in rows]
    assert {"next-person", "undo", "times-5", "close-shift"} <= set(names)
    assert len(set(names)) == len(names) == len({row["code"] for row in rows})
    assert all(re.fullmatch(r"[a-z0-9.-]+", name) for name in names)
    assert all(re.fullmatch(r"\d{10}", row["code"]) for row in rows)


# Lists


def test_every_faulty_line_in_one_run_and_nothing_written(example: CommandLine) -> None:
    before = example.json("stock"), example.json("codes")
    lines = (DATA / "livraison-fautive.csv").read_text("utf-8-sig").splitlines()
    for form in ([], ["--check"]):
        done = example.run("import", "receipts", DATA / "livraison-fautive.csv", *form, code=2)
        told = {int(n) for n in re.findall(r"livraison-fautive\.csv, line (\d+)", done.stderr)}
        assert told == set(range(2, 11))
    done = example.run("import", "receipts", DATA / "livraison-fautive.csv", "--json", code=2)
    answer = json.loads(done.stdout)
    assert answer["imported"] == 0
    faults = answer["faults"]
    assert {fault["line"] for fault in faults} == set(range(2, 11))
    for fault in faults:
        assert fault.keys() == {"file", "line", "column", "value", "expected"}
        assert fault["file"].endswith("livraison-fautive.csv") and fault["expected"]
        assert fault["value"] in lines[fault["line"] - 1]
    assert (example.json("stock"), example.json("codes")) == before


# Reads


def test_real_scans_give_what_the_file_says(example: CommandLine) -> None:
    example.run("station", "add", "LOUPE", "--place", "CLIP", "--mode", "look-up")
    before = example.json("stock")
    codes = "".join(f"{scan.read}\n" for scan in scans()).replace("<GS>", "\x1d")
    done = example.run("read", "--station", "LOUPE", "--json", "-", typed=codes.encode())
    answers = [json.loads(line) for line in done.stdout.split("\n") if line]
    for scan, answer in zip(scans(), answers, strict=True):
        assert answer.keys() == ANSWER
        said = {
            "gtin": re.search(r"GTIN (\d{14})", scan.says),
            "lot": re.search(r"\blot (\w+)", scan.says.replace("no lot", "")),
            "expires": re.search(r"expires ([\d-]{10})", scan.says),
        }
        assert {key: answer[key] for key in said} == {
            key: found[1] if found else None for key, found in said.items()
        }
        count = re.search(r"count (\d+)", scan.says)
        if count is not None:
            assert answer["pieces"] == int(count[1])
        refused = scan.says.startswith("refuse")
        assert (answer["status"] == "refused") == refused
        if refused:
            assert "check digit" in answer["message"]
    assert example.json("stock") == before


def test_read_takes_any_bytes_and_exits_0(example: CommandLine) -> None:
    typed = b"\xff\xfe\x00\n\n]C1\x1d\n\xf0\x9f\x92\x89\n" + b"9" * 9000 + b"\n0382903814342"
    done = example.run("read", "--station", "CLIP", "--json", "-", typed=typed)
    statuses = [json.loads(line)["status"] for line in done.stdout.splitlines()]
    assert statuses == ["refused"] * 6
    assert "refused" in example.run("read", "--station", "CLIP", "1").stdout


def test_a_shift_closes_without_a_question(example: CommandLine) -> None:
    assert example.json("shift", "close", "--station", "CLIP")["posted"] == []
    picture = next(row["code"] for row in example.json("codes", "--item", "GARR"))
    example.run("read", "--station", "CLIP", picture, picture)
    assert example.json("tally")["rows"] == [
        {**row, "item": "GARR", "channel": "comptoir", "place": "CLIP", "handed_out": 2}
        for row in example.json("tally")["rows"]
    ]
    closed = example.json("shift", "close", "--station", "CLIP", "--passages", "7")
    assert closed.keys() >= {"day", "passages", "posted"}
    assert closed["passages"] == 7
    assert closed["posted"] == [{"item": "GARR", "lot": "unknown", "pieces": 2}]


# Keys and exit codes


def test_keys_of_what_commands_print(example: CommandLine, tmp_path: Path) -> None:
    token = example.json("station", "token", "CLIP")
    assert token.keys() == {"token"} and len(token["token"]) > 20
    imported = example.json("import", "articles", EXAMPLE / "articles.csv")
    assert imported["imported"] == 0 and imported["faults"] == []
    moved = example.json(
        *("transfer", "--from", "RESERVE", "--to", "CLIP", "--item", "AIG23", "--pieces", "1200")
    )
    assert moved["moves"] == [
        {"item": "AIG23", "lot": "2203009", "pieces": 1000},
        {"item": "AIG23", "lot": "2603001", "pieces": 200},
    ]
    made = example.json("assemble", "--kit", "KIT-SNIFF", "--count", "2")
    assert made.keys() >= {"lot", "expires", "kits", "label", "components"}
    assert made["components"] == [
        {"item": "PAILLE", "lot": None, "pieces": 20},
        {"item": "SERUM", "lot": "SP-332", "pieces": 4},
        {"item": "DEPL-FR", "lot": None, "pieces": 2},
    ]
    assert (made["kits"], made["expires"]) == (2, "2028-10-31")
    rows = example.json("stock")
    assert all(row.keys() == {"place", "item", "lot", "expires", "pieces"} for row in rows)
    assert [(r["place"], r["item"]) for r in rows] == sorted((r["place"], r["item"]) for r in rows)
    for code in ("SP-332", made["lot"], made["label"]):
        assert example.json("trace", code).keys() >= {"kit_lots", "on_hand", "handed_out", "from"}
    assert example.json("tally").keys() >= {"rows", "returns", "passages"}
    proved = example.json("verify")
    assert proved.keys() >= {"ok", "checked", "faults"} and proved["ok"] is True


def test_what_is_wrong_exits_2_and_changes_nothing(example: CommandLine, tmp_path: Path) -> None:
    before = example.json("stock")
    example.run("backup", tmp_path / "copy.db")
    for line in (
        "transfer --from RESERVE --to CLIP --item SER10 --pieces 101",
        "transfer --from RESERVE --to CLIP --item SER10 --pieces -1",
        "transfer --from RESERVE --to CLIP --item SER10 --pieces 1 --lot NONE",
        "transfer --from RESERVE --to NOWHERE --item SER10 --pieces 1",
        "assemble --kit KIT-INJ --count 99999",
        "assemble --kit KIT-INJ --count 1 --version 2",
        "assemble --kit SER1 --count 1",
        "stock --place NOWHERE",
        "stock --at yesterday",
        "tally --place NOWHERE",
        "trace NOTHING",
        "read --station NOBODY 5038483225400",
        "station add CLIP --place MEDIBUS --mode hand-out",
        "station token NOBODY",
        "import receipts missing.csv",
        "import articles /",
        f"restore {tmp_path / 'copy.db'}",
        f"restore {DATA / 'real-scans.tsv'} --force",
        "backup /proc/copy.db",
        "no-such-command",
    ):
        assert example.run(*line.split(), code=2).stderr, line
    assert example.json("stock") == before


def test_a_broken_promise_exits_1(example: CommandLine) -> None:
    with sqlite3.connect(example.here.data / "comptoir.db") as database:
        database.execute("UPDATE balance SET pieces = pieces + 1 WHERE pieces = 7500")
    done = example.run("verify", "--json", code=1)
    proved = json.loads(done.stdout)
    assert proved["ok"] is False and len(proved["faults"]) == 1


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    for arguments in (["stock"], ["serve"], ["read", "--station", "CLIP", "1"]):
        done = Here(tmp_path, 0).comptoir(*arguments, code=2)
        assert len(done.stderr.splitlines()) == 1 and "COMPTOIR_PORT" in done.stderr


def test_restore_elsewhere_refuses_to_overwrite_without_force(
    example: CommandLine, tmp_path: Path
) -> None:
    example.run("backup", tmp_path / "one.db")
    stock = example.json("stock")
    other = CommandLine(Here(tmp_path / "elsewhere", example.here.port))
    other.run("restore", tmp_path / "one.db")
    assert other.json("stock") == stock
    other.run("assemble", "--kit", "KIT-SNIFF", "--count", "1")
    other.run("restore", tmp_path / "one.db", code=2)
    assert other.json("stock") != stock
    other.run("restore", tmp_path / "one.db", "--force")
    assert other.json("stock") == stock
