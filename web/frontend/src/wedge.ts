// A scanner that types. It is told from a person by its speed, and read by the position of the keys: the characters
// the host makes of them depend on a layout that nobody remembers setting.

import { ANNOUNCED, GS, plausibility, unseparated } from "./codes";
import { LAYOUTS, type Layout } from "./layouts";

export interface Key {
  /** KeyboardEvent.code */
  code: string;
  shift: boolean;
  altGr: boolean;
  ctrl: boolean;
  /** Alt alone: with it the digits of the keypad are the number of a sign. */
  alt: boolean;
  /** Whether Caps Lock is on. */
  caps: boolean;
  /** KeyboardEvent.timeStamp */
  timeMs: number;
}

/** Measured: this lost none of 600 scans, where a fixed limit of 50 ms a key lost 1 in 200. */
export const MEAN_MS = 60;
export const LONGEST_GAP_MS = 250;
/** After this silence, what is no valid code is one that was misread: a busy computer may hold keys back for a while. */
export const SURELY_OVER_MS = 1500;
/** Shorter is somebody's fingers. */
export const SHORTEST = 6;
/** So many fast keys are no fingers rolling over a keyboard. */
const SURELY_FAST = 4;
/** So many keys make the longest number, and this far from the scan they are somebody's, in its own measure. */
const MOST_TYPED = 7;
const APART = 3;
/** The plausibility of a code with check digits. */
const SURE = 2;

const SUFFIXES = new Set(["Enter", "NumpadEnter", "Tab"]);
const MODIFIERS = /^(Shift|Control|Alt|Meta|CapsLock|NumLock|OS)/;
/** Keys of a person: whatever comes after one is a burst of its own. */
const NEVER_SENT =
  /^(Escape|Arrow|F([1-79]|1\d)$|Home|End|Page|Insert|Delete|Backspace|ContextMenu)/;

const NUMBER = /^(Digit\d|Numpad\d|NumpadDecimal|Comma|Period|KeyM)$/;
const IDENTIFIED = /^\][A-Za-z]\d/;
const MARKS = /^(NumpadDecimal|Period|KeyM)$/;

/** Gathers keys into bursts. */
export class Wedge {
  private keys: Key[] = [];
  /** Whether the last key pressed began a burst. */
  begins = false;
  /** Whether the last key pressed ended what was no person's and no code. */
  spoilt = false;
  /** How many keys of a person came just before the last code, within the same burst. */
  before = 0;

  /** One key down: the code it completes, or null. */
  press(key: Key): string | null {
    this.begins = false;
    this.spoilt = false;
    if (MODIFIERS.test(key.code)) return null;
    if (NEVER_SENT.test(key.code)) {
      this.keys = [];
      return null;
    }
    const last = this.keys.at(-1);
    if (last && key.timeMs - last.timeMs > LONGEST_GAP_MS) this.keys = [];
    if (SUFFIXES.has(key.code)) {
      const fast = this.fast;
      const code = this.finish();
      this.spoilt = fast && code === null;
      return code;
    }
    this.begins = this.keys.length === 0;
    this.keys.push(key);
    return null;
  }

  /** The end of a burst: by its last key, or by silence where the scanner sends none. */
  finish(): string | null {
    const keys = this.keys;
    this.keys = [];
    this.before = typedBefore(keys);
    const scanned = keys.slice(this.before);
    return isBurst(scanned) ? decode(scanned) : null;
  }

  /** How many keys wait for the rest of a code. */
  get holds(): number {
    return this.keys.length;
  }

  /** Whether what came so far is a whole code for certain, and not the beginning of one. */
  get whole(): boolean {
    return isCode(this.keys.slice(typedBefore(this.keys)));
  }

  /** Whether what was typed so far is too fast for a person. */
  get fast(): boolean {
    return isBurst(this.keys, SURELY_FAST);
  }
}

/** How many of the keys are a number that somebody typed just before scanning: slow ones, then a right code. */
function typedBefore(keys: readonly Key[]): number {
  if (isCode(keys)) return 0;
  let first = keys.length - 1;
  while (first > 0 && gapMs(keys, first) <= MEAN_MS) first -= 1;
  return isCode(keys.slice(first)) ? first : typedAtOnce(keys);
}

