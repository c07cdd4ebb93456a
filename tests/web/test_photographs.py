"""Photographs of articles: what is kept of a file, what is refused, who sees them, what a backup keeps."""

from __future__ import annotations

import io
import json
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from inventory import backup, people, photos
from inventory.database import Database, open_database, sqlite_url
from inventory.words import Role
from tests.e2e.conftest import CommandLine, with_example
from tests.web import photographs as given
from tests.web.conftest import csrf_of
from web.photographs import MOST_BYTES, SIDE, NotAPhotograph, prepare

ADDRESS = "/items/KIT-INJ/photo"


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def colour(image: Image.Image, x: float, y: float) -> str:
    """Which of the two colours of the test's images is at a part of the width and height."""
    at = (int(image.width * x), int(image.height * y))
    red, green, blue = image.convert("RGB").getpixel(at)  # type: ignore[misc]
    return "white" if min(red, green, blue) > 200 else "red" if red > blue else "blue"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_is_made_small(kind: str) -> None:
    kept = opened(prepare(given.plain(kind)))
    assert (kept.format, kept.size) == ("WEBP", (SIDE, SIDE * 3 // 4))
    assert (colour(kept, 0.25, 0.5), colour(kept, 0.75, 0.5)) == ("red", "blue")


@pytest.mark.parametrize("mode", ["P", "L", "LA", "RGBA", "1", "I;16"])
def test_every_way_of_writing_points(mode: str) -> None:
    assert opened(prepare(given.plain("PNG", (300, 200), mode))).size == (300, 200)
    assert opened(prepare(given.plain("JPEG", (300, 200), "CMYK"))).size == (300, 200)


def test_what_is_transparent_becomes_white() -> None:
    kept = opened(prepare(given.encoded(Image.new("RGBA", (50, 50), (255, 0, 0, 0)), "PNG")))
    assert kept.mode == "RGB" and colour(kept, 0.5, 0.5) == "white"


def test_a_phones_photograph_stands_upright_and_tells_nothing() -> None:
    sent = given.from_a_phone()
    assert all(secret in sent for secret in given.SECRETS)
    data = prepare(sent)
    kept = opened(data)
    assert kept.height > kept.width and colour(kept, 0.5, 0.25) == "red"
    assert not kept.getexif() and set(kept.info) <= {"loop", "background", "timestamp", "duration"}
    for secret in given.SECRETS:
        assert secret not in data
    for chunk in (b"EXIF", b"XMP ", b"ICCP"):
        assert chunk not in data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "This is no photograph"),
        (b"no image at all", "This is no photograph"),
        (given.SVG, "This is no photograph"),
        (given.encoded(Image.new("RGB", (9, 9)), "GIF"), "This is no photograph"),
        (given.encoded(Image.new("RGB", (9, 9)), "TIFF"), "This is no photograph"),
        (given.bomb(), "million points"),
        (given.plain("JPEG")[:5000], "cut short"),
        (given.plain("PNG")[:-200], "cut short"),
        (given.plain("WEBP")[:300], "photograph"),
        (b"\xff\xd8\xff" * 7_000_000, "larger than 15 MB"),
    ],
    ids=["empty", "text", "svg", "gif", "tiff", "bomb", "cut-jpeg", "cut-png", "cut-webp", "20-MB"],
)
def test_what_is_no_photograph_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(NotAPhotograph) as refused:
        prepare(data)
    assert said in str(refused.value)


def send(client: FlaskClient, data: bytes, name: str = "photo.jpg") -> tuple[int, str]:
    form = {"csrf": csrf_of(client), "photo": (io.BytesIO(data), name)}
    answer = client.post(ADDRESS, data=form, headers={"Accept-Language": "en"})
    return answer.status_code, answer.text


