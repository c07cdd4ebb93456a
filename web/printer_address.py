"""Which addresses of a printer a page takes: those of printers. A file would swallow every paper, and might be one that
is needed: that is for whoever has the machine itself (`comptoir station add`)."""

from __future__ import annotations

from os.path import normpath

from devices.errors import PrinterUrlError
from devices.transport import FileTransport, SerialTransport, open_transport
from inventory.errors import NotAllowed
from inventory.messages import Message
from web.simulated import is_simulated

NONE_GIVEN = Message(
    "Give the address of the printer, such as tcp://192.0.2.7:9100, or choose one that is plugged in."
)


def check_address(address: str) -> None:
    """On the network, on USB, under /dev, or simulated. Raises NotAllowed."""
    if is_simulated(address):
        return
    if not address:
        raise NotAllowed(NONE_GIVEN)
    try:
        way = open_transport(address)
    except PrinterUrlError as error:
        raise NotAllowed(Message(error.sentence, **error.params)) from error
    match way:
        case SerialTransport(device=path) | FileTransport(path=path):
            if not normpath(path).startswith("/dev/"):
                raise NotAllowed(
                    Message(
                        "“%(path)s” is a file, not a printer: the path of a printer begins with /dev/.",
                        path=str(path),
                    )
                )
