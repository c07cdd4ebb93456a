"""The tables of the layouts, and those of the browser: one file holds both to the same."""

import json
from pathlib import Path

import pytest
from evdev import ecodes

from devices.keymaps import DEAD_KEYS, KEYMAPS, NOTHING

FILE = Path(__file__).parent.parent / "cases" / "layouts.json"
KEYS = json.loads(FILE.read_text())["keys"]
SIGNS = {NOTHING: "", **DEAD_KEYS}


@pytest.mark.parametrize("keymap", KEYMAPS)
def test_every_key_stands_for_what_it_does_in_the_browser(keymap: str) -> None:
    levels = {
        code: [SIGNS.get(sign, sign) for sign in table] for code, table in KEYMAPS[keymap].items()
    }
    assert levels == {ecodes.ecodes[key["kernel"]]: key[keymap] for key in KEYS}


def test_every_layout_is_in_the_file() -> None:
    assert all({"browser", "kernel", *KEYMAPS} == set(key) for key in KEYS)
