"""Labels for receipt printers: each is one picture, so that no printer's font or code table changes how it looks."""

from __future__ import annotations

from collections.abc import Iterable

from labels.errors import LabelTooLarge
from labels.formats import Roll
from labels.label import Label
from labels.label_pixels import label_image
from labels.paper import new_printer


def label_job(
    labels: Iterable[tuple[Label, int]], roll: Roll, *, printer: str | None = None
) -> bytes:
    """A print job: every label so many times, in the middle of the paper, cut from the next.

    Raises `LabelTooLarge`, and `UnreadableCode` naming layout and printer (or else the roll).
    """
    from PIL import Image

    job = new_printer(roll.profile)
    for label, copies in labels:
        picture = label_image(label, printer=printer or roll.title)
        if picture.width > roll.dots:
            size = (label.width, label.height)
            raise LabelTooLarge(label.layout, size, roll.name, (roll.width, None))
        paper = Image.new("1", (roll.dots, picture.height), 1)
        paper.paste(picture, ((roll.dots - picture.width) // 2, 0))
        for _ in range(copies):
            job.image(paper)
            job.cut(mode="PART")
    return bytes(job.output)
