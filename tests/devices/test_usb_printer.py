"""A printer on USB, found by what its descriptors say, borrowed from the kernel for a job and given back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from usb.backend import libusb1

from devices.errors import (
    PrinterAlike,
    PrinterError,
    PrinterForbidden,
    PrinterLibrary,
    PrinterRefused,
    PrinterReset,
    PrinterTimeout,
    PrinterUnreachable,
    PrinterUrlError,
)
from devices.printer import Health, Outcome, Patience, Printer
from devices.transport import open_transport
from tests.devices.test_printer import JOB, QUICK, never, picture
from tests.devices.usb_backend import BULK, INTERRUPT, Bus, Face, Plugged

URL = "usb://04b8:0e15"
USE = ["claimed 0", "released", "closed"]

HASTY = Patience(answer_s=0.1, through_s=0.2, mended_s=0.3, look_s=0.05)

Plug = Callable[..., Bus]


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Plug:
    def plugged(*devices: Plugged) -> Bus:
        bus = Bus(*devices)
        monkeypatch.setattr(libusb1, "get_backend", lambda: bus)
        return bus

    return plugged


def test_a_job_is_printed_and_the_kernel_has_its_printer_back(plug: Plug) -> None:
    one = Plugged()
    plug(one)
    heard: list[Health] = []
    printer = Printer(URL, heard.append)
    assert printer.print(lambda: JOB) is Outcome.PRINTED
    assert one.paper.cuts.get_nowait() == bytes(one.paper.printed) == JOB
    assert heard == [Health.READY]
    assert printer.look() is Health.READY
    assert one.said == ["detached", *USE, *USE], "no driver comes and goes with each look"
    printer.close()
    assert one.driver
    assert one.said[-2:] == ["attached", "closed"]


def test_what_no_driver_held_is_given_to_none(plug: Plug) -> None:
    one = Plugged(driver=False, drivable=False)
    plug(one)
    with closing(Printer(URL)) as printer:
        assert printer.look() is Health.READY
    assert not one.driver
    assert one.said == [*USE, "closed"]


def test_the_kernel_has_back_what_a_killed_process_had_borrowed(plug: Plug) -> None:
    one = Plugged(driver=False)
    plug(one)
    with closing(Printer(URL)) as printer:
        assert printer.look() is Health.READY
    assert one.driver


def test_it_is_given_back_though_another_one_like_it_was_plugged_in_since(plug: Plug) -> None:
    """Of which the address is, nobody can say any more; without a driver it could be had by no address."""
    one = Plugged()
    bus = plug(one)
    with closing(Printer(URL)) as printer:
        assert printer.look() is Health.READY
        assert not one.driver
        bus.plugged.append(Plugged())
    assert [plugged.driver for plugged in bus.plugged] == [True, True]


def test_what_somebody_else_holds_is_not_given_back_for_them(plug: Plug) -> None:
    one = Plugged(driver=False, held=True)
    plug(one)
    with closing(Printer(URL)) as printer:
        assert printer.look() is Health.SILENT
    assert not one.driver


@pytest.mark.parametrize("state", ["paper-out", "cover-open", "off-line", "near-end"])
def test_it_says_how_it_is(plug: Plug, state: str) -> None:
    one = Plugged()
    one.paper.become(state)
    plug(one)
    assert Printer(URL).look() == state


@pytest.mark.parametrize(
    ("faces", "setting"),
    [
        ((Face(0, class_=255), Face(1, endpoints=((0x03, BULK), (0x84, BULK)))), 0),
        ((Face(endpoints=((0x85, INTERRUPT), (0x86, BULK), (0x07, BULK))),), 0),
        ((Face(protocol=1, endpoints=((0x01, BULK),)), Face(setting=1)), 1),
        ((Face(protocol=3), Face(setting=1, protocol=2)), 1),
    ],
    ids=["second interface", "endpoints of any number", "one-way first", "packets first"],
)
def test_interface_and_endpoints_are_those_of_the_descriptors(
    plug: Plug, faces: tuple[Face, ...], setting: int
) -> None:
    one = Plugged(faces=faces)
    plug(one)
    assert Printer(URL).print(lambda: JOB) is Outcome.PRINTED
    assert (one.setting, bytes(one.paper.printed)) == (setting, JOB)


def test_one_without_a_way_back_gets_the_job_at_once_and_is_unknown(plug: Plug) -> None:
    one = Plugged(faces=(Face(protocol=1, endpoints=((0x01, BULK),)),))
    plug(one)
    forever = Patience(answer_s=900, look_s=900)
    assert Printer(URL, patience=forever).print(lambda: JOB) is Outcome.UNKNOWN
    assert one.paper.cuts.get_nowait() == JOB


@pytest.mark.parametrize("printed", [1, 100, len(JOB)])
def test_unplugged_in_the_middle_is_unknown(plug: Plug, printed: int) -> None:
    one = Plugged()
    plug(one)
    one.paper.at[printed] = one.unplug
    heard: list[Health] = []
    printer = Printer(URL, heard.append)
    assert printer.print(lambda: JOB) is Outcome.UNKNOWN
    assert printer.print(never) is Outcome.NOT_SENT, "nobody is there"
    one.gone = False
    while not one.heard.empty():
        one.heard.get()
    assert printer.print(lambda: JOB) is Outcome.PRINTED, "plugged back it goes on"
    assert heard == [Health.READY, Health.SILENT, Health.READY]


def test_a_full_buffer_that_does_not_empty_is_unknown(plug: Plug) -> None:
    one = Plugged(takes=100)
    plug(one)
    assert Printer(URL, patience=QUICK).print(lambda: JOB) is Outcome.UNKNOWN
    assert one.said == ["detached", *USE]


def test_a_full_buffer_is_waited_for_while_somebody_mends_it(plug: Plug) -> None:
    one = Plugged(takes=200)
    plug(one)

    def hear(health: Health) -> None:
        if health is Health.OFF_LINE:
            one.takes = 10_000

    assert Printer(URL, hear, QUICK).print(lambda: JOB) is Outcome.PRINTED
    assert bytes(one.paper.printed) == JOB


def test_after_a_broken_off_picture_nothing_is_sent_until_it_was_switched_off_and_on(
    plug: Plug, caplog: pytest.LogCaptureFixture
) -> None:
    """It answers in real time all the while: what it gets would be dots of the picture."""
    one = Plugged()
    one.paper.eager = True
    plug(one)
    heard: list[Health] = []
    printer = Printer(URL, heard.append, HASTY)
    assert printer.print(lambda: JOB) is Outcome.PRINTED
    one.takes = 5_000
    assert printer.print(lambda: picture(9_600)) is Outcome.UNKNOWN
    one.takes = 1_000_000
    caplog.clear()
    for _ in range(3):
        assert printer.print(never) is Outcome.NOT_SENT
    assert printer.look() is Health.OFF_LINE
    assert [one.getMessage() for one in caplog.records] == [
        f"The printer {URL} is stuck in an earlier paper: switch it off and on."
    ]
    one.paper.held.clear()
    assert printer.print(lambda: JOB) is Outcome.PRINTED
    assert printer.look() is heard[-1] is Health.READY
    assert bytes(one.paper.printed) == JOB + b"\x1b@" + JOB, "of the picture not one dot"


def test_a_late_answer_is_not_the_next_jobs(plug: Plug) -> None:
    one = Plugged()
    plug(one)
    printer = Printer(URL, patience=HASTY)
    assert printer.print(lambda: JOB) is Outcome.PRINTED
    one.paper.late = []
    assert printer.print(lambda: JOB) is Outcome.UNKNOWN
    assert printer.print(never) is Outcome.NOT_SENT, "it is not through with the one before"
    one.paper.catch_up()
    one.paper.at[len(one.paper.printed) + 1] = lambda: setattr(one.paper, "late", [])
    assert printer.print(lambda: JOB) is Outcome.UNKNOWN, "its own answer never came"
    one.paper.catch_up()
    assert printer.print(lambda: JOB) is Outcome.PRINTED


@pytest.mark.parametrize("killed", [False, True], ids=["its own first job", "of a killed process"])
def test_a_late_answer_to_the_first_job_is_not_the_seconds(plug: Plug, killed: bool) -> None:
    one = Plugged()
    plug(one)
    one.paper.late = [b"\x00"] if killed else []
    printer = Printer(URL, patience=HASTY, in_doubt=killed)
    if not killed:
        assert printer.print(lambda: JOB) is Outcome.UNKNOWN

    def owed_only() -> None:
        one.paper.catch_up()
        one.paper.late = []

    one.paper.at[len(one.paper.printed) + 1] = owed_only
    assert printer.print(lambda: JOB) is Outcome.UNKNOWN
    one.paper.catch_up()
    assert printer.print(lambda: JOB) is Outcome.PRINTED


def test_a_job_taken_in_pieces_arrives_whole(plug: Plug) -> None:
    one = Plugged(packet=8)
    bus = plug(one)
    write = bus.bulk_write
    bus.bulk_write = lambda *a: write(a[0], a[1], a[2], a[3][:7], a[4])  # type: ignore[method-assign]
    open_transport(URL).send(JOB, 5)
    assert bytes(one.paper.printed) == JOB


def test_two_alike_are_told_apart_by_their_serial_number(plug: Plug) -> None:
    first, second = Plugged(serial="A1"), Plugged(serial="B/2")
    plug(first, second)
    with pytest.raises(PrinterAlike, match="serial number"):
        open_transport(URL).send(JOB, 1)
    assert Printer(f"{URL}/B%2F2").print(lambda: JOB) is Outcome.PRINTED
    assert (len(first.paper.printed), bytes(second.paper.printed)) == (0, JOB)
    with pytest.raises(PrinterUnreachable):
        open_transport(f"{URL}/C3").send(JOB, 1)


def failed(job: Callable[[], None], kind: type[PrinterError]) -> PrinterError:
    with pytest.raises(PrinterError) as raised:
        job()
    assert type(raised.value) is kind
    return raised.value


@pytest.mark.parametrize(
    ("device", "kind", "words"),
    [
        (Plugged(vendor=1), PrinterUnreachable, "is it on and connected"),
        (Plugged(faces=(Face(class_=3),)), PrinterUnreachable, "no printer"),
        (Plugged(held=True, driver=False), PrinterRefused, "in use elsewhere"),
        (Plugged(forbidden=True), PrinterForbidden, "comptoir devices"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_was_sent(
    plug: Plug, device: Plugged, kind: type[PrinterError], words: str
) -> None:
    plug(device)
    error = failed(lambda: open_transport(URL).send(JOB, 1), kind)
    assert words in str(error) and not error.may_have_printed
    expected = Health.FORBIDDEN if kind is PrinterForbidden else Health.SILENT
    with closing(Printer(URL)) as printer:
        assert printer.look() is expected
        assert printer.print(never) is Outcome.NOT_SENT


def test_one_that_may_not_be_asked_its_number_is_no_stranger(plug: Plug) -> None:
    plug(Plugged(forbidden=True))
    failed(lambda: open_transport(f"{URL}/J4QX001").send(JOB, 1), PrinterForbidden)


def test_in_the_middle_the_job_is_in_doubt(plug: Plug) -> None:
    one = Plugged(takes=50)
    plug(one)
    assert failed(lambda: open_transport(URL).send(JOB, 0.05), PrinterTimeout).may_have_printed
    one.takes = 1000
    one.paper.at[60] = one.unplug
    assert failed(lambda: open_transport(URL).send(JOB, 5), PrinterReset).may_have_printed


def test_without_libusb_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libusb1, "get_backend", lambda: None)
    error = failed(lambda: open_transport(URL).send(JOB, 1), PrinterLibrary)
    assert "libusb-1.0-0" in str(error) and not error.may_have_printed


@pytest.mark.parametrize(
    "url",
    [
        "usb://",
        "usb://04b8",
        "usb://04b8:e15",
        "usb://04b8:0e15/",
        "usb://04b8:0e15/a/b",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(PrinterUrlError):
        open_transport(url)
