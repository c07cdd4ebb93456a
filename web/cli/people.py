"""People who work here: their roles, PINs, badges and sign-ins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from inventory.words import Role
from web.cli.common import (
    as_json,
    command,
    print_json,
    print_table,
    reading,
    settings,
    tell,
    writing,
)

_role = click.Choice([role.value for role in Role])

_new_pin = click.option(
    "--pin",
    prompt="PIN",
    hide_input=True,
    confirmation_prompt="PIN, once more",
    help="At least four digits; asked for, twice, where it is not given.",
)


@click.group("person")
def person() -> None:
    """People who work here and sign in. Nothing they hand out points back to them.

    \b
    Example: comptoir person add Amal --role counter
    """


@person.command("add")
@click.argument("name")
@click.option("--role", type=_role, default=Role.COUNTER.value, show_default=True)
@click.option("--place", metavar="PLACE", help="Where they usually work.")
@_new_pin
@command
def add(name: str, role: str, place: str | None, pin: str) -> None:
    """Add somebody, or give them a new PIN and role; they are then signed out everywhere.

    \b
    Example: comptoir person add Amal --role counter --place CLIP --pin 4071
    """
    from inventory import people

    hashed = people.hash_pin(pin)
    with writing() as session:
        people.put_person(session, name=name, role=Role(role), hashed=hashed, place=place)


@person.command("list")
@as_json
@command
def list_(as_json: bool) -> None:
    """Who works here: role, usual place, whether they have a valid badge, and how many sign-ins are open.

    \b
    Example: comptoir person list --json
    """
    from inventory import badges, days, people, sign_ins

    with reading() as session:
        with_badge = badges.holders(session)
        rows = [
            {
                "name": one.name,
                "role": one.role,
                "place": one.place.code if one.place else None,
                "badge": one.id in with_badge,
                "sign_ins": len(sign_ins.open_of(session, person_id=one.id, today=days.today())),
            }
            for one in people.everybody(session)
        ]
    if as_json:
        print_json(rows)
        return
    shown: list[list[Any]] = [
        [row["name"], row["role"], row["place"], "yes" if row["badge"] else "", row["sign_ins"]]
        for row in rows
    ]
    print_table(["name", "role", "place", "badge", "sign-ins"], shown)


@person.command("role")
@click.argument("name")
@click.argument("role", type=_role)
@command
def role(name: str, role: str) -> None:
    """Give somebody another role; it holds from their next click. The last administrator stays one.

    \b
    Example: comptoir person role Amal logistics
    """
    from inventory import people

    with writing() as session:
        people.set_role(session, person=people.named(session, name), role=Role(role))


@person.command("place")
@click.argument("name")
@click.argument("place", default="")
@command
def place(name: str, place: str) -> None:
    """Where somebody usually works; no place: nowhere in particular. A badge read elsewhere is noticed there.

    \b
    Example: comptoir person place Amal CLIP
    """
    from inventory import people

    with writing() as session:
        people.set_place(session, person=people.named(session, name), place=place)


@person.command("pin")
@click.argument("name")
@_new_pin
@command
def pin(name: str, pin: str) -> None:
    """Give somebody a new PIN; they are signed out everywhere.

    \b
    Example: comptoir person pin Amal --pin 4071
    """
    from inventory import people

    hashed = people.hash_pin(pin)
    with writing() as session:
        people.set_pin(session, person=people.named(session, name), hashed=hashed)


@person.command("badge")
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default="badges.pdf")
@command
def badge(names: tuple[str, ...], output: Path) -> None:
    """Make badges and a sheet to print (PDF). Each gets a new number; the badge before is no longer valid.

    \b
    Example: comptoir person badge Amal Noor --output badges.pdf
    """
    from inventory import people
    from inventory.errors import NotAllowed
    from inventory.messages import Message
    from labels.badges import badge_sheet
    from web.people_pages import make_badges

    language = settings().language
    with writing() as session:
        chosen = [people.named(session, name).id for name in names]
        made = make_badges(session, chosen)
        sheet = badge_sheet(made, title=tell(Message("Badges")), language=language)
        try:
            # Within the transaction: badges nobody can print would only have revoked those there were.
            output.touch(mode=0o600)
            output.write_bytes(sheet)
        except OSError as error:
            told = {"file": str(output), "reason": error.strerror or str(error)}
            raise NotAllowed(Message("%(file)s cannot be written: %(reason)s.", **told)) from error
    click.echo(str(output))


@person.command("revoke")
@click.argument("name")
@click.option("--badge", is_flag=True, help="Revoke the badge only; sign-ins go on.")
@command
def revoke(name: str, badge: bool) -> None:
    """Sign somebody out everywhere and revoke their badge.

    \b
    Example: comptoir person revoke Amal --badge
    """
    from inventory import badges, people, sign_ins

    with writing() as session:
        person_id = people.named(session, name).id
        badges.revoke(session, person_id=person_id)
        if not badge:
            sign_ins.close_all(session, person_id=person_id)


@person.command("remove")
@click.argument("name")
@command
def remove(name: str) -> None:
    """Remove somebody who no longer works here, with their badge and sign-ins.

    \b
    Example: comptoir person remove Amal
    """
    from inventory import people

    with writing() as session:
        people.remove(session, person=people.named(session, name))


@person.command("let-in")
@click.argument("name")
@as_json
@command
def let_in(name: str, as_json: bool) -> None:
    """A link that signs somebody in once, until the service day ends: whatever waits after wrong PINs, this works.

    \b
    Example: comptoir person let-in Amal
    """
    from inventory import days, people, sign_ins

    with writing() as session:
        person_id = people.named(session, name).id
        token = sign_ins.make_link(session, person_id=person_id, today=days.today())
    path = f"/sign-in/link/{token}"
    if as_json:
        print_json({"path": path})
    else:
        click.echo(f"http://127.0.0.1:{settings().served_port()}{path}")
