"""The units of deploy/systemd, as systemd itself reads them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from devices.plugged import PRINTER_GROUP, SCANNER_GROUP

NAMES = ["comptoir.service", "comptoir-station@.service"]
UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
MOST_EXPOSED = 20
"""In tenths, of a hundred: a service without any of it has 96."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed"
)


def analyze(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    run = ["systemd-analyze", *arguments]
    return subprocess.run(run, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(params=NAMES)
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A unit as it would be started on a machine where the product is installed."""
    name: str = request.param
    file = tmp_path / name.replace("@.", "@CLIP.")
    file.write_text((UNITS / name).read_text().replace("/opt/comptoir/bin/comptoir", "/bin/true"))
    return file


@needs_systemd
def test_systemd_understands_every_line(unit: Path) -> None:
    said = analyze("verify", "--man=no", f"./{unit.name}", folder=unit.parent)
    assert (said.returncode, said.stderr) == (0, "")
    unit.write_text(unit.read_text().replace("DeviceAllow", "DeviceAllowed"))
    assert (
        "DeviceAllowed"
        in analyze("verify", "--man=no", f"./{unit.name}", folder=unit.parent).stderr
    )


@needs_systemd
def test_little_is_left_that_it_could_harm(unit: Path) -> None:
    arguments = ["security", "--offline=yes", f"--threshold={MOST_EXPOSED}", f"./{unit.name}"]
    said = analyze(*arguments, folder=unit.parent)
    assert said.returncode == 0, said.stdout


NEEDS = {
    "Wants": {"modprobe@usbserial.service", "modprobe@cdc_acm.service"},
    "After": {"modprobe@usbserial.service", "modprobe@cdc_acm.service"},
    "SupplementaryGroups": {SCANNER_GROUP, PRINTER_GROUP},
    "RestrictAddressFamilies": {"AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"},
    "DeviceAllow": {
        "char-input r",  # keyboards
        *(f"char-{driver} rw" for driver in ("ttyUSB", "ttyACM", "ttyS")),
        "char-usb rw",  # /dev/usb/lp0
        "char-usb_device rw",  # libusb
    },
}
"""What every kind of device, and udev, wants of a unit that may open nothing else."""


@pytest.mark.parametrize("name", NAMES)
def test_each_kind_of_device_may_be_opened(name: str) -> None:
    """A driver that is loaded only when the first device is plugged in is unknown when the unit starts."""
    told: dict[str, set[str]] = {}
    for line in (UNITS / name).read_text().splitlines():
        key, _, value = line.partition("=")
        told.setdefault(key, set()).update([value] if key == "DeviceAllow" else value.split())
    for key, wanted in NEEDS.items():
        assert wanted <= told[key], key
    assert told["DeviceAllow"] == NEEDS["DeviceAllow"]


def test_the_groups_of_devices_are_made() -> None:
    made = (UNITS / "comptoir.sysusers.conf").read_text().split()
    assert {SCANNER_GROUP, PRINTER_GROUP} <= set(made)


def test_nobody_reads_every_keyboard() -> None:
    for file in (UNITS.parent).rglob("*"):
        if file.suffix in (".service", ".rules", ".conf"):
            orders = [line for line in file.read_text().splitlines() if not line.startswith("#")]
            assert not any(
                word == "input" for line in orders for word in line.split("=")[-1].split()
            )
