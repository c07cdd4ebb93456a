"""What can go wrong with a device: one class and one stable ``code`` per failure."""

from typing import ClassVar


def N_(text: str) -> str:
    """Mark an English sentence for translation; the outer ring translates it."""
    return text


class DeviceError(Exception):
    """Root of this package's errors.

    ``sentence`` is the English text with ``%(name)s`` marks and ``params`` fills them, so that
    the outer ring can say it in another language; ``str()`` is the English.
    """

    code: ClassVar[str] = "device"
    sentence: ClassVar[str] = N_("Something is wrong with a device.")

    def __init__(self, **params: str) -> None:
        self.params = params
        super().__init__(self.sentence % params)


class OutboxError(DeviceError):
    """The outbox's file cannot be written or read (disk full, rights, locked too long)."""

    code = "outbox-failed"
    sentence = N_("The outbox %(path)s cannot be used: %(detail)s.")


class OutboxDamaged(OutboxError):
    """The outbox's file is not a sound database."""

    code = "outbox-damaged"
    sentence = N_("The outbox %(path)s is damaged: %(detail)s.")


class PrinterError(DeviceError):
    """A print job did not get through.

    ``may_have_printed`` tells the queue what it must not guess: False means that not one byte
    left, so sending again is safe; True means *unknown*, and a person has to be asked.
    """

    code = "printer-failed"
    sentence = N_("The printer %(url)s failed: %(detail)s.")
    may_have_printed: ClassVar[bool] = True

    def __init__(self, url: str, **params: str) -> None:
        self.url = url
        super().__init__(url=url, **params)


class PrinterUrlError(PrinterError):
    """The address of a printer cannot be understood."""

    code = "printer-address"
    sentence = N_(
        "“%(url)s” is not the address of a printer: expected tcp://host:port, "
        "serial:///dev/ttyX?baud=9600, usb://vendor:product/serial, or a whole path such as /dev/usb/lp0."
    )
    may_have_printed = False


class PrinterPortError(PrinterUrlError):
    """A name or a number alone: a file of that name would swallow every job, and all would seem printed."""

    code = "printer-port"
    sentence = N_(
        "“%(url)s” has no port: for a printer on the network give %(url)s:9100; a path begins with “/”."
    )


class PrinterUnreachable(PrinterError):
    """No way to the printer: no such name, host, device or folder, or no answer to a call."""

    code = "printer-unreachable"
    sentence = N_("The printer %(url)s cannot be reached: is it on and connected? (%(detail)s)")
    may_have_printed = False


class PrinterAlike(PrinterUnreachable):
    """Several printers of this kind are plugged in."""

    code = "printer-alike"
    sentence = N_(
        "More than one printer answers to %(url)s: add the serial number of the one that is meant, "
        "usb://vendor:product/serial."
    )


class PrinterLibrary(PrinterUnreachable):
    """libusb is not installed."""

    code = "printer-library"
    sentence = N_(
        "The printer %(url)s needs a library of the system: install the package libusb-1.0-0."
    )


class PrinterRefused(PrinterError):
    """The printer is there and does not accept the job: port closed, or in use."""

    code = "printer-refused"
    sentence = N_("The printer %(url)s refuses the job: is it in use elsewhere? (%(detail)s)")
    may_have_printed = False


class PrinterForbidden(PrinterRefused):
    """This account may not open it."""

    code = "printer-forbidden"
    sentence = N_(
        "This account may not use the printer %(url)s: “comptoir devices” shows the rule that lets it."
    )


class PrinterLocked(PrinterForbidden):
    """Another account made the lock file that those who share the printer take turns by."""

    code = "printer-locked"
    sentence = N_(
        "This account may not use the lock of the printer %(url)s: give %(path)s back to it, "
        "or remove that folder."
    )


class PrinterTimeout(PrinterError):
    """The job was begun and the printer did not take all of it in time."""

    code = "printer-timeout"
    sentence = N_(
        "The printer %(url)s did not take the whole job in time: look at the paper, then switch it off and on."
    )


class PrinterStuck(PrinterError):
    """What it gets is lost in the rest of a picture that was broken off; nothing more is sent."""

    code = "printer-stuck"
    sentence = N_("The printer %(url)s is stuck in an earlier paper: switch it off and on.")
    may_have_printed = False


class PrinterReset(PrinterError):
    """The connection broke in the middle of the job."""

    code = "printer-reset"
    sentence = N_("The printer %(url)s broke off in the middle of the job: look at the paper.")


class ServeError(DeviceError):
    """The service did not take a batch of reads. Everything stays in the outbox."""

    code = "serve-failed"
    sentence = N_("The service at %(url)s did not take the reads: %(detail)s.")


class ServeAway(ServeError):
    """The service cannot be reached, broke off, or answered with an error of its own."""

    code = "serve-away"


class ServeForbidden(ServeError):
    """The service does not accept the station's token (401 or 403)."""

    code = "serve-forbidden"
    sentence = N_("The service at %(url)s does not accept this station's token.")


class BatchTooLarge(ServeError):
    """The service finds the batch too large (413)."""

    code = "serve-batch-too-large"
    sentence = N_("The service at %(url)s finds the batch of reads too large.")
