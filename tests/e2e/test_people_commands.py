"""People from the console: it always works, whatever waits on the pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inventory import people as team
from tests.web.conftest import others_write
from web.cli import common

from .conftest import CommandLine
from .processes import Here, free_port


def people(console: CommandLine) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(console.run("person", "list", "--json").stdout)
    return found


def test_a_team_from_the_console(empty: CommandLine, tmp_path: Path) -> None:
    empty.run("person", "add", "Amal", "--role", "administrator", "--pin", "4071")
    empty.run("person", "add", "Noor", "--pin", "8265")
    weak = empty.run("person", "add", "Sam", "--pin", "1234", code=2)
    assert len(weak.stderr.splitlines()) == 1
    empty.run("person", "role", "noor", "field")
    empty.run("person", "pin", "Noor", "--pin", "5093")
    assert [(one["name"], one["role"], one["badge"]) for one in people(empty)] == [
        ("Amal", "administrator", False),
        ("Noor", "field", False),
    ]
    last = empty.run("person", "role", "Amal", "counter", code=2)
    assert "Amal" in last.stderr
    sheet = tmp_path / "badges.pdf"
    empty.run("person", "badge", "Noor", "Amal", "--output", str(sheet))
    assert sheet.read_bytes().startswith(b"%PDF")
    assert sheet.stat().st_mode & 0o077 == 0
    assert [one["badge"] for one in people(empty)] == [True, True]
    # A sheet that cannot be written revokes nothing.
    empty.run("person", "badge", "Noor", "--output", str(tmp_path), code=2)
    empty.run("person", "badge", "Noor", "--output", str(tmp_path / "no" / "x.pdf"), code=2)
    assert [one["badge"] for one in people(empty)] == [True, True]
    empty.run("person", "revoke", "Noor", "--badge")
    assert [one["badge"] for one in people(empty)] == [True, False]
    empty.run("person", "remove", "Noor")
    assert [one["name"] for one in people(empty)] == ["Amal"]
    empty.run("person", "remove", "Nobody", code=2)
    link = json.loads(empty.run("person", "let-in", "Amal", "--json").stdout)["path"]
    assert link.startswith("/sign-in/link/")
    assert people(empty)[0]["sign_ins"] == 1
    empty.run("person", "revoke", "Amal")
    assert people(empty)[0]["sign_ins"] == 0


def test_a_pin_is_asked_for_twice_and_hashed_where_nobody_waits_to_write(
    example: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, free = team.hash_pin, []

    def hash_pin(pin: str) -> str:
        free.append(others_write(common.database()))
        return real(pin)

    monkeypatch.setattr(team, "hash_pin", hash_pin)
    told = example.run("person", "add", "Noor", typed=b"4071\n4071\n")
    assert "4071" not in told.output and "once more" in told.output
    example.run("person", "pin", "Noor", typed=b"8265\n8265\n")
    assert free == [True, True]
    example.run("person", "add", "Sam", typed=b"4071\n4017\n", code=1)  # nothing more is typed
    assert "Sam" not in [one["name"] for one in people(example)]


def test_a_link_leads_to_the_port_that_is_served(tmp_path: Path) -> None:
    served = Here(tmp_path / "data", free_port())
    served.comptoir("person", "add", "Amal", "--role", "administrator", "--pin", "4071")
    elsewhere = Here(served.data, free_port())  # a second terminal knows nothing of the first
    own = elsewhere.comptoir("person", "let-in", "Amal").stdout
    assert own.startswith(f"http://127.0.0.1:{elsewhere.port}/sign-in/link/")
    with served.serving():
        link = elsewhere.comptoir("person", "let-in", "Amal").stdout
    assert link.startswith(f"http://127.0.0.1:{served.port}/sign-in/link/")
