"""Importing into a database of one's own, and looking at all that it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from inventory.database import Database, open_database, sqlite_url
from inventory.errors import FaultyLists
from inventory.lists import Imported, ListKind, import_lists
from inventory.tables import Base
from labels import gtin

REPO = Path(__file__).parents[2]
EXAMPLE = REPO / "web" / "example"
DATA = REPO / "tests" / "data"

TODAY = date(2026, 11, 21)

EXAMPLE_FILES = {
    ListKind.ARTICLES: EXAMPLE / "articles.csv",
    ListKind.CODES: EXAMPLE / "codes.csv",
    ListKind.PLACES: EXAMPLE / "lieux.csv",
    ListKind.RECIPES: EXAMPLE / "compositions.csv",
    ListKind.RECEIPTS: EXAMPLE / "livraison-2026-09-14.csv",
    ListKind.SCREEN: EXAMPLE / "ecran.csv",
    ListKind.SUPPLIERS: EXAMPLE / "fournisseurs.csv",
    ListKind.SUPPLY: EXAMPLE / "approvisionnement.csv",
}

HEADERS = {
    ListKind.ARTICLES: (
        "article;nom;naam;name;famille;compte comme;classe;durée de conservation (mois)"
    ),
    ListKind.CODES: "code;article;pièces;niveau",
    ListKind.PLACES: "lieu;nom;genre;canal",
    ListKind.RECIPES: "kit;version;article;pièces",
    ListKind.STOCK: "lieu;article;pièces;lot;péremption",
    ListKind.RECEIPTS: "fournisseur;bon;date;article;pièces;lot;péremption",
    ListKind.SCREEN: "lieu;article;position;niveau",
    ListKind.SUPPLIERS: (
        "fournisseur;adresse;copie;langue;délai;jours de commande;heure limite;fermé;note"
    ),
    ListKind.SUPPLY: "fournisseur;article;référence;multiple;minimum;quota;essentiel",
}


def normalise_gtin(digits: str) -> str | None:
    return gtin.normalise(digits) if gtin.has_valid_check(digits) else None


@dataclass
class Office:
    """A database, and a folder for the files that somebody hands over."""

    db: Database
    folder: Path
    files: int = 0

    @classmethod
    def opened(cls, folder: Path) -> Office:
        return cls(open_database(sqlite_url(folder / "t.db")), folder)

    def with_lists(self) -> Office:
        for kind in (ListKind.ARTICLES, ListKind.PLACES):
            self.run(kind, EXAMPLE_FILES[kind])
        return self

    def file(self, content: str | bytes, suffix: str = ".csv") -> Path:
        self.files += 1
        path = self.folder / f"list-{self.files}{suffix}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def rows(self, kind: ListKind, *rows: str) -> Path:
        return self.file("\r\n".join((HEADERS[kind], *rows)))

    def run(
        self, kind: ListKind, *files: Path, to: str | None = None, check: bool = False
    ) -> Imported:
        with self.db.writing() as session:
            return import_lists(
                session,
                kind=kind,
                files=files,
                to=to,
                check=check,
                normalise_gtin=normalise_gtin,
                today=TODAY,
            )

    def add(self, kind: ListKind, *rows: str, to: str | None = None) -> Imported:
        return self.run(kind, self.rows(kind, *rows), to=to)

    def faults(
        self, kind: ListKind, *files: Path, to: str | None = None
    ) -> list[tuple[int, str, str, str]]:
        """Line, column, value and expectation of every fault; nothing may be written."""
        before = self.content()
        try:
            self.run(kind, *files, to=to)
        except FaultyLists as error:
            assert self.content() == before
            assert all(Path(fault.file) in files for fault in error.faults)
            return [(f.line, f.column, f.value, str(f.expected)) for f in error.faults]
        raise AssertionError("no fault was found")

    def wrong(self, kind: ListKind, *rows: str, to: str | None = None) -> list[tuple[int, str]]:
        found = self.faults(kind, self.rows(kind, *rows), to=to)
        return [(line, column) for line, column, _, _ in found]

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with self.db.reading() as session:
            return {
                table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
                for table in Base.metadata.sorted_tables
            }
