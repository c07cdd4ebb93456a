"""Scanners and printers, for administrators: what each station has and how that is, what is plugged in there, and the
steps by which a scanner or a printer is added. What `comptoir devices setup` does in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from devices.plugged import Holder, Plugged
from devices.self_test import BRACKETED, Found
from inventory import catalogue, printing, stations
from inventory.errors import AlreadyThere, ComptoirError, NotAllowed
from inventory.messages import Message
from inventory.printing import TRIAL
from inventory.tables import Station
from labels import codes
from labels.trial import PAGES
from web import access, language, lost_prints
from web.device_sheet import sheet_pdf
from web.device_words import KINDS, advice, said_of_test, settings, troubles
from web.form import Form
from web.live_pages import hub
from web.print_pages import STATES
from web.printer_address import check_address
from web.printer_trial import answered
from web.scanners import ScannerSetting, WrongScanner
from web.simulated import is_simulated
from web.station_devices import own_tokens, post_of

bp = Blueprint("devices", __name__, url_prefix="/devices")

ROLES = (
    ("", Message("Whoever is being served")),
    ("lane-a", Message("Lane A")),
    ("lane-b", Message("Lane B")),
)
TOLD = {
    "saved": Message("Saved. The station takes it up within ten seconds."),
    "here": Message(
        "The station's process starts on this machine: it says what is plugged in within ten seconds."
    ),
    "removed": Message("Taken off the list. The station lets go of it within ten seconds."),
    "asked": Message("The test receipt is on its way to the printer."),
    "seen": Message(
        "Noted: from now on papers are printed in these letters, and what they lack is drawn."
    ),
}


@bp.get("")
def page() -> str:
    """Each station, what it has, and how that is."""
    with access.database().reading() as session:
        rows = session.scalars(select(Station).order_by(Station.name))
        return render_template("devices.html", posts=[post_of(session, one) for one in rows])


@bp.get("/<name>")
def station(name: str) -> str:
    """One station: its lists, and what is plugged in there, as it tells while somebody looks at this."""
    return _station(name, Form({}))


def _station(name: str, form: Form) -> str:
    statuses = hub().statuses
    with access.database().reading() as session:
        post = post_of(session, catalogue.station(session, name))
    statuses.ask(name)
    told = statuses.setting_up(name)["plugged"]
    return render_template(
        "devices_station.html",
        post=post,
        plugged=None if told is None else [_plugged(one) for one in told],
        listed={row.setting.device: row.setting.name for row in post.scanners},
        kinds=KINDS,
        troubles=troubles,
        roles=dict(ROLES),
        told=TOLD.get(request.args.get("told", "")),
        form=form,
    )


@bp.post("/<name>/here")
def drive_here(name: str) -> AnyResponse:
    """Its devices are plugged into the machine of the service: its process is to run before any is on its list."""
    access.database().write(
        lambda session: stations.drive_here(session, station=name, own_tokens=own_tokens)
    )
    return redirect(url_for("devices.station", name=name, told="here"), 303)


@bp.post("/<name>/elsewhere")
def drive_elsewhere(name: str) -> AnyResponse:
    """That was an error: they are plugged into another machine."""
    access.database().write(lambda session: stations.drive_elsewhere(session, station=name))
    return redirect(url_for("devices.station", name=name), 303)


@bp.get("/<name>/scanner")
def scanner(name: str) -> AnyResponse | str | tuple[str, int]:
    """A scanner is tried with the self-test code; then it is named and saved."""
    device = request.args.get("device", "").strip()
    if not device:
        return redirect(url_for("devices.station", name=name))
    try:
        ScannerSetting.of(device)
    except WrongScanner as wrong:
        return _refused(name, "device", device, wrong), 400
    with access.database().reading() as session:
        listed = _listed(session, name, device)
    first = {"name": listed.name, "role": listed.role} if listed else {}
    return _scanner(name, device, Form(first))


@bp.post("/<name>/scanner/test")
def begin_test(name: str) -> AnyResponse | tuple[str, int]:
    """From now on the station tries this scanner, and serves nobody with it: for three minutes at most."""
    device = request.form.get("device", "").strip()
    try:
        ScannerSetting.of(device)
        access.database().write(lambda session: _make_up(session, name, device))
    except (WrongScanner, AlreadyThere) as wrong:
        return _refused(name, "device", device, wrong), 400
    hub().statuses.begin_test(name, device)
    return redirect(url_for("devices.scanner", name=name, device=device), 303)


@bp.post("/<name>/scanner/test/end")
def end_test(name: str) -> AnyResponse:
    """The scanner serves again."""
    hub().statuses.end_test(name)
    device = request.form.get("device", "")
    return redirect(url_for("devices.scanner", name=name, device=device), 303)


def _scanner(name: str, device: str, form: Form) -> str:
    hub().statuses.ask(name)
    with access.database().reading() as session:
        post = post_of(session, catalogue.station(session, name))
    tried = _tried(name, device)
    found = _found(tried)
    plugged = hub().statuses.setting_up(name)["plugged"] or ()
    return render_template(
        "devices_scanner.html",
        station=name,
        device=device,
        post=post,
        runs=tried["runs"],
        says=said_of_test(tried["state"], tried.get("baud")),
        colour={"waiting": "ok", "other": "warn"}.get(tried["state"], "bad"),
        over=tried["device"] == device and not tried["runs"],
        found=[] if found is None else advice(found),
        rules=[rule for one in plugged if one["device"] == device for rule in one["rules"]]
        if tried["state"] == "forbidden"
        else [],
        simulated=is_simulated(device),
        roles=ROLES,
        form=form,
    )


@bp.post("/<name>/scanner")
def save_scanner(name: str) -> AnyResponse | tuple[str, int]:
    """On the list with what the self-test told. Refused before it told anything, and where the name is another's."""
    form = Form(request.form)
    device = form["device"]
    found = _found(_tried(name, device))
    try:
        if found is None:
            raise NotAllowed(Message("Scan the self-test code first: it tells the settings."))
        setting = ScannerSetting.of(
            device, name=form["name"], role=_role(form["role"]), **settings(found)
        )
        access.database().write(lambda session: _save(session, name, setting))
    except ComptoirError as error:
        form.fault("name" if isinstance(error, AlreadyThere) else "", error.message)
        return _scanner(name, device, form), 400
    hub().statuses.end_test(name)
    return redirect(url_for("devices.station", name=name, told="saved"), 303)


