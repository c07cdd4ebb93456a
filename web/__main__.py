"""`python -m web` is `comptoir`."""

from web.cli import main

main(prog_name="comptoir")
