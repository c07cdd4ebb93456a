"""What became of every scan, by the three files alone: `python -m tests.hardware.recount FOLDER`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

Scan = tuple[str, str]
"""Name of the scanner, text."""


@dataclass(frozen=True)
class Count:
    sent: int
    delivered: int
    announced: int
    wrong: int
    """Delivered, or announced, though that scanner never sent it."""
    silent: int
    """Neither delivered nor announced."""
    double: int
    """Delivered again; or announced as failed and delivered all the same, so that it is scanned a second time."""

    @property
    def faultless(self) -> bool:
        return not (self.wrong or self.silent or self.double)

    def __str__(self) -> str:
        return (
            f"hardware: {self.sent} sent, {self.delivered} delivered, {self.announced} announced, "
            f"{self.wrong} wrong, {self.silent} silent, {self.double} double"
        )


def recount(sent: Iterable[Scan], received: Iterable[Scan], announced: Iterable[Scan]) -> Count:
    """Compare what was sent with what came of it. Raises ValueError where a text was sent twice."""
    sent, received, announced = list(sent), Counter(received), Counter(announced)
    all_sent = set(sent)
    if len({text for _, text in sent}) != len(sent):
        raise ValueError("a text was sent twice: nobody can tell what became of which")
    return Count(
        sent=len(all_sent),
        delivered=len(all_sent & received.keys()),
        announced=len(all_sent & announced.keys()),
        wrong=sum(n for one, n in (received + announced).items() if one not in all_sent),
        silent=len(all_sent - received.keys() - announced.keys()),
        double=sum(received[one] - 1 for one in all_sent & received.keys())
        + len(all_sent & received.keys() & announced.keys()),
    )


def recount_folder(folder: Path) -> Count:
    """The same from `sent.jsonl`, `received.jsonl` and `announced.jsonl`."""
    return recount(
        *(_scans(folder / f"{name}.jsonl") for name in ("sent", "received", "announced"))
    )


def _scans(file: Path) -> list[Scan]:
    lines = map(json.loads, file.read_text().splitlines())
    return [(line["device"], line["text"]) for line in lines]


if __name__ == "__main__":
    count = recount_folder(Path(sys.argv[1]))
    print(count)
    sys.exit(not count.faultless)
