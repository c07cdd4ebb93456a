"""What a scanner under test told, event by event."""

import queue
from dataclasses import dataclass, field

from devices.events import ReadMade, ScannerEvent

WAIT_S = 10  # a limit for a broken run; every wait ends at an event


@dataclass
class Told:
    """By a scanner that is named "desk"."""

    events: "queue.Queue[ScannerEvent]" = field(default_factory=queue.Queue, kw_only=True)

    def next(self) -> ScannerEvent:
        return self.events.get(timeout=WAIT_S)

    def code(self) -> str:
        event = self.next()
        assert isinstance(event, ReadMade), event
        assert event.device == "desk" and event.at.tzinfo is not None
        return event.code
