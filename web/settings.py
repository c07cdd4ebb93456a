"""The environment, read once."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inventory.errors import ComptoirError
from inventory.messages import Message
from web.i18n import best_language

if TYPE_CHECKING:
    from inventory.database import Database


DATABASE = "comptoir.db"

PORT = "port"
"""The file of the data folder that tells the port in use."""


class WrongSetting(ComptoirError):
    code = "wrong_setting"


def terminal_language(environ: Mapping[str, str] = os.environ) -> str:
    """The language of whoever sits at the terminal."""
    return best_language(environ.get("LC_ALL") or environ.get("LANG"))


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the data is, which port is served, and the language of whoever sits at the terminal."""

    data: Path
    port: int
    database_url: str
    language: str
    address: str = ""
    """Where phones reach the service, for the codes on paper; else where the station reaches it."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """COMPTOIR_DATA, COMPTOIR_PORT, COMPTOIR_DATABASE_URL, COMPTOIR_ADDRESS, and the terminal's LANG."""
        data = Path(environ.get("COMPTOIR_DATA") or "data").absolute()
        port = environ.get("COMPTOIR_PORT") or "8000"
        if not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
            raise WrongSetting(
                Message(
                    "COMPTOIR_PORT is “%(value)s”; a number from 1 to 65535 is expected.",
                    value=port,
                )
            )
        url = environ.get("COMPTOIR_DATABASE_URL") or cls._own_database(data)
        address = (environ.get("COMPTOIR_ADDRESS") or "").rstrip("/")
        return cls(data, int(port), url, terminal_language(environ), address)

    @staticmethod
    def _own_database(data: Path) -> str:
        return f"sqlite:///{data / DATABASE}"

    def open_database(self) -> Database:
        """The database, made and migrated where there is none yet."""
        from sqlalchemy.exc import SQLAlchemyError

        from inventory.database import open_database

        try:
            # Only this service's own user reads the folder: it holds the key of the read hashes. Nor the database, in
            # a folder that was there before; its write-ahead log takes the same rights.
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.database_url == self._own_database(self.data):
                os.close(os.open(self.data / DATABASE, os.O_CREAT | os.O_RDWR, 0o600))
            return open_database(self.database_url)
        except (OSError, ImportError, SQLAlchemyError, sqlite3.Error) as error:
            reason = str(error).partition("\n")[0]
            raise WrongSetting(
                Message("The database cannot be opened: %(reason)s", reason=reason)
            ) from error

    def has_database(self) -> bool:
        """Whether there is one already: a command that only looks makes none."""
        own = self.database_url == self._own_database(self.data)
        return not own or (self.data / DATABASE).exists()

    def note_port(self) -> None:
        """Keep the port that is served, so that a command in another terminal knows it."""
        with suppress(OSError):  # serving goes on where nothing can be noted
            (self.data / PORT).write_text(str(self.port))

    def served_port(self) -> int:
        """The port the service was last started on here; where it never was, that of the environment."""
        try:
            return int((self.data / PORT).read_text())
        except (OSError, ValueError):
            return self.port

    @property
    def templates(self) -> Path:
        """The spreadsheets that orders are written into, where a supplier wants its own."""
        return self.data / "templates"

    def outbox(self, station: str) -> Path:
        """The durable outbox of a station run on this machine."""
        return self.data / "stations" / f"{station}.outbox"

    def station_token(self, station: str) -> Path:
        """The token of a station run on this machine."""
        return self.outbox(station).with_suffix(".token")

    def station_tokens(self) -> dict[str, str]:
        """The tokens of all stations ever run on this machine."""
        files = self.station_token("").parent.glob("*.token")
        return {file.stem: file.read_text().strip() for file in files}

    @property
    def simulated(self) -> Path:
        """Where the devices made of software have their ports. A station's process finds it beside its outbox."""
        return self.outbox("").parent / "simulated"

    def outboxes(self) -> list[Path]:
        """The outboxes of all stations ever run on this machine."""
        return sorted(self.outbox("").parent.glob("*.outbox"))
