"""What people bring back: used material, which is measured, and unopened material, which goes to quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from msgspec.structs import replace

from inventory.counter.parts import (
    MOST_PIECES,
    after_quiet,
    any_number,
    at_work,
    count,
    of_the_current_person,
    remember,
)
from inventory.counter.values import (
    Act,
    BringBack,
    Feedback,
    Pending,
    Product,
    ReadAt,
    Returned,
    Session,
    Status,
    Step,
)
from inventory.messages import Message


def returned(session: Session, read: ReadAt, returned: Returned) -> Step:
    """Used material; the number read before says how many or how much."""
    number, session = any_number(session)
    if returned.measured:
        number = Decimal(returned.measured) * (1 if number is None else number)
    elif number is None and returned.method == "container":
        number = Decimal(1)
    thousandths = 0 if number is None else int((number * 1000).to_integral_value())
    if not 0 < thousandths <= MOST_PIECES * 1000:
        message = Message("First how many or how much, then this code.")
        return Step(session, Feedback(Status.REFUSED, message))
    origin = "street" if session.street else "person"
    key = f"return:{origin}:{returned.method}:{returned.unit}:{returned.factor}"
    session = after_quiet(session, read)
    session = replace(
        count(session, key, thousandths),
        acts=remember(session, Act(read.id, count=(key, thousandths))),
        street=False,
        last_at_s=at_work(session, read),
    )
    return Step(session, Feedback(Status.ACCEPTED, Message("Returned material noted. Thank you.")))


def brought_back(
    session: Session, read: ReadAt, product: Product, pieces: int, pending: Pending | None
) -> Step:
    """Unopened material: it was handed out and stays so; its pieces go to quarantine."""
    act = Act(read.id, product.item, pieces, stock=True, brought_back=True, lot=product.lot)
    session = replace(
        session,
        acts=remember(session, act),
        last_at_s=at_work(session, read),
        pending=pending,
        expect="",
    )
    told = Feedback(
        Status.ACCEPTED,
        Message("Brought back unopened: into quarantine."),
        item=product.item,
        lot=product.lot,
        expires=product.expires,
        gtin=product.gtin,
        pieces=pieces,
        brought_back=True,
    )
    entry = BringBack(read.id, product.item, pieces, product.lot, product.expires)
    return Step(session, told, (entry,))


@dataclass(frozen=True, slots=True)
class Measured:
    """Used material of the current person; `container` is its name, where it was brought back in one."""

    method: str
    unit: str
    measured: Decimal
    container: str | None


def used(session: Session) -> list[Measured]:
    """What the current person brought back to be thrown away, in order."""
    found = []
    for act in of_the_current_person(session):
        if act.count is not None and act.count[0].startswith("return:"):
            _, _, method, unit, _ = act.count[0].split(":")
            container = unit if method == "container" else None
            found.append(Measured(method, unit, Decimal(act.count[1]) / 1000, container))
    return found


def unopened(session: Session) -> list[Act]:
    """The acts by which the current person brought back unopened material, in order."""
    return [act for act in of_the_current_person(session) if act.brought_back]
