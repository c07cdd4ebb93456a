"""A printer is tried, somebody says what they saw, and from then on its receipts are in letters it has."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient

from inventory import catalogue, printing
from inventory.database import Database
from inventory.errors import NotAllowed
from labels.alphabet import CodePage
from labels.drawn import PITCH
from labels.trial import trial_bytes
from tests.devices.escpos_printer import PaperPrinter, paper_printer
from web.printer_trial import answered, code_page_of

from .test_printing import close, counter, shown, states


@pytest.fixture
def paper() -> Iterator[PaperPrinter]:
    with paper_printer() as made:
        yield made


def queue_trial(database: Database) -> None:
    with database.writing() as session:
        printing.trial(session, station_id=catalogue.station(session, "CLIP").id)


def test_the_answer_decides_what_is_sent_and_what_is_drawn(
    flask_app: Flask, database: Database, paper: PaperPrinter
) -> None:
    with counter(flask_app, database, paper) as here:
        queue_trial(database)
        queue_trial(database)  # pressed twice
        assert here.step()
        trial = shown(paper)
        assert states(database) == [("printed", False)]
        assert sum(line[:1].isdigit() for line in trial.lines) == 6
        close(database)
        assert here.step()
        before = shown(paper)
        with database.writing() as session:
            assert answered(session, station="CLIP", said=" 6, 5 ") is CodePage.CP850
            answered(session, station="CLIP", said="0")
        with database.reading() as session:
            assert code_page_of(catalogue.station(session, "CLIP")) is CodePage.NONE
        close(database)
        assert here.step()
        after = shown(paper)
        assert any("é" in line for line in before.lines)
        assert all(line.isascii() for line in after.lines)
        assert len(after.images) > len(before.images) == 1
        assert any(high % PITCH == 0 for _, high, _ in after.images)
        assert paper.cuts.empty()


def test_a_test_receipt_printed_again_says_so(
    flask_app: Flask, database: Database, paper: PaperPrinter
) -> None:
    with (
        counter(flask_app, database, paper, language="fr") as here,
        patch("web.printer_trial.trial_bytes", wraps=trial_bytes) as made,
    ):
        queue_trial(database)
        here.step()
        with database.writing() as session:
            (job,) = printing.of_today(session)
            printing.repeat(session, job=job, station=job.station)
        here.step()
        shown(paper), shown(paper)
    titles = [call.args[0].title for call in made.call_args_list]
    assert titles[1] == f"COPIE · {titles[0]}" and "COPIE" not in titles[0]


@pytest.mark.parametrize("said", ["7", "-1", "1 x", "€"])
def test_an_answer_that_is_none_is_told_so_and_changes_nothing(
    database: Database, said: str
) -> None:
    with database.writing() as session, pytest.raises(NotAllowed, match="such as"):
        answered(session, station="CLIP", said=said)
    with database.reading() as session:
        assert code_page_of(catalogue.station(session, "CLIP")) is CodePage.WPC1252


def test_a_code_page_nobody_knows_any_more_is_ascii(database: Database) -> None:
    with database.writing() as session:
        station = catalogue.station(session, "CLIP")
        station.code_page = "KOI8"
        assert code_page_of(station) is CodePage.NONE


def test_the_list_of_paper_names_it(
    flask_app: Flask, camille: FlaskClient, database: Database, paper: PaperPrinter
) -> None:
    with counter(flask_app, database, paper) as here:
        queue_trial(database)
        paper.at[200] = paper.go_away
        here.step()
        assert states(database) == [("unknown", False)]
    page = camille.get("/prints").get_data(as_text=True)
    assert "Essai de l’imprimante" in page
    assert "Décompte du" not in page