@bp.post("/<name>/scanner/remove")
def remove_scanner(name: str) -> AnyResponse:
    which = request.form.get("name", "")
    access.database().write(
        lambda session: stations.remove_scanner(session, station=name, name=which)
    )
    return redirect(url_for("devices.station", name=name, told="removed"), 303)


@bp.post("/<name>/printer")
def save_printer(name: str) -> AnyResponse | tuple[str, int]:
    """The station prints there from now on."""
    address = request.form.get("printer", "").strip()
    try:
        check_address(address)
    except NotAllowed as wrong:
        return _refused(name, "printer", address, wrong), 400
    access.database().write(
        lambda session: stations.set_printer(session, station=name, printer=address)
    )
    return redirect(url_for("devices.printer", name=name), 303)


@bp.post("/<name>/printer/remove")
def remove_printer(name: str) -> AnyResponse:
    access.database().write(lambda session: stations.set_printer(session, station=name, printer=""))
    return redirect(url_for("devices.station", name=name, told="removed"), 303)


@bp.get("/<name>/printer")
def printer(name: str) -> str | AnyResponse:
    """The printer of a station is tried: a test receipt, and what was seen on it."""
    lost_prints.ask(access.database(), hub().statuses)
    with access.database().reading() as session:
        found = catalogue.station(session, name)
        post = post_of(session, found)
        jobs = [
            STATES[printing.State(job.state)]
            for job in printing.of_today(session)
            if (job.station_id, job.what) == (found.id, TRIAL)
        ][:1]
    if post.printer is None:
        return redirect(url_for("devices.station", name=name))
    return render_template(
        "devices_printer.html",
        post=post,
        jobs=jobs,
        lines=[(str(number), one.value) for number, one in enumerate(PAGES, start=1)],
        seen=request.args.get("told") == "seen",
        nothing=request.args.get("told") == "nothing",
        told=TOLD.get(request.args.get("told", "")),
    )