def test_a_photograph_is_uploaded_shown_kept_by_browsers_and_removed(camille: FlaskClient) -> None:
    assert camille.get("/photos/KIT-INJ").status_code == 404
    assert "/photos/" not in camille.get("/stations/CLIP").text
    assert send(camille, given.from_a_phone())[0] == 303
    page = camille.get("/items/KIT-INJ").text
    address = page.partition('src="/photos/')[2].partition('"')[0]
    first = camille.get(f"/photos/{address}")
    assert first.mimetype == "image/webp" and opened(first.data).height == SIDE
    assert "immutable" in first.headers["Cache-Control"]
    assert "private" in first.headers["Cache-Control"]
    bare = camille.get("/photos/KIT-INJ", headers={"If-None-Match": first.headers["ETag"]})
    assert bare.status_code == 304 and "no-cache" in bare.headers["Cache-Control"]
    send(camille, given.plain())
    assert f"/photos/{address}" not in camille.get("/items").text
    answer = camille.post(ADDRESS, data={"csrf": csrf_of(camille), "remove": "1"})
    assert answer.status_code == 303 and "/photos/" not in camille.get("/items").text


def test_a_refused_upload_says_why_and_changes_nothing(camille: FlaskClient) -> None:
    for data, said in (
        (given.SVG, "This is no photograph"),
        (given.bomb(), "million points"),
        (b"\xff\xd8\xff" + b"x" * MOST_BYTES, "larger than 15 MB"),
    ):
        status, page = send(camille, data)
        assert status == 400 and said in page and 'role="alert"' in page
    assert send(camille, b"x" * (2 * MOST_BYTES))[0] == 413
    assert send(camille, b"", "")[0] == 400
    assert camille.get("/photos/KIT-INJ").status_code == 404
    assert camille.get("/items/NOWHERE").status_code == 404


def test_the_counter_sees_photographs_but_does_not_change_them(
    flask_app: Flask, database: Database
) -> None:
    with database.writing() as session:
        photos.put(session, item="KIT-INJ", image=prepare(given.plain()))
        people.add_person(session, name="Sam", role=Role.COUNTER, pin="407193")
    sam = flask_app.test_client()
    assert sam.get("/photos/KIT-INJ").status_code == 302
    assert sam.post("/sign-in", data={"name": "Sam", "pin": "407193"}).status_code == 303
    assert sam.get("/photos/KIT-INJ").status_code == 200
    assert sam.get("/items").status_code >= 400 and "/items" not in sam.get("/").text
    assert send(sam, given.plain())[0] >= 400


def test_a_backup_keeps_photographs(database: Database, tmp_path: Path) -> None:
    image = prepare(given.plain())
    with database.writing() as session:
        photos.put(session, item="SER1", image=image)
    backup.backup(database, tmp_path / "copy.db")
    with closing(open_database(sqlite_url(tmp_path / "other.db"))) as other:
        backup.restore(other, tmp_path / "copy.db")
        with other.reading() as session:
            found = photos.of(session, item="SER1")
            assert found is not None and found.image == image


@pytest.fixture
def line(tmp_path: Path) -> CommandLine:
    return CommandLine(with_example(tmp_path / "data"))


def test_a_folder_of_photographs(line: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "KIT-INJ.jpg").write_bytes(given.from_a_phone())
    (folder / "ser1.PNG").write_bytes(given.plain("PNG"))
    (folder / "notes.txt").write_text("not looked at")
    for _ in range(2):
        assert line.json("photos", folder)["imported"] == ["KIT-INJ", "SER1"]
    (folder / "NOBODY.jpg").write_bytes(given.plain())
    (folder / "SER05.webp").write_bytes(b"broken")
    told = json.loads(line.run("photos", folder, "--json", code=2).stdout)
    assert [Path(fault["file"]).name for fault in told["faults"]] == ["NOBODY.jpg", "SER05.webp"]
    refused = line.run("photos", folder, tmp_path / "nowhere.jpg", code=2).stderr
    assert "NOBODY" in refused and len(refused.splitlines()) == 4
