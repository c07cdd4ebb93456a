"""The built scripts, styles and fonts: their names carry a hash of what they hold, so browsers may keep them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, url_for

STATIC = Path(__file__).parent / "static"
MANIFEST = STATIC / "dist" / "manifest.json"
BUILT = "/static/dist/assets/"


def set_up(app: Flask) -> None:
    app.add_template_global(script, "script")
    app.add_template_global(styles, "styles")


def script(entry: str) -> str:
    """The address of a built script, such as "counter"."""
    return _address(_manifest()[f"src/{entry}.ts"]["file"])


def styles(entry: str) -> str:
    """The address of a built style sheet, such as "style"."""
    return _address(_manifest()[f"src/{entry}.css"]["file"])


def _address(file: str) -> str:
    return url_for("static", filename=f"dist/{file}")


@cache
def _manifest() -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(MANIFEST.read_text())
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{MANIFEST} is missing: build the pages with `make run` or `npm run build`."
        ) from error
    return manifest


def keep(response: Response) -> None:
    """Let browsers keep a built file for as long as they like."""
    if request.path.startswith(BUILT) and response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
