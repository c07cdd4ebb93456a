"""Unopened material that was brought back: a line of its own in the tally, which reduces nothing."""

from __future__ import annotations

from inventory import catalogue, ledger, tally
from inventory.database import Database
from inventory.tally import UnopenedRow
from web.tally_formats import tally_dict

from .house import NOW, TODAY, assert_sound, command, picture, raw_read, send


def told(database: Database, **asked: object) -> tally.Tally:
    with database.reading() as session:
        assert_sound(session)
        return tally.tally(session, first=TODAY, last=TODAY, **asked)  # type: ignore[arg-type]


def test_it_stands_by_itself_while_the_shift_is_open_and_afterwards(database: Database) -> None:
    syringe, cup = picture(database, "SER"), picture(database, "CUP")
    back = [command("brought-back"), syringe, command("times-2"), command("brought-back"), cup]
    send(database, "CLIP-1", [raw_read(code, NOW) for code in [syringe, syringe, *back]])
    expected = [UnopenedRow("CUP", "counter", "CLIP", 2), UnopenedRow("SER", "counter", "CLIP", 1)]
    for close in (False, True):
        if close:
            send(database, "CLIP-1", [raw_read(command("close-shift"), NOW)])
        found = told(database)
        assert found.unopened == expected
        assert found.brought_back == 3
        assert sum(row.handed_out for row in found.rows) == 2
        assert (found.returned, found.shortfall) == (0, 2)
        assert told(database, place="CLIP", channel="counter").unopened == expected
        assert told(database, place="VAN").unopened == []
        assert told(database, channel="rounds").unopened == []
        assert tally_dict(found)["unopened"][0]["pieces"] == 2


def test_what_a_desk_took_in_stands_with_the_quarantine(database: Database) -> None:
    with database.writing() as session:
        ledger.transfer(
            session,
            from_place=catalogue.place(session, "handed-out"),
            to_place=catalogue.place(session, "QUAR"),
            item=catalogue.item(session, "CUP"),
            pieces=4,
            day=TODAY,
        )
    assert told(database).unopened == [UnopenedRow("CUP", "", "QUAR", 4)]
    assert told(database, place="QUAR").brought_back == 4
    assert told(database, place="CLIP").unopened == []
