// The cases of the counter's state machine, as far as the page follows them: page and server cannot drift apart.
import { describe, expect, it } from "vitest";
import file from "../../../tests/cases/sessions.json";
import { type KeptRead, type Meaning, project } from "../src/projection";
import { type Line, type Session, totals } from "../src/session";

interface Entry {
  type: string;
  item?: string;
  pieces?: number;
}
interface Step {
  read: string;
  at?: number;
  /** Of a scanner that belongs to a lane; what the page itself keeps belongs to the current one. */
  lane?: string;
  status: string;
  entries?: Entry[];
}
interface Case {
  name: string;
  mode: string;
  steps: Step[];
  session: Record<string, unknown>;
}
const CASES = file.cases as unknown as Case[];

/** What the page does not claim to follow, beside reads that come late: its own are in order. */
const NOT_FOLLOWED = [
  "load: from the place that was read",
  "undo goes back to the mode before, its lines and the other end",
  "the same place again is the same load",
  "undo goes back to the load from the place before",
  "the mode of a load read again leaves its other end",
  "receive: a code no list has",
  "brought back: a code no list has is nothing that can be kept",
];

const SEVEN = 1_795_284_000;

function meaningOf(name: string): Meaning {
  const said = (file.meanings as Record<string, Record<string, unknown>>)[name];
  if (!said) return { kind: "command", name };
  if (said.type === "PlaceCode") return { kind: "place" };
  if (said.type === "Product") {
    return { kind: "product", item: String(said.item), pieces: Number(said.pieces ?? 1) };
  }
  if (said.type === "Details") return { kind: "nothing" };
  return { kind: "product", item: String(said.gtin), pieces: 1, code: true };
}

function readsOf(steps: Step[]): KeptRead[] {
  let at = 0;
  return steps.map((step) => {
    at = step.at ?? at;
    return { meaning: meaningOf(step.read), atS: SEVEN + at };
  });
}

function inOrder(steps: Step[]): boolean {
  const reads = readsOf(steps);
  return reads.every((read, n) => read.atS >= (reads[n - 1]?.atS ?? 0));
}

/** Lines by article: the page cares for no others, and codes no list has are none to the server. */
function byItem(lines: readonly Line[] | undefined): Record<string, number> {
  return Object.fromEntries(totals((lines ?? []).filter((line) => !line.code)));
}

function rows(value: unknown): Record<string, number> {
  const lines = (value as [string, string, number][]).map(([, item, pieces]) => ({ item, pieces }));
  return byItem(lines);
}

function passagesOf(counters: Record<string, number>): number {
  const keys = Object.keys(counters).filter((key) => key.startsWith("passage:"));
  return keys.reduce((sum, key) => sum + (counters[key] ?? 0), 0);
}

function compare(now: Session, key: string, value: unknown): void {
  if (key === "lines") expect(byItem(now.lines)).toEqual(rows(value));
  else if (key === "lanes") {
    const { a, b } = value as Record<string, unknown>;
    expect([byItem(now.lanes?.a), byItem(now.lanes?.b)]).toEqual([rows(a), rows(b)]);
  } else if (key === "brought_back") {
    const back = (value as [string, unknown, number][]).map(([item, , n]) => ["", item, n]);
    expect(byItem(now.brought_back)).toEqual(rows(back));
  } else if (key === "returned") {
    const back = now.returned?.map((it) => [it.method, it.unit, it.measured, it.container]);
    expect(back).toEqual(value);
  } else if (key === "counters") {
    expect(now.passages).toBe(passagesOf(value as Record<string, number>));
  } else if (key === "training") expect(now.training).toBe(value !== null);
  else if (key !== "other") expect(now[key as keyof Session], key).toEqual(value);
}

function followed({ name, steps }: Case): boolean {
  return inOrder(steps) && !steps.some(({ lane }) => lane) && !NOT_FOLLOWED.includes(name);
}

const FOLLOWED = CASES.filter(followed);

it("follows nearly all of what a station does", () => {
  expect(FOLLOWED.length).toBeGreaterThan(140);
  expect(CASES.map(({ name }) => name)).toEqual(expect.arrayContaining(NOT_FOLLOWED));
});

it.each(FOLLOWED)("$name", ({ mode, steps, session }) => {
  const reads = readsOf(steps);
  let before = project(null, [], mode);
  steps.forEach((step, n) => {
    const now = project(null, reads.slice(0, n + 1), mode);
    const gone = now.waiting?.beyond;
    const given = step.entries?.some(({ type }) => type === "GiveBack");
    const out = step.entries?.find(({ type }) => type === "HandOut" || type === "Carry");
    if (out && !given && !gone && step.read !== "undo") {
      expect(now.lines.at(-1)).toMatchObject({ item: out.item, pieces: out.pieces, waiting: true });
    }
    const nothing = step.status === "refused" || (step.status === "ignored" && !before.afterwards);
    if (nothing) expect(now.lines).toEqual(before.lines);
    before = now;
  });
  for (const [key, value] of Object.entries(session)) compare(before, key, value);
});

/** A session as the server would tell it: codes no list has are no lines there, and nothing waits. */
function told(now: Session): Session {
  const { waiting: _, ...session } = now;
  const lines = (some: readonly Line[]) => some.filter((line) => !line.code);
  const { a = [], b = [] } = session.lanes ?? {};
  return { ...session, lines: lines(session.lines), lanes: { a: lines(a), b: lines(b) } };
}

/** What the server tells of a station nobody has read anything at. */
function untouched(mode: string): Session {
  return { ...told(project(null, [], mode)), passages_at_closing: 0 };
}

