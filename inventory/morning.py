"""The morning of whoever orders: what there is to do today, the most urgent first, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import alerts, days, kit_needs, orders, replenish, suppliers
from inventory.cover import Cover
from inventory.expiries import Expiring
from inventory.messages import Counted, Message
from inventory.order_rules import COMING, OPEN, Status
from inventory.replenish import Low
from inventory.tables import Item, Place, Purchase, Supplier
from inventory.words import PlaceKind


class Kind(StrEnum):
    """What there is to do, the most urgent first."""

    RECALL = "recall"
    RUNS_OUT = "runs-out"
    LATE = "late"
    RECEIVE = "receive"
    CLOSE = "close"
    SEND = "send"
    APPROVE = "approve"
    DRAFT = "draft"
    ASSEMBLE = "assemble"
    BRING = "bring"
    EXPIRING = "expiring"
    UNKNOWN_CODES = "unknown-codes"
    NOTHING_RECORDED = "nothing-recorded"


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do: a sentence, what helps to decide, and what it is about."""

    kind: Kind
    says: Message
    detail: Message | None = None
    about: str = ""
    """Number of an order or a lot, name of a supplier, code of an item or a place."""


@dataclass(frozen=True, slots=True)
class ToSend:
    """What a place lacks of its levels."""

    place: Place
    low: list[Low]

    @property
    def first(self) -> Low:
        """What lacks most of its level."""
        return max(self.low, key=lambda one: one.lacking / max(one.level, 1))


@dataclass(frozen=True, slots=True)
class ToAssemble:
    """A kit that is to be made."""

    kit: Item
    pieces: int
    """What fills up the level of the week, or what the places lack of theirs, where that is more."""
    can_be_made: int
    """Of these, with what lies at the workshop and in the stores, when all kits are made of the same pieces."""
    stopped_by: Item | None
    """The component that runs out first, where there is not enough even if no other kit is made."""


def todos(
    session: Session,
    *,
    now: datetime,
    covers: Mapping[int, Cover],
    expiring: Collection[Expiring],
    assemble: Collection[ToAssemble],
    send: Collection[ToSend],
) -> list[Todo]:
    """Everything there is to do at this moment."""
    today = days.service_day(now)
    found = [
        *_told(alerts.alerts(session, now=now, stock=covers.values(), expiring=expiring)),
        *_orders(session, now=now, covers=covers.values()),
        *_to_draft(session, covers.values()),
        *_make(assemble),
        *_bring(send),
        *_too_late(expiring, today),
    ]
    return sorted(found, key=lambda one: list(Kind).index(one.kind))


_AS_TOLD = frozenset({Kind.RECALL, Kind.RUNS_OUT, Kind.UNKNOWN_CODES, Kind.NOTHING_RECORDED})
"""Of the alerts; what is low or expires is said here with what there is to do about it."""


def _told(found: Iterable[alerts.Alert]) -> list[Todo]:
    return [
        Todo(Kind(one.kind.value), one.says, about=one.about)
        for one in found
        if one.kind.value in _AS_TOLD
    ]


# Orders


def _orders(session: Session, *, now: datetime, covers: Collection[Cover]) -> list[Todo]:
    today = days.local(now).date()
    found = []
    for order in orders.all_orders(session, statuses=OPEN + COMING):
        match Status(order.status):
            case Status.DRAFT:
                found.append(_with_low_since(_open(order, now, Kind.APPROVE), order, covers))
            case Status.APPROVED:
                found.append(_open(order, now, Kind.SEND))
            case _:
                found.extend(_coming(order, today))
    return found


_READY = {
    Kind.APPROVE: Message("Order %(number)s to %(supplier)s is ready to be read."),
    Kind.SEND: Message("Order %(number)s to %(supplier)s is approved: send it."),
}


def _open(order: Purchase, now: datetime, kind: Kind) -> Todo:
    supplier = order.supplier
    articles = Counted(
        "%(count)d article", "%(count)d articles", count=sum(one.pieces > 0 for one in order.lines)
    )
    params = {"articles": articles, "day": suppliers.schedule(supplier, now=now).review}
    detail = Message("%(articles)s · to be sent on %(day)s", **params)
    if supplier.cutoff_hour < 24:
        detail = Message(
            "%(articles)s · to be sent on %(day)s, before %(hour)d:00",
            **params,
            hour=supplier.cutoff_hour,
        )
    says = Message(_READY[kind].text, number=order.number, supplier=supplier.name)
    return Todo(kind, says, detail, about=order.number)


def _with_low_since(todo: Todo, order: Purchase, covers: Iterable[Cover]) -> Todo:
    """What has fallen low since the draft was made is not in it, unless somebody took it out."""
    in_it = {line.item_id for line in order.lines}
    low = [
        one
        for one in covers
        if one.supply is not None
        and one.supply.supplier_id == order.supplier_id
        and one.lacks.wanted
        and one.item.id not in in_it
    ]
    if not low:
        return todo
    since = Counted(
        "not in it yet: %(item)s, which is low",
        "not in it yet: %(count)d articles that are low, %(item)s first",
        count=len(low),
        item=min(low, key=lambda one: one.lasts).item.names,
    )
    detail = Message("%(detail)s · %(since)s", detail=todo.detail, since=since)
    return replace(todo, detail=detail)


