"""A scanner on a serial port: a code in, the bytes it sends out. Pure."""

from dataclasses import dataclass, replace
from typing import Final

GS: Final = "\x1d"
CHATTER_S: Final = 0.15
"""Between the two reads of a trigger that chatters: longer than the silence that ends a read without suffix."""

SUFFIXES: Final = {"cr": "\r", "lf": "\n", "tab": "\t", "": ""}
LONGEST: Final = 500  # characters of a code


@dataclass(frozen=True, slots=True)
class ScannerSetup:
    """How the scanner was configured, well or badly, and whether it is plugged in."""

    plugged: bool = True
    suffix: str = "cr"
    """Of SUFFIXES."""
    sends_gs: bool = True
    """Whether GS (0x1D) between the fields of a GS1 code survives."""
    chatters: bool = False
    """Reads twice at one trigger."""

    def sends(self, code: str) -> bytes:
        """What leaves the scanner for a code."""
        text = code if self.sends_gs else code.replace(GS, "")
        return (text + SUFFIXES[self.suffix]).encode()

    def changed(self, **settings: object) -> "ScannerSetup":
        """The same with some settings changed. Raises ValueError."""
        for name, value in settings.items():
            if name == "suffix":
                if value not in SUFFIXES:
                    raise ValueError("suffix")
            elif name not in ("plugged", "sends_gs", "chatters") or not isinstance(value, bool):
                raise ValueError(name)
        return replace(self, **settings)  # type: ignore[arg-type]
