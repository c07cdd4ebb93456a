"""What is the same for every test.

Drawn at random, a test run of the same code would fail now and then, and nobody would know of which change: `make test`
draws the same each time, `make test-long` anew. No test has a deadline: speed is measured in `tests.bench`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from xdist.scheduler import LoadFileScheduling

from devices import printer
from inventory import database, people
from tests import LONG, postgres, templates
from tests.web.counter import chromium

settings.register_profile("comptoir", derandomize=not LONG, deadline=None)
settings.load_profile("comptoir")


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """A file's tests go to one worker, which so sets up once what they share; all of `tests/hardware` shares a machine
    that takes half a minute to start."""

    def _split_scope(self, nodeid: str) -> str:
        shared = "tests/hardware/"
        return shared if nodeid.startswith(shared) else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first: one that begins last would be waited for."""
    long = {
        one.path for one in items for mark in ("slow", "browser") if one.get_closest_marker(mark)
    }
    items.sort(key=lambda one: one.path not in long)


@pytest.fixture(scope="session", autouse=True)
def _set_up_in_no_time(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A PIN is slow to check, a page to compile, a database to migrate, on purpose and once: not in each of thousands.

    What a PIN costs in the product is checked in `tests.web.test_sign_in`, how a database comes to be in
    `tests.inventory.test_migrations`. And printers of other test processes that have the same address are others.
    """
    compiled = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", compiled)
        patch.setattr(people, "_hasher", quick)
        patch.setattr(database, "migrate", templates.migrate)
        patch.setattr(printer, "gettempdir", lambda: str(tmp_path_factory.getbasetemp()))
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Started once: a start costs as much as a test."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server: the URL of its databases, up to the name."""
    with postgres.server() as url:
        yield url
