"""The example organisation in a folder of its own, and the command line inside this process, where a start is cheap."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests import templates
from tests.e2e.processes import Here, free_port
from web.cli import common, main


@dataclass(frozen=True)
class CommandLine:
    """`comptoir …` called as a function: its help, its answers, its exit codes."""

    here: Here

    def run(self, *arguments: str | Path, typed: bytes = b"", code: int = 0) -> Result:
        common.settings.cache_clear()
        common.database.cache_clear()
        result = CliRunner().invoke(
            main, [*map(str, arguments)], input=typed, env=self.here.environment
        )
        if common.database.cache_info().currsize:
            common.database().close()
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    def json(self, *arguments: str | Path) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)


def with_example(folder: Path) -> Here:
    """A folder that holds the example organisation."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    templates.example(folder / "comptoir.db")
    return Here(folder, free_port())


@pytest.fixture
def example(tmp_path: Path) -> CommandLine:
    """The example organisation, for this test alone."""
    return CommandLine(with_example(tmp_path / "data"))


@pytest.fixture
def empty(tmp_path: Path) -> CommandLine:
    """A folder that does not exist yet."""
    return CommandLine(Here(tmp_path / "data", free_port()))


@pytest.fixture
def under_dev() -> Iterator[Path]:
    """A folder where paths of devices are."""
    with TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """The example organisation, served by a process of its own."""
    here = with_example(tmp_path_factory.mktemp("service") / "data")
    with here.serving():
        yield CommandLine(here)


_numbers = count(1)


@dataclass(frozen=True)
class Station:
    name: str
    token: str


@pytest.fixture
def station(service: CommandLine) -> Station:
    """A counter of its own at CLIP, so that no test meets another's session."""
    return add_station(service, "hand-out")


def add_station(service: CommandLine, mode: str, place: str = "CLIP", *more: str) -> Station:
    name = f"S{next(_numbers)}"
    service.run("station", "add", name, "--place", place, "--mode", mode, *more)
    return Station(name, service.json("station", "token", name)["token"])
