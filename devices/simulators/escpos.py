"""Where each command of ESC/POS ends, from Epson's reference: what a printer must know before it can obey any.

A printer prints the bytes of what it does not know as text; here that is kept apart and said.
"""

from collections.abc import Callable

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D
LEADS = (DLE, ESC, FS, GS)

STATUS = b"\x10\x04"  # DLE EOT n, answered at once whatever waits
PAPER_STATUS = b"\x1dr"  # GS r n, answered in its turn

# Bytes of the whole command, by its first two.
_LENGTHS: dict[bytes, int] = {
    **{bytes([DLE, second]): length for second, length in ((0x04, 3), (0x05, 3), (0x14, 5))},
    **{bytes([ESC, second]): 2 for second in b"@2imFLSP<"},
    **{bytes([ESC, second]): 3 for second in b" !%-3=?EGJKMRTUVadert{"},
    **{bytes([ESC, second]): 4 for second in b"$\\Bc"},
    b"\x1bp": 5,
    b"\x1bW": 10,
    **{bytes([FS, second]): 2 for second in b"&."},
    **{bytes([FS, second]): 3 for second in b"!-CW"},
    **{bytes([FS, second]): 4 for second in b"Sp"},
    **{bytes([GS, second]): 2 for second in b":"},
    **{bytes([GS, second]): 3 for second in b"!/BEHITabfhrwc"},
    **{bytes([GS, second]): 4 for second in b"$LPW\\"},
    b"\x1d^": 5,
}


def is_known(command: bytes) -> bool:
    """Whether a command that `length` cut off is one of the reference's."""
    return command[0] not in LEADS or command[:2] in _LENGTHS or command[:2] in _COUNTED


def length(data: bytes | bytearray) -> int:
    """Of the command or character that stands first; 0 where not enough of it has come to tell, or to be whole.

    A command that is not known is taken for two bytes.
    """
    if data[0] not in LEADS:
        return 1
    start = bytes(data[:2])
    if len(start) < 2:
        return 0
    counted = _COUNTED.get(start)
    whole = counted(data) if counted else _LENGTHS.get(start, 2)
    return whole if 0 < whole <= len(data) else 0


def _number(data: bytes | bytearray, at: int, size: int = 2) -> int:
    return int.from_bytes(data[at : at + size], "little")


def _if_there(least: int, count: Callable[[bytes | bytearray], int]) -> Callable[..., int]:
    """The count where its numbers have come, else 0."""
    return lambda data: count(data) if len(data) >= least else 0


def _barcode(data: bytes | bytearray) -> int:
    """GS k: up to a NUL in its older form, counted in the newer."""
    if data[2] >= 65:
        return 4 + data[3] if len(data) > 3 else 0
    return data.find(0, 3) + 1


_COUNTED: dict[bytes, Callable[..., int]] = {
    b"\x1b*": _if_there(5, lambda d: 5 + _number(d, 3) * (3 if d[2] in (32, 33) else 1)),
    b"\x1bD": lambda d: d.find(0, 2) + 1,
    b"\x1b(": _if_there(5, lambda d: 5 + _number(d, 3)),
    b"\x1c(": _if_there(5, lambda d: 5 + _number(d, 3)),
    b"\x1d(": _if_there(5, lambda d: 5 + _number(d, 3)),
    b"\x1d8": _if_there(7, lambda d: 7 + _number(d, 3, 4)),
    b"\x1d*": _if_there(4, lambda d: 4 + d[2] * d[3] * 8),
    b"\x1dV": _if_there(3, lambda d: 3 if d[2] in (0, 1, 48, 49) else 4),
    b"\x1dk": _if_there(3, _barcode),
    b"\x1dv": _if_there(8, lambda d: 8 + _number(d, 4) * _number(d, 6)),
}
