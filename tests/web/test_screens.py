"""The order of a place's screen, set by pressing buttons."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from .conftest import csrf_of


def press(client: FlaskClient, press: str, place: str = "CLIP") -> str:
    form = {"csrf": csrf_of(client), "place": place, "press": press}
    answer = client.post("/screens", data=form)
    assert answer.status_code == 303, answer.text
    return client.get(answer.location).text


def counter(client: FlaskClient, station: str = "CLIP") -> list[str]:
    """The pictures of a counter as they stand."""
    return re.findall(r'data-item="([^"]+)"', client.get(f"/stations/{station}").text)


def test_a_picture_goes_up_down_first_and_away(camille: FlaskClient) -> None:
    before, bus = counter(camille), counter(camille, "MEDIBUS")
    assert before[:3] == ["KIT-CRACK", "KIT-INJ", "KIT-SNIFF"]
    page = press(camille, "up KIT-INJ")
    assert "autofocus" in page.partition('value="up KIT-INJ"')[2].partition(">")[0]
    assert counter(camille)[:3] == ["KIT-INJ", "KIT-CRACK", "KIT-SNIFF"]
    press(camille, "down KIT-INJ")
    assert counter(camille) == before
    press(camille, "first KIT-MENS")
    assert counter(camille)[:2] == ["KIT-MENS", "KIT-CRACK"]
    page = press(camille, "hide KIT-MENS")
    assert counter(camille)[0] == "KIT-CRACK" and "KIT-MENS" not in counter(camille)
    assert 'value="show KIT-MENS"' in page
    press(camille, "show KIT-MENS")
    assert counter(camille)[:5] == before[:5] and sorted(counter(camille)) == sorted(before)
    assert counter(camille, "MEDIBUS") == bus


def test_a_shelf_moves_as_a_whole(camille: FlaskClient) -> None:
    before = counter(camille, "MEDIBUS")
    press(camille, "down kit", "MEDIBUS")
    after = counter(camille, "MEDIBUS")
    assert after[0] == "SER1" and after.index("KIT-INJ") > 5 and sorted(after) == sorted(before)
    press(camille, "reset", "MEDIBUS")
    assert counter(camille, "MEDIBUS") == before


def test_pressing_what_is_not_there_changes_nothing(camille: FlaskClient) -> None:
    before = counter(camille)
    press(camille, "up NOWHERE")
    press(camille, "up KIT-CRACK")  # is first
    press(camille, "hide SER2")
    press(camille, "hide SER2")  # pressed twice
    assert counter(camille) == [item for item in before if item != "SER2"]
    for wrong in ("", "up", "sideways SER1"):
        form = {"csrf": csrf_of(camille), "place": "CLIP", "press": wrong}
        assert camille.post("/screens", data=form).status_code in (303, 400)
    assert camille.post("/screens", data={"csrf": csrf_of(camille)}).status_code in (400, 404)
    assert camille.get("/screens?place=NOWHERE").status_code == 404
