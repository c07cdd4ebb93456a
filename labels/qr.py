"""QR codes drawn for paper, and read back before anybody may print them."""

from typing import Final

import qrcode
import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError

from labels.errors import UnreadableCode

_QUIET: Final = 4  # modules of white around the code (ISO/IEC 18004)
_DOTS: Final = range(2, 7)  # dots of a module: two for a cheap head, six are wide enough


def qr_image(text: str, *, max_dots: int) -> Image.Image:
    """`text` as a QR code in black (0) on white (255), at most `max_dots` dots wide.

    A module is a whole number of dots, since only such codes survive a thermal head. Raises
    `UnreadableCode` when the text does not fit, or when an independent decoder reads something
    else than `text` in the picture.
    """
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET)
    try:
        code.add_data(text)
        code.make(fit=True)
    except (DataOverflowError, ValueError) as error:
        raise UnreadableCode from error
    modules = code.get_matrix()
    dots = min(max_dots // len(modules), _DOTS[-1])
    if dots < _DOTS[0]:
        raise UnreadableCode
    small = Image.new("L", (len(modules), len(modules)))
    small.putdata([0 if dark else 255 for row in modules for dark in row])
    image = small.resize((small.width * dots, small.height * dots), Image.Resampling.NEAREST)
    if [found.text for found in zxingcpp.read_barcodes(image)] != [text]:
        raise UnreadableCode
    return image
