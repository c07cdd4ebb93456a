"""The workshop's rule: one pure function.

`step(bench, read, day)` says what the bench becomes, what is to be done beside that, and what the page shows. Whatever
may not be done changes nothing: where something is wrong with what lies on the table, somebody is called (`stop`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from inventory.counter.values import Told
from inventory.workshop.telling import tell
from inventory.workshop.values import (
    Article,
    Batch,
    Bench,
    Book,
    Confirm,
    Done,
    Leave,
    LotSeen,
    OfNoUse,
    Part,
    Phase,
    Press,
    PrintLabels,
    Take,
    Uncheck,
    Unconfirm,
    Unlisted,
    WorkshopRead,
    earliest,
)

MOST_KITS = 9_999
"""More than any table; a number beyond it is a slip."""

FAR = 10
"""Kits by which a count may differ from what was noted before it is asked for again, and half of them where that is
more: a batch is some dozens, and who types 9999 for 99 must not be thanked."""

_KEYPAD = ("digit", "clear", "times")


def step(bench: Bench, read: WorkshopRead, day: date) -> Done:
    """Interpret one read on this service day."""
    match read:
        case Press():
            return _press(bench, read, day)
        case Article():
            return _article(bench, read, day)
        case Uncheck():
            return _uncheck(bench, read)
        case Unlisted():
            return Done(bench, tell("unknown-code"))
        case OfNoUse(expires):
            at_parts = bench.phase in (Phase.LOTS, Phase.MAKING)
            has_expired = at_parts and expires is not None and expires < day
            return Done(bench, tell("expired" if has_expired else "not-here"))


# Codes of articles


def _article(bench: Bench, read: Article, day: date) -> Done:
    batch = bench.batch
    if batch is None:
        return _choose(bench, read)
    if read.item == batch.kit:
        return _label(bench, batch, read, day)
    for part in batch.parts:
        if part.item == read.item:
            if bench.counting:
                return Done(bench, tell("not-here"))
            return _confirm(bench, batch, part, read, day)
    return Done(bench, tell("other-kit" if read.is_kit else "not-in-kit", item=read.item))


def _choose(bench: Bench, read: Article) -> Done:
    if not read.is_kit:
        return Done(bench, tell("choose-first"))
    if read.is_booked and read.lot is not None:
        return Done(bench, tell("already-counted", lot=read.lot.code))
    return Done(bench, tell("chosen", kit=read.item), (Take(read.item),))


def _label(bench: Bench, batch: Batch, read: Article, day: date) -> Done:
    """The label of a kit says that it is there; another lot's says that it is not one of these."""
    if read.lot is None:
        return Done(bench, tell("not-here"))
    if batch.lot is None or read.lot.code != batch.lot.code:
        if read.is_booked:
            return Done(bench, tell("already-counted", lot=read.lot.code))
        return Done(bench, tell("other-kit", item=read.item))
    return _more(bench, batch, 1, day)


def _confirm(bench: Bench, batch: Batch, part: Part, read: Article, day: date) -> Done:
    lot = read.lot
    if read.expires is not None and read.expires < day:
        return Done(bench, tell("expired", item=part.item, lot=""))
    if read.scan_other:
        return Done(bench, tell("scan-lot", item=part.item))
    if lot is None:
        return Done(bench, tell("none-left" if read.none_left else "no-lot", item=part.item))
    if not lot.is_usable(day):
        wrong = "on-hold" if lot.on_hold else "expired"
        return Done(bench, tell(wrong, item=part.item, lot=lot.code))
    stopped = _stopped(batch, day)
    if stopped is not None:
        return Done(bench, stopped)
    same = next((known for known in part.lots if known.code == lot.code), None)
    if same is not None:
        agrees = lot.expires in (None, same.expires)
        return Done(bench, tell("already-confirmed" if agrees else "call", item=part.item))
    if batch.is_before_label(lot):
        return Done(bench, tell("before-label", item=part.item, lot=lot.code))
    return _confirmed(bench, batch, part, lot)


def _confirmed(bench: Bench, batch: Batch, part: Part, lot: LotSeen) -> Done:
    """The lot of the kits, and its date, is made with the last component."""
    with_lot = replace(part, lots=(*part.lots, lot))
    batch = replace(batch, parts=tuple(with_lot if p is part else p for p in batch.parts))
    makes_lot = batch.lot is None and all(part.lots for part in batch.parts)
    if makes_lot:
        batch = replace(batch, lot=LotSeen("", earliest(batch.lots)))
    told = tell("all-confirmed") if makes_lot else tell("confirmed", item=part.item)
    return Done(replace(bench, batch=batch), told, (Confirm(part.item, lot, makes_lot),))


def _uncheck(bench: Bench, read: Uncheck) -> Done:
    """Only before the kits have a lot: from then on a label may say when they expire."""
    batch = bench.batch
    if batch is None or bench.phase is not Phase.LOTS:
        return Done(bench, tell("not-here"))
    part = next((part for part in batch.parts if part.item == read.item and part.lots), None)
    if part is None:
        return Done(bench, tell("lots-first"))
    parts = tuple(replace(p, lots=()) if p is part else p for p in batch.parts)
    bench = replace(bench, batch=replace(batch, parts=parts))
    return Done(bench, tell("unchecked", item=part.item), (Unconfirm(part.item),))


# Command codes


