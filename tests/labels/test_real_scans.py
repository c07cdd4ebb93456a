"""Every line of real-scans.tsv gives what its "says" column says."""

import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from labels.reading import Details, Product, Reading, Unreadable, read_code

FILE = Path(__file__).parent.parent / "data" / "real-scans.tsv"


class Scan(NamedTuple):
    product: str
    level: str
    read: str
    says: str
    origin: str


def scans() -> list[Scan]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [Scan(*line.split("\t")) for line in lines if line and not line.startswith("#")]


def expected(says: str) -> Reading | str:
    """The reading that a sentence of the file describes; "refuse" where it says so."""
    if says.startswith("refuse"):
        return "refuse"
    gtin = re.search(r"GTIN (\d{14})", says)
    lot = re.search(r"\blot (\w+)", says.replace("no lot", ""))
    expires = re.search(r"expires ([\d-]{10})", says)
    count = re.search(r"count (\d+)", says)
    details = (
        lot[1] if lot else None,
        date.fromisoformat(expires[1]) if expires else None,
        int(count[1]) if count else None,
    )
    return Product(gtin[1], *details) if gtin else Details(*details)


def test_the_file_holds_every_kind_of_answer() -> None:
    kinds = {type(expected(scan.says)) for scan in scans()}
    assert kinds == {Product, Details, str}
    assert len(scans()) == 12


@pytest.mark.parametrize("scan", scans(), ids=lambda scan: f"{scan.product}, {scan.level}")
def test_a_real_scan_reads_as_the_file_says(scan: Scan) -> None:
    reading = read_code(scan.read.replace("<GS>", "\x1d"))
    if expected(scan.says) == "refuse":
        assert isinstance(reading, Unreadable)
        assert scan.says == f"refuse: the {reading.reason.replace('-', ' ')} is wrong"
    else:
        assert reading == expected(scan.says)
        assert not (isinstance(reading, Product) and reading.restricted)
