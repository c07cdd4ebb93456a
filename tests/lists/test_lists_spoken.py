"""Names of articles in further languages: a column each, as many as a workshop speaks."""

from __future__ import annotations

from sqlalchemy import select

from inventory.lists import ListKind, import_lists
from inventory.tables import Item, ItemName
from labels.gtin import gtin_of

from .helpers import Office

HEADER = "article;nom;famille;compte comme;classe;durée de conservation (mois)"


def imported(office: Office, text: str) -> tuple[int, int]:
    file = office.file(text)
    with office.db.writing() as session:
        done = import_lists(session, kind=ListKind.ARTICLES, files=[file], normalise_gtin=gtin_of)
    return done.imported, done.unchanged


def names(office: Office) -> dict[tuple[str, str], str]:
    query = select(Item.code, ItemName).join(ItemName, ItemName.item_id == Item.id)
    with office.db.reading() as session:
        return {(code, one.language): one.name for code, one in session.execute(query)}


def test_a_column_for_each_language(office: Office) -> None:
    text = f"{HEADER};Nom (ar);naam (TI);nom d'usage (x)\nSER;Seringue;soins;;;;محقنة;መርፌ;y\nCUP;Coupelle;soins;;;;;;\n"
    assert imported(office, text) == (2, 0)
    both = {("SER", "ar"): "محقنة", ("SER", "ti"): "መርፌ"}
    assert names(office) == both
    assert imported(office, text) == (0, 2)
    # Without the columns they stay; with one of them only that one changes, and an empty cell takes it away.
    assert imported(office, f"{HEADER}\nSER;Seringue;soins;;;\n") == (0, 1)
    assert imported(office, f"{HEADER};name (ar)\nSER;Seringue;soins;;;;\n") == (1, 0)
    assert names(office) == {("SER", "ti"): "መርፌ"}


def test_the_languages_of_the_service_are_no_further_ones(office: Office) -> None:
    text = f"{HEADER};naam (nl)\nSER;Seringue;soins;;;;Spuit\n"
    assert imported(office, text) == (1, 0)
    assert names(office) == {}
    with office.db.reading() as session:
        assert session.scalars(select(Item.name_nl)).all() == ["Spuit"]
