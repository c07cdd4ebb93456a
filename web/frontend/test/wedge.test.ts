import { describe, expect, it } from "vitest";
import file from "../../../tests/cases/layouts.json";
import { isElementString, isGtin, isHouseCode } from "../src/codes";
import { BELGIAN, FRENCH, type Layout, US } from "../src/layouts";
import { decode, isBurst, type Key, Wedge } from "../src/wedge";

function press(code: string, timeMs = 0, held: Partial<Key> = {}): Key {
  return {
    code,
    shift: false,
    altGr: false,
    ctrl: false,
    alt: false,
    caps: false,
    timeMs,
    ...held,
  };
}

/** The keys a scanner set to a layout presses for a text, so many milliseconds apart. */
function typed(text: string, layout: Layout, everyMs = 8): Key[] {
  return [...text].map((character, i) => {
    const timeMs = 1000 + i * everyMs;
    if (character === "\x1d") {
      return press("BracketRight", timeMs, { ctrl: true });
    }
    for (const [code, characters] of Object.entries(layout)) {
      const level = code.startsWith("Numpad") ? -1 : characters.indexOf(character);
      if (level >= 0) {
        return press(code, timeMs, { shift: level === 1, altGr: level === 2 });
      }
    }
    throw new Error(`no key for ${character}`);
  });
}

function scan(keys: Key[]): (string | null)[] {
  const wedge = new Wedge();
  const last = keys.at(-1)?.timeMs ?? 0;
  return [...keys, press("Enter", last + 8)]
    .map((key) => wedge.press(key))
    .filter((code) => code !== null);
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
  ...["42-7", "42_B", "LOT-42_B", "A.1/2"].flatMap((lot) => [
    `01054100363067031726093010${lot}`,
    `]C101054100363067031726093010${lot}`,
    `]d2010541003630670310${lot}\x1d17260930`,
  ]),
  "]C121SERIAL-1\x1d010541003630670310AB",
  "(01)05410036306703(17)260930(10)42/7",
];

describe.each([
  ["US", US],
  ["Belgian", BELGIAN],
  ["French", FRENCH],
] as const)("a scanner set to %s", (_, layout) => {
  it.each(CODES)("is read right: %j", (code) => {
    expect(scan(typed(code, layout))).toEqual([code]);
  });
});

it.each(["us", "be", "fr"] as const)("knows the keys of %s as the station does", (name) => {
  const layout = { us: US, be: BELGIAN, fr: FRENCH }[name];
  expect(layout).toEqual(Object.fromEntries(file.keys.map((key) => [key.browser, key[name]])));
});

it("reads the digits of a keypad, and of a row with or without Shift", () => {
  const shift = { shift: true };
  expect(decode([press("Digit1"), press("Digit2"), press("Numpad3")])).toBe("123");
  expect(decode([press("Digit1", 0, shift), press("Digit2", 0, shift), press("Numpad3")])).toBe(
    "123",
  );
});

describe("what is no digit on every layout is never taken for one", () => {
  const keypad = (text: string) =>
    typed(text, FRENCH).map((key, i) =>
      /\d/.test(text[i] ?? "") ? press(`Numpad${text[i]}`, key.timeMs) : key,
    );

  it("with Shift for some of them only", () => {
    expect(decode([press("Digit1"), press("Digit2", 0, { shift: true })])).not.toBe("12");
  });

  it("with the digits of the keypad", () => {
    expect(scan(keypad("010541003630670310427"))).toEqual(["010541003630670310427"]);
    // Under US the hyphen is a 6, and the letters are others.
    expect(scan(keypad("01054100363067031042-7"))).toEqual(["01054100363067031042?7"]);
    expect(scan(keypad("0105410036306703104_A"))).toEqual(["0105410036306703104??"]);
  });

  it("with AltGr or Ctrl", () => {
    const before = typed("01054100363067031042", US);
    const sign = (held: Partial<Key>) => scan([...before, press("Digit6", 1160, held)]);
    expect(sign({})).toEqual(["010541003630670310426"]);
    expect(sign({ altGr: true })).not.toContain("010541003630670310426");
    expect(sign({ ctrl: true })).toEqual([]);
  });

  it("with Alt, as the number of a sign", () => {
    const sign = ["Numpad0", "Numpad4", "Numpad5"].map((code, i) =>
      press(code, 1160 + i * 8, { alt: true }),
    );
    expect(scan([...typed("01054100363067031042", US), ...sign])).toEqual([]);
  });

  it("with Caps Lock turned on for the digits alone", () => {
    const keys = typed("01054100363067031042-7", FRENCH).map((key) =>
      key.shift ? { ...key, shift: false, caps: true } : key,
    );
    expect(scan(keys)).toEqual([]);
  });

  it("with Caps Lock on, where Shift then makes the signs", () => {
    const keys = typed("01054100363067031042-7", FRENCH).map((key) => ({
      ...key,
      shift: !key.shift,
      caps: true,
    }));
    // For the server to refuse: no code holds such a sign.
    expect(scan(keys)).toEqual(["01054100363067031042^7"]);
  });

  it("with Caps Lock on, where nothing tells whether the scanner makes up for it", () => {
    const locked = (text: string) => scan(typed(text, US).map((key) => ({ ...key, caps: true })));
    const code = "01054100363067031042A\x1d17260930";
    expect(locked(code)).toEqual(["01054100363067031042A17260930"]);
    expect(locked(`]C1${code}`)).toEqual([`]C1${code}`]);
    // "C1", turned about.
    expect(locked(`]c1${code}`)).toEqual(["]c101054100363067031042A17260930"]);
    expect(locked("1100000149")).toEqual(["1100000149"]);
  });
});

