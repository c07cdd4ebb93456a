import { describe, expect, it } from "vitest";
import { isElementString, isGtin, isHouseCode } from "../src/codes";
import { BELGIAN, type Layout, US } from "../src/layouts";
import { decode, isBurst, type Key, Wedge } from "../src/wedge";

/** The keys a scanner set to a layout presses for a text, so many milliseconds apart. */
function typed(text: string, layout: Layout, everyMs = 8): Key[] {
  return [...text].map((character, i) => {
    const timeMs = 1000 + i * everyMs;
    if (character === "\x1d") {
      return { code: "BracketRight", shift: false, altGr: false, ctrl: true, timeMs };
    }
    for (const [code, characters] of Object.entries(layout)) {
      const level = code.startsWith("Numpad") ? -1 : characters.indexOf(character);
      if (level >= 0) {
        return { code, shift: level === 1, altGr: level === 2, ctrl: false, timeMs };
      }
    }
    throw new Error(`no key for ${character}`);
  });
}

function scan(keys: Key[]): (string | null)[] {
  const wedge = new Wedge();
  const last = keys.at(-1)?.timeMs ?? 0;
  const enter = { code: "Enter", shift: false, altGr: false, ctrl: false, timeMs: last + 8 };
  return [...keys, enter].map((key) => wedge.press(key)).filter((code) => code !== null);
}

const CODES = [
  "1100000149",
  "1400000261",
  "00382903057603",
  "3400930000007",
  "]C10100382903057603172911301022B15C8",
  "]d2010038290305760317291130105B07\x1d30100",
  "]C117290731102DEQ1",
  "010038290305760310AB/12-x",
  "]E03400930000007",
];

describe.each([
  ["US", US],
  ["Belgian", BELGIAN],
] as const)("a scanner set to %s", (_, layout) => {
  it.each(CODES)("is read right: %j", (code) => {
    expect(scan(typed(code, layout))).toEqual([code]);
  });
});

it("reads the digits of a keypad, and of a row with or without Shift", () => {
  const key = (code: string, shift = false) => ({
    code,
    shift,
    altGr: false,
    ctrl: false,
    timeMs: 0,
  });
  expect(decode([key("Digit1"), key("Digit2", true), key("Numpad3")])).toBe("123");
});

it("tells a scanner from fingers by the mean, and forgives one slow key", () => {
  const at = (...times: number[]) =>
    times.map((timeMs) => ({ code: "Digit1", shift: false, altGr: false, ctrl: false, timeMs }));
  expect(isBurst(at(0, 8, 16, 24, 32, 40))).toBe(true);
  expect(isBurst(at(0, 8, 16, 216, 224, 232))).toBe(true);
  expect(isBurst(at(0, 60, 120, 180, 240, 300))).toBe(false);
  expect(isBurst(at(0, 8, 16, 24, 32))).toBe(false);
});

it("begins anew after a gap, so that typing before a scan does not spoil it", () => {
  const slow = { code: "KeyA", shift: false, altGr: false, ctrl: false, timeMs: 500 };
  expect(scan([slow, ...typed("1100000149", US)])).toEqual(["1100000149"]);
});

it("leaves alone what a person types", () => {
  expect(scan(typed("1100000149", US, 90))).toEqual([]);
});

it("ends a scan without a last key by silence", () => {
  const wedge = new Wedge();
  for (const key of typed("1100000149", BELGIAN)) expect(wedge.press(key)).toBeNull();
  expect(wedge.finish()).toBe("1100000149");
  expect(wedge.finish()).toBeNull();
});

it("knows right codes from wrong ones", () => {
  expect(isHouseCode("1000000161")).toBe(true);
  expect(isHouseCode("1000000162")).toBe(false);
  expect(isHouseCode("1000000116")).toBe(false);
  expect(isGtin("3400930000007")).toBe(true);
  expect(isGtin("3400930000008")).toBe(false);
  expect(isElementString("]C10100382903057603")).toBe(true);
  expect(isElementString("]C10100382903057604")).toBe(false);
});

it("begins anew after a key that scanners never send, however soon", () => {
  const left = { code: "Escape", shift: false, altGr: false, ctrl: false, timeMs: 990 };
  expect(scan([left, ...typed("1100000149", US)])).toEqual(["1100000149"]);
});

it("knows a whole code from the beginning of one", () => {
  const wedge = new Wedge();
  for (const key of typed("3400930", US)) wedge.press(key);
  expect([wedge.fast, wedge.whole]).toEqual([true, false]);
  for (const key of typed("000007", US)) wedge.press({ ...key, timeMs: key.timeMs + 56 });
  expect(wedge.whole).toBe(true);
});

it("gives a number typed just before a scan to the person", () => {
  const wedge = new Wedge();
  const digit = (code: string, timeMs: number): Key => ({
    code,
    shift: false,
    altGr: false,
    ctrl: false,
    timeMs,
  });
  for (const key of [digit("Digit1", 700), digit("Numpad2", 850)]) wedge.press(key);
  for (const key of typed("3400930000007", US)) wedge.press(key);
  expect(wedge.finish()).toBe("3400930000007");
  expect(wedge.before).toBe(2);
});

describe("a number half typed at the moment of the scan", () => {
  const key = (code: string, timeMs: number): Key => {
    return { code, shift: false, altGr: false, ctrl: false, timeMs };
  };
  const marks = ["Comma", "KeyM", "NumpadDecimal"];
  const gaps = [-3, 0, 8, 40, 59, 61, 240];
  const scans = marks.flatMap((mark) => gaps.map((gap) => [mark, gap] as const));

  it.each(scans)("loses its %s %d ms before", (mark, gap) => {
    const wedge = new Wedge();
    wedge.press(key("Digit2", 1000 - gap - 120));
    wedge.press(key(mark, 1000 - gap));
    for (const each of typed("1000000161", US)) wedge.press(each);
    expect(wedge.press(key("Enter", 1080))).toBe("1000000161");
    expect(wedge.before).toBe(2);
  });

  it.each(["1000000161", "3400930000007"])("is told from the digits of %s by its gap", (code) => {
    const wedge = new Wedge();
    wedge.press(key("Digit2", 960));
    for (const each of typed(code, BELGIAN)) wedge.press(each);
    expect([wedge.finish(), wedge.before]).toEqual([code, 1]);
  });

  it("is none where a scanner sends what is no code of ours", () => {
    // Its last thirteen digits would be one.
    expect(scan(typed("993400930000007", US))).toEqual(["993400930000007"]);
    expect(scan(typed("A.12", US))).toEqual([]);
    expect(scan(typed("WWW.3400930000007", US))).toEqual(["WWW.3400930000007"]);
  });
});

it("lets no slow key take the first ones of a code away", () => {
  const wedge = new Wedge();
  const keys = typed("3400930000007", US).map((key, i) => ({
    ...key,
    timeMs: key.timeMs + (i > 2 ? 150 : 0),
  }));
  for (const key of keys) wedge.press(key);
  expect(wedge.finish()).toBe("3400930000007");
  expect(wedge.before).toBe(0);
});

it("knows the end of a burst that is no code", () => {
  const wedge = new Wedge();
  for (const key of typed("34009", US)) wedge.press(key);
  wedge.press({ code: "Enter", shift: false, altGr: false, ctrl: false, timeMs: 1045 });
  expect(wedge.spoilt).toBe(true);
  for (const key of typed("12", US)) wedge.press({ ...key, timeMs: key.timeMs + 5000 });
  wedge.press({ code: "Enter", shift: false, altGr: false, ctrl: false, timeMs: 6100 });
  expect(wedge.spoilt).toBe(false);
});
