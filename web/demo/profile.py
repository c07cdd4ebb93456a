"""The service that is simulated: its rounds and evenings, who comes, and what they take.

Orders of magnitude are those published for Brussels: about 9,500 receptions a year at the counter, a hundred evenings
of the bus with nine exchanges each, a hundred rounds with two or three among a dozen contacts. What one person takes
is a guess; it adds up to some fifty thousand syringes a year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


@dataclass(frozen=True, slots=True)
class Want:
    """One of so many takes an item, so many pieces of it."""

    item: str
    chance: float
    pieces: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True)
class Outing:
    """An evening, a round or a day of deliveries, on fixed days of the week."""

    place: str
    weekdays: tuple[int, ...]
    visits: float
    """People with material, on average."""
    crowd: Mapping[str, float]
    """Kind of visitor -> part of them."""
    opens: int = 19
    hours: float = 3.5
    contacts: float = 0.0
    """People without material, on average."""
    winter: float = 0.0
    """How much busier winter is (see `seasons.season`)."""
    called_off: float = 0.0
    on_paper: bool = False
    """Ticked on a sheet and typed in the next day; else read at a station of the place's name."""


@dataclass(frozen=True, slots=True)
class Profile:
    outings: tuple[Outing, ...]
    wants: Mapping[str, tuple[Want, ...]]
    """Kind of visitor -> what they may take."""
    everybody: tuple[Want, ...]
    levels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Place -> item -> pieces that are there before it opens, where the lists say none."""

    @property
    def loose(self) -> list[str]:
        """What people take that is no kit."""
        everything = {one.item for wants in self.wants.values() for one in wants}
        return sorted(item for item in everything if not item.startswith("KIT-"))


SYRINGES = {"SER1": 1, "SER05": 1, "SER2": 1, "SER10": 1, "KIT-INJ": 2}
"""Used ones may come back."""

INJECTING = (
    Want("KIT-INJ", 0.45, (1, 1, 2, 2, 3, 5)),
    Want("SER1", 0.4, (2, 5, 5, 10, 10, 20, 20, 30, 50, 100)),
    Want("SER05", 0.12, (5, 10, 20)),
    Want("SER2", 0.03, (5, 10)),
    Want("SER10", 0.01, (2, 5)),
    Want("AIG23", 0.03, (5, 10)),
    Want("AIG25", 0.03, (5, 10)),
    Want("CUP", 0.25, (2, 5, 10)),
    Want("FILT", 0.06, (2, 5)),
    Want("ACIT", 0.2, (5, 10)),
    Want("AASC", 0.03, (5, 10)),
    Want("EAU5", 0.25, (2, 5, 10)),
    Want("TAMP", 0.25, (5, 10)),
    Want("TSEC", 0.08, (5, 10)),
    Want("GARR", 0.03),
    Want("BAC05", 0.1),
    Want("BAC3", 0.01),
)
SMOKING = (
    Want("KIT-CRACK", 0.5, (1, 1, 2, 2, 3)),
    Want("DOSEUR", 0.3, (1, 1, 2)),
    Want("EMB", 0.25, (1, 2)),
    Want("GRIL", 0.3, (5, 10)),
    Want("BATON", 0.08),
    Want("ALU20", 0.07),
    Want("ALU50", 0.03),
    Want("CHLOR", 0.04, (2, 5)),
)
SNIFFING = (
    Want("KIT-SNIFF", 0.7, (1, 2)),
    Want("PAILLE", 0.35, (10, 20)),
    Want("SERUM", 0.2, (2, 4)),
)
HYGIENE = (
    Want("KIT-HYG", 0.2),
    Want("KIT-MENS", 0.05),
    Want("SAVON", 0.15),
    Want("SHAMP", 0.08),
    Want("BROSSE", 0.08),
    Want("DENTI", 0.06),
    Want("RASOIR", 0.1, (1, 2)),
    Want("CHAUS", 0.06),
    Want("SERV", 0.04, (8, 10)),
    Want("PANS", 0.2, (2, 5)),
    Want("CHLOR", 0.1, (2, 5)),
)
WOMEN = (
    Want("KIT-MENS", 0.35),
    Want("KIT-HYG", 0.25),
    Want("SERV", 0.2, (8, 16)),
    Want("PRES", 0.3, (6, 10)),
    Want("PRESI", 0.08, (2, 4)),
    Want("LUB", 0.15, (2, 6)),
    Want("KIT-CRACK", 0.2, (1, 2)),
)
PEERS = (
    Want("SER1", 0.8, (50, 100, 200)),
    Want("KIT-CRACK", 0.7, (5, 10)),
    Want("EAU5", 0.5, (20, 50)),
    Want("CUP", 0.5, (20, 50)),
)
EVERYBODY = (
    Want("PRES", 0.12, (3, 6, 10)),
    Want("LUB", 0.05, (2, 4)),
    Want("NALOX", 0.006),
    Want("DEPL-FR", 0.05),
    Want("DEPL-NL", 0.015),
    Want("DEPL-AR", 0.015),
)

_AT_THE_COUNTER = {"injecting": 0.3, "smoking": 0.47, "sniffing": 0.06, "hygiene": 0.17}
_IN_THE_STREET = {"injecting": 0.25, "smoking": 0.65, "hygiene": 0.1}

_BUS = {
    "KIT-INJ": 20,
    "KIT-CRACK": 25,
    "KIT-SNIFF": 5,
    "KIT-HYG": 5,
    "SER1": 200,
    "SER05": 40,
    "CUP": 40,
    "ACIT": 40,
    "EAU5": 50,
    "TAMP": 50,
    "DOSEUR": 15,
    "EMB": 20,
    "GRIL": 50,
    "PRES": 60,
    "NALOX": 2,
    "BAC05": 5,
    "DEPL-FR": 20,
}
_BAG = {"KIT-INJ": 6, "KIT-CRACK": 12, "SER1": 40, "DOSEUR": 5, "PRES": 20, "EAU5": 20, "PANS": 10}

EXAMPLE = Profile(
    outings=(
        Outing(
            "CLIP",
            (MONDAY, TUESDAY, THURSDAY, FRIDAY, SATURDAY),
            38,
            _AT_THE_COUNTER,
            winter=0.08,
        ),
        Outing("MEDIBUS", (TUESDAY, THURSDAY), 8.8, _IN_THE_STREET, winter=-0.1, called_off=0.07),
        Outing("SAC1", (WEDNESDAY,), 2.9, _IN_THE_STREET, 15, 3, 11, on_paper=True),
        Outing("SAC2", (FRIDAY,), 2.9, {"women": 1.0}, 20, 3, 11, on_paper=True),
        Outing(
            "HF",
            (FRIDAY,),
            10,
            {"smoking": 0.4, "hygiene": 0.5, "injecting": 0.1},
            10,
            6,
            on_paper=True,
        ),
        Outing("BDN", (WEDNESDAY,), 1.2, {"peers": 1.0}, 14, 2, on_paper=True),
        Outing("DISP", (MONDAY, THURSDAY), 15, {"hygiene": 1.0}, 9, 5, on_paper=True),
        Outing("FEMMES", (THURSDAY,), 12, {"women": 1.0}, 13, 4, on_paper=True),
    ),
    wants={
        "injecting": INJECTING,
        "smoking": SMOKING,
        "sniffing": SNIFFING,
        "hygiene": HYGIENE,
        "women": WOMEN,
        "peers": PEERS,
    },
    everybody=EVERYBODY,
    levels={
        "TAD": {"KIT-INJ": 140, "KIT-CRACK": 240, "KIT-SNIFF": 40, "KIT-HYG": 70, "KIT-MENS": 30},
        "MEDIBUS": _BUS,
        "SAC1": _BAG,
        "SAC2": _BAG | {"KIT-MENS": 5, "KIT-HYG": 5, "SERV": 40, "PRESI": 10, "LUB": 20},
        "HF": _BAG | {"KIT-HYG": 10, "SAVON": 10, "CHLOR": 20},
        "BDN": {"SER1": 400, "KIT-CRACK": 20, "EAU5": 100, "CUP": 100},
        "DISP": {
            "PANS": 60,
            "CHLOR": 60,
            "SAVON": 20,
            "SHAMP": 15,
            "BROSSE": 15,
            "DENTI": 15,
            "RASOIR": 20,
            "CHAUS": 12,
            "KIT-HYG": 10,
            "SERV": 20,
            "PRES": 40,
            "NALOX": 2,
        },
        "FEMMES": {
            "KIT-MENS": 12,
            "KIT-HYG": 10,
            "SERV": 80,
            "PRES": 100,
            "PRESI": 12,
            "LUB": 40,
            "KIT-CRACK": 15,
        },
    },
)
