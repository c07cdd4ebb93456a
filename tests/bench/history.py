"""Five years of a service with two hundred articles, made once and kept: what pages must be quick on.

`python -m tests.bench.history FOLDER` makes it, which takes several minutes.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from inventory import days
from inventory.database import Database, open_database, sqlite_url
from inventory.lists import ListKind, import_lists
from inventory.tables import Item
from labels.gtin import gtin_of
from web.demo.plan import Plan
from web.demo.play import is_in_use, play
from web.demo.profile import EXAMPLE, Profile, Want
from web.example import load_example

YEARS, ITEMS = 5, 200
SEED = 5
FEW = (1, 2, 5, 10)

_ARTICLES = "article nom naam name famille compte_comme classe durée_de_conservation_(mois)"
_SUPPLY = "fournisseur article référence multiple minimum quota essentiel"
_SUPPLIERS = ("Modus Vivendi", "Grossiste en pharmacie")
_FAMILIES = ("injection", "inhalation", "soins", "hygiène")


def made(folder: Path, *, years: float = YEARS, items: int = ITEMS) -> Database:
    """The history of a folder, made if it is not there. One that was left half-made is the caller's to remove."""
    folder.mkdir(parents=True, exist_ok=True)
    database = open_database(sqlite_url(folder / "comptoir.db"))
    with database.reading() as session:
        if is_in_use(session):
            return database
    load_example(database, deliveries=False)
    codes = _further_articles(database, items)
    today = days.today()
    plan = Plan(wider(codes), SEED, today - timedelta(days=round(365.25 * years)), today)
    for day in play(database, plan):
        if day.day.day == 1:
            print(f"{day.day:%Y-%m} ", end="", file=sys.stderr, flush=True)
    return database


def wider(codes: Sequence[str]) -> Profile:
    """The example's people, who take something of these too now and then; the counter has some of each."""
    kinds = ("injecting", "smoking", "hygiene")
    wants = {
        kind: (*EXAMPLE.wants[kind], *_wants(codes[n :: len(kinds)]))
        for n, kind in enumerate(kinds)
    }
    levels = {**EXAMPLE.levels, "CLIP": dict.fromkeys(codes, 30)}
    return replace(EXAMPLE, wants={**EXAMPLE.wants, **wants}, levels=levels)


def _wants(codes: Sequence[str]) -> Iterator[Want]:
    """From what is asked for twice an evening to what is asked for twice a year."""
    for n, code in enumerate(codes):
        yield Want(code, 0.1 / (1 + n), FEW[: 1 + n % len(FEW)])


def _further_articles(database: Database, items: int) -> list[str]:
    with database.writing() as session, tempfile.TemporaryDirectory() as name:
        there = session.scalar(select(func.count()).select_from(Item)) or 0
        codes = [f"ART{n:03d}" for n in range(items - there)]
        articles = [
            (code, *(f"Article {code[3:]}",) * 3, _FAMILIES[n % 4], "", "", 48 if n % 2 else "")
            for n, code in enumerate(codes)
        ]
        supply = [
            (_SUPPLIERS[n % 10 == 0], code, "", (1, 10, 50)[n % 3], "", "", "")
            for n, code in enumerate(codes)
        ]
        lists = (
            (ListKind.ARTICLES, _ARTICLES, articles),
            (ListKind.SUPPLY, _SUPPLY, supply),
        )
        for kind, columns, rows in lists:
            file = Path(name) / f"{kind}.csv"
            with file.open("w", encoding="utf-8", newline="") as out:
                header = [column.replace("_", " ") for column in columns.split()]
                csv.writer(out, delimiter=";").writerows([header, *rows])
            import_lists(session, kind=kind, files=[file], normalise_gtin=gtin_of)
    return codes


if __name__ == "__main__":
    made(Path(sys.argv[1])).close()
