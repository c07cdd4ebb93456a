"""The columns of each list: what they are called in French, Dutch and English, and finding them in a header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from inventory.errors import Fault
from inventory.lists.fields import fold, shown
from inventory.lists.tabular import Row
from inventory.messages import Message


class ListKind(StrEnum):
    ARTICLES = "articles"
    CODES = "codes"
    PLACES = "places"
    RECIPES = "recipes"
    STOCK = "stock"
    RECEIPTS = "receipts"
    SCREEN = "screen"
    SUPPLIERS = "suppliers"
    SUPPLY = "supply"


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names it in the code, `name` in a fault about a header that lacks it."""

    key: str
    name: str
    others: tuple[str, ...] = ()
    required: bool = True

    def is_called(self, header: str) -> bool:
        return fold(header) in {fold(name) for name in (self.name, *self.others)}


_ITEM = Column("item", "article", ("artikel", "item", "produit", "product"))
_PIECES = Column(
    "pieces",
    "pièces",
    ("pièce", "stuks", "stuk", "aantal", "pieces", "quantité", "quantity"),
)
_LOT = Column("lot", "lot", ("lotnummer", "batch", "lot number", "numéro de lot"))
_EXPIRES = Column(
    "expires",
    "péremption",
    (
        "date de péremption",
        "vervaldatum",
        "houdbaar tot",
        "vervaldag",
        "expiry",
        "expiry date",
        "expires",
    ),
)
_DATE = Column("date", "date", ("datum", "jour", "dag", "day"))
_PLACE = Column("place", "lieu", ("plaats", "place"))
_SUPPLIER = Column("supplier", "fournisseur", ("leverancier", "supplier"))

COLUMNS: dict[ListKind, tuple[Column, ...]] = {
    ListKind.ARTICLES: (
        Column("item", "article", (*_ITEM.others, "code")),
        Column("name_fr", "nom", ("nom fr", "nom français", "naam fr", "name fr")),
        Column(
            "name_nl",
            "naam",
            ("nom nl", "nom néerlandais", "naam nl", "name nl"),
            False,
        ),
        Column("name_en", "name", ("nom en", "nom anglais", "naam en", "name en"), False),
        Column("family", "famille", ("familie", "family")),
        Column("counts_as", "compte comme", ("telt als", "counts as")),
        Column("class", "classe", ("klasse", "class")),
        Column(
            "shelf_life",
            "durée de conservation (mois)",
            (
                "durée de conservation",
                "houdbaarheid (maanden)",
                "houdbaarheid",
                "shelf life (months)",
                "shelf life",
            ),
        ),
    ),
    ListKind.CODES: (
        Column("code", "code", ("code-barres", "barcode", "streepjescode", "gtin", "ean")),
        _ITEM,
        _PIECES,
        Column("level", "niveau", ("level",)),
    ),
    ListKind.PLACES: (
        Column("place", "lieu", (*_PLACE.others, "code")),
        Column("name", "nom", ("naam", "name")),
        Column("kind", "genre", ("type", "soort", "kind")),
        Column("channel", "canal", ("kanaal", "channel")),
    ),
    ListKind.RECIPES: (
        Column("kit", "kit"),
        Column("version", "version", ("versie",)),
        _ITEM,
        _PIECES,
    ),
    ListKind.STOCK: (
        _PLACE,
        _ITEM,
        _PIECES,
        _LOT,
        _EXPIRES,
        Column("date", "date", _DATE.others, required=False),
    ),
    ListKind.RECEIPTS: (
        _SUPPLIER,
        Column(
            "note",
            "bon",
            ("bon de livraison", "leveringsbon", "bonnummer", "note", "delivery note"),
        ),
        _DATE,
        _ITEM,
        _PIECES,
        _LOT,
        _EXPIRES,
    ),
    ListKind.SCREEN: (
        _PLACE,
        _ITEM,
        Column("position", "position", ("positie", "volgorde", "ordre", "order"), False),
        Column("level", "niveau", ("seuil", "peil", "minimum", "level"), False),
    ),
    ListKind.SUPPLIERS: (
        _SUPPLIER,
        Column("email", "adresse", ("adres", "address", "e-mail", "mail", "courriel")),
        Column("copy_to", "copie", ("kopie", "copy", "cc"), False),
        Column("language", "langue", ("taal", "language"), False),
        Column(
            "lead_days",
            "délai",
            ("délai (jours)", "levertijd", "levertijd (dagen)", "lead time", "lead time (days)"),
        ),
        Column("review", "jours de commande", ("besteldagen", "bestelling op", "order days")),
        Column("cutoff_hour", "heure limite", ("uiterste uur", "uiterlijk", "cut-off")),
        Column("closed", "fermé", ("fermeture", "gesloten", "sluiting", "closed"), False),
        Column("note", "note", ("remarque", "opmerking", "nota"), False),
        Column(
            "template", "formulaire", ("modèle", "formulier", "sjabloon", "form", "template"), False
        ),
    ),
    ListKind.SUPPLY: (
        _SUPPLIER,
        _ITEM,
        Column("reference", "référence", ("referentie", "reference"), False),
        Column("multiple", "multiple", ("par", "veelvoud", "per"), False),
        Column("minimum", "minimum", ("min",), False),
        Column("quota", "quota", ("maximum", "max", "quotum"), False),
        Column("essential", "essentiel", ("essentieel", "essential"), False),
    ),
}


_SPOKEN = re.compile(r"(?:nom|naam|name) ?\(([a-z]{2,3}(?:-[a-z0-9]{2,8})?)\)")
"""A name in a further language, by its code: "nom (ar)". Which languages there are is nobody's list."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where each column stands, what the file calls it, and how many cells a line can have."""

    positions: dict[str, int]
    names: dict[str, str]
    width: int
    languages: tuple[str, ...] = ()
    """Of names in further languages: `name_ar` is the key of such a column."""


def find_columns(kind: ListKind, file: str, header: Row) -> tuple[Header | None, list[Fault]]:
    """The columns of a list in its header; what else stands there is left alone."""
    written = [shown(cell) for cell in header.cells]
    positions: dict[str, int] = {}
    faults: list[Fault] = []

    def fault(column: str, value: str, expected: Message) -> None:
        faults.append(Fault(file, header.line, column, value, expected))

    spoken = _spoken(written) if kind is ListKind.ARTICLES else {}
    for column in (*COLUMNS[kind], *spoken.values()):
        places = [place for place, name in enumerate(written) if column.is_called(name)]
        if len(places) > 1:
            fault(column.name, written[places[1]], Message("this column once"))
        elif places:
            positions[column.key] = places[0]
        elif column.required:
            fault(column.name, "", Message("a column of this name"))
    if not positions:
        names = ", ".join(column.name for column in COLUMNS[kind])
        return None, [Fault(file, 1, "", written[0], Message("the columns %(names)s", names=names))]
    if faults:
        return None, faults
    names_in_file = {key: written[place] for key, place in positions.items()}
    return Header(positions, names_in_file, len(written), tuple(spoken)), []


def _spoken(written: Sequence[str]) -> dict[str, Column]:
    """The columns of names in further languages, by the language."""
    found = (_SPOKEN.fullmatch(name.strip().casefold()) for name in written)
    languages = sorted({match[1] for match in found if match} - {"fr", "nl", "en"})
    others = {one: (f"naam ({one})", f"name ({one})") for one in languages}
    return {one: Column(f"name_{one}", f"nom ({one})", others[one]) for one in languages}
