// What a batch will be once the reads that still wait are recorded: so a touch shows at once, and without a network.
// Only what is certain: the server judges, and its answer takes the place of this.

import type { Batch, Component } from "./values";

const MOST_KITS = 9_999;
const FAR = 10;

/** `name` is that of a command, as in "kits-5". */
type Step = (batch: Batch, code: string, name: string) => Batch;

const STEPS: Record<Batch["phase"], Step> = {
  choose: (batch) => batch,
  lots: confirm,
  making: make,
  counting: count,
};

/** The batch after codes that nobody has answered yet; `commands` are command codes by name. */
export function project(
  batch: Batch,
  codes: readonly string[],
  commands: Record<string, string>,
): Batch {
  const names = new Map(Object.entries(commands).map(([name, code]) => [code, name]));
  const named = codes.map((code) => names.get(code) ?? "");
  const now = codes.reduce((now, code, i) => STEPS[now.phase](now, code, named[i] ?? ""), batch);
  // Answered once is answered, until the server asks again.
  const answered = named.some((name) => name.startsWith("did-print-"));
  return answered && now.paper?.state === "unknown" ? { ...now, paper: null } : now;
}

function confirm(batch: Batch, code: string): Batch {
  const components = batch.components.map((one) => {
    if (one.code === code) return confirmed(one);
    return one.uncheck === code ? { ...one, confirmed: false, stopped: false, lots: [] } : one;
  });
  const done = components.every((one) => one.confirmed && !one.stopped);
  const phase = done ? "making" : "lots";
  return { ...batch, components, phase };
}

function confirmed(component: Component): Component {
  const { proposed } = component;
  if (component.confirmed || proposed === null) return component;
  return { ...component, confirmed: true, lots: [proposed] };
}

function make(batch: Batch, code: string, name: string): Batch {
  if (name === "finish") return { ...batch, phase: "counting", counted: null, doubted: null };
  if (batch.components.some((one) => one.stopped)) return batch;
  return { ...batch, ready: within(batch.ready, kits(batch, code, name)) };
}

function count(batch: Batch, code: string, name: string): Batch {
  if (name === "leave") return { ...batch, phase: "making", counted: null, doubted: null };
  if (name === "clear") return { ...batch, counted: null };
  if (name === "finish") return isDoubtful(batch) ? again(batch) : batch;
  const digit = /^digit-(\d)$/.exec(name)?.[1];
  const counted = batch.counted ?? 0;
  if (digit) return { ...batch, counted: within(counted, counted * 9 + Number(digit)) };
  const more = kits(batch, code, name);
  const none = more === 0 || (more < 0 && counted === 0);
  return none ? batch : { ...batch, counted: within(counted, more) };
}

/** How many kits more or fewer a code says there are. */
function kits(batch: Batch, code: string, name: string): number {
  if (code === batch.label) return 1;
  return name === "redo" ? -1 : Number(/^kits-(\d+)$/.exec(name)?.[1] ?? 0);
}

/** A number that no table holds is not taken. */
function within(now: number, more: number): number {
  return now + more > MOST_KITS ? now : Math.max(0, now + more);
}

/** A count so far from what was noted that it is asked for once more; the same again is believed. */
function isDoubtful({ counted, doubted, ready }: Batch): boolean {
  if (counted === null || counted === doubted) return false;
  return Math.abs(counted - ready) > Math.max(FAR, Math.floor(ready / 2));
}

function again(batch: Batch): Batch {
  return { ...batch, counted: null, doubted: batch.counted };
}
