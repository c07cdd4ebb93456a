from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mail.chat import Chat, open_chat
from tests.mail.post_office import PostOffice, post_office


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


@pytest.fixture
def chat() -> Iterator[Chat]:
    with open_chat() as chat:
        yield chat
