"""Used material that came back: what was measured, and how many pieces that is.

Nobody opens or counts a bag of needles. Published conversions disagree, so every return keeps its method and factor.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

PER_UNIT = 1000
"""Measures are stored in whole thousandths of their unit."""


def measure(thousandths: int) -> Decimal:
    """A stored measure in its unit: 2500 are 2.5.

    >>> measure(20_000), measure(780)
    (Decimal('20'), Decimal('0.78'))
    """
    value = Decimal(thousandths) / PER_UNIT
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def pieces_of(measured: Decimal, factor: Fraction) -> int:
    """Pieces: measured × factor (pieces per unit), half up, with no rounding on the way.

    >>> pieces_of(Decimal("2.5"), Fraction(5000, 39)), pieces_of(Decimal("0.5"), Fraction(1))
    (321, 1)
    """
    return math.floor(Fraction(measured) * factor + Fraction(1, 2))
