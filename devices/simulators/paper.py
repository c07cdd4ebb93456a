"""What stands on the paper that came out of a made-up printer: lines of text, pictures, and what nobody understood.

It knows the commands that receipts and labels are made of. What it does not know it says, rather than leave it out.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from devices.simulators import escpos

CODE_PAGES: Final = {
    0: "cp437",
    2: "cp850",
    3: "cp860",
    4: "cp863",
    5: "cp865",
    13: "cp857",
    14: "cp737",
    15: "iso8859_7",
    16: "cp1252",
    17: "cp866",
    18: "cp852",
    19: "cp858",
    33: "cp775",
    34: "cp855",
    36: "cp862",
    37: "cp864",
    39: "iso8859_2",
    40: "iso8859_15",
    45: "cp1250",
    46: "cp1251",
    47: "cp1253",
    48: "cp1254",
    49: "cp1255",
    50: "cp1256",
    51: "cp1257",
    52: "cp1258",
}
"""Epson's numbers (ESC t)."""

Alignment = Literal["left", "centre", "right"]
_ALIGNMENTS: Final[tuple[Alignment, ...]] = ("left", "centre", "right")


@dataclass(frozen=True, slots=True)
class Style:
    """How letters look; `wide` and `tall` are twice as much."""

    bold: bool = False
    underlined: bool = False
    inverse: bool = False
    wide: bool = False
    tall: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Letters of one style."""

    text: str
    style: Style = Style()


@dataclass(frozen=True, slots=True)
class TextRow:
    """A line; without spans it is empty paper."""

    spans: tuple[Span, ...] = ()
    alignment: Alignment = "left"

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Picture:
    """Dots, row after row, eight to a byte, 1 is black."""

    width: int
    height: int
    dots: bytes
    alignment: Alignment = "left"


@dataclass(frozen=True, slots=True)
class NotKnown:
    """A command that does something nobody here can draw."""

    command: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """The knife."""


Row = TextRow | Picture | NotKnown | Cut


@dataclass
class _Reader:
    """The printer's settings, and what has come out."""

    rows: list[Row] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    style: Style = Style()
    alignment: Alignment = "left"
    code_page: str | None = "cp437"

    def obey(self, command: bytes) -> None:
        if command == b"\n":
            self.end_line()
        elif command == b"\r":
            pass  # off, as printers leave the factory
        elif command[0] >= 0x20:
            self.letter(command)
        elif command[0] not in escpos.LEADS or not self.set(command):
            self.rows.append(NotKnown(command))

    def letter(self, byte: bytes) -> None:
        text = "\ufffd" if self.code_page is None else byte.decode(self.code_page, "replace")
        if self.spans and self.spans[-1].style == self.style:
            text = self.spans.pop().text + text
        self.spans.append(Span(text, self.style))

    def end_line(self) -> None:
        self.rows.append(TextRow(tuple(self.spans), self.alignment))
        self.spans.clear()

    def set(self, command: bytes) -> bool:
        """Obey a command that prints no letter; whether it is known."""
        match command[:2], command[2:]:
            case b"\x1b@", _:
                self.style, self.alignment, self.code_page = Style(), "left", "cp437"
            case b"\x1bt", number:
                self.code_page = CODE_PAGES.get(number[0])
            case b"\x1bE" | b"\x1bG", number:
                self.style = replace(self.style, bold=bool(number[0] & 1))
            case b"\x1b-", number:
                self.style = replace(self.style, underlined=number[0] % 48 > 0)
            case b"\x1dB", number:
                self.style = replace(self.style, inverse=bool(number[0] & 1))
            case b"\x1d!", number:
                self.style = replace(self.style, wide=number[0] >= 16, tall=number[0] % 16 > 0)
            case b"\x1b!", number:
                self.modes(number[0])
            case b"\x1ba", number if number[0] % 48 < 3:
                self.alignment = _ALIGNMENTS[number[0] % 48]
            case b"\x1bd", number:
                self.end_line()
                self.rows += [TextRow()] * (min(number[0], 20) - 1)
            case b"\x1bJ", number:
                self.end_line()
            case b"\x1dv", _:
                self.picture(command)
            case b"\x1dV", _:
                self.rows.append(Cut())
            case start, _:
                return start in _SEEN_NOWHERE
        return True

    def modes(self, bits: int) -> None:
        """ESC !: all at once."""
        self.style = Style(
            bold=bool(bits & 8),
            underlined=bool(bits & 0x80),
            wide=bool(bits & 0x20),
            tall=bool(bits & 0x10),
        )

    def picture(self, command: bytes) -> None:
        """GS v 0: width in bytes and height in dots, each low byte first, then the dots."""
        if self.spans:
            self.end_line()
        width, height = (int.from_bytes(command[at : at + 2], "little") for at in (4, 6))
        if width and height:
            self.rows.append(Picture(width * 8, height, command[8:], self.alignment))


_SEEN_NOWHERE: Final = (b"\x1bR", b"\x1bM", b"\x1b2", b"\x1b3", b"\x1b{", b"\x1dr", b"\x10\x04")
"""Known, and nothing of it is drawn: the national set, the font, the space between lines, questions."""


def read_paper(data: bytes) -> list[Row]:
    """What stands on a paper, from above. A command that is not whole is not known. Raises nothing."""
    reader = _Reader()
    at = 0
    while at < len(data):
        length = escpos.length(data[at : at + 16]) or escpos.length(data[at:])
        if not length:
            reader.rows.append(NotKnown(data[at : at + 16]))
            break
        reader.obey(data[at : at + length])
        at += length
    if reader.spans:
        reader.end_line()
    return reader.rows
