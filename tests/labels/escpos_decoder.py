"""What a printer would show of a print job: a small decoder, written from the ESC/POS reference.

It shares nothing with the code that builds jobs, knows only the commands receipts need, and fails
on any other: a printer would print an unknown command's letters as text.
"""

from dataclasses import dataclass, field

CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858", 40: "iso8859-15", 71: "cp1252"}


@dataclass
class Shown:
    """Lines of text, which of them were bold, pictures, and how the paper ended."""

    lines: list[str] = field(default_factory=list)
    bold: list[str] = field(default_factory=list)
    images: list[tuple[int, int, bytes]] = field(default_factory=list)  # width, height, 1 = black
    centred: list[bool] = field(default_factory=list)  # for each picture
    resets: int = 0
    american: bool = False
    cut: bool = False


def decode(job: bytes) -> Shown:
    """Follow the bytes as a printer does. Raises ValueError at the first it does not know."""
    printer = _Printer(job)
    at = 0
    while at < len(job):
        if printer.shown.cut:
            raise ValueError("something follows the cut")
        at += printer.step(at)
    if printer.line:
        raise ValueError("a line without its end")
    return printer.shown


class _Printer:
    def __init__(self, job: bytes) -> None:
        self.job = job
        self.shown = Shown()
        self.line = ""
        self.reset()

    def reset(self) -> None:
        self.code_page, self.bold, self.centred = "cp437", False, False

    def step(self, at: int) -> int:
        """Obey what stands at `at`; how many bytes it took."""
        byte, argument = self.job[at], self.job[at + 2 : at + 3]
        match self.job[at : at + 2]:
            case b"\x1b@":
                self.reset()
                self.shown.resets += 1
                return 2
            case b"\x1dv":
                return self.picture(at)
            case bytes(command) if byte in (0x1B, 0x1D):
                self.set(command, argument[0])
                return 3
        if byte == 0x0A:
            self.end_line()
        elif byte < 0x20 or byte == 0x7F:
            raise ValueError(f"an unknown command, {byte:#x}")
        else:
            self.line += bytes([byte]).decode(self.code_page)
        return 1

    def set(self, command: bytes, value: int) -> None:
        match command:
            case b"\x1bt":
                self.code_page = CODE_PAGES[value]
            case b"\x1bR":
                self.shown.american = value == 0
            case b"\x1bE":
                self.bold = bool(value & 1)
            case b"\x1ba":
                self.centred = value == 1
            case b"\x1bd":  # feed
                pass
            case b"\x1dV" if value in (0, 1):
                self.shown.cut = True
            case _:
                raise ValueError(f"an unknown command, {command!r}")

    def picture(self, at: int) -> int:
        """GS v 0: width in bytes and height in dots, each low byte first, then the dots."""
        if self.line or self.job[at + 2 : at + 4] != b"0\x00":
            raise ValueError("a picture in the middle of a line, or stretched")
        wide, high = (int.from_bytes(self.job[at + k : at + k + 2], "little") for k in (4, 6))
        end = at + 8 + wide * high
        self.shown.images.append((wide * 8, high, self.job[at + 8 : end]))
        self.shown.centred.append(self.centred)
        return end - at

    def end_line(self) -> None:
        if self.centred:
            raise ValueError("a line that is not at the left")
        self.shown.lines.append(self.line)
        if self.bold:
            self.shown.bold.append(self.line)
        self.line = ""
