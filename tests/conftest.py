"""What is the same for every test.

Drawn at random, a test run of the same code would fail now and then, and nobody would know of which change: `make test`
draws the same each time, `make test-long` anew. No test has a deadline: speed is measured in `tests.bench`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from inventory import people
from tests import LONG

settings.register_profile("comptoir", derandomize=not LONG, deadline=None)
settings.load_profile("comptoir")


@pytest.fixture(scope="session", autouse=True)
def _set_up_in_no_time(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A PIN is slow to check and a page slow to compile, on purpose and once: not in each of a thousand tests.

    What a PIN costs in the product is checked in `tests.web.test_sign_in`.
    """
    compiled = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", compiled)
        patch.setattr(people, "_hasher", quick)
        yield
