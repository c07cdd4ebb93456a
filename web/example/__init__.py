"""The example organisation: a harm-reduction service's own lists, three stations and one person."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from inventory import people, stations
from inventory.database import Database
from inventory.lists import ListKind, import_lists
from inventory.tables import Item
from inventory.words import Mode, Role
from labels.gtin import gtin_of

PERSON = "Camille"
PIN = "190722"

_LISTS = {
    ListKind.ARTICLES: "articles.csv",
    ListKind.CODES: "codes.csv",
    ListKind.PLACES: "lieux.csv",
    ListKind.RECIPES: "compositions.csv",
    ListKind.RECEIPTS: "livraison-2026-09-14.csv",
    ListKind.SCREEN: "ecran.csv",
    ListKind.SUPPLIERS: "fournisseurs.csv",
    ListKind.SUPPLY: "approvisionnement.csv",
}
_STATIONS = {"CLIP": Mode.HAND_OUT, "TAD": Mode.ASSEMBLE, "MEDIBUS": Mode.HAND_OUT}


def load_example(database: Database, *, deliveries: bool = True) -> bool:
    """Load the example into an empty database; False, and nothing is touched, where there is something already.

    Without `deliveries` nothing lies anywhere yet.
    """
    folder = Path(__file__).parent
    with database.writing() as session:
        if session.scalar(select(Item.id).limit(1)) is not None:
            return False
        for kind, name in _LISTS.items():
            if kind is ListKind.RECEIPTS and not deliveries:
                continue
            import_lists(session, kind=kind, files=[folder / name], normalise_gtin=gtin_of)
        for name, mode in _STATIONS.items():
            stations.add_station(session, name=name, place=name, mode=mode)
        people.add_person(session, name=PERSON, role=Role.ADMINISTRATOR, pin=PIN)
    return True
