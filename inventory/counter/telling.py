"""What is told of a read in the end: its command by name, a refusal as its sender needs it, a lot on hold."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session as DbSession

from inventory import statements
from inventory.counter import commands
from inventory.counter.values import (
    Command,
    Feedback,
    Meaning,
    Nothing,
    Product,
    Returned,
    Status,
)
from inventory.errors import ComptoirError, LotOnHold
from inventory.messages import Message


def told(feedback: Feedback, meaning: Meaning) -> Feedback:
    """A refused code is judged afresh when it is sent again, so only what is wrong with the code itself refuses it.

    A sound one of no use at this moment is ignored, and kept: a repeat must not count because the moment has passed.
    """
    name = command(meaning)
    if name is not None:
        feedback = replace(feedback, command=name)
    if feedback.status is Status.REFUSED and not isinstance(meaning, Nothing):
        return replace(feedback, status=Status.IGNORED)
    return feedback


def command(meaning: Meaning) -> str | None:
    """The name of a command code."""
    if isinstance(meaning, Command | Returned):
        return commands.BY_MEANING[meaning].name
    return None


def with_lot_on_hold(session: DbSession, feedback: Feedback, meaning: Meaning) -> Feedback:
    """The warning for a lot that was looked at, or read before; what is written is asked about as it is written."""
    if feedback.status is not Status.ACCEPTED or not isinstance(meaning, Product):
        return feedback
    named = meaning.lot is not None
    if named and statements.LOT_ON_HOLD(session, item=meaning.item, lot=meaning.lot):
        return warned(feedback, Message("This lot is on hold: put it aside."))
    return feedback


RECORDED_ON_HOLD = Message("Recorded. This lot is on hold: put the rest aside.")


def warned(feedback: Feedback, message: Message = RECORDED_ON_HOLD) -> Feedback:
    """What is told of a lot on hold: it is recorded all the same, and no more of it is to be used."""
    return replace(feedback, message=message, on_hold=True)


def refused(error: ComptoirError) -> Feedback:
    """What is told where the journal could not write it."""
    return Feedback(Status.REFUSED, error.message, on_hold=isinstance(error, LotOnHold))
