"""The sheet that goes with setting up scanners, in words.

Only codes that a source documents are on it. Honeywell's are menu commands, the same by a code or over a cable ("Serial
Programming Commands" in each of its user guides, such as that of the Xenon 1910, chapter 12); the point stores them:

- PAP124 and TRMUSB130: terminals 124, PC keyboard, and 130, USB serial (user guide CS19A, Terminal ID Table, page 6-4;
  both seen to work on a Genesis 7580g);
- VSUFCR: "Add CR suffix to all symbologies" (user guide N36XX);
- KBDCTY0: keyboard country 0, United States (user guide 1200g, page A-7). That of Belgium is in no source at hand, and
  sources differ about that of France; neither is needed.

Of no maker a documented code for AIM identifiers or the separator was found, and none at all of Zebra, Datalogic and
Netum: their guides print pictures alone. Chapters go by the names they have there (Zebra DS9208, Datalogic Gryphon
GD44XX, Netum NT-1228).
"""

from __future__ import annotations

from devices.self_test import BRACKETED
from inventory.messages import Message
from labels.scanner_sheet import Order, ScannerSheet, scanner_sheet
from web.i18n import say

TITLE = Message("Setting up a scanner")
STEPS = (
    Message("Plug it in, and begin: “comptoir devices setup”, or the page “Devices”."),
    Message("Scan the self-test code. What it tells is written down as the scanner's settings."),
    Message("Is something wrong? Scan a code below, with the others covered, and test again."),
)
ORDERS = {
    "VSUFCR.": Message("Enter after each read"),
    "KBDCTY0.": Message("US keyboard"),
    "PAP124.": Message("Types as a keyboard (USB)"),
    "TRMUSB130.": Message("Sends characters: USB serial port"),
}
BOOKLETS = {
    "Honeywell": "AIM ID, Control + ASCII",
    "Zebra, Symbol": "Transmit Code ID Character, Prefix/Suffix Values, Simulated Caps Lock",
    "Datalogic": "Global AIM ID, Country Mode, USB Keyboard Settings",
    "Netum": "Keyboard Language, Case Settings",
}


def sheet_pdf(language: str) -> bytes:
    """The sheet as a PDF."""

    def words(message: Message) -> str:
        return say(message, language)

    sheet = ScannerSheet(
        title=words(TITLE),
        steps=tuple(words(step) for step in STEPS),
        self_test=BRACKETED,
        maker="Honeywell",
        orders_note=words(
            Message(
                "A US, a Belgian and a French keyboard are all read: only another one needs the second code."
            )
        ),
        orders=tuple(Order(words(does), command) for command, does in ORDERS.items()),
        others=words(Message("Other makers, and everything else")),
        others_note=words(
            Message(
                "See your scanner's booklet: these codes are documented nowhere as text. The self-test says what is "
                "needed; look for:"
            )
        ),
        booklets=tuple(BOOKLETS.items()),
    )
    return scanner_sheet(sheet, language=language)
