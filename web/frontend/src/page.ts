// What the server tells this page about itself: addresses, codes of commands, and words.

import { find } from "./dom";

export interface Words {
  sending: string;
  kept: string;
  keptLong: string;
  keptHere: string;
  keptError: string;
  notKept: string;
  scanAgain: string;
  scanTested: string;
  badgeNotSent: string;
  badgeError: string;
  pageStays: Record<"away" | "error", string>;
  keptShut: string;
  waiting: string;
  undoWaits: string;
  more: Record<"one" | "more", string>;
  code: string;
  /** What a person has to do before reads are sent: what happened, and the words on the way out. */
  stopped: Record<"signed-out" | "old-page", { what: string; then: string; way: string }>;
  passage: string;
  passages: string;
  shortcuts: Record<"on" | "off" | "nowOn" | "nowOff", string>;
  touchToCorrect: string;
  unopened: string;
  howMany: string;
  expect: Record<string, string>;
  street: string;
  stillHere: Record<"one" | "more", string>;
  adding: Record<"begin" | "end", string>;
  training: Record<"begin" | "end", string>;
  /** By mode: its name, what it does, the same with the other place, and what becomes of what is read. */
  modes: Record<string, ModeWords>;
  inHand: Record<"person" | "load", string>;
  returned: Record<string, string>;
  containers: Record<string, string>;
  units: Record<string, string>;
  network: Record<"ok" | "away" | "error", string>;
  /** By state, and where one is lost by its reason; `back` is said once. */
  scanner: Record<string, string>;
  scannerNamed: string;
  printer: Record<string, string>;
  /** What to do about it. */
  printerAdvice: Record<string, string>;
  station: string;
  lane: string;
  nextArticle: Record<"same" | "next" | "new", string>;
  piece: string;
  pieces: string;
  paper: Record<"times" | "day" | "labels" | "trial" | "copy", string>;
}

export interface ModeWords {
  name: string;
  title: string;
  titleWithPlace: string;
  means: string;
}

export interface Page {
  station: string;
  reads: string;
  session: string;
  live: string;
  csrf: string;
  signIn: string;
  /** Where a badge opens the station again; null for a browser that does not stand at it. */
  opening: string | null;
  /** What the station does when nobody has said otherwise. */
  mode: string;
  tally: string;
  /** Where kits are made; null where this page was asked for all the same. */
  workshop: string | null;
  /** Command codes by name; a name that is not there is one this service does not know. */
  codes: Record<string, string>;
  /** What each of them says to people. */
  says: Record<string, string>;
  /** Articles without a picture here: they can still be scanned and corrected. */
  unseen: { item: string; code: string; name: string; symbol: string; photo: string | null }[];
  words: Words;
}

export const page = JSON.parse(find("#page").textContent ?? "") as Page;

export function codeOf(name: string): string {
  const code = page.codes[name];
  if (!code) throw new Error(`no code for ${name}`);
  return code;
}

/** The name of the command that a code stands for, where this page has it. */
export function commandOf(code: string): string | undefined {
  return Object.keys(page.codes).find((name) => page.codes[name] === code);
}
