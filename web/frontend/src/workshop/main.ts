// The workshop's screen: every touch and every scan is a read, kept until the server has answered it. What is shown is
// the batch as the server has it, and what the reads that still wait make of it.

import { isBadge } from "../codes";
import { find } from "../dom";
import { listen } from "../keyboard";
import { arrows } from "../keys";
import { Live, type Status } from "../live";
import { Queue, uuid4 } from "../queue";
import { hold } from "../reload";
import { send } from "../send";
import { Sounds } from "../sounds";
import * as stopped from "../stopped";
import { choose, type Theme, theme } from "../theme";
import { type Passing, passing, type Trouble, troubleOf } from "../trouble";
import { page } from "./page";
import { Panels } from "./panels";
import { PaperSigns, type Sign, toldOf } from "./paper";
import { Poll } from "./poll";
import { project } from "./projection";
import { Rail } from "./rail";
import { Saying } from "./saying";
import { settle, settles } from "./settle";
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
const paper = new PaperSigns(words, voice, panels, printing);
const sounds = new Sounds(localStorage);
/** The codes of the commands: a scanner may put the kind of code before them. */
const COMMANDS = new Set(Object.values(page.codes));
/** A service that has just started has heard of no station's process yet: before that nothing is known of its printer. */
const UNHEARD_MS = 30_000;
/** Told where a phase begins. */
const BEGINS = ["chosen", "counting", "making"];
/** The server is away, or answers with an error: what is said, and its picture. */
const SILENT = {
  away: { tell: "kept", stays: "page-stays", symbol: "away" },
  error: { tell: "system-error", stays: "error-stays", symbol: "broken" },
};
/** Somebody signed in closed the station: until they chose, this page must not look as before. */
const CLOSED_HERE = document.querySelector("#still-open") !== null;
/** The batch as the server told it last. */
let batch: Batch | null = null;
let kept = 0;
/** How the station's own process is, its printer too. */
let station: Status | null = null;
let unheard = 0;
/** Why reads stay here, also while an answer takes long. */
let trouble: Trouble = "";
/** Why the server tells nothing. */
let silence: Passing = "";

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
    const why = troubleOf(status);
    if (why === "") goesOn();
    else if (passing(why) === "") stays(why);
    else silent(passing(why));
  },
});
const live = new Live(page, {
  session: () => {},
  read: (result) => {
    poll.outdate();
    const { workshop } = result as WorkshopResult;
    if (workshop?.tell === "labels") panels.close("labels");
    tell([result as WorkshopResult]);
  },
  status: heardOf,
  connected: (why) => {
    if (why === "") void queue.run();
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
  if (code === page.codes.help) {
    panels.help();
    return;
  }
  const { open } = panels;
  const does = `#${open} [data-code="${CSS.escape(code)}"]`;
  read(code);
  // As if its button there had been touched.
  if (open !== "" && document.querySelector(does)) panels.close(open);
}

/** A badge is sent at once and stored nowhere: without an answer it is shown again, not kept. */
async function showBadge(code: string): Promise<void> {
  const id = uuid4();
  live.own([id]);
  const answer = await send([{ id, code, at: new Date().toISOString() }]);
  if (typeof answer !== "number") heard(answer as WorkshopAnswer);
  else if (answer === 401) stopped.badge(code, page);
  else if (answer === 403) stays("old-page");
  else saying.told({ tell: answer === 0 ? "badge-not-sent" : "badge-error", params: {} }, "note");
}

// What the server says

function heardOf(status: Status): void {
  window.clearTimeout(unheard);
  const known = status.station !== "none";
  station = known ? status : null;
  if (!known) {
    unheard = window.setTimeout(() => {
      station = status;
      show();
    }, UNHEARD_MS);
  }
  show();
}

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
  const all = results.flatMap((result) => {
    const garbled: Told = { show: "note", tell: "scan-again", params: {} };
    const refused = result.status === "refused" && !result.already_recorded;
    return result.workshop ?? toldOf(result) ?? (refused ? garbled : []);
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
  saying.quiet(); // what was right before must not seem to be said of this
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
  if (told.tell === "labels" && paper.sign === "stuck") {
    printing("stuck");
    return;
  }
  if (BEGINS.includes(told.tell)) saying.quiet();
  else saying.told(told, told.show === "ok" ? "ok" : "note");
  sounds.play(told.show === "ok" ? "accepted" : "nothing");
}

/** The labels do not come, or nobody knows whether they did. */
function printing(sign: Sign, before: Sign = ""): void {
  if (before === "stuck") saying.quiet();
  if (sign === "stuck") saying.told({ tell: "labels-stuck", params: {} }, "note");
  if (sign === "stuck" || sign === "asks") sounds.play("kept");
}

/** No answer, or none yet: what is read is kept here, and said to be. */
function stays(why: Trouble): void {
  const other = why !== trouble;
  trouble = why;
  const waiting = queue.waiting().length;
  const passes = passing(why);
  silent(passes);
  const news = waiting > kept || (other && waiting > 0);
  if (passes !== "" && news) saying.told({ tell: SILENT[passes].tell, params: {} }, "kept");
  if (passes !== "" && waiting > kept) sounds.play("kept");
  kept = waiting;
  if (passes === "" && panels.open !== "closed") panels.closed(why);
}

function goesOn(): void {
  trouble = "";
  kept = queue.waiting().length;
  silent("");
  if (panels.open === "closed") panels.close();
}

function silent(why: Passing): void {
  silence = why;
  find("#away").hidden = why === "";
  if (why !== "") label("#away", SILENT[why].tell, SILENT[why].symbol);
}

function show(): void {
  if (batch === null) return;
  const waiting = queue.waiting().map(([, { code }]) => code);
  const now = project(batch, waiting, page.codes);
  if (document.body.dataset.phase !== now.phase) settle(find("#actions"));
  document.body.dataset.phase = now.phase;
  saying.now(now);
  rail.show(now);
  tiles.show(now);
  find("#choose").hidden = now.phase !== "choose";
  find("#parts").hidden = now.phase !== "lots" && now.phase !== "making";
  find("#count-number").textContent = now.counted === null ? "?" : String(now.counted);
  buttons(now.phase === "counting");
  find<HTMLButtonElement>("#finish").disabled = now.phase === "counting" && now.counted === null;
  find("#open-labels").hidden = !now.prints;
  find("#elsewhere").hidden = !now.counted_elsewhere;
  paper.show(now.paper, station);
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
  // It is for what was open when it was touched: closing that may open something else.
  const { open } = panels;
  const stops = open === "stop" && !settles(find("#stop"));
  if (stops && !target.closest(".hear")) panels.close();
  if (!button) return;
  const { code, panel, language, sound, themeChoice, keys } = button.dataset;
  if (code) read(code);
  const around = button.closest(".panel");
  // A finger needs no focus there, and the Enter of a garbled scan would press the button again.
  if (code && event.pointerType) button.blur();
  if (code && around?.id === open) panels.close(open);
  if (panel) openPanel(panel);
  if (language) speak(language);
  if (button.matches(".out")) leave(open);
  if (sound) sounds.silent = sound === "off";
  if (themeChoice) choose(themeChoice as Theme);
  if (keys) voice.play(keys.split(" "));
});

/** A question that is left is not forgotten: it waits in the rail. */
function leave(panel: string): void {
  if (panel === "question") paper.later();
  panels.close(panel);
}

function openPanel(panel: string): void {
  if (panel === "labels" && batch) panels.labels(batch);
  else if (panel === "help") panels.help();
  else if (panel === "question") paper.open();
  else panels.show(panel);
}

function speak(language: string): void {
  words.choose(language);
  if (panels.open === "all-languages") panels.close();
  show();
  if (batch) saying.now(batch, true);
  panels.redraw();
}

// What keys do

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panels.open !== "closed") leave(panels.open);
});
hold(
  () => silence !== "" || !navigator.onLine,
  () => saying.told({ tell: SILENT[silence || "away"].stays, params: {} }, "note"),
);
panels.whenClosed = () => {
  if (CLOSED_HERE) panels.stillOpen();
  else paper.ask();
};
arrows();
listen(
  (code) => {
    const digits = code.replace(/^\][A-Za-z]\d/, "");
    if (isBadge(digits)) void showBadge(digits);
    else scanned(COMMANDS.has(digits) ? digits : code);
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
if (CLOSED_HERE) panels.stillOpen();
void start();
