"""A print job as bytes for the printer of its station, made when the printer takes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from inventory import printing
from inventory.tables import PrintJob
from labels import formats, layouts
from labels.errors import LabelError
from labels.formats import Roll
from labels.label import arranged
from labels.label_escpos import label_job
from labels.paper import receipt_bytes
from labels.receipt import Paper
from web import label_contents
from web.printer_trial import code_page_of, trial_job
from web.shift_receipt import job_receipt

ROLLS = {Paper.WIDE: ("kit", "roll-80"), Paper.NARROW: ("kit-narrow", "roll-58")}
"""By how wide a station's paper is: the layout of a kit's label, and the roll."""


def job_bytes(session: Session, job: PrintJob, *, now: datetime, address: str) -> bytes:
    """Everything the printer needs; `address` is where the service answers, for the code of the same tally.

    Raises a `LabelError` for a label that cannot be made, and `NoLabel` for kits that nobody may use any more.
    """
    if job.what == printing.KIT_LABELS:
        return _kit_labels(session, job)
    if job.what == printing.TRIAL:
        return trial_job(job.station, address=address, copy=job.copy)
    receipt = job_receipt(session, job, now=now, address=address)
    paper, code_page = Paper(job.station.paper_mm), code_page_of(job.station)
    try:
        return receipt_bytes(receipt, paper=paper, code_page=code_page)
    except LabelError:  # too long an address for this paper: the figures matter more
        return receipt_bytes(replace(receipt, qr=None), paper=paper, code_page=code_page)


def _kit_labels(session: Session, job: PrintJob) -> bytes:
    assert job.lot is not None, "labels are of a lot"
    printing.check_label(job.lot)
    name, roll = ROLLS[Paper(job.station.paper_mm)]
    found = formats.load(roll)
    assert isinstance(found, Roll)
    content = label_contents.kit(session, job.lot, job.station.language)
    label = arranged(layouts.load(name), content, dpi=found.dpi)
    return label_job([(label, job.copies)], found, printer=job.station.name)
