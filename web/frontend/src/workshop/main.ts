// The workshop's screen: every touch and every scan is a read, kept until the server has answered it. What is shown is
// the batch as the server has it, and what the reads that still wait make of it.

import { isBadge } from "../codes";
import { find } from "../dom";
import { listen } from "../keyboard";
import { arrows } from "../keys";
import { Live } from "../live";
import { Queue, type Trouble, uuid4 } from "../queue";
import { hold } from "../reload";
import { send } from "../send";
import { Sounds } from "../sounds";
import * as stopped from "../stopped";
import { choose, type Theme, theme } from "../theme";
import { page } from "./page";
import { Panels } from "./panels";
import { Poll } from "./poll";
import { project } from "./projection";
import { Rail } from "./rail";
import { Saying } from "./saying";
import { Tiles } from "./tiles";
import type { Batch, Told, WorkshopAnswer, WorkshopResult } from "./values";
import { Voice } from "./voice";
import { Words } from "./words";

const words = new Words(page.languages, page.language, localStorage);
const voice = new Voice(words);
const saying = new Saying(words, voice);
const tiles = new Tiles(words);
const rail = new Rail(words);
const panels = new Panels(words, voice, page.pictures);
const sounds = new Sounds(localStorage);
/** Told where a phase begins. */
const BEGINS = ["chosen", "counting", "making"];
/** The batch as the server told it last. */
let batch: Batch | null = null;
let kept = 0;
/** Why reads stay here, also while an answer takes long. */
let trouble: Trouble = "";

const queue = new Queue(
  page.station,
  localStorage,
  (reads) => send(reads, () => stays("away")),
  (answer, _, why) => {
    if (why !== "") {
      stays(why);
      return;
    }
    goesOn();
    if (answer) heard(answer as WorkshopAnswer);
  },
);
const poll = new Poll(page.batch, {
  busy: () => queue.waiting().length > 0,
  batch: (now) => told(now),
  status: (status) => {
    if (status === 401) stays("signed-out");
    else if (status === 0) away(true);
    else if (status < 400) goesOn();
  },
});
const live = new Live(page, {
  session: () => {},
  read: (result) => {
    poll.outdate();
    tell([result as WorkshopResult]);
  },
  status: () => {},
  connected: (connected) => {
    if (connected) void queue.run();
  },
  signedOut: () => stays("signed-out"),
});

// Reads

function read(...codes: string[]): void {
  try {
    live.own(queue.add(codes));
    poll.outdate();
  } catch {
    // The browser's own store is full or switched off: this is the one thing that is not kept.
    alarm({ show: "stop", tell: "not-kept", params: {} });
    return;
  }
  if (trouble !== "") stays(trouble);
  show();
}

function scanned(code: string): void {
  // A call for help needs no server.
  if (code === page.codes.help) panels.help();
  else read(code);
}

/** A badge is sent at once and stored nowhere: without an answer it is shown again, not kept. */
async function showBadge(code: string): Promise<void> {
  const id = uuid4();
  live.own([id]);
  const answer = await send([{ id, code, at: new Date().toISOString() }]);
  if (typeof answer !== "number") heard(answer as WorkshopAnswer);
  else if (answer === 401) stopped.badge(code, page);
  else if (answer === 403) stays("old-page");
  else saying.told({ tell: "badge-not-sent", params: {} }, "note");
}

// What the server says

function heard(answer: WorkshopAnswer): void {
  poll.outdate();
  const kit = batch?.kit ?? null;
  if (answer.batch) told(answer.batch, true);
  else show();
  tell(answer.results, kit);
}

/** The batch as it is now; `own` where an answer says what this table did to it. */
function told(now: Batch, own = false): void {
  const before = batch;
  batch = now;
  if (now.mode !== "assemble") {
    location.assign(page.counter);
    return;
  }
  const over = before?.kit && now.kit === null && before.phase !== "lots";
  if (over && !own) saying.told({ tell: "finished-elsewhere", params: {} }, "ok");
  show();
}

/** One thing at a time: what somebody must be called for, else what is finished, else the last. */
function tell(results: readonly WorkshopResult[], kit = batch?.kit ?? null): void {
  const all = results.flatMap(({ workshop, status, already_recorded }) => {
    const garbled: Told = { show: "note", tell: "scan-again", params: {} };
    return workshop ?? (status === "refused" && !already_recorded ? garbled : []);
  });
  const wrong = all.filter((one) => one.show === "stop").at(-1);
  const over = all.filter((one) => one.tell.startsWith("finished")).at(-1);
  const last = wrong ?? over ?? all.at(-1);
  if (!last) return;
  if (last === wrong) alarm(wrong);
  else if (last === over) finished(over, kit);
  else say(last);
}

