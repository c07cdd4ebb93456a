"""Which labels there are to print, layout by layout, and what each says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from inventory import printing
from inventory.counter.commands import COMMANDS, CommandCode
from inventory.errors import NotAllowed, NotOnTheLists
from inventory.messages import Counted, Message, Names
from inventory.printing import NoLabel
from inventory.tables import Balance, Batch, Item, Lot, Pack
from inventory.words import Family
from labels.house import HouseCode, house_code, parse_house
from labels.house import Kind as HouseKind
from labels.label import Content
from web import label_contents

Said = Message | Names | str

MOST_COPIES = 500
"""Of one label at a time."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One label: its key in the form, what it is for, and what tells it from its like."""

    key: str
    name: Said
    detail: Said
    house: HouseCode
    """What its ten digits say."""
    content: Callable[[str], Content]
    """What it says, in a language."""

    @property
    def names(self) -> tuple[str, ...]:
        """What people call it, where that is not ten digits: a lot's or an article's code, a command's name."""
        if self.house.kind is HouseKind.PACK:
            return ()
        if self.house.kind is HouseKind.COMMAND:
            return (self.key,)
        return (str(self.detail),)


@dataclass(frozen=True, slots=True)
class Kind:
    """Labels of one layout, as the page shows them."""

    layout: str
    sheet: str
    """The format that suits it best."""
    name: Message
    does: Message
    symbol: str
    choices: Callable[[Session], list[Choice]]
    all_at_once: bool = False
    """Whether all are wanted, as on a sheet for the wall, unless somebody chooses."""


def kits(session: Session) -> list[Choice]:
    """Lots of kits that are there, or being made, and that somebody may use."""
    return [kit(session, lot) for lot in _lots_of_kits(session) if _refused(lot) is None]


def _refused(lot: Lot) -> NoLabel | None:
    try:
        printing.check_label(lot)
    except NoLabel as error:
        return error
    return None


def _lots_of_kits(session: Session) -> Sequence[Lot]:
    there = select(Balance.lot_id).where(Balance.pieces > 0)
    making = select(Batch.lot_id).where(Batch.lot_id.is_not(None))
    wanted = (
        select(Lot)
        .join(Item)
        .where(Item.family == Family.KIT, or_(Lot.id.in_(there), Lot.id.in_(making)))
        .order_by(Item.id, Lot.expires, Lot.code)
    )
    return session.scalars(wanted).all()


def kit(session: Session, lot: Lot) -> Choice:
    """A lot of kits."""
    return Choice(
        str(lot.id),
        lot.item.names,
        lot.code,
        HouseCode(HouseKind.LOT, lot.id),
        lambda language: label_contents.kit(session, lot, language),
    )


def packs(session: Session) -> list[Choice]:
    """Boxes that have no code of their own."""
    wanted = select(Pack, Item).join(Item, Item.id == Pack.item_id)
    rows = session.execute(
        wanted.where(Pack.gtin.is_(None), Pack.pieces > 1).order_by(Item.id, Pack.pieces)
    )
    return [_pack(session, pack, item) for pack, item in rows]


def _pack(session: Session, pack: Pack, item: Item) -> Choice:
    return Choice(
        str(pack.id),
        item.names,
        Counted("%(num)d piece", "%(num)d pieces", num=pack.pieces, count=pack.pieces),
        HouseCode(HouseKind.PACK, pack.id),
        lambda language: label_contents.pack(session, pack, item, language),
    )


def shelves(session: Session) -> list[Choice]:
    """Every article."""
    return [shelf(session, item) for item in session.scalars(select(Item).order_by(Item.id))]


def shelf(session: Session, item: Item) -> Choice:
    """An article."""
    return Choice(
        item.code,
        item.names,
        item.code,
        HouseCode(HouseKind.ITEM, item.id),
        lambda language: label_contents.shelf(session, item, language),
    )


def commands(_session: Session) -> list[Choice]:
    """Everything the counter can be told."""
    return [_command(code) for code in COMMANDS]


def _command(code: CommandCode) -> Choice:
    return Choice(
        code.name,
        code.says,
        "",
        HouseCode(HouseKind.COMMAND, code.number),
        lambda language: label_contents.command(code, language),
    )


