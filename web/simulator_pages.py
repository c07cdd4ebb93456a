"""The page of the devices made of software: the paper that comes out, what there is to scan, and everything that can go
wrong with both. For administrators; it does nothing to the books that a real scanner could not do."""

from __future__ import annotations

import io
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from PIL import Image
from sqlalchemy import select
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from devices.simulators import paper
from devices.simulators.process import SimulatorAway, tell
from inventory.messages import Message
from inventory.tables import Station
from labels.receipt import Paper as Roll
from web import access, simulated_lists, simulator_codes
from web.live_pages import hub
from web.settings import Settings

bp = Blueprint("simulator", __name__, url_prefix="/simulator")

DOTS_A_COLUMN = 12
COLUMN_PX = 9.6
"""Of a letter on the page, as wide as it stands on paper: pictures go by it."""

ROLL_ENDS_AFTER = 5

PRINTER_STATES = (
    ("ready", "ok", Message("All well")),
    ("near-end", "warn", Message("Roll near its end")),
    ("paper-out", "bad", Message("No paper")),
    ("cover-open", "bad", Message("Cover open")),
    ("off-line", "bad", Message("Off line")),
    ("silent", "bad", Message("No answer")),
)
"""As the machine is told to be."""

FAULTS = (
    ("sends_gs", False, Message("Loses the separator (GS)")),
    ("suffix", "", Message("Sends no Enter")),
    ("chatters", True, Message("Reads twice at one trigger")),
)
"""A setting of the scanner, its value when it is wrong, and what that is called."""

RIGHT = {"sends_gs": True, "suffix": "cr", "chatters": False}

SCANNED = Message("The code was sent. What the counter says to it is on the counter's page.")


@dataclass(frozen=True, slots=True)
class Shown:
    """A paper on the page, its rows from above; `whole`: cut off."""

    number: int
    rows: list[paper.Row]
    whole: bool


@dataclass(frozen=True, slots=True)
class Device:
    """A made-up device of a station: its name in the process, and what it told of itself."""

    name: str
    told: dict[str, Any]
    papers: list[Shown]

    @property
    def is_printer(self) -> bool:
        return bool(self.told["kind"] == "printer")


@bp.get("")
def page() -> AnyResponse | str:
    """The first station that has such devices; where none has, how one gets them."""
    with access.database().reading() as session:
        names = list(simulated_lists.devices(session))
    if not names:
        return render_template("simulator_none.html")
    return redirect(url_for("simulator.station", name=names[0]))


@bp.get("/<name>")
def station(name: str) -> str:
    """The devices of a station. `live` leaves out the codes: they do not change while somebody looks."""
    with access.database().reading() as session:
        known = simulated_lists.devices(session)
        if name not in known:
            abort(404)
        here = session.scalars(select(Station).where(Station.name == name)).one()
        place, roll = here.place.name, Roll(here.paper_mm)
        codes = [] if "live" in request.args else simulator_codes.groups(session, here.place_id)
    told = _told()
    return render_template(
        "simulator.html",
        station=name,
        place=place,
        stations=list(known),
        away=told is None,
        unheard=hub().statuses.view(name)["station"] != "here",
        devices=[_device(one, told[one]) for one in known[name] if told and one in told],
        groups=codes,
        columns=roll.columns,
        states=PRINTER_STATES,
        faults=FAULTS,
        lines=ROLL_ENDS_AFTER,
        pixels=lambda dots: round(dots / DOTS_A_COLUMN * COLUMN_PX),
        kind_of=lambda row: type(row).__name__,
        scanned=SCANNED if request.args.get("told") == "scanned" else None,
        wrong=request.args.get("told") == "wrong",
    )


@bp.post("/<name>")
def act(name: str) -> AnyResponse:
    """Do something to a device of this station."""
    device, what = request.form.get("device", ""), request.form.get("act", "")
    with access.database().reading() as session:
        if device not in simulated_lists.devices(session).get(name, ()):
            abort(404)
    if what not in _ACTS:
        raise BadRequest
    told: str | None = "scanned" if what == "scan" else None
    try:
        tell(Settings.from_environment().simulated, {"device": device, **_ACTS[what]()})
    except ValueError:
        told = "wrong"
    except SimulatorAway:
        told = None  # the page says so
    return redirect(url_for("simulator.station", name=name, told=told), 303)


@bp.get("/<name>/<device>/<int:number>/<int:row>.png")
def picture(name: str, device: str, number: int, row: int) -> Response:
    """A picture on a paper, dot for dot."""
    told = (_told() or {}).get(device)
    if told is None or told["kind"] != "printer" or not device.startswith(f"{name}."):
        abort(404)
    rows = [one.rows for one in _papers(told) if one.number == number]
    found = rows[0][row] if rows and row < len(rows[0]) else None
    if not isinstance(found, paper.Picture):
        abort(404)
    size = (found.width, found.height)
    enough = found.dots.ljust(found.width // 8 * found.height, b"\0")
    image = Image.frombytes("1", size, bytes(byte ^ 0xFF for byte in enough))
    data = io.BytesIO()
    image.save(data, "PNG")
    return Response(data.getvalue(), mimetype="image/png")


def _told() -> dict[str, dict[str, Any]] | None:
    """How every device is; None where their process does not run."""
    try:
        return tell(Settings.from_environment().simulated, {"do": "look"})
    except SimulatorAway:
        return None


def _device(name: str, told: dict[str, Any]) -> Device:
    return Device(name, told, list(reversed(_papers(told))))


def _papers(told: dict[str, Any]) -> list[Shown]:
    return [
        Shown(one["number"], paper.read_paper(b64decode(one["data"])), one["cut"])
        for one in told.get("papers", ())
    ]


def _become() -> dict[str, Any]:
    return {"do": "become", "state": request.form.get("value", "")}


def _set() -> dict[str, Any]:
    """Turn a fault on or off, or pull the plug: `value` says how it is to be."""
    name, wrong = request.form.get("setting", ""), request.form.get("value") == "on"
    faulty = {fault: value for fault, value, _ in FAULTS} | {"plugged": False}
    if name not in faulty:
        raise BadRequest
    right = {**RIGHT, "plugged": True}
    return {"do": "set", "setup": {name: faulty[name] if wrong else right[name]}}


def _scan() -> dict[str, Any]:
    typed = request.form.get("typed") or request.form.get("code", "")
    return {"do": "scan", "code": simulator_codes.read(typed)}


_ACTS: dict[str, Callable[[], dict[str, Any]]] = {
    "become": _become,
    "roll-ends": lambda: {"do": "roll-ends", "lines": ROLL_ENDS_AFTER},
    "tear-off": lambda: {"do": "tear-off"},
    "scan": _scan,
    "set": _set,
}
