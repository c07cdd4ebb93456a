// The counter page: every touch and every scan is a read, kept until the server has answered it.

import { all, find } from "./dom";
import { listen } from "./keyboard";
import { type Answer, Queue, type Read, type Session } from "./queue";
import { View, type Words } from "./view";

interface Page {
  station: string;
  reads: string;
  session: string;
  csrf: string;
  signIn: string;
  tally: string;
  codes: Record<string, string>;
  words: Words;
}

const ANSWER_WITHIN_MS = 10_000;

const page = JSON.parse(find("#page").textContent ?? "") as Page;
const view = new View(page.words);
let session: Session | null = null;
/** The read that closes the shift by touch: its answer leads to the tally. */
let closing = "";

const queue = new Queue(page.station, localStorage, send, (answer, kept, trouble) => {
  if (answer) heard(answer);
  view.trouble(trouble, kept, page.signIn);
});

async function send(reads: Read[]): Promise<Answer | number> {
  try {
    const response = await fetch(page.reads, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": page.csrf },
      body: JSON.stringify({ reads }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return response.ok ? ((await response.json()) as Answer) : response.status;
  } catch {
    return 0;
  }
}

function heard(answer: Answer): void {
  show(answer.session);
  const last = answer.results.at(-1);
  if (last) view.result(last);
  const closed = answer.results.find((result) => result.id === closing);
  if (closed?.status === "accepted") location.assign(page.tally);
}

function show(now: Session): void {
  session = now;
  view.session(now);
}

function read(code: string, item?: string): string {
  view.sending(item);
  return queue.add(code);
}

function codeOf(name: string): string {
  const code = page.codes[name];
  if (!code) throw new Error(`no code for ${name}`);
  return code;
}

// Numbers

function readNumber(digits: string): void {
  if (session?.number) queue.add(codeOf("clear"));
  for (const digit of digits) queue.add(codeOf(`digit-${digit}`));
}

// Panels

function open(panel: string): void {
  const again = document.body.dataset.open === panel;
  // What the keypad types is a new number, not more digits of the last one.
  if (!again && panel === "keypad" && session?.number) read(codeOf("clear"));
  if (!again && panel === "closing") fillInPassages();
  view.panel(again ? "pictures" : panel);
}

function fillInPassages(): void {
  // Whoever stands there now comes by too: closing counts them.
  const current = session?.lines.length && !session.afterwards && !session.training ? 1 : 0;
  const counted = session?.passages_at_closing ?? (session?.passages ?? 0) + current;
  find<HTMLInputElement>("#passages-counted").value = String(counted);
}

function close(): void {
  const field = find<HTMLInputElement>("#passages-counted");
  const counted = field.value.trim();
  if (!/^\d{1,6}$/.test(counted)) {
    field.setAttribute("aria-invalid", "true");
    field.focus();
    return;
  }
  field.removeAttribute("aria-invalid");
  readNumber(counted);
  const id = read(codeOf("close-shift"));
  if (!session?.training) closing = id;
  view.panel("pictures");
}

// What fingers do

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("button");
  if (!button) return;
  const { code, item, panel, step, family } = button.dataset;
  if (code) read(code, item);
  if (panel) open(panel);
  if (button.classList.contains("close-panel") || button.closest(".measures"))
    view.panel("pictures");
  if (family) find(`#family-${family}`).scrollIntoView({ block: "start" });
  if (step) stepBy(Number(step));
});

function stepBy(change: number): void {
  const field = find<HTMLInputElement>("#passages-counted");
  field.value = String(Math.max(0, (Number.parseInt(field.value, 10) || 0) + change));
}

find("#close-now").addEventListener("click", close);
find("#passages-counted").addEventListener("keydown", (event) => {
  if (event.key === "Enter") close();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") view.panel("pictures");
});

listen((code) => {
  const picture = all<HTMLElement>("[data-item]").find((button) => button.dataset.code === code);
  read(code, picture?.dataset.item);
});

// What was left from before, and how things stand

async function start(): Promise<void> {
  view.panel("pictures");
  await queue.run();
  try {
    const response = await fetch(page.session);
    if (response.ok) show(((await response.json()) as { session: Session }).session);
  } catch {
    // The next answer brings the session along.
  }
  document.documentElement.dataset.script = "ready";
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void start();
});
void start();
