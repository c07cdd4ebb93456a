"""Used material that came back: what was measured, and how many pieces that is.

Nobody opens or counts a bag of needles. Published conversions disagree, so every return keeps its method and factor.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
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


def pieces_of_shifts(thousandths: Iterable[int], factor: Fraction) -> int:
    """Pieces of several shifts, each measured in `thousandths`: a shift is rounded once, and the rounded are added up.

    So days add up to their period however it is cut, and a figure that was printed stands for good.

    >>> pieces_of_shifts([2500, 1200], Fraction(5000, 39))  # 321 and 154; together 3.7 kg are 474.4
    475
    """
    return sum(pieces_of(measure(one), factor) for one in thousandths)
