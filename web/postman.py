"""Who empties the outbox: a thread of the worker for each way, so that a server that takes its time holds up nothing
else, and no recall that leaves by another way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy.orm import Session

from inventory import days, outbox
from inventory.database import Database
from inventory.outbox import MAIL, Answer, Claimed
from inventory.tables import JobRun
from web import mail, notify
from web.mail_settings import Mailing

SEND_MAIL = "send-mail"
"""Its row among the timed jobs: when something was sent last, or tried."""

LOOK_EVERY_S = 5.0
"""Also the longest that a message waits once it is queued."""

log = logging.getLogger("comptoir.mail")


class Postman:
    """Sends what is due by some `ways` (all that are set up), one message after the other. Says in the log when the
    server cannot be reached, and when it can again: neither who writes nor to whom."""

    def __init__(
        self,
        database: Database,
        mailing: Mailing,
        clock: Callable[[], datetime] = days.now,
        *,
        ways: Collection[str] | None = None,
    ) -> None:
        self._database = database
        self._mailing = mailing
        self._clock = clock
        self._ways = mailing.ways if ways is None else ways
        self._unreachable = False

    def run(self, stopping: threading.Event) -> None:
        """Until told to stop."""
        failing = False
        while not stopping.is_set():
            try:
                self.deliver_due()
                failing = False
            except Exception:
                if not failing:  # said once, however long the database is away
                    log.exception("The outbox could not be emptied; it is tried again.")
                failing = True
            stopping.wait(LOOK_EVERY_S)

    def deliver_due(self) -> int:
        """Try everything that is due now; how many messages were tried. A way whose server cannot be reached is left
        until the next time."""
        return sum(self._deliver_due(way) for way in self._ways)

    def _deliver_due(self, way: str) -> int:
        tried = 0
        while (claimed := self._claim(way)) is not None:
            answer = self._try(claimed)

            def note(session: Session, claimed: Claimed = claimed, answer: Answer = answer) -> None:
                outbox.answered(session, claimed, answer, now=self._clock())
                session.merge(JobRun(name=SEND_MAIL, last_run_at=self._clock()))

            self._database.write(note)
            tried += 1
            if way == MAIL and self._unreachable:
                break
        return tried

    def _claim(self, way: str) -> Claimed | None:
        with self._database.reading() as session:
            if not outbox.is_due(session, now=self._clock(), ways=[way]):
                return None
        return self._database.write(
            lambda session: outbox.claim(session, now=self._clock(), ways=[way])
        )

    def _try(self, claimed: Claimed) -> Answer:
        def hand_over() -> bool:
            return self._database.write(
                lambda session: outbox.hand_over(session, claimed, now=self._clock())
            )

        try:
            if claimed.way != MAIL:
                return notify.deliver(claimed, self._mailing.notify, hand_over=hand_over)
            assert self._mailing.smtp is not None
            answer = mail.deliver(claimed, self._mailing.smtp, hand_over=hand_over)
        except mail.Unreachable as error:
            if not self._unreachable:
                log.warning("The mail server cannot be reached (%s); mail waits.", error)
            self._unreachable = True
            return Answer(said=str(error))
        except mail.Unwritable as error:
            log.warning("A mail cannot be written (%s); it is set aside.", error)
            return Answer(refused=frozenset(claimed.pending), said=str(error))
        if self._unreachable:
            log.warning("The mail server is back.")
        self._unreachable = False
        return answer
