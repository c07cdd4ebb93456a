// How what became of a read looks: a sign, a colour, and how many pieces left.

import type { Result } from "./session";

const LOOKS = {
  accepted: ["ok", "ok"],
  ignored: ["info", "idle"],
  unknown: ["warn", "warn"],
  refused: ["bad", "bad"],
  conflict: ["bad", "bad"],
} as const;

const LOOKED_UP = ["info", "idle"] as const;
const ON_HOLD = ["warn", "warn"] as const;
const UNOPENED = ["unopened", "noted"] as const;

/** Sign and colour of what the server answered, and how many pieces it is of. */
export function looksOf(
  result: Result,
  lookedUp: boolean,
): [icon: string, look: string, pieces: string] {
  const nothing = lookedUp && result.item !== null && result.status === "accepted";
  if (nothing) return [...(result.on_hold ? ON_HOLD : LOOKED_UP), ""];
  const usual = result.brought_back ? UNOPENED : LOOKS[result.status];
  const pieces = counted(result.pieces, result.brought_back);
  return [...(result.on_hold ? ON_HOLD : usual), pieces];
}

/** What came back bears no plus: nothing more was handed out. */
export function counted(pieces: number | null | undefined, back = false): string {
  return back ? signed(pieces).replace("+", "") : signed(pieces);
}

export function signed(pieces: number | null | undefined): string {
  if (!pieces) return "";
  return `${pieces > 0 ? "+" : "−"}${Math.abs(pieces)}`;
}
