from __future__ import annotations

from collections.abc import Iterator

import pytest

from .workshop import Books, Workshop


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop.opened(tmp_path_factory.mktemp("workshop"))


@pytest.fixture
def books(workshop: Workshop) -> Iterator[Books]:
    with workshop.books() as books:
        yield books
