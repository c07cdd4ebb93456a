import { expect, it } from "vitest";
import { counted, looksOf } from "../src/looks";
import type { Result } from "../src/session";

const KIT: Result = { id: null, status: "accepted", item: "KIT-INJ", pieces: 3, message: "" };
const BACK: Result = { ...KIT, brought_back: true };

it("shows what left with a plus, what was taken back with a minus", () => {
  expect(looksOf(KIT, false)).toEqual(["ok", "ok", "+3"]);
  expect(looksOf({ ...KIT, pieces: -3 }, false)).toEqual(["ok", "ok", "−3"]);
});

it("does not show what came back unopened as if it left", () => {
  expect(looksOf(BACK, false)).toEqual(["unopened", "noted", "3"]);
  expect(looksOf({ ...BACK, pieces: -3 }, false)).toEqual(["unopened", "noted", "−3"]);
  expect(looksOf({ ...BACK, on_hold: true }, false)).toEqual(["warn", "warn", "3"]);
  expect([counted(3, true), counted(null, true), counted(3)]).toEqual(["3", "", "+3"]);
});

it("shows no pieces of what was only looked up", () => {
  expect(looksOf(KIT, true)).toEqual(["info", "idle", ""]);
  expect(looksOf({ ...KIT, on_hold: true }, true)).toEqual(["warn", "warn", ""]);
  expect(looksOf({ ...KIT, status: "refused", item: null, pieces: null }, true)[0]).toBe("bad");
});
