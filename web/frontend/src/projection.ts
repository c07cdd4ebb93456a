// What the page shows while nobody answers: the last session the server told, and the reads kept since. It is a view,
// never a record: all of it says so, and the server's next answer replaces it.
//
// Followed: articles, numbers, undo, next person, lanes, returns, corrections, modes. Not known here: what a code
// stands for that is not on the page's lists, what there is to undo from before, and all after closing the shift or
// changing the place of a load; it is said how many reads those are.

import { afterTraining, command, onlyTheServerKnows } from "./commands";
import {
  act,
  afterAdding,
  afterQuiet,
  anyNumber,
  atWork,
  HAND_OUT,
  isServed,
  isSomebody,
  nobody,
  type Person,
  quietAt,
  type State,
  thousandths,
  wholeNumber,
  with_,
} from "./kept";
import { LANES, type Lane, type Line, pieces, type Returned, type Session } from "./session";

/** What a code stands for, as far as the page knows. */
export type Meaning =
  | { kind: "command"; name: string }
  | { kind: "product"; item: string; pieces: number; code?: true }
  | { kind: "place" }
  | { kind: "nothing" };

export interface KeptRead {
  meaning: Meaning;
  /** By the server's clock, in whole seconds since 1970. */
  atS: number;
}

type Product = Extract<Meaning, { kind: "product" }>;

const LOOKING = ["look-up", "assemble", "count"];
const RETURNED = "returned-";
const MEASURES: Record<string, [method: string, unit: string]> = {
  declared: ["declared", "piece"],
  estimated: ["estimated", "piece"],
  kilograms: ["weight", "kg"],
  litres: ["volume", "l"],
};

/** The session as it will be once `reads` are answered; `base` is null where the server has not told any. */
export function project(
  base: Session | null,
  reads: readonly KeptRead[],
  mode = HAND_OUT,
): Session {
  const from = base ?? { ...NO_SESSION, mode };
  const first = reads[0]?.atS ?? 0;
  return seen(from, reads.reduce(step, { ...begun(from, base !== null), trainingFromS: first }));
}

const NO_SESSION: Omit<Session, "mode"> = {
  ...{ number: "", expect: "", street: false, afterwards: false, training: false },
  ...{ open: false, passages: 0, passages_at_closing: null, lines: [] },
};

function begun(base: Session, blind: boolean): Omit<State, "trainingFromS"> {
  const { passages, training } = base;
  const lane = base.lane ?? "a";
  const { mode, number, expect, street, afterwards, other = null, lines, returned = [] } = base;
  const quiet = base.quiet_at?.[lane];
  const person: Person = {
    ...nobody({ mode, blind }),
    ...{ number, expect, street, afterwards, other, lines, returned },
    broughtBack: base.brought_back ?? [],
    lastS: lastOf(quiet),
  };
  // Who only took something no list has shows nowhere else.
  person.there = typeof quiet === "number" && !afterwards && !isSomebody(person);
  const aside = othersIn(base, lane, blind);
  const none = { real: null, undos: 0, beyond: 0 };
  const unseen = unseenBy(base, [person, aside]);
  return { lane, person, aside, passages, recorded: passages, training, unseen, ...none };
}

function othersIn(base: Session, lane: Lane, blind: boolean): Person | null {
  if (!base.aside) return null;
  const { mode, number, expect, street, afterwards } = base.aside;
  const other = LANES.find((it) => it !== lane) ?? "b";
  const quiet = base.quiet_at?.[other];
  const lines = base.lanes?.[other] ?? [];
  return {
    ...nobody({ mode, blind }),
    ...{ number, expect, street, afterwards, lines, lastS: lastOf(quiet) },
    there: typeof quiet === "number" && !afterwards && lines.length === 0,
  };
}

function unseenBy(base: Session, seen: readonly (Person | null)[]): number | null {
  // While somebody learns, what closing counts is of what was put aside.
  const known = base.training ? null : base.passages_at_closing;
  return known === null ? null : known - base.passages - served(seen);
}

function lastOf(quiet: number | null | undefined): number {
  return typeof quiet === "number" ? quiet - 60 : 0;
}

function step(state: State, { meaning, atS }: KeptRead): State {
  if (state.beyond > 0) return { ...state, beyond: state.beyond + 1 };
  if (meaning.kind === "nothing") return state;
  const name = meaning.kind === "command" ? meaning.name : "";
  const now = afterAdding(afterTraining(state, atS), atS);
  if (name && !name.startsWith(RETURNED)) return command(now, atS, name);
  if (now.person.expect === "look-up" || LOOKING.includes(now.person.mode)) {
    return with_(now, { expect: "" });
  }
  if (meaning.kind === "place") return place(now);
  if (meaning.kind === "product") return product(now, atS, meaning);
  return returned(now, atS, name.slice(RETURNED.length));
}

