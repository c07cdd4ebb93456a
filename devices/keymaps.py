"""What each key of a scanner that acts as a keyboard stands for: layouts `us`, `be` and `fr`.

A scanner sends positions, not characters, and was set to a layout when it was configured; the layout of the computer it
is plugged into plays no part here. The tables are those of the makers' manuals, which follow Windows (Belgian period,
French): AltGr+= on `be` is a dead tilde, followed by a space where a tilde is meant.
"""

from evdev import ecodes as keys

# A dead key is written as the combining character it would put on the next letter.
DEAD_KEYS = {"\u0300": "`", "\u0301": "´", "\u0302": "^", "\u0303": "~", "\u0308": "¨"}
NOTHING = "\0"

Levels = tuple[str, str, str]
"""The character of a key by itself, with Shift, with AltGr; NOTHING where it has none."""

_ROWS = (
    (keys.KEY_GRAVE, *range(keys.KEY_1, keys.KEY_EQUAL + 1)),
    range(keys.KEY_Q, keys.KEY_RIGHTBRACE + 1),
    (*range(keys.KEY_A, keys.KEY_APOSTROPHE + 1), keys.KEY_BACKSLASH),
    (keys.KEY_102ND, *range(keys.KEY_Z, keys.KEY_SLASH + 1)),
)
# A scanner set to the keypad means its digits, whatever Num Lock says. The decimal key is left out: it is a point on
# one layout and a comma on the next.
_KEYPAD = {
    keys.KEY_KP0: "0",
    keys.KEY_KP1: "1",
    keys.KEY_KP2: "2",
    keys.KEY_KP3: "3",
    keys.KEY_KP4: "4",
    keys.KEY_KP5: "5",
    keys.KEY_KP6: "6",
    keys.KEY_KP7: "7",
    keys.KEY_KP8: "8",
    keys.KEY_KP9: "9",
    keys.KEY_KPSLASH: "/",
    keys.KEY_KPASTERISK: "*",
    keys.KEY_KPMINUS: "-",
    keys.KEY_KPPLUS: "+",
    keys.KEY_SPACE: " ",
}


def _layout(plain: str, shifted: str, alt_gr: dict[int, str]) -> dict[int, Levels]:
    """A layout from its four rows of keys, written one after the other with blanks between."""
    table: dict[int, Levels] = {code: (char,) * 3 for code, char in _KEYPAD.items()}
    for row, chars, capitals in zip(_ROWS, plain.split(), shifted.split(), strict=True):
        for code, char, capital in zip(row, chars, capitals, strict=True):
            table[code] = (char, capital, alt_gr.get(code, NOTHING))
    return table


KEYMAPS: dict[str, dict[int, Levels]] = {
    "us": _layout(
        r"`1234567890-= qwertyuiop[] asdfghjkl;'\ " + "\0zxcvbnm,./",
        '~!@#$%^&*()_+ QWERTYUIOP{} ASDFGHJKL:"| ' + "\0ZXCVBNM<>?",
        {},
    ),
    "be": _layout(
        "²&é\"'(§è!çà)- azertyuiop\u0302$ qsdfghjklmùµ <wxcvbn,;:=",
        "³1234567890°_ AZERTYUIOP\u0308* QSDFGHJKLM%£ >WXCVBN?./+",
        {
            keys.KEY_1: "|",
            keys.KEY_2: "@",
            keys.KEY_3: "#",
            keys.KEY_6: "^",
            keys.KEY_9: "{",
            keys.KEY_0: "}",
            keys.KEY_E: "€",
            keys.KEY_LEFTBRACE: "[",
            keys.KEY_RIGHTBRACE: "]",
            keys.KEY_APOSTROPHE: "\u0301",
            keys.KEY_BACKSLASH: "\u0300",
            keys.KEY_102ND: "\\",
            keys.KEY_SLASH: "\u0303",
        },
    ),
    "fr": _layout(
        "²&é\"'(-è_çà)= azertyuiop\u0302$ qsdfghjklmù* <wxcvbn,;:!",
        "\x001234567890°+ AZERTYUIOP\u0308£ QSDFGHJKLM%µ >WXCVBN?./§",
        {
            keys.KEY_2: "\u0303",
            keys.KEY_3: "#",
            keys.KEY_4: "{",
            keys.KEY_5: "[",
            keys.KEY_6: "|",
            keys.KEY_7: "\u0300",
            keys.KEY_8: "\\",
            keys.KEY_9: "^",
            keys.KEY_0: "@",
            keys.KEY_MINUS: "]",
            keys.KEY_EQUAL: "}",
            keys.KEY_E: "€",
            keys.KEY_RIGHTBRACE: "¤",
        },
    ),
}