/** What the server does not tell: what there is to undo, what training put aside. */
const LEANS_ON_BEFORE = ["undo", "training", "mode-"];

const GOES_ON = FOLLOWED.filter(
  ({ steps }) => !steps.some(({ read }) => LEANS_ON_BEFORE.some((it) => read.startsWith(it))),
);

it.each(GOES_ON)("goes on from what the server told: $name", ({ mode, steps }) => {
  const reads = readsOf(steps);
  const base = untouched(mode);
  const whole = told(project(base, reads));
  const waits = ["number", "expect", "street", "afterwards", "aside"];
  const keys = [...waits, "lane", "passages", "quiet_at"];
  for (let n = 0; n <= reads.length; n++) {
    const now = told(project(told(project(base, reads.slice(0, n))), reads.slice(n)));
    for (const key of keys as (keyof Session)[]) {
      expect(now[key], `${key} after ${n}`).toEqual(whole[key]);
    }
    expect(byItem(now.lines)).toEqual(byItem(whole.lines));
    expect(now.passages_at_closing).toBe(whole.passages_at_closing);
  }
});

const TOLD: Session = {
  ...told(project(null, [])),
  ...{ open: true, passages: 4, passages_at_closing: 5, lane: "a" },
  lines: [{ item: "KIT-INJ", pieces: 2 }],
  ...{ lanes: { a: [{ item: "KIT-INJ", pieces: 2 }], b: [] }, quiet_at: { a: SEVEN, b: null } },
};

it("says what waits, and leaves alone what the server recorded", () => {
  const kit = readsOf([{ read: "foil", status: "" }]).map((read) => ({ ...read, atS: SEVEN - 5 }));
  const now = project(TOLD, kit);
  expect(now.lines.map(({ item, waiting }) => [item, waiting ?? false])).toEqual([
    ["KIT-INJ", false],
    ["ALU20", true],
  ]);
  expect(now.passages).toBe(4);
  const later = project(TOLD, [...kit, ...readsOf([{ read: "next-person", status: "" }])]);
  expect([later.lines, later.passages, later.waiting?.passages]).toEqual([[], 5, 1]);
});

it("does not guess what undo takes back of what was recorded before", () => {
  const now = project(TOLD, readsOf([{ read: "undo", status: "" }]));
  expect([now.lines, now.waiting?.undos]).toEqual([TOLD.lines, 1]);
});

it("shows nothing more once the shift is closed, and says how many reads that is", () => {
  const now = project(
    TOLD,
    readsOf(["kit", "close-shift", "kit", "kit"].map((read) => ({ read, status: "" }))),
  );
  expect([now.lines, now.waiting?.beyond]).toEqual([[], 3]);
});

it("corrects the line of its own article alone", () => {
  const steps = ["times-5", "kit", "foil", "digit-3", "correct-line", "kit"];
  const now = project(null, readsOf(steps.map((read) => ({ read, status: "" }))));
  expect(byItem(now.lines)).toEqual({ "KIT-INJ": 3, ALU20: 1 });
});

describe("how many there are at closing", () => {
  const counted = (base: Session | null, ...reads: string[]) =>
    project(base, readsOf(reads.map((read, at) => ({ read, at, status: "" })))).passages_at_closing;
  const twelve: Session = { ...untouched("hand-out"), open: true };
  Object.assign(twelve, { passages: 12, passages_at_closing: 12 });

  it("is known while the page can follow", () => {
    expect(counted(twelve, "kit", "next-person", "kit")).toBe(14);
    expect(counted(twelve, "kit", "lane-b", "kit", "next-person")).toBe(14);
  });

  it("is not known where the server told nothing since the page began", () => {
    expect(counted(null)).toBeNull();
    expect(counted(null, "kit", "next-person", "kit", "next-person", "kit")).toBeNull();
  });

  it("is not known once the shift is closed, by those who came since", () => {
    const closed = ["digit-1", "digit-2", "close-shift"];
    expect(counted(twelve, ...closed, "kit", "next-person", "kit", "next-person")).toBeNull();
  });

  it("is not known after undoing what the server did", () => {
    expect(counted(twelve, "undo", "kit")).toBeNull();
  });

  it("is of what counts while somebody learns, and not known after", () => {
    const learning = { ...twelve, training: true, passages: 2, passages_at_closing: 40 };
    expect(counted(learning, "kit", "next-person")).toBe(40);
    expect(counted(learning, "training", "kit", "next-person")).toBeNull();
    expect(counted(twelve, "kit", "training", "kit", "next-person")).toBe(13);
    expect(counted(twelve, "kit", "training", "kit", "training", "kit")).toBe(13);
    expect(counted(null, "training", "kit")).toBeNull();
  });

  it("counts who arrived late and is of a mode before", () => {
    expect(counted({ ...twelve, passages_at_closing: 13 }, "kit")).toBe(14);
  });

  it("does not count again who is added afterwards in the other lane", () => {
    const aside = { mode: "hand-out", number: "", expect: "", street: false, afterwards: true };
    const quiet_at = { a: null, b: SEVEN + 60 };
    const lanes = { a: [], b: [{ item: "KIT-INJ", pieces: 2 }] };
    expect(counted({ ...twelve, aside, quiet_at, lanes }, "lane-b", "kit", "lane-a")).toBe(12);
  });
});

it("goes on with what waits in the other lane", () => {
  const aside = { mode: "hand-out", number: ".2", expect: "correct", street: true };
  const base: Session = { ...TOLD, aside: { ...aside, afterwards: false } };
  const now = project(base, readsOf([{ read: "lane-b", status: "" }]));
  expect(now).toMatchObject({ ...aside, aside: { number: "", expect: "" } });
});