/** The same where the scanner began within a moment of the last of them: no code has such a beginning or such a gap. */
function typedAtOnce(keys: readonly Key[]): number {
  for (let first = 1; first <= MOST_TYPED && NUMBER.test(keys[first - 1]?.code ?? ""); first += 1) {
    const code = keys.slice(first);
    const apart = gapMs(keys, first) >= APART * meanMs(code);
    const unlike = keys.slice(0, first).some((key) => isMark(key));
    if ((apart || unlike) && isCode(code, SURE)) return first;
  }
  return 0;
}

/** Between a key and the one before it. */
function gapMs(keys: readonly Key[], index: number): number {
  return (keys[index]?.timeMs ?? 0) - (keys[index - 1]?.timeMs ?? 0);
}

/** Between two keys, on the whole. */
function meanMs(keys: readonly Key[]): number {
  return ((keys.at(-1)?.timeMs ?? 0) - (keys[0]?.timeMs ?? 0)) / (keys.length - 1);
}

/** A point or a comma, on one layout or another: no code that is checked by its digits begins with one. */
function isMark(key: Key): boolean {
  return key.code === "Comma" || (MARKS.test(key.code) && !key.shift);
}

function isCode(keys: readonly Key[], atLeast = 1): boolean {
  const code = isBurst(keys) ? decode(keys) : null;
  return code !== null && plausibility(code) >= atLeast;
}

export function isBurst(keys: readonly Key[], shortest = SHORTEST): boolean {
  return keys.length >= Math.max(2, shortest) && meanMs(keys) < MEAN_MS;
}

/** What was scanned, read under every layout: one of them alone makes a code of the keys, or else the lot is unsure. */
export function decode(keys: readonly Key[]): string | null {
  // A sign by its number is no digits. And Caps Lock turned on or off on the way changes digits too, on some computers.
  if (keys.some((key) => key.alt || key.caps !== keys[0]?.caps)) return null;
  const texts = LAYOUTS.map((layout) => under(layout, keys)).filter((text) => text !== null);
  const most = Math.max(...texts.map(likeness));
  const readings = [...new Set(texts.filter((text) => likeness(text) === most))];
  const [only = null, ...others] = readings;
  if (only === null) return null;
  // Some scanners turn their keys about for Caps Lock, others do not: what an identifier says is a proof.
  const isSure = others.length === 0 && (!keys[0]?.caps || ANNOUNCED.test(only));
  return isSure ? only : unsure(readings);
}

/**
 * The reading with the fewest signs that labels seldom bear, without separators: the server then believes a lot only
 * if it knows it, and asks for any other. Where as few are in several, "?" stands for what they do not agree on.
 */
function unsure(readings: readonly string[]): string {
  const least = Math.min(...readings.map(oddness));
  const [first = "", ...others] = readings.filter((text) => oddness(text) === least);
  const agreed = (sign: string, i: number) => others.every((text) => text[i] === sign);
  return unseparated([...first].map((sign, i) => (agreed(sign, i) ? sign : "?")).join(""));
}

function under(layout: Layout, keys: readonly Key[]): string | null {
  let text = "";
  for (const key of keys) {
    const character = characterOf(layout, key);
    if (character === null) return null;
    text += character;
  }
  return text;
}

function characterOf(layout: Layout, key: Key): string | null {
  // FNC1 comes as the control character GS: Ctrl and the key that bears the closing bracket.
  if (key.code === "F8" || (key.ctrl && !key.altGr)) {
    return key.code === "F8" || isBracket(layout, key) ? GS : null;
  }
  const characters = layout[key.code];
  return characters?.[key.altGr ? 2 : key.shift ? 1 : 0] || null;
}

/** By the layout, or by its place on a US keyboard, which makers use for GS. */
function isBracket(layout: Layout, key: Key): boolean {
  return key.code === "BracketRight" || (layout[key.code]?.includes("]") ?? false);
}

/** A valid code before one that could be, then what is one by its signs alone. */
function likeness(text: string): number {
  const signs = IDENTIFIED.test(text) || /^\d\d[!"%-?A-Z_a-z]+$/.test(unseparated(text));
  return plausibility(text) * 2 + (signs ? 1 : 0);
}

/** Signs that labels seldom bear, then letters of both sizes. */
function oddness(text: string): number {
  const odd = text.replaceAll(GS, "").replace(/[A-Za-z0-9_./-]/g, "").length;
  const mixed = /[a-z]/.test(text) && /[A-Z]/.test(text.replace(IDENTIFIED, ""));
  return odd * 10 + (mixed ? 1 : 0);
}
