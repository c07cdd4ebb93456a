"""Which of our pictograms stands for an item: by what it counts as, by a word of its name, else by its family.

The drawings are the symbols of `templates/pictograms.svg`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from inventory.tables import Item
from inventory.words import CountsAs, Family

_BY_COUNT = {
    CountsAs.FIXED_NEEDLE_SYRINGE: "syringe",
    CountsAs.SYRINGE_BODY: "syringe-body",
    CountsAs.NEEDLE: "needle",
}

# Words of the English names, the first that fits.
_BY_WORD = (
    ("inject", "kit-inject"),
    ("smoking kit", "kit-smoke"),
    ("sniff", "kit-sniff"),
    ("period kit", "kit-period"),
    ("hygiene kit", "kit-hygiene"),
    ("container", "container"),
    ("cooker", "cooker"),
    ("wheel filter", "filter"),
    ("acid", "sachet"),
    ("water", "ampoule"),
    ("saline", "ampoule"),
    ("dry sterile swab", "swab-dry"),
    ("swab", "swab"),
    ("wipe", "swab"),
    ("tourniquet", "tourniquet"),
    ("stem", "stem"),
    ("mouthpiece", "mouthpiece"),
    ("screen", "screen"),
    ("stick", "stick"),
    ("foil", "foil"),
    ("straw", "straw"),
    ("internal condom", "internal-condom"),
    ("condom", "condom"),
    ("lubricant", "sachet-drop"),
    ("spray", "spray"),
    ("dressing", "dressing"),
    ("soap", "soap"),
    ("shampoo", "bottle"),
    ("toothbrush", "toothbrush"),
    ("toothpaste", "tube"),
    ("razor", "razor"),
    ("sock", "sock"),
    ("pad", "pad"),
    ("leaflet", "leaflet"),
    ("glove", "gloves"),
)

_BY_FAMILY = {
    Family.KIT: "box",
    Family.INJECTION: "syringe",
    Family.RECOVERY: "container",
    Family.INHALATION: "stem",
    Family.SNIFFING: "straw",
    Family.SEXUAL_HEALTH: "condom",
    Family.EMERGENCY: "spray",
    Family.CARE: "dressing",
    Family.HYGIENE: "soap",
    Family.INFORMATION: "leaflet",
}

CONTAINERS = {
    "container-0.5l": "container-small",
    "bottle-1.5l": "bottle-used",
    "container-3l": "container-large",
}
"""Of used material, by the code of the container; small and large are told apart."""

MEASURES = {
    "declared": "person",
    "estimated": "estimate",
    "kilograms": "weight",
    "litres": "litre",
}

CONTACTS = {"reception": "cup", "shower": "shower", "laundry": "laundry"}


def of(item: Item) -> str:
    """The name of a symbol."""
    by_count = _BY_COUNT.get(CountsAs(item.counts_as))
    if by_count is not None:
        return by_count
    name = f"{item.name_en} ".lower()
    if item.family != Family.KIT:
        name = name.replace("for injection", "")
    for word, symbol in _BY_WORD:
        if word in name:
            return symbol
    return _BY_FAMILY[Family(item.family)]


@cache
def paths() -> dict[str, str]:
    """The drawings by name, each the data of an SVG path on a square of 24: for paper."""
    svg = (Path(__file__).parent / "templates" / "pictograms.svg").read_text("utf-8")
    return dict(re.findall(r'<symbol id="p-([\w-]+)" viewBox="0 0 24 24"><path d="([^"]+)"', svg))
