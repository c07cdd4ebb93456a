// The cases of the workshop's rule, as far as the page follows them without the server: the two cannot drift apart.
import { expect, it } from "vitest";
import file from "../../../tests/cases/workshop.json";
import type { Status } from "../src/live";
import type { Result } from "../src/session";
import { signOf, toldOf } from "../src/workshop/paper";
import { project } from "../src/workshop/projection";
import type { Batch, Component, Paper } from "../src/workshop/values";

type Step = [read: string, tell: string, params?: Record<string, number | string>];
interface Case {
  name: string;
  steps: Step[];
}
const CASES = file.cases as unknown as Case[];

/** What a page can make by itself: touches, commands, and the label of the kits. */
const OWN =
  /^(kit|ser|ser-again|cup|label|redo|finish|clear|leave|help|kits-\d+|digit-\d|labels-\d+)$/;
/** From here on only the server knows. */
const OVER = /^(left|finished.*|not-under-way|choose-first|chosen)$/;

function part(code: string): Component {
  const picture = { item: code, code, names: {}, symbol: "box", photo: null };
  const proposed = { lot: "a", expires: null };
  return {
    ...picture,
    uncheck: `${code}-again`,
    pieces: 1,
    confirmed: false,
    stopped: false,
    lacks: null,
    lots: [],
    proposed,
  };
}

const CHOSEN: Batch = {
  ...{ mode: "assemble", phase: "lots", kits: [], kit: null, lot: null, expires: null },
  ...{
    components: [part("ser"), part("cup")],
    label: "label",
    ready: 0,
    labels: 0,
    counted: null,
    doubted: null,
  },
  ...{ prints: true, counted_elsewhere: false, paper: null },
};
const COMMANDS = Object.fromEntries(Object.keys(file.reads).map((name) => [name, name]));

const followed = CASES.filter(
  ({ steps }) => steps[0]?.[0] === "kit" && steps.every(([read]) => OWN.test(read)),
);

it("follows most cases of the rule", () => {
  expect(followed.length).toBeGreaterThan(12);
});

it.each(followed)("$name", ({ steps }) => {
  let batch = CHOSEN;
  for (const [read, tell, params = {}] of steps.slice(1)) {
    const before = batch;
    if (OVER.test(tell)) return;
    batch = project(batch, [read], COMMANDS);
    if (tell === "counting") expect(batch.counted).toBeNull();
    if ("ready" in params) expect(batch.ready).toBe(params.ready);
    if ("counted" in params) expect(batch.counted).toBe(params.counted);
    // What changes nothing there changes nothing here.
    if (/^(not-here|none-to-redo|count-first|too-many|lots-first|already-confirmed)$/.test(tell)) {
      expect(batch).toEqual(before);
    }
  }
});

it("confirms nothing that the books have no lot of, and makes no more of what was stopped", () => {
  const [ser, cup] = [part("ser"), part("cup")];
  const unknown = { ...CHOSEN, components: [ser, { ...cup, proposed: null }] };
  expect(project(unknown, ["ser", "cup"], COMMANDS).phase).toBe("lots");
  const stopped = { ...CHOSEN, phase: "making" as const, components: [{ ...ser, stopped: true }] };
  expect(project(stopped, ["kits-5", "label"], COMMANDS).ready).toBe(0);
  const yesterdays = { ...ser, confirmed: true, stopped: true };
  const overnight = { ...CHOSEN, components: [yesterdays, cup] };
  expect(project(overnight, ["cup"], COMMANDS).phase).toBe("lots");
});

const JOB: Paper = { id: 7, state: "queued", lot: "K000042", copies: 10 };

function told(printer: string | null, station: Status["station"] = "here"): Status {
  const state = printer === null ? null : { state: printer };
  return { station, scanners: [], printer: state, kept: 0, dropped: 0, port: null };
}

it.each([
  [null, told("paper-out"), ""],
  [JOB, null, "coming"],
  [JOB, told(null), "coming"],
  [JOB, told("near-end"), "coming"],
  [{ ...JOB, state: "sending" }, told("ready"), "coming"],
  [JOB, told("paper-out"), "stuck"],
  [JOB, told("silent"), "stuck"],
  [JOB, told("ready", "away"), "stuck"],
  [JOB, told(null, "none"), "stuck"],
  [{ ...JOB, state: "failed" }, told("ready"), "stuck"],
  [{ ...JOB, state: "unknown" }, told("silent"), "asks"],
] as [Paper | null, Status | null, string][])("of %o at %o it shows %s", (job, status, sign) => {
  expect(signOf(job, status)).toBe(sign);
});

it("takes an answer as given until the server asks again, and knows it from other reads", () => {
  const asked = { ...CHOSEN, paper: { ...JOB, state: "unknown" as const } };
  const codes = { yes: "did-print-yes", no: "did-print-no" };
  const commands = { "did-print-yes": codes.yes, "did-print-no": codes.no };
  expect(project(asked, ["ser"], commands).paper).toEqual(asked.paper);
  for (const code of Object.values(codes))
    expect(project(asked, [code], commands).paper).toBeNull();
  const waits = { ...CHOSEN, paper: JOB };
  expect(project(waits, [codes.yes], commands).paper).toEqual(JOB);

  const result = (command: string | null, more: Partial<Result> = {}): Result => ({
    ...{ id: null, status: "accepted", item: null, pieces: null, message: "", command },
    ...more,
  });
  expect(toldOf(result("did-print-no"))?.tell).toBe("thanks");
  expect(toldOf(result("did-print-yes", { status: "ignored" }))?.show).toBe("note");
  expect(toldOf(result("did-print-yes", { already_recorded: true }))).toBeNull();
  expect(toldOf(result("kits-1"))).toBeNull();
  expect(toldOf(result(null))).toBeNull();
});
