// What a person at the counter becomes while nobody answers: the few values that kept reads change. The rules are those
// of inventory/counter, and tests/cases/sessions.json holds both to the same.

import { bare } from "./digits";
import type { Lane, Line, Returned, Session } from "./session";

const QUIET_S = 60;
const MOST_PIECES = 1_000_000;
export const HAND_OUT = "hand-out";

/** Something that undo takes back: what stood there before, and the passages it counted. */
export interface Act {
  before: Partial<Person>;
  passages: number;
  /** Made by silence rather than by a read: goes together with the act before it. */
  quiet: boolean;
}

/** One of the two people served at a screen, and what was read for them and is not used yet. */
export interface Person {
  mode: string;
  number: string;
  expect: string;
  street: boolean;
  afterwards: boolean;
  other: NonNullable<Session["other"]> | null;
  lastS: number;
  lines: Line[];
  returned: Returned[];
  broughtBack: Line[];
  /** Somebody is there, and the page does not know with what. */
  there: boolean;
  acts: Act[];
  /** The server may have more to undo than the page knows of. */
  blind: boolean;
}

export interface State {
  lane: Lane;
  person: Person;
  /** Nobody was served in the other lane yet: it will have the same mode. */
  aside: Person | null;
  passages: number;
  /** The passages when this began: those beyond are not recorded yet. */
  recorded: number;
  training: boolean;
  /** When training began, in seconds; or when the page first knew of it. */
  trainingFromS: number;
  /** While somebody learns: what counts, if it is known here. */
  real: State | null;
  /** Who closing counts and no lane shows: what arrived late is of a mode before. Null where nobody told. */
  unseen: number | null;
  /** Undos of something the server did before; and reads after one that only the server can follow. */
  undos: number;
  beyond: number;
}

export function nobody({ mode, blind }: Pick<Person, "mode" | "blind">): Person {
  return {
    ...{ mode, blind, number: "", expect: "", street: false, afterwards: false, other: null },
    ...{ lastS: 0, lines: [], returned: [], broughtBack: [], there: false, acts: [] },
  };
}

export function with_(state: State, person: Partial<Person>): State {
  return { ...state, person: { ...state.person, ...person } };
}

export function isSomebody(person: Person): boolean {
  const { lines, returned, broughtBack, there } = person;
  return there || lines.length + returned.length + broughtBack.length > 0;
}

export function isServed(person: Person): boolean {
  return person.mode === HAND_OUT && !person.afterwards && isSomebody(person);
}

/** From when on what comes next is for the next person; null where it is anyway. */
export function quietAt(person: Person): number | null {
  const serving = person.mode === HAND_OUT && (person.afterwards || isSomebody(person));
  return serving ? person.lastS + QUIET_S : null;
}

/** One that comes a little late makes no silence. */
export function atWork(person: Person, atS: number): number {
  const late = person.lastS - atS;
  return late > 0 && late < QUIET_S ? person.lastS : atS;
}

/** Change the person in a way that undo takes back. */
export function act(state: State, change: Partial<Person>, passages = 0, quiet = false): State {
  const keys = Object.keys(change) as (keyof Person)[];
  const before = Object.fromEntries(keys.map((key) => [key, state.person[key]]));
  const acts = [...state.person.acts, { before, passages, quiet }];
  return { ...with_(state, { ...change, acts }), passages: state.passages + passages };
}

/** Close the lines of who is there; they are a passage unless they were one before. */
export function nextPerson(state: State, quiet = false): State {
  const nobody = { lines: [], returned: [], broughtBack: [], there: false, afterwards: false };
  return act(state, nobody, state.person.afterwards ? 0 : 1, quiet);
}

export function afterQuiet(state: State, atS: number): State {
  const { person } = state;
  const quiet = atS - person.lastS >= QUIET_S;
  return quiet && person.mode === HAND_OUT && isSomebody(person) ? nextPerson(state, true) : state;
}

export function afterAdding(state: State, atS: number): State {
  if (!state.person.afterwards || atS - state.person.lastS < QUIET_S) return state;
  return with_(afterQuiet(state, atS), { afterwards: false });
}

/** The number read before, null where there was none or only a point. */
export function anyNumber(person: Person): number | null {
  const number = bare(person.number);
  return number === "" || number === "." ? null : Number(number);
}

/** The number read before, one where there was none, times `pieces`; null where it is no number of pieces. */
export function wholeNumber(person: Person, pieces = 1): number | null {
  const number = (anyNumber(person) ?? 1) * pieces;
  return Number.isInteger(number) && number <= MOST_PIECES ? number : null;
}

/** How much came back in thousandths; null where it is nothing that can be. */
export function thousandths(measured: number): number | null {
  const found = Math.round(measured * 1000);
  return found > 0 && found <= MOST_PIECES * 1000 ? found : null;
}

/** Undo what waits first, then the last thing done with the silence after it. */
export function undo(state: State): State {
  const { number, expect, street } = state.person;
  if (number || expect || street) return with_(state, { number: "", expect: "", street: false });
  let last = state.person.acts.at(-1);
  while (last?.quiet) {
    state = without(state, last);
    last = state.person.acts.at(-1);
  }
  if (last) return without(state, last);
  return state.person.blind ? { ...state, undos: state.undos + 1 } : state;
}

function without(state: State, { before, passages }: Act): State {
  const acts = state.person.acts.slice(0, -1);
  // Passages are of both lanes: the other one may have taken this one off already.
  const less = Math.min(passages, state.passages);
  return { ...with_(state, { ...before, acts }), passages: state.passages - less };
}
