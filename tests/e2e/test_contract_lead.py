"""The lead's commands: kits to make, and lots on hold."""

from __future__ import annotations

from tests.e2e.conftest import CommandLine


def test_what_is_needed_and_what_can_be_made(example: CommandLine) -> None:
    made = example.json("assemble", "--kit", "KIT-INJ", "--count", "10")
    found = example.json("kits")
    kit = next(row for row in found["kits"] if row["kit"] == "KIT-INJ")
    assert kit["ready"] == 10 and kit["can_make"] == 0 and kit["with_stores"] > 0
    assert made["lot"] and {"item", "pieces"} == set(found["to_fetch"][0])


def test_held_and_released_twice_each(example: CommandLine) -> None:
    made = example.json("assemble", "--kit", "KIT-INJ", "--count", "10")
    held = [example.json("hold", made["label"]) for _ in range(2)]
    assert held[0] == held[1] and held[0]["lot"] == made["lot"] and held[0]["on_hold_since"]
    way = ("transfer", "--from", "TAD", "--to", "CLIP", "--item", "KIT-INJ", "--pieces", "1")
    for named in ((), ("--lot", made["lot"])):
        assert "on hold" in example.run(*way, *named, code=2).stderr
    for _ in range(2):
        assert example.json("release", made["lot"])["on_hold_since"] is None
    assert example.json(*way)["moves"] == [{"item": "KIT-INJ", "lot": made["lot"], "pieces": 1}]
