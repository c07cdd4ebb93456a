"""What the stations must have counted, told a second time: no lots, no holds, no database.

It follows what a person would expect of the counter, gesture by gesture: a number belongs to the code after it, undo
takes back the last thing done since the shift was opened, and closing fixes what is there.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import date

from inventory.counter.modes import LEAST_KEPT, MOST_EARLIER
from inventory.counter.parts import MOST_ACTS, MOST_LINES, QUIET_S
from inventory.words import Mode

from . import house

Key = tuple[date, str, str, str]
"""Day, what (an item, a GTIN, a kind of return), place, channel."""


@dataclass
class Act:
    kind: str
    line: Line | None = None
    before: list[Line] | None = None
    """The current person's lines before, where the act did more than add one."""
    less: list[tuple[Line, int]] = field(default_factory=list)
    what: str = ""
    pieces: int = 0
    lot: str = ""
    checked: int = 0
    quiet: bool = False
    counted: bool = False
    """Whether a change of mode closed somebody who was being served."""
    afterwards: bool | None = None
    """Whether things were added afterwards before, where the act changed it."""


@dataclass(eq=False)
class Line:
    item: str
    pieces: int


@dataclass
class Lane:
    """What belongs to one of two people served at a screen."""

    mode: Mode
    other: str = ""
    last_at_s: int = 0
    lines: list[Line] = field(default_factory=list)
    acts: deque[Act] = field(default_factory=lambda: deque(maxlen=MOST_ACTS))
    pending: Act | None = None
    waiting: tuple[str, int] | None = None
    """An item being received whose lot was not read yet, and how many."""
    waiting_lot: str = ""
    """The opposite."""
    waiting_at_s: int = 0
    afterwards: bool = False
    mode_from_s: int = 0
    before: Lane | None = None
    """As it was when its mode was changed."""

    def earlier(self) -> list[Lane]:
        return [] if self.before is None else [self.before, *self.before.earlier()]

    def forget_old(self) -> None:
        chain = [self, *self.earlier()]
        for lane in chain[MOST_EARLIER : MOST_EARLIER + 1]:
            lane.before = None
        acts, lines = MOST_ACTS, MOST_LINES
        for lane in self.earlier():
            lane.acts = deque([*lane.acts][-max(acts, LEAST_KEPT) :], maxlen=MOST_ACTS)
            lane.lines = lane.lines[-max(lines, LEAST_KEPT) :]
            acts, lines = acts - len(lane.acts), lines - len(lane.lines)

    def nobody_there(self) -> Lane:
        before = self.before and self.before.nobody_there()
        return Lane(self.mode, mode_from_s=self.mode_from_s, before=before)

    @property
    def somebody(self) -> bool:
        """Whether anything was done for a current person."""
        if self.lines:
            return True
        for act in reversed(self.acts):
            if act.kind in ("unknown", "returned", "back"):
                return True
            if act.kind in ("next", "mode", "afterwards"):
                return False
        return False

    def worked(self, at_s: int) -> None:
        """A read that comes less than a minute late was made while somebody was served."""
        if not 0 < self.last_at_s - at_s < QUIET_S:
            self.last_at_s = at_s

    def forget_waiting(self) -> None:
        self.pending, self.waiting, self.waiting_lot = None, None, ""


class Evening(Lane):
    """One station's shift of one day: as what is current, the part of its current lane."""

    def __init__(self, station: str, day: date, place: str, mode: Mode, channel: str) -> None:
        super().__init__(mode)
        self.station, self.day, self.place, self.channel = station, day, place, channel
        self.training = False
        self.training_from_s = 0
        self.lane = "a"
        self.other_lane: Lane | None = None
        self.given: list[Line] = []
        self.unknown: Counter[str] = Counter()
        self.returned: Counter[str] = Counter()
        self.back: Counter[str] = Counter()

    def key(self, what: str) -> Key:
        return (self.day, what, self.place, self.channel)

    def to_lane(self, lane: str) -> None:
        if lane == self.lane or self.training:
            return
        here, there = self.part(), self.other_lane or self.nobody_there()
        self.put(there)
        self.lane, self.other_lane = lane, here

    def part(self) -> Lane:
        """What belongs to the current lane."""
        return Lane(**{one.name: getattr(self, one.name) for one in fields(Lane)})

    def put(self, lane: Lane) -> None:
        for one in fields(Lane):
            setattr(self, one.name, getattr(lane, one.name))

    @contextmanager
    def as_it_was(self, changes: int) -> Iterator[None]:
        """The current lane before so many changes of its mode: what is done then is done to it."""
        later = [self.part(), *self.earlier()][:changes]
        self.put(self.earlier()[changes - 1])
        yield
        before = self.part()
        for lane in reversed(later):
            lane.before, before = before, lane
        self.put(before)
        self.forget_old()


