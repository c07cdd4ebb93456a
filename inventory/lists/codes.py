"""Codes of items and of their packs: `code;article;pièces;niveau`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import unknown
from inventory.lists import vocabulary
from inventory.lists.checking import Job, Line, Plan
from inventory.lists.fields import gtin, pieces
from inventory.lists.goods import known_items
from inventory.lists.vocabulary import Level
from inventory.messages import Message
from inventory.tables import Item, Pack, UnknownCode


@dataclass(slots=True)
class Codes:
    """What is known, and what the rows read so far add to it."""

    by_gtin: dict[str, Pack]
    in_house: set[tuple[int, int, str]]
    added: list[Pack] = field(default_factory=list)
    levels: dict[str, Level] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session) -> Codes:
        packs = session.scalars(select(Pack)).all()
        return cls(
            {pack.gtin: pack for pack in packs if pack.gtin},
            {(pack.item_id, pack.pieces, pack.level) for pack in packs if pack.gtin is None},
        )

    def ask_in_house(self, item: Item, count: int, level: Level) -> None:
        if (item.id, count, level) not in self.in_house:
            self.in_house.add((item.id, count, level))
            self.added.append(Pack(item_id=item.id, pieces=count, level=level, gtin=None))

    def name(self, code: str, item: Item, count: int, level: Level) -> Pack:
        """The pack this code stands for; its item and pieces may be others than wanted."""
        if code not in self.by_gtin:
            self.by_gtin[code] = Pack(item_id=item.id, pieces=count, level=level, gtin=code)
            self.added.append(self.by_gtin[code])
        return self.by_gtin[code]


def plan(job: Job, lines: Iterable[Line]) -> Plan:
    """An empty code asks for an in-house one, made once per item, pieces and level.

    A code means one item and one number of pieces for ever: hand-outs have been read by it. Its level may change.
    """
    items, codes = known_items(job.session), Codes.of(job.session)
    parse_gtin = gtin(job.normalise_gtin)
    rows = 0
    for line in lines:
        code = line.get("code", parse_gtin)
        item = line.get("item", items.find)
        count = line.get("pieces", pieces)
        level = line.get("level", vocabulary.LEVEL)
        if not line.sound or item is None or count is None or level is None:
            continue
        rows += 1
        if code is None:
            codes.ask_in_house(item, count, level)
            continue
        _check_same(job, line, codes.name(code, item, count, level), (item.id, count))
        if codes.levels.setdefault(code, level) != level:
            line.fault("level", Message("each code once, or twice the same"))

    relabelled = {
        pack: codes.levels[code]
        for code, pack in codes.by_gtin.items()
        if codes.levels.get(code, pack.level) != pack.level
    }

    def write() -> None:
        job.session.add_all(codes.added)
        for pack, level in relabelled.items():
            pack.level = level
        job.session.flush()
        _book_named(job, {pack.gtin for pack in codes.added if pack.gtin})

    changed = len(codes.added) + len(relabelled)
    return Plan(changed, rows - changed, write)


def _check_same(job: Job, line: Line, pack: Pack, content: tuple[int, int]) -> None:
    if (pack.item_id, pack.pieces) != content:
        item = job.session.get_one(Item, pack.item_id).code
        expected = Message(
            "another code: this one stands for %(pieces)d × %(item)s", pieces=pack.pieces, item=item
        )
        line.fault("code", expected)


def _book_named(job: Job, gtins: set[str]) -> None:
    """Hand-outs read by a code nobody knew are booked on the day they were made."""
    waiting = set(job.session.scalars(select(UnknownCode.gtin).distinct()))
    for gtin_named in sorted(gtins & waiting):
        unknown.book_named(job.session, gtin=gtin_named)