KINDS: Sequence[Kind] = (
    Kind(
        "kit",
        "l7160",
        Message("Kits"),
        Message("On every kit: picture, name, expiry, lot."),
        "kit-inject",
        kits,
    ),
    Kind(
        "pack",
        "l7160",
        Message("Boxes"),
        Message("On boxes that have no code of their own."),
        "box",
        packs,
    ),
    Kind(
        "shelf",
        "l7160",
        Message("Shelves"),
        Message("Where an article stands, to be found and to be scanned."),
        "scan",
        shelves,
    ),
    Kind(
        "command",
        "l7159",
        Message("Command codes"),
        Message("The sheet beside the scanner: everything without touching the screen."),
        "keyboard",
        commands,
        all_at_once=True,
    ),
)
BY_LAYOUT = {kind.layout: kind for kind in KINDS}

BADGE = "badge"

NARROW = {"kit-narrow": "kit"}
"""Layouts of the same labels for narrower paper."""


def kind_of(layout: str) -> Kind:
    """The labels of a layout. Raises NotOnTheLists, and NotAllowed for badges: they are printed as they are made."""
    kind = BY_LAYOUT.get(NARROW.get(layout, layout))
    if layout == BADGE:
        raise NotAllowed(
            Message(
                "A badge is printed once, as it is made, because its number is kept nowhere: make one under Access, or "
                "with comptoir person badge."
            )
        )
    if kind is None:
        raise NotOnTheLists(Message("Layout"), layout)
    return kind


def _is_named(choice: Choice, name: str) -> bool:
    digits = parse_house(name)
    return choice.house == digits if digits is not None else name in choice.names


def _say_why(session: Session, name: str) -> None:
    """Raises `NoLabel` where it is a lot of kits that gets none, NotAllowed for a lot of anything else."""
    for lot in _lots_of_kits(session):
        if _is_named(kit(session, lot), name):
            printing.check_label(lot)
    for lot in _lots(session, name):
        if lot.item.family != Family.KIT:
            raise NotAllowed(
                Message(
                    "Lot %(lot)s is of %(item)s, which is no kit: this label is for lots of kits. A box without a code "
                    "gets the layout pack, a shelf the layout shelf.",
                    lot=lot.code,
                    item=lot.item.code,
                )
            )
        raise NotAllowed(
            Message(
                "No kit of lot %(lot)s is left, nor being made: no label is made.", lot=lot.code
            )
        )


def _say_which_packs(session: Session, name: str) -> None:
    """Raises NotAllowed for an article: a label is of one of its packs, by ten digits."""
    item = session.scalar(select(Item).where(Item.code == name))
    if item is None:
        return
    rows = session.scalars(
        select(Pack)
        .where(Pack.item_id == item.id, Pack.gtin.is_(None), Pack.pieces > 1)
        .order_by(Pack.pieces)
    )
    found = [f"{house_code(HouseKind.PACK, pack.id)} (× {pack.pieces})" for pack in rows]
    if not found:
        raise NotAllowed(
            Message("%(item)s has no box without a code of its own: none gets a label.", item=name)
        )
    raise NotAllowed(
        Message(
            "A label is for one box of %(item)s: give its ten digits, --of %(digits)s.",
            item=name,
            digits=", ".join(found),
        )
    )


def _lots(session: Session, name: str) -> Sequence[Lot]:
    """Of whatever article, by code or ten digits."""
    digits = parse_house(name)
    if digits is None:
        named = Lot.code == name
    elif digits.kind is HouseKind.LOT:
        named = Lot.id == digits.number
    else:
        return ()
    return session.scalars(select(Lot).where(named).order_by(Lot.id)).all()


def named(session: Session, layout: str, name: str) -> Choice:
    """The label of a layout by what people call its subject: a lot's code or ten digits, an article's code, a pack's
    ten digits, a command's name. Raises NotOnTheLists, and NotAllowed where several lots have the code or a lot gets no
    label."""
    kind = kind_of(layout)
    found = [one for one in kind.choices(session) if _is_named(one, name)]
    if not found:
        if kind.choices is kits:
            _say_why(session, name)
        if kind.choices is packs:
            _say_which_packs(session, name)
        raise NotOnTheLists(Message("Label"), name)
    if len(found) > 1:
        raise NotAllowed(
            Message("Several lots have the code %(lot)s: give the ten digits of one.", lot=name)
        )
    return found[0]
