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
        "serial:///dev/ttyX?baud=9600, file:///path or a path."
    )
    may_have_printed = False


class PrinterUnreachable(PrinterError):
    """No way to the printer: no such name, host, device or folder, or no answer to a call."""

    code = "printer-unreachable"
    sentence = N_("The printer %(url)s cannot be reached: is it on and connected? (%(detail)s)")
    may_have_printed = False


class PrinterRefused(PrinterError):
    """The printer is there and does not accept the job: port closed, in use, or no permission."""

    code = "printer-refused"
    sentence = N_("The printer %(url)s refuses the job: is it in use elsewhere? (%(detail)s)")
    may_have_printed = False


class PrinterTimeout(PrinterError):
    """The job was begun and the printer did not take all of it in time."""

    code = "printer-timeout"
    sentence = N_("The printer %(url)s did not take the whole job in time: look at the paper.")


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