function alarm(told: Told): void {
  panels.stop(told);
  sounds.play("refused");
}

function finished(told: Told, kit: Batch["kit"]): void {
  saying.quiet();
  panels.result(told, kit);
  sounds.play("accepted");
}

function say(told: Told): void {
  if (told.show === "help") {
    panels.help();
    return;
  }
  // What somebody opened meanwhile stays.
  if (told.show === "ok" && ["stop", "result"].includes(panels.open)) panels.close();
  // What there is to do in the new phase says more than that it began.
  if (BEGINS.includes(told.tell)) saying.quiet();
  else saying.told(told, told.show === "ok" ? "ok" : "note");
  sounds.play(told.show === "ok" ? "accepted" : "nothing");
}

/** No answer, or none yet: what is read is kept here, and said to be. */
function stays(why: Trouble): void {
  trouble = why;
  const waiting = queue.waiting().length;
  away(why === "away");
  if (why === "away" && waiting > kept) {
    saying.told({ tell: "kept", params: {} }, "kept");
    sounds.play("kept");
  }
  kept = waiting;
  if (why !== "away" && panels.open !== "closed") panels.closed(why);
}

function goesOn(): void {
  trouble = "";
  kept = queue.waiting().length;
  away(false);
  if (panels.open === "closed") panels.close();
}

function away(is: boolean): void {
  find("#away").hidden = !is;
}

function show(): void {
  if (batch === null) return;
  const waiting = queue.waiting().map(([, { code }]) => code);
  const now = project(batch, waiting, page.codes);
  document.body.dataset.phase = now.phase;
  saying.now(now.phase);
  rail.show(now);
  tiles.show(now);
  find("#choose").hidden = now.phase !== "choose";
  find("#parts").hidden = now.phase !== "lots" && now.phase !== "making";
  find("#count-number").textContent = now.counted === null ? "?" : String(now.counted);
  buttons(now.phase === "counting");
  find<HTMLButtonElement>("#finish").disabled = now.phase === "counting" && now.counted === null;
}

/** The same places, and what they do while kits are counted. */
function buttons(counting: boolean): void {
  label("#one", counting ? "one-on-table" : "one-ready", "plus");
  label("#finish", counting ? "right-number" : "finish", "ok");
  label("#leave", counting ? "back" : "leave", counting ? "back" : "door");
}

function label(button: string, say: string, symbol: string): void {
  const word = find(`${button} [data-say]`);
  word.dataset.say = say;
  word.textContent = words.say(say);
  find(`${button} use`).setAttribute("href", `#p-${symbol}`);
}

// What fingers do

document.addEventListener("click", (event: PointerEvent) => {
  const target = event.target as Element;
  const button = target.closest<HTMLElement>("button");
  if (panels.open === "stop" && !target.closest(".hear")) panels.close();
  if (!button) return;
  const { code, panel, language, sound, themeChoice, keys } = button.dataset;
  if (code) read(code);
  // A finger needs no focus there, and the Enter of a garbled scan would press the button again.
  if (code && event.pointerType) button.blur();
  if (code && button.closest(".panel")) panels.close();
  if (panel) openPanel(panel);
  if (language) speak(language);
  if (button.matches(".out")) panels.close();
  if (sound) sounds.silent = sound === "off";
  if (themeChoice) choose(themeChoice as Theme);
  if (keys) voice.play(keys.split(" "));
});

function openPanel(panel: string): void {
  if (panel === "labels" && batch) panels.labels(batch);
  else if (panel === "help") panels.help();
  else panels.show(panel);
}

function speak(language: string): void {
  words.choose(language);
  if (panels.open === "all-languages") panels.close();
  show();
  if (batch) saying.now(batch.phase, true);
  panels.redraw();
}

// What keys do

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panels.open !== "closed") panels.close();
});
hold(
  () => trouble === "away" || !find("#away").hidden || !navigator.onLine,
  () => saying.told({ tell: "page-stays", params: {} }, "note"),
);
arrows();
listen(
  (code) => {
    const digits = code.replace(/^\][A-Za-z]\d/, "");
    if (isBadge(digits)) void showBadge(digits);
    else scanned(code);
  },
  (strokes) => {
    if (document.body.dataset.phase !== "counting") return;
    const digits = strokes.flatMap(({ code }) => /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1] ?? []);
    if (digits.length > 0) read(...digits.map((digit) => page.codes[`digit-${digit}`] ?? ""));
  },
);

// What was left from before, and how things stand

async function start(): Promise<void> {
  live.start();
  await queue.run();
  poll.start();
  document.documentElement.dataset.script = "ready";
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    void start();
    return;
  }
  live.stop();
  poll.stop();
});
words.apply();
choose(theme());
void start();
