"""Lines of fixed width from words and figures: wrapping, and figures aligned on the right.

Knows columns, not printers: every character is taken to be one column wide.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from labels.alphabet import NO_BREAK
from labels.errors import PaperTooNarrow

NARROWEST = 20  # columns; anything less cannot hold a word beside two figures
_LEFT_OUT = "..."
_HANGING = "  "  # before the second line of a label
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=[^\W\d]{1,2}\b)")
"""Between a figure and its unit, 5 ml: no line ends there."""


@dataclass(frozen=True, slots=True)
class Row:
    """One printed line, at most as wide as the paper."""

    text: str
    bold: bool = False


def wrap(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` (2 or more) characters, at least one line.

    A word longer than a line, as Dutch makes them, is broken with a hyphen. Raises
    `PaperTooNarrow` where there is no room for a letter and a hyphen.
    """
    if width < 2:
        raise PaperTooNarrow(width)
    lines = [""]
    for word in filter(None, text.split(" ")):  # not at a no-break space
        if lines[-1] and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
            continue
        if lines[-1]:
            lines.append("")
        while len(word) > width:
            lines[-1] = word[: width - 1] + "-"
            lines.append("")
            word = word[width - 1 :]
        lines[-1] = word
    return lines


def spread(left: str, right: str, columns: int, *, bold: bool = False) -> list[Row]:
    """Two texts at the two edges of a line; one beneath the other where they do not fit."""
    if len(left) + 1 + len(right) <= columns:
        text = left + right.rjust(columns - len(left))
        return [Row(text.rstrip(), bold)] if text.strip() else []
    lines = wrap(left, columns) + [line.rjust(columns) for line in wrap(right, columns)]
    return [Row(line, bold) for line in lines if line.strip()]


def figure_width(cells: Sequence[str], count: int, columns: int) -> int:
    """Columns for each of `count` columns of figures, so that all `cells` fit where they can.

    A fifth of the paper each, so that sections align; the words keep two fifths at least.
    """
    longest = max((len(cell) for cell in cells), default=0) + 1
    return min(max(longest, columns // 5), columns * 3 // 5 // max(count, 1))


def figures(
    label: str, cells: Sequence[str], columns: int, width: int, *, indent: int = 0
) -> list[str]:
    """A label with its figures aligned on the right, each in `width` columns.

    The figures stand beside the last line of the label, which takes two at most; the first has the
    whole paper, the second hangs. A figure is never cut, since a shortened number is a wrong one:
    where one is too long, all go beneath the label.
    """
    if any(len(cell) >= width for cell in cells):
        lines = _indented(label, columns, indent) if label else []
        return lines + [
            line.rjust(columns) for cell in cells if cell for line in _cut(cell, columns)
        ]
    room = columns - width * len(cells)
    margin = " " * min(2 * indent, room // 2)
    lines = [margin + line for line in _in_two(label, columns - len(margin), room - len(margin))]
    lines[-1] = lines[-1].ljust(room) + "".join(cell.rjust(width) for cell in cells)
    return [line.rstrip() for line in lines]


def heads(label: str, cells: Sequence[str], columns: int, width: int) -> list[str]:
    """The heading of a section and of its columns of figures, all wrapping downwards.

    Where one is too long for its column, each has a line of its own and ends above its figures.
    """
    if any(len(word) >= width for cell in cells for word in cell.split(" ")):
        return _staircase(label, cells, columns, width)
    room = columns - width * len(cells)
    parts = [wrap(label, room), *(wrap(cell, width - 1) for cell in cells)]
    return [
        (first.ljust(room) + "".join(cell.rjust(width) for cell in rest)).rstrip()
        for first, *rest in zip_longest(*parts, fillvalue="")
    ]


def _staircase(label: str, cells: Sequence[str], columns: int, width: int) -> list[str]:
    lines: list[str] = []
    for n, cell in enumerate(cells, start=1):
        edge = columns - width * (len(cells) - n)
        lines += [line.rjust(edge) for line in wrap(cell, edge)]
    first = lines[0].strip()
    if len(label) + 1 + len(first) > len(lines[0]):
        return wrap(label, columns) + lines
    return [label + lines[0][len(label) :], *lines[1:]]


def _in_two(label: str, full: int, room: int) -> list[str]:
    """One line within `room`, or two: within it too if they can, else the first has the `full` width.

    What does not fit in two is left out in the middle: an article's size, and what is said of it,
    stand at its end.
    """
    if len(label) <= room:
        return [label]
    first, second = _two(label, full, room - len(_HANGING))
    return [first, _HANGING + second if second else ""]


def _two(label: str, full: int, room: int) -> tuple[str, str]:
    name, _, said = label.rpartition(" (")
    if name and len(name) <= full and len(said) < room:
        return name, f"({said}"
    label = _BEFORE_UNIT.sub(NO_BREAK, label)
    match wrap(label, room):
        case [first, second] if f"{first} {second}" == label:  # no word was broken
            return first, second
    words = [word for word in label.split(" ") if word]  # not at a no-break space
    last = next((n for n in range(len(words)) if len(" ".join(words[n:])) <= room), len(words))
    return _shortened(" ".join(words[:last]), full), " ".join(words[last:])


def _shortened(text: str, width: int) -> str:
    """The words that fit, and dots where some do not: every alphabet has dots."""
    if len(text) <= width:
        return text
    kept = text[: width - len(_LEFT_OUT) + 1].rpartition(" ")[0] or text[: width - len(_LEFT_OUT)]
    return kept + _LEFT_OUT


def _indented(label: str, room: int, indent: int) -> list[str]:
    margin = " " * min(2 * indent, room // 2)
    return [margin + line for line in wrap(label, room - len(margin))]


def _cut(text: str, columns: int) -> list[str]:
    return [text[start : start + columns] for start in range(0, len(text), columns)]
