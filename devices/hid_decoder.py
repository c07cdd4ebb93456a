"""From key events to reads: the pure half of a scanner that acts as a keyboard.

Times are those that the kernel gave the events (seconds of the monotonic clock), so that a process kept from running
neither merges two reads nor cuts one.
"""

from typing import Protocol

from evdev import ecodes as keys

from devices.ending import Ending
from devices.events import Dropped, DropReason, Outcome, Read
from devices.keymaps import DEAD_KEYS, KEYMAPS, NOTHING

READ_LIMIT = 4096  # characters; no symbology holds as many (QR: 4,296 alphanumeric, never seen)
GAP_S = 0.2  # slow scanners send 30 characters a second, and Bluetooth stumbles

UP, DOWN, REPEATED = 0, 1, 2
ENDS = frozenset({keys.KEY_ENTER, keys.KEY_KPENTER, keys.KEY_TAB, keys.KEY_LINEFEED})
SHIFTS = frozenset({keys.KEY_LEFTSHIFT, keys.KEY_RIGHTSHIFT})
CTRLS = frozenset({keys.KEY_LEFTCTRL, keys.KEY_RIGHTCTRL})
ALT, ALT_GR = keys.KEY_LEFTALT, keys.KEY_RIGHTALT
METAS = frozenset({keys.KEY_LEFTMETA, keys.KEY_RIGHTMETA})
MODIFIERS = SHIFTS | CTRLS | METAS | {ALT, ALT_GR}
OTHER_LOCKS = frozenset({keys.KEY_NUMLOCK, keys.KEY_SCROLLLOCK})  # keypads are digits either way
GS = "\x1d"


class KeyEvent(Protocol):
    """What the kernel tells: `evdev.InputEvent` is one."""

    @property
    def type(self) -> int: ...
    @property
    def code(self) -> int: ...
    @property
    def value(self) -> int: ...
    def timestamp(self) -> float: ...