describe("what two layouts make a code of", () => {
  it("is the one that is right by its check digits", () => {
    const keys = typed("1000000161", US).map((key, i) =>
      key.code === "Digit6" ? key : press(`Numpad${"1000000161"[i]}`, key.timeMs),
    );
    // Under the French one it is 10000001-1.
    expect(scan(keys)).toEqual(["1000000161"]);
  });

  it("is the one that labels bear, without separators, so that no unknown lot is believed", () => {
    const lot = "010541003630670310";
    expect(scan(typed(`${lot}42-7\x1d17260930`, BELGIAN))).toEqual([`${lot}42-717260930`]);
    expect(scan(typed(`${lot}42_B\x1d17260930`, FRENCH))).toEqual([`${lot}42_B17260930`]);
    expect(scan(typed("(01)05410036306703(10)42-7", BELGIAN))).toEqual([`${lot}42-7`]);
  });

  it("keeps its separators where they agree", () => {
    const code = "010541003630670310AB/12\x1d17260930";
    expect(scan(typed(code, BELGIAN))).toEqual([code]);
    expect(scan(typed(code, FRENCH))).toEqual([code]);
  });

  it("is neither where labels bear both as seldom", () => {
    expect(scan(typed("0105410036306703104=2", BELGIAN))).toEqual(["0105410036306703104?2"]);
  });

  it("is sure with an AIM identifier", () => {
    for (const layout of [BELGIAN, FRENCH]) {
      const code = "]C1010541003630670310=1!2+3_4\x1d17260930";
      expect(scan(typed(code, layout))).toEqual([code]);
    }
  });
});

it("knows GS by the place of its key on a French scanner, and on a US one", () => {
  const code = "]C101054100363067031042-7\x1d17260930";
  const keys = typed(code, FRENCH);
  const minus = keys.map((key) => (key.ctrl ? { ...key, code: "Minus" } : key));
  expect([scan(keys), scan(minus)]).toEqual([[code], [code]]);
});

it("tells a scanner from fingers by the mean, and forgives one slow key", () => {
  const at = (...times: number[]) => times.map((timeMs) => press("Digit1", timeMs));
  expect(isBurst(at(0, 8, 16, 24, 32, 40))).toBe(true);
  expect(isBurst(at(0, 8, 16, 216, 224, 232))).toBe(true);
  expect(isBurst(at(0, 60, 120, 180, 240, 300))).toBe(false);
  expect(isBurst(at(0, 8, 16, 24, 32))).toBe(false);
});

it("begins anew after a gap, so that typing before a scan does not spoil it", () => {
  const slow = press("KeyA", 500);
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
  const left = press("Escape", 990);
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
  for (const key of [press("Digit1", 700), press("Numpad2", 850)]) wedge.press(key);
  for (const key of typed("3400930000007", US)) wedge.press(key);
  expect(wedge.finish()).toBe("3400930000007");
  expect(wedge.before).toBe(2);
});

describe("a number half typed at the moment of the scan", () => {
  const marks = ["Comma", "KeyM", "NumpadDecimal"];
  const gaps = [-3, 0, 8, 40, 59, 61, 240];
  const scans = marks.flatMap((mark) => gaps.map((gap) => [mark, gap] as const));

  it.each(scans)("loses its %s %d ms before", (mark, gap) => {
    const wedge = new Wedge();
    wedge.press(press("Digit2", 1000 - gap - 120));
    wedge.press(press(mark, 1000 - gap));
    for (const each of typed("1000000161", US)) wedge.press(each);
    expect(wedge.press(press("Enter", 1080))).toBe("1000000161");
    expect(wedge.before).toBe(2);
  });

  it.each(["1000000161", "3400930000007"])("is told from the digits of %s by its gap", (code) => {
    const wedge = new Wedge();
    wedge.press(press("Digit2", 960));
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
  wedge.press(press("Enter", 1045));
  expect(wedge.spoilt).toBe(true);
  for (const key of typed("12", US)) wedge.press({ ...key, timeMs: key.timeMs + 5000 });
  wedge.press(press("Enter", 6100));
  expect(wedge.spoilt).toBe(false);
});
