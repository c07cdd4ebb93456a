"""Photographs of articles, from files named by their codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from sqlalchemy import select

from inventory import photos as item_photos
from inventory.errors import ComptoirError
from inventory.messages import Message
from inventory.tables import Item
from web import photographs
from web.cli.common import BAD_INPUT, as_json, command, print_json, reading, tell, writing

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


@click.command("photos")
@click.argument(
    "sources", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FOLDER|FILE…"
)
@as_json
@command
def photos(sources: tuple[Path, ...], as_json: bool) -> None:
    """Take in photographs of articles: files named by the article's code, such as KIT-INJ.jpg. All or nothing.

    They are made small, and lose place and time of their taking. An article that has one already gets the new one.

    \b
    Example: comptoir photos photographs/ SER1.jpg
    """
    with reading() as session:
        codes = {code.casefold(): code for code in session.scalars(select(Item.code))}
    images: dict[str, bytes] = {}
    faults: list[tuple[Path, Message]] = []
    for file in _files(sources):
        try:
            images[_article(file, codes)] = photographs.prepare(_bytes(file))
        except ComptoirError as error:
            faults.append((file, error.message))
    if faults:
        _refuse(faults, as_json=as_json)
    with writing() as session:
        for item, image in images.items():
            item_photos.put(session, item=item, image=image)
    if as_json:
        print_json({"imported": sorted(images), "faults": []})
    else:
        click.echo(f"{len(images)} ✓")


def _files(sources: Sequence[Path]) -> Iterator[Path]:
    """The files named, and of folders what may be a photograph."""
    for source in sources:
        if source.is_dir():
            yield from sorted(one for one in source.iterdir() if one.suffix.lower() in SUFFIXES)
        else:
            yield source


def _article(file: Path, codes: dict[str, str]) -> str:
    found = codes.get(file.stem.casefold())
    if found is None:
        raise photographs.NotAPhotograph(
            Message("No article has the code %(code)s. Name the file by one.", code=file.stem)
        )
    return found


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(photographs.MOST_BYTES + 1)
    except OSError as error:
        raise photographs.NotAPhotograph(
            Message("The file cannot be read: %(reason)s", reason=error.strerror or "")
        ) from None


def _refuse(faults: Sequence[tuple[Path, Message]], *, as_json: bool) -> None:
    told = [{"file": str(file), "message": tell(message)} for file, message in faults]
    if as_json:
        print_json({"imported": [], "faults": told})
    else:
        for one in told:
            click.echo(f"{one['file']}: {one['message']}", err=True)
        click.echo(tell(Message("Nothing was changed.")), err=True)
    raise click.exceptions.Exit(BAD_INPUT)