class Model:
    def __init__(self) -> None:
        self.evenings: dict[tuple[str, date], Evening] = {}
        self.closed: Counter[Key] = Counter()
        self.closed_unknown: Counter[Key] = Counter()
        self.closed_returned: Counter[Key] = Counter()
        self.closed_back: Counter[str] = Counter()
        """Pieces brought back unopened, by item."""
        self.announced: dict[tuple[str, str, str], int] = {}
        """Pieces that deliveries still announce, by place, item and lot."""
        self.named: dict[str, tuple[str, int]] = {}
        self.desk: Counter[str] = Counter()
        """Pieces that came by donation, delivery and assembly, less what was disposed of, by item."""

    def evening(self, station: str, day: date) -> Evening:
        if (station, day) not in self.evenings:
            place, mode = house.STATIONS[station]
            channel = house.PLACES[place][1]
            self.evenings[station, day] = Evening(station, day, place, mode, channel)
        return self.evenings[station, day]

    # What was counted

    def handed_out(self) -> Counter[Key]:
        found = Counter(self.closed)
        for evening in self.evenings.values():
            for line in evening.given:
                found[evening.key(line.item)] += line.pieces
        return +found

    def unknown(self) -> Counter[Key]:
        return +(self.closed_unknown + Counter(dict(self._open("unknown"))))

    def returned(self) -> Counter[Key]:
        """In thousandths."""
        return +(self.closed_returned + Counter(dict(self._open("returned"))))

    def _open(self, what: str) -> Iterator[tuple[Key, int]]:
        totals: Counter[Key] = Counter()
        for evening in self.evenings.values():
            for name, pieces in getattr(evening, what).items():
                totals[evening.key(name)] += pieces
        yield from totals.items()

    def brought_back(self) -> Counter[str]:
        found = Counter(self.closed_back)
        for evening in self.evenings.values():
            found.update(evening.back)
        return +found

    def pieces_by_item(self) -> dict[str, int]:
        """What real places and `unaccounted` hold together."""
        found = Counter(self.desk)
        found.subtract(dict.fromkeys(house.ITEMS, 0))
        for (_, item, _, _), pieces in self.handed_out().items():
            found[item] -= pieces
        found.update(self.brought_back())
        return {item: pieces for item, pieces in found.items() if pieces}

    # Gestures

    def product(
        self, evening: Evening, item: str, pieces: int, *, lot: str | None, at_s: int
    ) -> None:
        if evening.training:
            return
        if evening.mode is Mode.HAND_OUT:
            self._hand_out(evening, item, pieces, lot=lot, at_s=at_s)
        elif evening.mode is Mode.RECEIVE:
            if item in house.DATED and lot is None and evening.waiting_lot:
                lot, evening.waiting_lot = evening.waiting_lot, ""
            self._receive_or_wait(evening, item, pieces, lot, at_s)
        elif evening.mode in (Mode.LOAD, Mode.UNLOAD) and self.far_end(evening):
            self._carried(evening, Act("carried", Line(item, pieces)), at_s)

    def far_end(self, evening: Evening) -> str:
        """The place at the other end of a load; none where it is no other place that holds stock."""
        other = evening.other or "STORE"
        if evening.mode is Mode.LOAD and other == "QUAR":
            return ""
        return other if other in house.REAL and other != evening.place else ""

    def _hand_out(
        self, evening: Evening, item: str, pieces: int, *, lot: str | None, at_s: int
    ) -> None:
        waited = bool(evening.waiting_lot) and at_s - evening.waiting_at_s < QUIET_S
        has_lot = lot is not None or waited
        self._after_quiet(evening, at_s)
        evening.forget_waiting()
        line = Line(item, pieces)
        evening.given.append(line)
        evening.lines.append(line)
        act = Act("out", line)
        evening.acts.append(act)
        evening.worked(at_s)
        if item in house.DATED and not has_lot:
            evening.pending, evening.waiting_at_s = act, at_s

    def brought(
        self, evening: Evening, item: str, pieces: int, *, lot: str | None, at_s: int
    ) -> None:
        """Unopened material, in the mode hand-out; the question before it forgot what waited."""
        self._after_quiet(evening, at_s)
        evening.back[item] += pieces
        act = Act("back", what=item, pieces=pieces)
        evening.acts.append(act)
        evening.worked(at_s)
        if item in house.DATED and lot is None:
            evening.pending, evening.waiting_at_s = act, at_s

    def details(self, evening: Evening, lot: str, at_s: int) -> None:
        if evening.training or evening.mode in (Mode.LOOK_UP, Mode.COUNT, Mode.ASSEMBLE):
            return
        if evening.mode is Mode.RECEIVE and evening.waiting is not None:
            item, pieces = evening.waiting
            self._receive_or_wait(evening, item, pieces, lot, at_s)
        elif (
            evening.mode is Mode.HAND_OUT
            and evening.pending is not None
            and at_s - evening.waiting_at_s < QUIET_S
        ):
            line = evening.pending.line
            if line is not None:
                evening.lines = [one for one in evening.lines if one is not line] + [line]
            evening.pending = None
            evening.worked(at_s)
        else:
            evening.forget_waiting()
            evening.waiting_lot, evening.waiting_at_s = lot, at_s

    def _receive_or_wait(
        self, evening: Evening, item: str, pieces: int, lot: str | None, at_s: int
    ) -> None:
        if item not in house.DATED:
            lot = lot or ""
        if lot is None:
            lots = [
                code
                for (place, what, code), left in self.announced.items()
                if (place, what) == (evening.place, item) and left
            ]
            if len(lots) != 1:
                evening.forget_waiting()
                evening.waiting = (item, pieces)
                return
            lot = lots[0]
        where = (evening.place, item, lot)
        checked = min(pieces, self.announced.get(where, 0))
        if checked:
            self.announced[where] -= checked
        self.desk[item] += pieces - checked
        act = Act("received", Line(item, pieces), pieces=pieces - checked, lot=lot, checked=checked)
        self._carried(evening, act, at_s)

    def _carried(self, evening: Evening, act: Act, at_s: int) -> None:
        assert act.line is not None
        evening.lines.append(act.line)
        evening.acts.append(act)
        evening.worked(at_s)
        evening.forget_waiting()

    def unlisted(self, evening: Evening, gtin: str, pieces: int, at_s: int) -> None:
        if evening.training:
            return
        if evening.mode not in (Mode.LOOK_UP, Mode.COUNT, Mode.ASSEMBLE):
            evening.forget_waiting()
        if evening.mode is Mode.HAND_OUT:
            self._after_quiet(evening, at_s)
            evening.unknown[gtin] += pieces
            evening.acts.append(Act("unknown", what=gtin, pieces=pieces))
            evening.worked(at_s)

    def came_back(self, evening: Evening, how: str, thousandths: int, at_s: int) -> None:
        if evening.training or evening.mode in (Mode.LOOK_UP, Mode.COUNT, Mode.ASSEMBLE):
            return
        evening.forget_waiting()
        self._after_quiet(evening, at_s)
        evening.returned[how] += thousandths
        evening.acts.append(Act("returned", what=how, pieces=thousandths))
        evening.worked(at_s)

    def correct(self, evening: Evening, item: str, pieces: int) -> None:
        """In the mode hand-out only."""
        if evening.training:
            return
        evening.forget_waiting()
        mine = [line for line in evening.lines if line.item == item]
        more = pieces - sum(line.pieces for line in mine)
        if not mine or more == 0:
            return
        if more > 0:
            line = Line(item, more)
            evening.given.append(line)
            evening.lines.append(line)
            evening.acts.append(Act("out", line))
            return
        act = Act("fewer", before=list(evening.lines))
        for line in reversed(mine):
            less = min(line.pieces, -more)
            line.pieces -= less
            more += less
            act.less.append((line, less))
        evening.lines = [line for line in evening.lines if line.pieces]
        evening.acts.append(act)

    def undo(self, evening: Evening) -> None:
        if evening.training:
            return
        evening.forget_waiting()
        while evening.acts and evening.acts[-1].quiet:
            silence = evening.acts.pop()
            evening.lines, evening.afterwards = list(silence.before or ()), bool(silence.afterwards)
        if not evening.acts:
            return
        act = evening.acts.pop()
        if act.kind == "mode":
            self._undo_mode(evening, act)
            return
        if act.afterwards is not None:
            evening.afterwards = act.afterwards
        if act.before is not None:
            evening.lines = list(act.before)
        else:
            evening.lines = [line for line in evening.lines if line is not act.line]
        for line, pieces in act.less:
            line.pieces += pieces
        if act.kind == "out":
            evening.given = [line for line in evening.given if line is not act.line]
        elif act.kind == "received" and act.line is not None:
            self.desk[act.line.item] -= act.pieces
            if act.checked:
                self.announced[evening.place, act.line.item, act.lot] += act.checked
        elif act.kind == "unknown":
            evening.unknown[act.what] -= act.pieces
        elif act.kind == "returned":
            evening.returned[act.what] -= act.pieces
        elif act.kind == "back":
            evening.back[act.what] -= act.pieces

    def counted(self, evening: Evening) -> None:
        """A passage or a contact, clicked."""
        if not evening.training:
            evening.forget_waiting()
            evening.acts.append(Act("counted"))

    def next_person(self, evening: Evening) -> None:
        if evening.training:
            return
        evening.forget_waiting()
        if (evening.somebody or evening.afterwards) and evening.mode is Mode.HAND_OUT:
            self._next(evening)

    def _next(self, evening: Evening, *, quiet: bool = False) -> None:
        was = evening.afterwards
        evening.acts.append(Act("next", before=evening.lines, quiet=quiet, afterwards=was))
        evening.lines, evening.afterwards = [], False
        evening.pending = None

    def _after_quiet(self, evening: Evening, at_s: int) -> None:
        silent = at_s - evening.last_at_s >= QUIET_S
        if silent and evening.somebody and evening.mode is Mode.HAND_OUT:
            self._next(evening, quiet=True)

    def add_afterwards(self, evening: Evening, at_s: int) -> None:
        if evening.training:
            return
        evening.forget_waiting()
        if evening.mode is not Mode.HAND_OUT or evening.afterwards:
            return
        if evening.somebody:
            self._next(evening)
        else:
            evening.acts.append(Act("afterwards", afterwards=False))
        evening.afterwards = True
        evening.worked(at_s)

    def adding_ends(self, evening: Evening, at_s: int) -> None:
        """A minute without a read ends it, whatever is read then."""
        if evening.afterwards and not evening.training and at_s - evening.last_at_s >= QUIET_S:
            if evening.somebody:
                self._next(evening, quiet=True)
            evening.afterwards = False

    def set_mode(self, evening: Evening, mode: Mode, at_s: int) -> None:
        if evening.training:
            return
        evening.forget_waiting()
        done = evening.lines or evening.other or any(act.kind != "mode" for act in evening.acts)
        if done or mode is not evening.mode:
            self._change(evening, mode, at_s, other="")

    def _change(self, evening: Evening, mode: Mode, at_s: int, *, other: str) -> None:
        before = evening.part()
        served = evening.mode is Mode.HAND_OUT and evening.somebody and not evening.afterwards
        before.afterwards = before.afterwards or served
        evening.put(Lane(mode, other, mode_from_s=at_s, before=before))
        evening.acts.append(Act("mode", counted=served))
        evening.forget_old()

    def _undo_mode(self, evening: Evening, act: Act) -> None:
        before = evening.before
        if before is None:
            return
        evening.put(before)
        if act.counted:
            evening.afterwards = False

    def set_place(self, evening: Evening, place: str, at_s: int) -> None:
        """In the modes that carry: the other end; another one than before begins another load."""
        evening.forget_waiting()
        if (evening.lines or evening.other) and place != evening.other:
            self._change(evening, evening.mode, at_s, other=place)
        else:
            evening.other = place

    def toggle_training(self, evening: Evening, at_s: int) -> None:
        evening.forget_waiting()
        evening.training = not evening.training
        evening.training_from_s = at_s

    # Closing

    def close_command(self, evening: Evening) -> None:
        evening.forget_waiting()
        if evening.training:
            evening.training = False
        else:
            self._close(evening)

    def close_station(self, station: str) -> None:
        for (name, _), evening in list(self.evenings.items()):
            if name == station:
                self._close(evening)

    def _close(self, evening: Evening) -> None:
        for line in evening.given:
            self.closed[evening.key(line.item)] += line.pieces
        for gtin, pieces in evening.unknown.items():
            if gtin in self.named:
                item, each = self.named[gtin]
                self.closed[evening.key(item)] += pieces * each
            else:
                self.closed_unknown[evening.key(gtin)] += pieces
        for how, thousandths in evening.returned.items():
            self.closed_returned[evening.key(how)] += thousandths
        self.closed_back.update(evening.back)
        del self.evenings[evening.station, evening.day]

    def name(self, gtin: str, item: str, pieces: int) -> None:
        self.named[gtin] = (item, pieces)
        for key in [key for key in self.closed_unknown if key[1] == gtin]:
            day, _, place, channel = key
            self.closed[day, item, place, channel] += self.closed_unknown.pop(key) * pieces
