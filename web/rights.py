"""What is open to whom: the tables that `access` goes by."""

from inventory.words import Role

PUBLIC = frozenset(
    {
        "static",
        "health",
        "language.choose",
        "sign_in.form",
        "sign_in.enter",
        "sign_in.link",
        "sign_in.use_link",
    }
)
"""Endpoints that show nothing and need nobody."""

STATION_TOKEN = frozenset({"api.post_reads", "api.post_status", "print_api.job", "print_api.jobs"})
"""Endpoints that a station may also call; they check the token themselves, in the statement that finds the station."""

EVERYBODY = frozenset(Role)
COUNTER_AND_FIELD = EVERYBODY - {Role.WORKSHOP}
LOGISTICS = frozenset({Role.LOGISTICS, Role.ADMINISTRATOR})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

ONLY_FOR: dict[str, frozenset[Role]] = {
    "account": EVERYBODY,
    "api": EVERYBODY,
    "delivery": LOGISTICS,
    "items": LOGISTICS,
    "jobs": ADMINISTRATORS,
    "joining": COUNTER_AND_FIELD,
    "kits": LOGISTICS,
    "labels": LOGISTICS,
    "late": LOGISTICS,
    "levels": LOGISTICS,
    "live": EVERYBODY,
    "lots": LOGISTICS,
    "movements": COUNTER_AND_FIELD,
    "opening_days": LOGISTICS,
    "order": LOGISTICS,
    "orders": LOGISTICS,
    "pages": EVERYBODY,
    "photos": EVERYBODY,
    "people": ADMINISTRATORS,
    "print_api": EVERYBODY,
    "prints": COUNTER_AND_FIELD,
    "recipes": LOGISTICS,
    "replenish": COUNTER_AND_FIELD,
    "screens": LOGISTICS,
    "sentences": LOGISTICS,
    "serving": COUNTER_AND_FIELD,
    "sheets": COUNTER_AND_FIELD,
    "shifts": COUNTER_AND_FIELD,
    "sign_in": EVERYBODY,
    "stock": LOGISTICS,
    "tally": COUNTER_AND_FIELD,
    "unrecorded": COUNTER_AND_FIELD,
    "workshop": EVERYBODY,
}
"""What each role may see and do, by blueprint. A blueprint not named here is for administrators."""

BY_BADGE = {Role.LOGISTICS: Role.COUNTER, Role.ADMINISTRATOR: Role.COUNTER}
"""What a badge alone opens: no more than the counter, until the PIN is given too."""

WITH_PIN = frozenset({"serving.pair", "account.page", "account.change_pin"})
"""Endpoints that want the PIN, whatever the role."""

WHILE_OPEN = frozenset(
    {
        "api.get_batch",
        "api.get_session",
        "api.post_reads",
        "live.stream",
        "pages.counter",
        "photos.photo",
        "serving.close",
        "workshop.page",
        "workshop.voice",
    }
)
"""What a browser that stands at an open station may call, for that station, without anybody's account."""

AT_A_STATION = frozenset({"serving.page", "serving.enter", "serving.state", "serving.paper"})
"""What it may call even while its station is not open: what opens it."""
