"""The command line. Each module beside this one holds the commands of one subject, imported only when used."""

from __future__ import annotations

from importlib import import_module

import click

# Command -> the module that holds it, in the order of `comptoir --help`.
COMMANDS = {
    "run": "run",
    "serve": "run",
    "worker": "run",
    "jobs": "run",
    "station": "stations",
    "devices": "devices",
    "simulate": "simulate",
    "import": "lists",
    "codes": "lists",
    "suppliers": "suppliers",
    "levels": "levels",
    "orders": "orders",
    "alerts": "alerts",
    "mail": "mail",
    "photos": "photos",
    "transfer": "kits",
    "lend": "loans",
    "borrow": "loans",
    "give-back": "loans",
    "loans": "loans",
    "donate": "desk",
    "lose": "desk",
    "quarantine": "desk",
    "undo": "desk",
    "replenish": "desk",
    "assemble": "kits",
    "take-apart": "kits",
    "kits": "lead",
    "hold": "lead",
    "release": "lead",
    "correct": "kits",
    "read": "counter",
    "shift": "counter",
    "commands": "counter",
    "stock": "books",
    "tally": "reports",
    "trace": "kits",
    "label": "labels",
    "decode": "labels",
    "verify": "books",
    "backup": "upkeep",
    "restore": "upkeep",
    "person": "people",
    "demo": "demo",
}


class _Commands(click.Group):
    """Starts fast: a command's module is imported when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"web.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(
            module, cmd_name.replace("-", "_").replace("import", "import_")
        )
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="comptoir")
def main() -> None:
    """Comptoir keeps the stock of a harm-reduction service honest.

    Environment: COMPTOIR_DATA (folder of the data, default ./data), COMPTOIR_PORT (8000), COMPTOIR_DATABASE_URL (SQLite
    in the data folder when absent). Exit code: 0 done, 1 a promise is broken, 2 bad input.

    \b
    Example: comptoir run --demo
    """
