"""`comptoir serve`: the application behind waitress, one process and a few threads."""

from __future__ import annotations

import gc
import logging
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import BaseWSGIServer, MultiSocketServer, create_server

from inventory.database import Database
from inventory.messages import Message
from web import items_pages, workshop_pages
from web.app import create_app
from web.live import MOST_STREAMS, Live
from web.mail_settings import Mailing
from web.settings import Settings, WrongSetting
from web.signals import ToldToStop

THREADS = 16 + MOST_STREAMS
"""A stream of events keeps one."""

OWN_WORDS = "workshop-words"
"""The folder of the data folder with further languages of the workshop's screen, and recorded voices."""

MOST_UNSENT = 256 * 1024
"""Bytes of an answer that wait for its browser."""

Heard = dict[int, Any]
"""What Waitress's loop looks at, by file descriptor."""


def listen(app: Flask, port: int, heard: Heard | None = None) -> BaseWSGIServer | MultiSocketServer:
    """The application's server on this machine's own address, which hears whatever is put into `heard`. Raises OSError
    where the port is taken."""
    # What is loaded by now stays: the collector need not look through it after every few reads.
    gc.collect()
    gc.freeze()
    return create_server(
        app,
        map=heard,
        host="127.0.0.1",
        port=port,
        threads=THREADS,
        ident="Comptoir",
        # A reverse proxy on this machine says whose request it passes on, and whether it came by https: tries are
        # counted by address, and cookies then only go over https.
        trusted_proxy="127.0.0.1",
        trusted_proxy_count=1,
        trusted_proxy_headers={"x-forwarded-for", "x-forwarded-proto"},
        clear_untrusted_proxy_headers=True,
        # While a stream runs, the server goes on listening to its browser and notices that it hung up.
        channel_request_lookahead=1,
        # What a browser does not take waits in memory, never in a temporary file.
        outbuf_high_watermark=MOST_UNSENT,
        max_request_body_size=items_pages.MOST_SENT,
    )


class _End(wasyncore.file_dispatcher):
    """What ends the server's loop when the process is told to stop, as one more thing that may be read in it."""

    def __init__(self, heard: Heard, live: Live) -> None:
        super().__init__(ToldToStop(), map=heard)  # type: ignore[arg-type]
        self._live = live

    def writable(self) -> bool:
        return False

    def handle_read(self) -> None:
        self._live.stop()  # first: the server waits for its threads
        raise SystemExit(0)


def serve_forever(settings: Settings, database: Database) -> None:
    """Serve until told to stop. Nothing is logged per request: a log of times would be a trail of people."""
    # Waitress warns when requests queue up, with the time: at a counter, that is when people came.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    app = create_app(database, mailing=Mailing.from_environment())
    app.config["ADDRESS"] = settings.address
    workshop_pages.speak(app, settings.data / OWN_WORDS)
    live: Live = app.config["LIVE"]
    heard: Heard = {}
    try:
        server = listen(app, settings.port, heard)
    except OSError as error:
        raise WrongSetting(
            Message(
                "Port %(port)d is taken, perhaps by a Comptoir that already runs. "
                "Another one is chosen with COMPTOIR_PORT.",
                port=settings.port,
            )
        ) from error

    settings.note_port()

    end = _End(heard, live)
    print(f"Comptoir: http://127.0.0.1:{settings.port}", flush=True)
    try:
        server.run()
    finally:
        end.close()
        server.close()
        database.close()