@bp.post("/<name>/printer/trial")
def trial(name: str) -> AnyResponse:
    """Queue the test receipt: the station's process prints it, wherever it is."""

    def work(session: Session) -> None:
        printing.trial(session, station_id=catalogue.station(session, name).id)

    access.database().write(work)
    return redirect(url_for("devices.printer", name=name, told="asked"), 303)


@bp.post("/<name>/printer/seen")
def seen(name: str) -> AnyResponse:
    """Which numbered lines of it read right; that none does is an answer too, to say nothing is not."""
    lines = set(request.form.getlist("line"))
    if not lines:
        return redirect(url_for("devices.printer", name=name, told="nothing"), 303)
    said = " ".join(sorted(lines - {"0"})) or "0"
    access.database().write(lambda session: answered(session, station=name, said=said))
    return redirect(url_for("devices.printer", name=name, told="seen"), 303)


@bp.get("/self-test.svg")
def self_test() -> Response:
    """The code that tells everything of a scanner."""
    drawn = codes.svg(codes.draw(codes.Symbology.GS1_128, BRACKETED))
    return Response(drawn, mimetype="image/svg+xml")


@bp.get("/sheet.pdf")
def sheet() -> Response:
    """The same code and those that configure scanners, to print."""
    response = Response(sheet_pdf(language.current()), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename="scanners.pdf")
    return response


def _plugged(told: Mapping[str, Any]) -> Plugged:
    """A device as its station told of it."""
    plain = {key: value for key, value in told.items() if key not in ("held_by", "rules")}
    holders = tuple(Holder(0, program) for program in told["held_by"])
    return Plugged(**plain, holders=holders, rules=tuple(told["rules"]))


def _tried(name: str, device: str) -> Mapping[str, Any]:
    """How far the self-test of this device is: what another one tells is not for it."""
    tested: Mapping[str, Any] | None = hub().statuses.setting_up(name)["self_test"]
    if tested is None or tested["device"] != device:
        return {"device": "", "state": "", "found": None, "runs": False}
    return tested


def _found(tried: Mapping[str, Any]) -> Found | None:
    return Found(**tried["found"]) if tried["found"] else None


def _listed(session: Session, name: str, device: str) -> ScannerSetting | None:
    """The scanner that is on the list with this device already."""
    rows = stations.scanners(session, station=name)
    return next((ScannerSetting.listed(one) for one in rows if one.device == device), None)


def _make_up(session: Session, name: str, device: str) -> None:
    """A made-up scanner is there once it is on the list: before, there is nothing to try. Raises NotOnTheLists,
    AlreadyThere."""
    if _listed(session, name, device) is None and is_simulated(device):
        called = device.replace(":", " ").strip()
        _save(session, name, ScannerSetting.of(device, name=called))


def _save(session: Session, name: str, setting: ScannerSetting) -> None:
    """Under its name; under another one than before, it is not there twice. Raises AlreadyThere."""
    before = _listed(session, name, setting.device)
    names = {one.name for one in stations.scanners(session, station=name)}
    if setting.name in names and (before is None or before.name != setting.name):
        raise AlreadyThere(
            Message("Another scanner of this station is called %(name)s.", name=setting.name)
        )
    if before is not None and before.name != setting.name:
        stations.remove_scanner(session, station=name, name=before.name)
    stations.set_scanner(session, station=name, **asdict(setting))


def _role(text: str) -> str:
    return text if text in dict(ROLES) else ""


def _refused(name: str, field: str, typed: str, error: ComptoirError) -> str:
    form = Form({field: typed})
    form.fault(field, error.message)
    return _station(name, form)
