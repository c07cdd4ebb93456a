"""One guest for all tests of a run: it boots once, and every test plugs its own devices into it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hardware.guest import Guest, NoGuest, booted, built_kernel


@pytest.fixture(scope="session")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    try:
        kernel = built_kernel()
    except NoGuest as error:
        pytest.skip(f"SCANNERS AND PRINTERS ARE NOT TESTED WITH REAL DRIVERS: {error}")
    with booted(kernel, tmp_path_factory.mktemp("guest")) as one:
        yield one
