"""Alerts by any way of the library apprise: a push to a phone, a chat. Each address is a message of its own.

The outbox knows such an address by a hash, for it holds the keys of the service it leads to. apprise says only whether
it worked: where it did not, it is tried again, and what got through without an answer comes twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from hashlib import sha256

from inventory.outbox import Answer, Claimed


def key(address: str) -> str:
    return sha256(address.encode()).hexdigest()[:16]


def deliver(
    claimed: Claimed, addresses: Collection[str], *, hand_over: Callable[[], bool]
) -> Answer:
    """One try. An address that the settings no longer have, or that apprise does not know, is refused for good."""
    import apprise  # takes longer to load than most commands to run

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its lines may show the address
    everybody = frozenset(claimed.pending)
    there = {key(one): one for one in addresses}
    sender = apprise.Apprise()
    if not all(one in there and sender.add(there[one]) for one in claimed.pending):
        return Answer(refused=everybody, said="COMPTOIR_NOTIFY")
    if not hand_over():
        return Answer()
    if sender.notify(title=claimed.subject, body=claimed.body):
        return Answer(accepted=everybody)
    return Answer(said="apprise")
