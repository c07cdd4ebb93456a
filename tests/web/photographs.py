"""Images as phones, spreadsheets and mischief make them."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

SECRETS = (b"GPS-50.8466N", b"Camille's phone", b"2026:09:14 21:07")


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def plain(kind: str = "JPEG", size: tuple[int, int] = (1600, 1200), mode: str = "RGB") -> bytes:
    """A photograph, red on its left half and blue on its right."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    return encoded(image.convert(mode), kind)


def from_a_phone() -> bytes:
    """A photograph on its side, that tells where, when and with whose phone it was taken."""
    image = Image.new("RGB", (1200, 800), "blue")
    image.paste("red", (0, 0, 600, 800))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    exif[0x010F], exif[0x0132] = "Camille's phone", "2026:09:14 21:07"
    exif.get_ifd(0x8825)[1] = "GPS-50.8466N"
    xmp = b"<x:xmpmeta>Camille's phone GPS-50.8466N</x:xmpmeta>"
    return encoded(image, "JPEG", exif=exif, comment=b"Camille's phone", xmp=xmp)


def bomb() -> bytes:
    """A PNG of a few bytes that claims to be 30,000 points wide and high."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    )


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
