"""The sheet for setting up scanners: every code on it reads back from the page, as what it is."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest
import zxingcpp
from PIL import Image

from devices import self_test
from web import device_sheet


@pytest.mark.skipif(which("pdftoppm") is None, reason="needs poppler-utils")
@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_every_code_reads_back_from_the_page(tmp_path: Path, language: str) -> None:
    (tmp_path / "sheet.pdf").write_bytes(device_sheet.sheet_pdf(language))
    run = ["pdftoppm", "-r", "300", "-gray", "sheet.pdf", "page"]
    subprocess.run(run, cwd=tmp_path, check=True)
    (page,) = tmp_path.glob("page*.pgm")
    found = zxingcpp.read_barcodes(Image.open(page), text_mode=zxingcpp.TextMode.Plain)
    orders = {one.text for one in found if "ReaderInit" in str(one.extra)}
    assert orders == set(device_sheet.ORDERS), "a scanner must take them for orders, not for data"
    (test,) = [one for one in found if one.text not in orders]
    assert test.content_type.name == "GS1"
    tried = self_test.of_bytes(test.symbology_identifier.encode() + test.text.encode() + b"\r")
    assert tried == self_test.Found("", False, "carriage-return", True, "kept")
    assert len(found) == 1 + len(device_sheet.ORDERS)