def _coming(order: Purchase, today: date) -> list[Todo]:
    params = {"number": order.number, "supplier": order.supplier.name}
    owed = sum(orders.still_to_come(order.status, order.lines).values())
    if not owed:
        says = Message("Order %(number)s of %(supplier)s has come: complete it.", **params)
        return [Todo(Kind.CLOSE, says, about=order.number)]
    if order.expected_on is None or order.expected_on > today:
        return []
    detail = Counted("%(count)d piece to come.", "%(count)d pieces to come.", count=owed)
    if order.expected_on == today:
        says = Message("Order %(number)s of %(supplier)s comes today.", **params)
        return [Todo(Kind.RECEIVE, says, detail, about=order.number)]
    says = Message(
        "Order %(number)s of %(supplier)s should have come on %(day)s.",
        **params,
        day=order.expected_on,
    )
    return [Todo(Kind.LATE, says, detail, about=order.number)]


def _to_draft(session: Session, covers: Iterable[Cover]) -> list[Todo]:
    """Suppliers something is wanted of who have no order that could still be changed."""
    has_open = set(session.scalars(select(Purchase.supplier_id).where(Purchase.status.in_(OPEN))))
    low: dict[int, list[Cover]] = {}
    by_number: dict[int, Supplier] = {}
    for one in covers:
        if one.supply is not None and one.lacks.wanted:
            low.setdefault(one.supply.supplier_id, []).append(one)
            by_number[one.supply.supplier_id] = one.supply.supplier
    return [
        Todo(
            Kind.DRAFT,
            Counted(
                "%(count)d article of %(supplier)s is to be ordered: %(item)s.",
                "%(count)d articles of %(supplier)s are to be ordered, %(item)s first.",
                count=len(found),
                supplier=by_number[supplier_id].name,
                item=min(found, key=lambda one: one.lasts).item.names,
            ),
            Message("A draft is made of the levels; nothing is sent before you approve it."),
            about=by_number[supplier_id].name,
        )
        for supplier_id, found in low.items()
        if supplier_id not in has_open
    ]


# Kits and places


def to_assemble(session: Session, *, covers: Mapping[int, Cover], today: date) -> list[ToAssemble]:
    """Kits to be made this week at the first workshop, those that run out first before others."""
    workshop = session.scalar(
        select(Place).where(Place.kind == PlaceKind.WORKSHOP).order_by(Place.id).limit(1)
    )
    if workshop is None:
        return []
    at_least = {one.item.id: one.lacks.wanted for one in covers.values() if one.supply is None}
    needs = kit_needs.needs(session, workshop=workshop, day=today, at_least=at_least)
    found = [
        ToAssemble(
            one.kit,
            one.needed,
            one.together,
            one.with_stores.limit if one.with_stores.kits < one.needed else None,
        )
        for one in needs.kits
        if one.needed
    ]

    def lasts(one: ToAssemble) -> float:
        cover = covers.get(one.kit.id)
        return cover.lasts if cover is not None else math.inf

    return sorted(found, key=lambda one: (lasts(one), one.kit.id))


def _make(found: Collection[ToAssemble]) -> list[Todo]:
    """One thing to do, however many kits."""
    if not found:
        return []
    says = Counted(
        "%(count)d kit to assemble this week: %(kit)s.",
        "%(count)d kits to assemble this week, %(kit)s first.",
        count=sum(one.pieces for one in found),
        kit=next(iter(found)).kit.names,
    )
    short = next((one for one in found if one.can_be_made < one.pieces), None)
    if short is None:
        detail = Message("There is enough for all of them.")
    elif short.stopped_by is None:
        detail = Message(
            "There is enough for %(made)d × %(kit)s: other kits need the same.",
            made=short.can_be_made,
            kit=short.kit.names,
        )
    else:
        detail = Message(
            "There is enough for %(made)d × %(kit)s: %(item)s runs out first.",
            made=short.can_be_made,
            kit=short.kit.names,
            item=short.stopped_by.names,
        )
    return [Todo(Kind.ASSEMBLE, says, detail)]


def to_send(session: Session) -> list[ToSend]:
    """Places that lack something, by name."""
    low = replenish.low_everywhere(session)
    places = session.scalars(select(Place).where(Place.id.in_(low)).order_by(Place.name))
    return [ToSend(place, low[place.id]) for place in places]


def _bring(found: Collection[ToSend]) -> list[Todo]:
    """One thing to do, however many places."""
    if not found:
        return []
    most = max(found, key=lambda one: len(one.low))
    says = Counted(
        "%(place)s lacks %(count)d article: %(item)s.",
        "%(place)s lacks %(count)d articles, %(item)s first.",
        count=len(most.low),
        place=most.place.name,
        item=most.first.names,
    )
    more = len(found) - 1
    detail = Counted("%(count)d more place too.", "%(count)d more places too.", count=more)
    return [Todo(Kind.BRING, says, detail if more else None)]


def _too_late(expiring: Iterable[Expiring], today: date) -> list[Todo]:
    """The first lot that will not be used up in time stands for all of them."""
    late = [one for one in expiring if one.too_late]
    if not late:
        return []
    first = next((one for one in late if one.expires >= today), late[0])
    says = Message(
        "%(pieces)d × %(item)s, lot %(lot)s, expire on %(day)s and will not leave in time.",
        pieces=first.too_late,
        item=first.names,
        lot=first.lot,
        day=first.expires,
    )
    if first.expires < today:
        says = Message(
            "%(pieces)d × %(item)s, lot %(lot)s, have been expired since %(day)s: take them out.",
            pieces=first.too_late,
            item=first.names,
            lot=first.lot,
            day=first.expires,
        )
    more = len(late) - 1
    detail = Counted("%(count)d more lot too.", "%(count)d more lots too.", count=more)
    return [Todo(Kind.EXPIRING, says, detail if more else None, about=str(first.lot_id))]
