"""The words of the lists in the three languages, and what the tables store for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from inventory.lists.fields import Unfit, fold
from inventory.lists.tabular import Cell
from inventory.messages import Message, Names
from inventory.words import CountsAs, Family, PlaceKind, RegulatoryClass


class Level(StrEnum):
    """What a code is printed on."""

    PIECE = "piece"
    PACKET = "packet"
    BOX = "box"
    CARTON = "carton"
    PALLET = "pallet"


class Language(StrEnum):
    """What a supplier reads."""

    FRENCH = "fr"
    DUTCH = "nl"
    ENGLISH = "en"


class Answer(StrEnum):
    YES = "yes"
    NO = "no"


W = TypeVar("W", bound=StrEnum)


class Vocabulary(Generic[W]):
    """Words by language, several separated by `|`; the first of each is the one shown."""

    def __init__(self, words: Mapping[W, Names], *, empty: W | None = None) -> None:
        self.empty = empty
        self._meanings: dict[str, W] = {}
        for word, names in words.items():
            for written in (word.value, *f"{names.fr}|{names.nl}|{names.en}".split("|")):
                assert self._meanings.setdefault(fold(written), word) is word, written
        self._shown = {
            word: Names(*(written.split("|")[0] for written in (names.fr, names.nl, names.en)))
            for word, names in words.items()
        }
        self._expected = Names(
            *(
                ", ".join(names.in_language(language) for names in self._shown.values())
                for language in ("fr", "nl", "en")
            )
        )

    def names(self, word: str) -> Names:
        """What the tables store, in the words a list would use; a word nobody knows stays as it is."""
        known: Mapping[str, Names] = {one.value: names for one, names in self._shown.items()}
        return known.get(word, Names(word, word, word))

    def __call__(self, cell: Cell) -> W:
        """The meaning of a cell; Unfit with the list of words where it has none."""
        text = "" if isinstance(cell, date) else cell
        found = self._meanings.get(fold(text))
        if found is not None and text:
            return found
        if not text and self.empty is not None:
            return self.empty
        if self.empty is None:
            raise Unfit(Message("one of: %(words)s", words=self._expected))
        raise Unfit(Message("one of: %(words)s; or an empty cell", words=self._expected))


FAMILY = Vocabulary(
    {
        Family.INJECTION: Names("injection", "injectie|injecteren", "injecting|injection"),
        Family.RECOVERY: Names(
            "récupération", "inzameling|recuperatie|terugname", "recovery|sharps|disposal"
        ),
        Family.INHALATION: Names(
            "inhalation|fumer", "inhalatie|roken", "smoking|inhalation|inhaling"
        ),
        Family.SNIFFING: Names("sniff|sniffer", "snuiven", "sniffing"),
        Family.SEXUAL_HEALTH: Names("santé sexuelle", "seksuele gezondheid", "sexual health"),
        Family.EMERGENCY: Names("urgence|urgences", "nood|noodgeval|spoed", "emergency"),
        Family.CARE: Names("soins|soin", "verzorging|zorg|wondzorg", "care"),
        Family.HYGIENE: Names("hygiène", "hygiëne", "hygiene"),
        Family.INFORMATION: Names("information|informations", "informatie", "information"),
        Family.KIT: Names("kit|kits", "kit|kits", "kit|kits"),
    }
)

COUNTS_AS = Vocabulary(
    {
        CountsAs.FIXED_NEEDLE_SYRINGE: Names(
            "seringue à aiguille fixe|seringue aiguille fixe",
            "spuit met vaste naald|spuit vaste naald",
            "syringe with fixed needle|fixed-needle syringe|syringe fixed needle",
        ),
        CountsAs.SYRINGE_BODY: Names(
            "corps de seringue", "spuit zonder naald|spuitlichaam", "syringe body"
        ),
        CountsAs.NEEDLE: Names("aiguille", "naald", "needle"),
    },
    empty=CountsAs.NOTHING,
)

REGULATORY_CLASS = Vocabulary(
    {
        RegulatoryClass.MEDICAL_DEVICE: Names(
            "dispositif médical", "medisch hulpmiddel", "medical device"
        ),
        RegulatoryClass.MEDICINE: Names("médicament", "geneesmiddel", "medicine"),
    },
    empty=RegulatoryClass.NONE,
)

PLACE_KIND = Vocabulary(
    {
        PlaceKind.STORE: Names("réserve|stock", "magazijn|voorraad", "store|stockroom|stock"),
        PlaceKind.WORKSHOP: Names("atelier", "werkplaats|atelier", "workshop"),
        PlaceKind.COUNTER: Names("comptoir", "balie|toog", "counter"),
        PlaceKind.VEHICLE: Names("véhicule", "voertuig", "vehicle"),
        PlaceKind.BAG: Names("sac", "tas|rugzak", "bag"),
        PlaceKind.DELIVERY: Names("livraison", "levering", "delivery"),
        PlaceKind.HOTSPOT: Names("hotspot", "hotspot", "hotspot"),
        PlaceKind.PARTNER: Names("partenaire", "partner", "partner"),
        PlaceKind.QUARANTINE: Names("quarantaine", "quarantaine", "quarantine"),
    }
)

LEVEL = Vocabulary(
    {
        Level.PIECE: Names("pièce|unité", "stuk|eenheid", "piece|unit|each"),
        Level.PACKET: Names("paquet|sachet", "pak|pakje|zakje", "packet|pack|bag"),
        Level.BOX: Names("boîte", "doos|doosje", "box"),
        Level.CARTON: Names("carton|caisse", "karton|omdoos", "carton|case"),
        Level.PALLET: Names("palette", "pallet", "pallet"),
    }
)

LANGUAGE = Vocabulary(
    {
        Language.FRENCH: Names("français", "Frans", "French"),
        Language.DUTCH: Names("néerlandais", "Nederlands", "Dutch"),
        Language.ENGLISH: Names("anglais", "Engels", "English"),
    },
    empty=Language.FRENCH,
)

# TRUE and FALSE are how the cells of a spreadsheet that are ticked or not arrive here.
ANSWER = Vocabulary(
    {
        Answer.YES: Names("oui|o|x|1|vrai", "ja|j|waar", "yes|y|true"),
        Answer.NO: Names("non|n|0|faux", "nee|onwaar", "no|false"),
    },
    empty=Answer.NO,
)
