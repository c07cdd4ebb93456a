"""What the workshop's page is told: how it looks, which sentence, and the numbers and codes in it.

The page has these sentences in more languages than the rest of the service, by their names; the messages here are what
any other page and a terminal say. At most twelve words, plain ones.
"""

from __future__ import annotations

from inventory.counter.values import Feedback, Status, Told
from inventory.messages import Message

OK, NOTE, STOP, HELP = "ok", "note", "stop", "help"

_SENTENCES = {
    "chosen": (OK, "Now check every part: scan it, or touch its picture."),
    "confirmed": (OK, "This one is right."),
    "all-confirmed": (OK, "Everything is right. You can begin."),
    "ready": (OK, "Kits ready: %(ready)d."),
    "redone": (OK, "One kit less. Kits ready: %(ready)d."),
    "labels": (OK, "Labels are printed: %(labels)d."),
    "left": (OK, "Everything is kept. You can come back."),
    "counting": (OK, "Count the kits on the table."),
    "counted": (OK, "Kits counted: %(counted)d."),
    "making": (OK, "You can go on. Kits ready: %(ready)d."),
    "finished": (OK, "Finished. Kits: %(counted)d, as noted."),
    "finished-more": (
        OK,
        "Finished. Kits: %(counted)d. That is %(difference)d more than were noted.",
    ),
    "finished-fewer": (
        OK,
        "Finished. Kits: %(counted)d. That is %(difference)d fewer than were noted.",
    ),
    "finished-none": (OK, "Finished. No kit is booked."),
    "choose-first": (NOTE, "First choose a kit."),
    "already-confirmed": (NOTE, "This one is checked already."),
    "lots-first": (NOTE, "First check every part."),
    "scan-lot": (NOTE, "Scan the other code of the box, or touch its picture."),
    "none-to-redo": (NOTE, "No kit is noted yet."),
    "count-first": (NOTE, "First count the kits on the table."),
    "not-here": (NOTE, "This code does nothing here."),
    "no-printer": (NOTE, "There is no printer here."),
    "too-late": (NOTE, "This came too late: nothing is printed."),
    "too-many": (NOTE, "This number is too large."),
    "not-in-kit": (STOP, "Stop: this does not go into the kit. Call somebody."),
    "other-kit": (STOP, "Stop: this is another kit. Call somebody."),
    "expired": (STOP, "Stop: this has expired. Call somebody."),
    "on-hold": (STOP, "Stop: this lot is on hold. Call somebody."),
    "before-label": (STOP, "Stop: this expires before the date on the labels. Call somebody."),
    "no-lot": (STOP, "Stop: this lot is not known here. Call somebody."),
    "unknown-code": (STOP, "Stop: nobody knows this code. Call somebody."),
    "lot-stopped": (STOP, "Stop: a part may no longer be used. Call somebody."),
    "already-counted": (STOP, "Stop: this kit was counted already. Call somebody."),
    "not-under-way": (STOP, "Stop: no kit is being made here. Call somebody."),
    "call": (STOP, "Stop: this did not work. Call somebody."),
    "help": (HELP, "Somebody comes and helps."),
}


def tell(key: str, **params: int | str) -> Told:
    """What is shown, by the name of its sentence."""
    show, _ = _SENTENCES[key]
    return Told(show, key, params)


def feedback(told: Told) -> Feedback:
    """A read's answer. What was not done is ignored: a repeat of it is not to do it later."""
    show, sentence = _SENTENCES[told.tell]
    status = Status.ACCEPTED if show in (OK, HELP) else Status.IGNORED
    item = str(told.params.get("item", told.params.get("kit", ""))) or None
    lot = str(told.params.get("lot", "")) or None
    return Feedback(status, Message(sentence, **told.params), item=item, lot=lot, workshop=told)