class HidDecoder:
    """Turns the key events of one device into reads. Never raises on events.

    Enter, Tab, Ctrl+M, Ctrl+J or ``gap_s`` of silence end a read. ``suffix`` tells whether the scanner ends its reads
    with a key: then silence means that a read was cut in two, and all of it is dropped, until that key. None: that is
    to be found out (see Ending), and until then silence cuts, too. ``caps``: the scanner is set to type as if Caps Lock
    were on, and turns its letters about for that.
    """

    def __init__(
        self,
        keymap: str,
        *,
        suffix: bool | None = None,
        caps: bool = False,
        gap_s: float = GAP_S,
        limit: int = READ_LIMIT,
    ) -> None:
        self._table = KEYMAPS[keymap]
        self._ending = Ending(suffix)
        self._gap_s = gap_s
        self._limit = limit
        self._held: list[str] = []
        self._down: set[int] = set()  # modifiers
        self._caps = self._caps_at_rest = caps
        self._spoiled: DropReason | None = None
        self._at_end = False  # of a read, by the last key
        self._cut = False  # the rest of a read that silence cut in two may follow
        self._last_s = 0.0

    @property
    def suffix(self) -> bool | None:
        """Whether the scanner ends its reads with a key, as far as is known by now."""
        return self._ending.suffix

    @property
    def due_s(self) -> float | None:
        """When silence will tell something; None if nothing waits for it."""
        waits = self._held or self._spoiled or self._ending.waits
        return self._last_s + self._gap_s if waits else None

    def feed(self, event: KeyEvent) -> list[Outcome]:
        """What this event brings to its end. A repeated key is no key: a scanner never holds one."""
        if event.type == keys.EV_SYN and event.code == keys.SYN_DROPPED:
            self._overrun(event.timestamp())
            return []
        if event.type != keys.EV_KEY or event.value == REPEATED:
            return []
        outcomes = self.silence(event.timestamp())
        self._last_s = event.timestamp()
        if event.code in MODIFIERS:
            (self._down.discard if event.value == UP else self._down.add)(event.code)
        elif event.value == DOWN:
            outcomes += self._press(event.code)
        elif event.code in ENDS:  # let go: after lost events it may be all there is to see of it
            self._at_end = True
        return outcomes

    def silence(self, now_s: float) -> list[Outcome]:
        """What silence until ``now_s`` has ended, if it lasted long enough."""
        if now_s < self._last_s + self._gap_s:
            return []
        self._ending.silent()
        if self._spoiled == "overrun":
            # Whatever was pressed or let go among the lost events: a scanner at rest holds no key.
            self._down.clear()
            self._caps = self._caps_at_rest
        self._caps_at_rest = self._caps
        if self._at_end:
            return self._end()
        if not (self._held or self._spoiled):
            return []
        if self._spoiled:
            self._ending.forget()
        whole = not self._spoiled and self._ending.is_whole("".join(self._held), self._last_s)
        if whole or self.suffix is False:
            return self._end()
        self._spoil("half" if self.suffix else "unsure")
        outcomes = self._end()
        self._cut = True
        return outcomes

    def drop(self) -> list[Outcome]:
        """The device is gone: what was in hand is."""
        if self._held:
            self._spoil("half")
        return self._end()

    def _overrun(self, at_s: float) -> None:
        """The kernel lost events, no telling which: nothing is certain before the device is silent."""
        self._last_s = at_s
        self._spoiled = "overrun"
        self._at_end = False
        self._ending.goes_on()
        self._ending.forget()
        self._held.clear()

    def _press(self, code: int) -> list[Outcome]:
        if code == keys.KEY_CAPSLOCK:
            self._caps = not self._caps
        if code == keys.KEY_CAPSLOCK or code in OTHER_LOCKS:
            return []
        char = "\r" if code in ENDS else self._character(code)
        self._at_end = char in ("\r", "\n", "\t")
        if self._at_end:
            # After an overrun the end may be that of another read than the one that was cut.
            return [] if self._spoiled == "overrun" else self._end_by_key()
        self._ending.goes_on()
        if char is None:
            self._spoil("garbled")
        elif self._spoiled is None:
            self._take(char)
        return []

    def _character(self, code: int) -> str | None:
        """What a key stands for with the modifiers now down; None for nothing known."""
        ctrl, alt = bool(self._down & CTRLS), ALT in self._down
        if code not in self._table or self._down & METAS or (alt and not ctrl):
            return None
        plain, shifted, alt_gr = self._table[code]
        shift = bool(self._down & SHIFTS)
        if self._caps and plain != shifted and plain.upper() == shifted:
            shift = not shift  # Caps Lock is for letters only
        if ALT_GR in self._down or alt:  # Ctrl and Alt together are AltGr too
            char, ctrl = alt_gr, ctrl and not alt
        else:
            char = shifted if shift else plain
        if ctrl:
            return _control(code, char)
        return None if char == NOTHING else char

    def _take(self, char: str) -> None:
        if self._held and self._held[-1] in DEAD_KEYS:
            # Only a blank makes a sign of it; an accented letter might be a sign and a letter.
            dead = self._held.pop()
            if char != " ":
                self._spoil("garbled")
                return
            char = DEAD_KEYS[dead]
        self._held.append(char)
        if len(self._held) > self._limit:
            self._spoil("overlong")

    def _spoil(self, why: DropReason) -> None:
        self._spoiled = self._spoiled or why
        self._held.clear()

    def _end_by_key(self) -> list[Outcome]:
        if self._held or self._spoiled or self._cut:  # else the LF of a CRLF
            self._ending.by_suffix()
        if self._cut and self._held:
            self._spoil("half")
        return self._end()

    def _end(self) -> list[Outcome]:
        if self._held and self._held[-1] in DEAD_KEYS:
            self._spoil("garbled")
        text, spoiled = "".join(self._held), self._spoiled
        self._held.clear()
        self._spoiled, self._cut = None, False
        if spoiled:
            return [Dropped(spoiled)]
        if not text:  # the LF of a CRLF
            return []
        return [Read(text, self._last_s)]


def _control(code: int, char: str) -> str | None:
    """A control character: by the layout, or by the place of "]" on a US keyboard, which makers use for GS."""
    if "@" <= char.upper() <= "_":
        return chr(ord(char.upper()) & 0x1F)
    return GS if code == keys.KEY_RIGHTBRACE else None
