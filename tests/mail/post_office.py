"""A mail server of somebody else's making (aiosmtpd), which fails when it is told to."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.e2e.processes import LIMIT_S, free_port

OK = "250 OK"
NO_ANSWER = "no answer"
"""The line is dropped instead."""


@dataclass(frozen=True)
class Arrived:
    """What the server took: to whom, and the message."""

    to: list[str]
    message: EmailMessage

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    @property
    def files(self) -> dict[str, bytes]:
        return {
            str(part.get_filename()): part.get_payload(decode=True)  # type: ignore[misc]
            for part in self.message.iter_attachments()
        }


@dataclass
class PostOffice:
    """Each list holds the answers to come, the next one first; once it is empty all is well."""

    port: int
    to_sender: list[str] = field(default_factory=list)
    to_recipient: dict[str, list[str]] = field(default_factory=dict)
    to_message: list[str] = field(default_factory=list)
    after_taking: list[str] = field(default_factory=list)
    """As `to_message`, for a message that the server keeps all the same."""
    arrived: list[Arrived] = field(default_factory=list)
    calls: queue.Queue[str] = field(default_factory=queue.Queue)
    """Every conversation, and every message, as it comes."""
    hold: threading.Event | None = None
    """A message is taken, and the answer waits for this."""
    hold_sender: threading.Event | None = None
    """A conversation is begun, and the answer to the sender waits for this."""
    more: dict[str, Any] = field(default_factory=dict)
    """How it is set up otherwise: TLS, who may sign in."""
    _controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **self.more)
        self._controller.start()
        self.drain()  # it calls itself once

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def let_go(self) -> None:
        """Hold nothing any more."""
        for event in (self.hold, self.hold_sender):
            if event is not None:
                event.set()
        self.hold = self.hold_sender = None

    def wait_for(self, what: str) -> None:
        while self.calls.get(timeout=LIMIT_S) != what:
            pass

    def drain(self) -> None:
        """Forget the conversations there were."""
        while not self.calls.empty():
            self.calls.get()

    # What aiosmtpd calls.

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.calls.put("mail")
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        await _wait(self.hold_sender)
        return self._answer(server, self.to_sender)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        answer = self._answer(server, self.to_recipient.get(address, []))
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self._answer(server, self.to_message)
        self.calls.put("data")
        if answer == OK:
            content = envelope.content
            assert isinstance(content, bytes)
            message = message_from_bytes(content, policy=default)
            assert isinstance(message, EmailMessage)
            self.arrived.append(Arrived(list(envelope.rcpt_tos), message))
            self.calls.put("message")
            await _wait(self.hold)
            answer = self._answer(server, self.after_taking)
        return answer

    def _answer(self, server: SMTP, answers: list[str]) -> str:
        answer = answers.pop(0) if answers else OK
        if answer == NO_ANSWER:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer


async def _wait(event: threading.Event | None) -> None:
    if event is not None:
        await asyncio.get_running_loop().run_in_executor(None, event.wait, LIMIT_S)


@contextmanager
def post_office() -> Iterator[PostOffice]:
    office = PostOffice(free_port())
    office.start()
    try:
        yield office
    finally:
        office.let_go()
        office.stop()
