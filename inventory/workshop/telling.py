"""What the workshop's page is told: how it looks, which sentence, and the numbers and codes in it.

The page has these sentences in more languages than the rest of the service, by their names; the messages here are what
any other page and a terminal say. At most twelve words, plain ones.
"""

from __future__ import annotations

from inventory.counter.values import Feedback, Status, Told
from inventory.messages import Message

OK, NOTE, STOP, HELP = "ok", "note", "stop", "help"

_SENTENCES = {
    "chosen": (OK, Message("Now check every part: scan it, or touch its picture.")),
    "confirmed": (OK, Message("This one is right.")),
    "unchecked": (OK, Message("This part is to be checked.")),
    "all-confirmed": (OK, Message("Everything is right. You can begin.")),
    "ready": (OK, Message("Kits ready: %(ready)d.")),
    "redone": (OK, Message("One kit less. Kits ready: %(ready)d.")),
    "labels": (OK, Message("Labels are printed: %(labels)d.")),
    "left": (OK, Message("Everything is kept. You can come back.")),
    "counting": (OK, Message("Count the kits on the table.")),
    "counted": (OK, Message("Kits counted: %(counted)d.")),
    "making": (OK, Message("You can go on. Kits ready: %(ready)d.")),
    "finished": (OK, Message("Finished. Kits: %(counted)d, as noted.")),
    "finished-more": (
        OK,
        Message("Finished. Kits: %(counted)d. That is %(difference)d more than were noted."),
    ),
    "finished-fewer": (
        OK,
        Message("Finished. Kits: %(counted)d. That is %(difference)d fewer than were noted."),
    ),
    "finished-none": (OK, Message("Finished. No kit is booked.")),
    "choose-first": (NOTE, Message("First choose a kit.")),
    "already-confirmed": (NOTE, Message("This one is checked already.")),
    "lots-first": (NOTE, Message("First check every part.")),
    "scan-lot": (NOTE, Message("Scan the other code of the box, or touch its picture.")),
    "none-to-redo": (NOTE, Message("No kit is noted yet.")),
    "count-again": (NOTE, Message("That is very different. Count the kits once more.")),
    "count-first": (NOTE, Message("First count the kits on the table.")),
    "not-here": (NOTE, Message("This code does nothing here.")),
    "no-printer": (NOTE, Message("There is no printer here.")),
    "too-late": (NOTE, Message("This came too late: nothing is printed.")),
    "too-many": (NOTE, Message("This number is too large.")),
    "not-in-kit": (STOP, Message("Stop: this does not go into the kit. Call somebody.")),
    "other-kit": (STOP, Message("Stop: this is another kit. Call somebody.")),
    "expired": (STOP, Message("Stop: this has expired. Call somebody.")),
    "on-hold": (STOP, Message("Stop: this lot is on hold. Call somebody.")),
    "before-label": (
        STOP,
        Message("Stop: this expires before the date on the labels. Call somebody."),
    ),
    "none-left": (STOP, Message("Stop: none of this is left here. Call somebody.")),
    "no-lot": (STOP, Message("Stop: this lot is not known here. Call somebody.")),
    "unknown-code": (STOP, Message("Stop: nobody knows this code. Call somebody.")),
    "lot-stopped": (STOP, Message("Stop: a part may no longer be used. Call somebody.")),
    "already-counted": (STOP, Message("Stop: this kit was counted already. Call somebody.")),
    "not-under-way": (STOP, Message("Stop: no kit is being made here. Call somebody.")),
    "call": (STOP, Message("Stop: this did not work. Call somebody.")),
    "help": (HELP, Message("Somebody comes and helps.")),
}


def tell(key: str, **params: int | str) -> Told:
    """What is shown, by the name of its sentence."""
    show, _ = _SENTENCES[key]
    return Told(show, key, params)


def feedback(told: Told) -> Feedback:
    """A read's answer. What was not done is ignored: a repeat of it is not to do it later; a code that no list has is
    unknown, here as everywhere."""
    show, sentence = _SENTENCES[told.tell]
    status = Status.ACCEPTED if show in (OK, HELP) else Status.IGNORED
    if told.tell == "unknown-code":
        status = Status.UNKNOWN
    item = str(told.params.get("item", told.params.get("kit", ""))) or None
    lot = str(told.params.get("lot", "")) or None
    return Feedback(
        status, Message(sentence.text, **told.params), item=item, lot=lot, workshop=told
    )
