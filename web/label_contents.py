"""What the labels of this service say: kits, packs, shelves and commands, in the words of one language.

A kit's label names nobody: no organisation, nothing that tells more of whoever carries it than the kit itself.
"""

from __future__ import annotations

from babel.dates import format_date
from sqlalchemy.orm import Session

from inventory import photos
from inventory.counter.commands import CommandCode
from inventory.messages import Counted
from inventory.tables import Item, Lot, Pack
from inventory.workshop import batches
from labels import layouts
from labels.house import Kind, house_code, spaced
from labels.label import Content
from labels.pictures import USE_BY, Drawing, Photograph, Picture
from labels.readback import said_by
from web import pictograms
from web.i18n import LANGUAGES, LOCALES, say

_COMMANDS = {
    "next-person": "next",
    "undo": "undo",
    "clear": "back",
    "passages-plus": "person",
    "passages-minus": "person",
    "afterwards": "later",
    "look-up": "scan",
    "correct-line": "edit",
    "training": "learn",
    "close-shift": "close",
    "lane-a": "lanes",
    "lane-b": "lanes",
    "brought-back": "unopened",
    "print-tally": "tally",
    "print-again": "printer",
    "did-print-yes": "ok",
    "did-print-no": "bad",
    "handover": "exchange",
    "hide": "hide",
    "help": "help",
    "sound": "sound",
    "redo": "undo",
    "finish": "ok",
    "leave": "later",
    "returned-declared": "person",
    "returned-estimated": "estimate",
    "returned-kilograms": "weight",
    "returned-litres": "litre",
    **{f"returned-{container}": symbol for container, symbol in pictograms.CONTAINERS.items()},
    **{f"contact-{kind}": symbol for kind, symbol in pictograms.CONTACTS.items()},
}
_BY_START = {"returned-": "returned", "mode-": "exchange", "kits-": "box", "labels-": "printer"}


def kit(session: Session, lot: Lot, language: str) -> Content:
    """A lot's label, as it goes on every kit of the lot: the ten digits are those of the lot."""
    texts = {"lot": lot.code, **_names(lot.item, language)}
    found = {"item": _likeness(session, lot.item)}
    expires = batches.kits_expire(session, lot)
    if expires is not None:
        texts["expires"] = format_date(expires, "dd/MM/yyyy", locale=LOCALES[language])
        found["use-by"] = USE_BY
    return _with_digits(house_code(Kind.LOT, lot.id), texts, found)


def pack(session: Session, pack: Pack, item: Item, language: str) -> Content:
    """A box that has no code of its own."""
    pieces = say(
        Counted("%(num)d piece", "%(num)d pieces", num=pack.pieces, count=pack.pieces), language
    )
    texts = {"pieces": pieces, **_names(item, language)}
    return _with_digits(house_code(Kind.PACK, pack.id), texts, {"item": _likeness(session, item)})


def shelf(session: Session, item: Item, language: str) -> Content:
    """Where an article stands; its code is that of a single piece."""
    found = {"item": _likeness(session, item)}
    return _with_digits(house_code(Kind.ITEM, item.id), _names(item, language), found)


def command(code: CommandCode, language: str) -> Content:
    """A command of the counter."""
    starts = (symbol for start, symbol in _BY_START.items() if code.name.startswith(start))
    symbol = _COMMANDS.get(code.name) or next(starts, None)
    found: dict[str, Picture] = {}
    if symbol is not None:
        found["command"] = Drawing(pictograms.paths()[symbol])
    texts = {"name": say(code.says, language)}
    return _with_digits(house_code(Kind.COMMAND, code.number), texts, found)


def _names(item: Item, language: str) -> dict[str, str]:
    """The name in the service's language, large, and in the others; each once."""
    name = item.names.in_language(language)
    others = (item.names.in_language(other) for other in LANGUAGES if other != language)
    return {"name": name, "other-names": " · ".join(dict.fromkeys(n for n in others if n != name))}


def _likeness(session: Session, item: Item) -> Picture:
    """The drawing: photographs make no sharp picture in black and white. Where there is none, the photograph, unless
    a code can be read in it: a scanner would take it for the label's."""
    symbol = pictograms.of(item)
    photo = photos.of(session, item=item.code) if symbol == "box" else None
    if photo is not None:
        found = Photograph(photo.image)
        if not any(said_by(found, *box) for box in layouts.boxes("item")):
            return found
    return Drawing(pictograms.paths()[symbol])


def _with_digits(digits: str, texts: dict[str, str], found: dict[str, Picture]) -> Content:
    return Content({**texts, "digits": spaced(digits)}, {"digits": digits}, found)
