"""A PostgreSQL server of our own for the tests: in a temporary folder, behind a socket, without a port."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from tests.inventory.house import fast_folder

USER = "comptoir"
ORDER = "LOCALE_PROVIDER icu ICU_LOCALE 'fr-BE'"
# The tests prove what happens between transactions, not what a power cut leaves.
OPTIONS = "-c listen_addresses='' -c fsync=off -c max_connections=300 -c deadlock_timeout=100ms"


def binaries() -> Path:
    """The folder of initdb and pg_ctl. Where there is none the test is skipped; in CI it fails."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    on_path = shutil.which("initdb")
    if versions:
        return versions[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    reason = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _version(initdb: Path) -> int:
    name = initdb.parent.parent.name
    return int(name) if name.isdigit() else 0


@contextmanager
def server() -> Iterator[str]:
    """A running server: gives the URL of its databases, up to the name."""
    folder = fast_folder()
    data = folder / "data"
    found = binaries()
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        user = [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
        prefix = ["setpriv", *user]
    else:
        prefix = []

    def run(program: str, *arguments: str) -> None:
        command = [*prefix, str(found / program), "-D", str(data), *arguments]
        done = subprocess.run(command, cwd=folder, stdout=log, stderr=log, check=False)
        assert done.returncode == 0, (folder / "log").read_text(errors="replace")

    try:
        with (folder / "log").open("ab") as log:
            run("initdb", "--auth=trust", f"--username={USER}", "--no-sync", "--encoding=UTF8")
            # `-w` waits until the server answers.
            run("pg_ctl", "-w", "-o", f"{OPTIONS} -k {folder}", "start")
            try:
                yield f"postgresql+psycopg://{USER}@/{{}}?host={folder}"
            finally:
                run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def create(server: str, *, copy_of: str = "") -> str:
    """The URL of a new database on the server, where text is ordered as people of here order it, not byte by byte;
    or of a copy of one."""
    name = f"test_{uuid4().hex}"
    how = f'"{make_url(copy_of).database}"' if copy_of else f'"template0" {ORDER}'
    with _administering(server).connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE {how}'))
    return server.format(name)


@cache
def _administering(url: str) -> Engine:
    """Kept: connecting takes as long as copying a database."""
    return create_engine(url.format("postgres"), isolation_level="AUTOCOMMIT")