def _press(bench: Bench, press: Press, day: date) -> Done:
    if press.what == "help":
        return Done(bench, tell("help"))
    if bench.batch is None:
        return Done(bench, tell(_without_batch(press)))
    if bench.phase is Phase.LOTS:
        return _while_confirming(bench, press)
    if press.what in _KEYPAD:
        return _type(bench, press)
    return _PRESSES[press.what](bench, bench.batch, press, day)


def _without_batch(press: Press) -> str:
    if press.what in _KEYPAD:
        return "not-here"
    return "choose-first" if press.what == "leave" else "not-under-way"


def _while_confirming(bench: Bench, press: Press) -> Done:
    """Nothing can have been made: finishing has nothing to count."""
    match press.what:
        case "leave":
            return Done(bench, tell("left"), (Leave(),))
        case "finish":
            return Done(bench, tell("finished-none", ready=0), (Book(0),))
        case "kits" | "redo" | "labels":
            return Done(bench, tell("lots-first"))
        case _:
            return Done(bench, tell("not-here"))


def _kits(bench: Bench, batch: Batch, press: Press, day: date) -> Done:
    return _more(bench, batch, press.number, day)


def _more(bench: Bench, batch: Batch, kits: int, day: date) -> Done:
    if bench.counting:
        return _counted(bench, (bench.counted or 0) + kits)
    stopped = _stopped(batch, day)
    if stopped is not None:
        return Done(bench, stopped)
    if batch.ready + kits > MOST_KITS:
        return Done(bench, tell("too-many"))
    return _ready(bench, replace(batch, ready=batch.ready + kits), "ready")


def _stopped(batch: Batch, day: date) -> Told | None:
    """What says that no more kits may be made of what was confirmed: the batch is to be counted."""
    stopped = batch.stopped(day)
    if stopped is None:
        return None
    item, lot = stopped
    key = "before-label" if lot.is_usable(day) else "lot-stopped"
    return tell(key, item=item, lot=lot.code)


def _ready(bench: Bench, batch: Batch, key: str) -> Done:
    return Done(replace(bench, batch=batch), tell(key, ready=batch.ready))


def _redo(bench: Bench, batch: Batch, press: Press, day: date) -> Done:
    if not (bench.counted if bench.counting else batch.ready):
        return Done(bench, tell("none-to-redo"))
    if bench.counting:
        return _counted(bench, (bench.counted or 0) - 1)
    return _ready(bench, replace(batch, ready=batch.ready - 1), "redone")


def _labels(bench: Bench, batch: Batch, press: Press, day: date) -> Done:
    if not bench.prints:
        return Done(bench, tell("no-printer"))
    if press.late:
        return Done(bench, tell("too-late"))
    stopped = _stopped(batch, day)
    if stopped is not None:
        return Done(bench, stopped)
    if batch.labels + press.number > MOST_KITS:
        return Done(bench, tell("too-many"))
    batch = replace(batch, labels=batch.labels + press.number)
    told = tell("labels", labels=press.number)
    return Done(replace(bench, batch=batch), told, (PrintLabels(press.number),))


def _leave(bench: Bench, batch: Batch, press: Press, day: date) -> Done:
    if bench.counting:
        bench = replace(bench, counting=False, counted=None, doubted=None)
        return Done(bench, tell("making", ready=batch.ready))
    return Done(bench, tell("left"), (Leave(),))


def _finish(bench: Bench, batch: Batch, press: Press, day: date) -> Done:
    """The first begins the recount; the second books it. Read twice at once it books nothing: nothing was counted."""
    if not bench.counting:
        bench = replace(bench, counting=True, counted=None, doubted=None)
        return Done(bench, tell("counting", ready=batch.ready))
    if bench.counted is None:
        return Done(bench, tell("count-first"))
    if bench.counted != bench.doubted and _is_far(bench.counted, batch.ready):
        again = replace(bench, counted=None, doubted=bench.counted)
        return Done(again, tell("count-again"))
    return Done(bench, _result(bench.counted, batch.ready), (Book(bench.counted),))


def _is_far(counted: int, ready: int) -> bool:
    """Whether a count is so far from what the tables noted that a finger slipped, or a box was forgotten."""
    return abs(counted - ready) > max(FAR, ready // 2)


def _result(counted: int, ready: int) -> Told:
    """What was counted is what is booked; how it differs from what the tables noted is said."""
    if counted == 0:
        return tell("finished-none", ready=ready)
    if counted == ready:
        return tell("finished", counted=counted, ready=ready)
    key = "finished-more" if counted > ready else "finished-fewer"
    return tell(key, counted=counted, ready=ready, difference=abs(counted - ready))


_PRESSES: dict[str, Callable[[Bench, Batch, Press, date], Done]] = {
    "kits": _kits,
    "redo": _redo,
    "labels": _labels,
    "leave": _leave,
    "finish": _finish,
}


# The recount


def _type(bench: Bench, press: Press) -> Done:
    """The count as it is typed, digit after digit."""
    if not bench.counting or press.what == "times":
        return Done(bench, tell("not-here"))
    if press.what == "clear":
        return Done(replace(bench, counted=None), tell("counting", ready=_noted(bench)))
    return _counted(bench, (bench.counted or 0) * 10 + press.number)


def _noted(bench: Bench) -> int:
    return 0 if bench.batch is None else bench.batch.ready


def _counted(bench: Bench, counted: int) -> Done:
    if counted > MOST_KITS:
        return Done(bench, tell("too-many"))
    return Done(replace(bench, counted=counted), tell("counted", counted=counted))
