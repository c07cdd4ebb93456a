// What each command code does to the person at the counter, while nobody answers.

import { numberAfter } from "./digits";
import {
  act,
  afterAdding,
  atWork,
  HAND_OUT,
  isServed,
  isSomebody,
  nextPerson,
  nobody,
  type State,
  undo,
  wholeNumber,
  with_,
} from "./kept";
import type { Lane } from "./session";

const TRAINING_S = 30 * 60;
const NOTHING_WAITS = { number: "", expect: "", street: false };

/** `value` is what follows the kind in the name: the "b" of "lane-b". */
type Command = (state: State, atS: number, value: string) => State;

const COMMANDS: Record<string, Command> = {
  times: (state, _, value) => number(state, `times-${value}`),
  digit: (state, _, value) => number(state, `digit-${value}`),
  point: (state) => number(state, "point"),
  clear: (state) => with_(state, NOTHING_WAITS),
  undo,
  "next-person": next,
  "passages-plus": (state) => passages(state, 1),
  "passages-minus": (state) => passages(state, -1),
  contact,
  afterwards,
  "look-up": (state) => with_(state, { expect: "look-up" }),
  "correct-line": (state) => ofHandOuts(state, "correct"),
  "brought-back": (state) => ofHandOuts(state, "brought-back"),
  "correct-channel": (state) => with_(state, { expect: "channel" }),
  "from-street": (state) => with_(state, { street: true }),
  lane,
  mode,
  training,
  "close-shift": (state) => (state.training ? trained(state) : onlyTheServerKnows(state)),
};

/** The session after a command, by its name; what has no entry is for the page or the printer. */
export function command(state: State, atS: number, name: string): State {
  const cut = name.indexOf("-");
  const kind = name in COMMANDS ? name : name.slice(0, cut);
  return COMMANDS[kind]?.(state, atS, name.slice(cut + 1)) ?? state;
}

/** From here on reads are kept and not shown. */
export function onlyTheServerKnows(state: State): State {
  return { ...state, person: nobody(state.person), aside: null, training: false, beyond: 1 };
}

function number(state: State, name: string): State {
  return with_(state, { number: numberAfter(state.person.number, [name]) });
}

function next(state: State): State {
  const { person } = state;
  if (person.mode !== HAND_OUT || !(isSomebody(person) || person.afterwards)) return state;
  return nextPerson(with_(state, NOTHING_WAITS));
}

/** As if all were of one hour: only the server keeps them apart. */
function passages(state: State, sign: 1 | -1): State {
  const change = wholeNumber(state.person);
  const after = with_(state, { number: "" });
  if (change === null || (sign < 0 && change > state.passages)) return after;
  return act(after, {}, sign * change);
}

function contact(state: State): State {
  const after = with_(state, { number: "" });
  return wholeNumber(state.person) ? act(after, {}) : after;
}

function afterwards(state: State, atS: number): State {
  const { person } = state;
  if (person.mode !== HAND_OUT || person.afterwards) return state;
  const begun = isSomebody(person) ? nextPerson(state) : act(state, { afterwards: true });
  return with_(begun, { afterwards: true, lastS: atWork(person, atS) });
}

function ofHandOuts(state: State, expect: string): State {
  return with_(state, state.person.mode === HAND_OUT ? { expect } : { number: "" });
}

/** What was added afterwards there may be over by now. */
function lane(state: State, atS: number, value: string): State {
  if (value === state.lane) return state;
  const there = state.aside ?? nobody(state.person);
  return afterAdding({ ...state, lane: value as Lane, person: there, aside: state.person }, atS);
}

/** Whoever is being served is counted; undo comes back to them. */
function mode(state: State, _: number, value: string): State {
  const { person } = state;
  const last = person.acts.at(-1);
  const done = isSomebody(person) || person.other || (last && !("mode" in last.before));
  const cleared = with_(state, NOTHING_WAITS);
  if (value === person.mode && !done) return cleared;
  const { acts: _acts, blind: _blind, ...fresh } = nobody({ mode: value, blind: person.blind });
  return act(cleared, fresh, isServed(person) ? 1 : 0);
}

function training(state: State, atS: number): State {
  if (state.training) return trained(state);
  return {
    ...{ lane: state.lane, person: nobody({ mode: state.person.mode, blind: false }), aside: null },
    ...{ training: true, trainingFromS: atS, real: state },
    ...{ passages: 0, recorded: 0, unseen: null, undos: 0, beyond: 0 },
  };
}

/** Training is over: what was there before it is there again, where the page knows it. */
function trained(state: State): State {
  return state.real ?? onlyTheServerKnows(state);
}

/** Training ends by itself. */
export function afterTraining(state: State, atS: number): State {
  return state.training && atS - state.trainingFromS >= TRAINING_S ? trained(state) : state;
}