function place(state: State): State {
  if (state.person.expect === "channel") return with_(state, { expect: "" });
  return state.person.mode === HAND_OUT ? state : onlyTheServerKnows(state);
}

function product(state: State, atS: number, product: Product): State {
  if (state.person.expect === "correct") return corrected(state, product);
  const number = wholeNumber(state.person, product.pieces);
  const now = afterQuiet(with_(state, { number: "" }), atS);
  if (!number) return now;
  const { item, code } = product;
  const line: Line = { item, pieces: number, waiting: true, ...(code && { code }) };
  const { person } = now;
  const back = person.expect === "brought-back";
  const change = back
    ? { broughtBack: [...person.broughtBack, line] }
    : { lines: [...person.lines, line] };
  const expect = back ? "" : person.expect;
  return with_(act(now, change), { expect, lastS: atWork(person, atS) });
}

/** The line of an article becomes this many pieces; the latest reads of it give first. */
function corrected(state: State, { item }: Product): State {
  const number = wholeNumber(state.person);
  const now = with_(state, { number: "", expect: "" });
  const mine = now.person.lines.filter((line) => line.item === item);
  if (number === null || mine.length === 0 || number === pieces(mine)) return now;
  let less = pieces(mine) - number;
  if (less < 0) {
    return act(now, { lines: [...now.person.lines, { item, pieces: -less, waiting: true }] });
  }
  const lines: Line[] = [];
  for (const line of [...now.person.lines].reverse()) {
    const off = line.item === item ? Math.min(line.pieces, less) : 0;
    less -= off;
    const waits = line.item === item ? { waiting: true } : {};
    if (line.pieces > off) lines.unshift({ ...line, ...waits, pieces: line.pieces - off });
  }
  return act(now, { lines });
}

/** Used material, by the name of its command: "kilograms", "declared-20", "bottle-1.5l". */
function returned(state: State, atS: number, name: string): State {
  const number = anyNumber(state.person);
  const declared = /^declared-(\d+)$/.exec(name)?.[1];
  const [method, unit] = MEASURES[declared ? "declared" : name] ?? ["container", name];
  const times = number ?? (declared || method === "container" ? 1 : 0);
  const measured = thousandths(times * Number(declared ?? 1));
  const cleared = with_(state, { number: "" });
  if (measured === null) return cleared;
  const now = afterQuiet(cleared, atS);
  const container = method === "container" ? unit : null;
  const back: Returned = { method, unit, measured: String(measured / 1000), container };
  const all = [...now.person.returned, { ...back, waiting: true }];
  return with_(act(now, { returned: all }), {
    street: false,
    lastS: atWork(now.person, atS),
  });
}

function seen(base: Session, state: State): Session {
  const { lane, person, aside, passages, training } = state;
  const { mode, number, expect, street, afterwards, other, lines } = person;
  const there = aside ?? nobody(person);
  const by = <T>(mine: T, theirs: T): Record<Lane, T> =>
    lane === "a" ? { a: mine, b: theirs } : { a: theirs, b: mine };
  return {
    ...base,
    ...{ mode, number, expect, street, afterwards, other, training, passages, lane, lines },
    passages_at_closing: atClosing(base, state.real ?? state),
    aside: aside && waitingIn(aside),
    lanes: by(lines, there.lines),
    quiet_at: by(quietAt(person), quietAt(there)),
    returned: person.returned,
    brought_back: person.broughtBack,
    waiting: { passages: passages - state.recorded, undos: state.undos, beyond: state.beyond },
  };
}

function waitingIn(aside: Person): NonNullable<Session["aside"]> {
  const { mode, number, expect, street, afterwards } = aside;
  return { mode, number, expect, street, afterwards };
}

/** Null where the server knows of more than the page does. */
function atClosing(base: Session, state: State): number | null {
  const { training, passages, person, aside, unseen, undos, beyond } = state;
  // Nothing that is done while somebody learns changes it.
  if (training) return base.passages_at_closing;
  if (unseen === null || undos + beyond > 0) return null;
  return passages + served([person, aside]) + unseen;
}

function served(people: readonly (Person | null)[]): number {
  return people.filter((it) => it !== null && isServed(it)).length;
}
