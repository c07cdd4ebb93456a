"""A pseudo-terminal under a steady name: as under by-id, the name is a link that comes and goes with the plug."""

import errno
import os
import tty
from contextlib import suppress
from pathlib import Path

CHUNK = 4096


class Port:
    """This side is the device's; whoever opens `path` is the computer it is plugged into.

    `fd` is to be watched edge-triggered: while nobody has the port open, it says so for ever.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd: int | None = None
        self._line = ""

    def plug(self) -> None:
        """Make the line. It has its name only once `appear` is called. Raises OSError."""
        if self.fd is not None:
            return
        self.fd, other_side = os.openpty()
        os.set_blocking(self.fd, False)
        tty.setraw(other_side)  # no echo: what nobody reads must not come back
        self._line = os.ttyname(other_side)
        os.close(other_side)

    @property
    def is_there(self) -> bool:
        """Whether it has its name."""
        return self.fd is not None and not self._line

    def appear(self) -> None:
        """Give it its name."""
        part = self.path.with_name(f".{self.path.name}.part")
        part.unlink(missing_ok=True)
        part.symlink_to(self._line)
        part.replace(self.path)
        self._line = ""

    def unplug(self) -> None:
        """Disappear: for whoever has it open it is gone."""
        if self.fd is not None:
            self.path.unlink(missing_ok=True)
            os.close(self.fd)
            self.fd = None

    def receive(self) -> bytes | None:
        """What has come; b"" where nothing has, None where nobody has the port open."""
        if self.fd is None:
            return b""
        try:
            return os.read(self.fd, CHUNK)
        except BlockingIOError:
            return b""
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return None

    def send(self, data: bytes) -> None:
        """To whoever has the port open. What they do not fetch is lost, as on a real line."""
        if self.fd is not None:
            with suppress(OSError):
                os.write(self.fd, data)
