"""The service and its floor, each behind waitress with the same settings.

`python -m tests.bench.server FOLDER PORT WHAT`, WHAT being "service" or "floor".
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from pathlib import Path
from uuid import uuid4

from flask import Flask, request

from inventory.database import open_database, sqlite_url
from web.app import create_app
from web.server import listen


def floor(folder: Path) -> Flask:
    """A bare view that inserts one row durably: nothing that keeps a read can be faster."""
    app = Flask("floor")
    local, file = threading.local(), folder / "floor.db"
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE IF NOT EXISTS read (id TEXT PRIMARY KEY, code TEXT) WITHOUT ROWID")

    @app.post("/api/stations/<station>/reads")
    def keep(station: str) -> dict[str, object]:
        if not hasattr(local, "db"):
            local.db = sqlite3.connect(file, isolation_level=None, timeout=60)
            local.db.execute("PRAGMA synchronous = FULL")
        read = request.get_json()["reads"][0]
        local.db.execute("INSERT INTO read VALUES (?, ?)", (str(uuid4()), read["code"]))
        return {"results": [{"id": read["id"], "status": "accepted"}], "session": {}}

    return app


def main() -> None:
    folder, port, what = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    apps = {
        "floor": lambda: floor(folder),
        "service": lambda: create_app(open_database(sqlite_url(folder / "comptoir.db"))),
    }
    app = apps[what]()
    server = listen(app, port)
    print("ready", flush=True)
    server.run()


if __name__ == "__main__":
    main()
