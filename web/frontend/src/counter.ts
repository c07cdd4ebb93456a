// The counter page: every touch and every scan is a read, kept until the server has answered it.

import { Aloud } from "./aloud";
import * as clock from "./clock";
import { Closing } from "./closing";
import { isBadge, isCommand } from "./codes";
import { Correct } from "./correct";
import { fill, find } from "./dom";
import { hiddenBefore, hide, isHidden } from "./hide";
import { itemOf, nameOf } from "./items";
import { listen } from "./keyboard";
import { arrows, Shortcuts } from "./keys";
import { Lanes } from "./lanes";
import { Last, type Touched } from "./last";
import { Lines } from "./lines";
import { Live } from "./live";
import * as mode from "./mode";
import { NextNumber } from "./number";
import { codeOf, commandOf, page } from "./page";
import * as panels from "./panels";
import { Pills } from "./pills";
import { Queue, type Read, uuid4 } from "./queue";
import { hold } from "./reload";
import { send } from "./send";
import { type Answer, onlyLooksUp, type Result, type Session } from "./session";
import * as keysWork from "./shortcuts";
import { meaningOf, Shown } from "./shown";
import { Sounds } from "./sounds";
import * as standing from "./standing";
import * as stopped from "./stopped";
import { choose, type Theme, theme } from "./theme";
import { passing, type Trouble } from "./trouble";

const last = new Last(page.words);
const lanes = new Lanes(page.words);
const lines = new Lines(page.words);
const sounds = new Sounds(localStorage);
const aloud = new Aloud({
  dropped: () => {
    last.bad(pills.tested ? page.words.scanTested : page.words.scanAgain);
    sounds.play("refused");
  },
  kept: (count) => {
    last.kept(count, pills.trouble || "away");
    sounds.play("kept");
  },
});
const pills = new Pills(page.words, (now, away) => aloud.hear(now, away));
let session: Session | null = null;
let kept = 0;
/** Why reads stay here, also while an answer takes long. */
let trouble: Trouble = "";
let touched: Touched | undefined;

const sending = (reads: Read[]) => send(reads, () => stays("away"));
const queue = new Queue(page.station, localStorage, sending, (answer, _, why) => {
  if (why !== "") {
    if (why === "signed-out") live.shut();
    stays(why);
    return;
  }
  goesOn();
  if (answer) heard(answer);
});
const shown = new Shown(() => queue.waiting().map(([, it]) => it), page.mode, show);
const closing = new Closing((codes) => read(codes).at(-1), page.tally, page.words);
const correct = new Correct((codes, item) => read(cleared(codes), item));
const number = new NextNumber((commands) => read(commands.map(codeOf)));
const live = new Live(page, {
  session: (now) => shown.told(now),
  read: (result) => {
    tell(result, session !== null && onlyLooksUp(session));
    if (result.item ?? wantsPictures(result.command)) makeRoom();
  },
  status: (status) => pills.devices(status),
  connected: (why) => {
    pills.live(why);
    if (why !== "") return;
    if (queue.waiting().length === 0) goesOn();
    void queue.run();
  },
  signedOut: () => {
    pills.live("");
    stays("signed-out");
  },
});

// Reads

function read(codes: string[], item?: string): string[] {
  last.sending(item);
  // A correction says what a line becomes, not what leaves.
  const pieces = item && codes.length === 1 ? number.pieces : null;
  touched = {
    what: item ? nameOf(item) : whatIs(codes),
    pieces,
    back: pieces !== null && session?.expect === "brought-back",
  };
  try {
    const ids = queue.add(codes);
    live.own(ids);
    const commands = codes.map(commandOf);
    number.after(commands);
    // The article is touched next, with or without an answer.
    if (commands.includes("brought-back")) panels.pictures();
    if (trouble !== "") stays(trouble);
    return ids;
  } catch {
    // The browser's own store is full or switched off: this is the one thing that is not kept.
    last.bad(page.words.notKept);
    sounds.play("refused");
    return [];
  }
}

/** The number of an open keypad was for this: it is used up. A code that is a part of a number leaves it open. */
function scanned(code: string): void {
  const ofUsed = panels.openPanel() === "returned" && session?.expect !== "brought-back";
  // A number typed for used material is none for what is handed out.
  if (ofUsed && !isCommand(code)) number.clear();
  makeRoomFor(code);
  read([code], itemOf(code));
  const command = commandOf(code) ?? "";
  const counts = /^(digit-\d|point|times-\d+|clear)$/.test(command);
  if (panels.openPanel() === "keypad" && !counts) panels.pictures();
}

/** Somebody else, or a product, wants the pictures; of used material several containers may come. */
function makeRoomFor(code: string): void {
  const meaning = meaningOf(code);
  if (meaning.kind === "product") makeRoom();
  if (meaning.kind !== "command" || !wantsPictures(meaning.name)) return;
  // What was typed here is not for whoever comes next.
  if (panels.openPanel() === "returned") number.clear();
  makeRoom();
}

function wantsPictures(command: string | null = null): boolean {
  return /^(next-person|afterwards|lane-[ab])$/.test(command ?? "");
}

function makeRoom(): void {
  if (panels.openPanel() === "returned") panels.pictures();
}

/** A badge is sent at once and stored nowhere: without an answer it is shown again, not kept. */
async function showBadge(code: string): Promise<void> {
  const id = uuid4();
  live.own([id]);
  const answer = await send([{ id, code, at: new Date().toISOString() }]);
  if (typeof answer !== "number") heard(answer);
  else if (answer === 401) stopped.badge(code, page);
  else if (answer === 403) stays("old-page");
  else last.bad(answer === 0 ? page.words.badgeNotSent : page.words.badgeError);
}

/** A number of its own: whatever was typed before goes first. */
function cleared(codes: string[]): string[] {
  return number.isSet ? [codeOf("times-1"), ...codes] : codes;
}

function heard(answer: Answer): void {
  const lookedUp = onlyLooksUp(session ?? answer.session);
  clock.heard(answer.session.now);
  shown.told(answer.session, true);
  const told = answer.results.at(-1);
  if (told) tell(told, lookedUp);
  for (const result of answer.results) closing.heard(result);
}

function tell(result: Result, lookedUp: boolean): void {
  if (result.command === "hide") {
    hide(!isHidden());
    return;
  }
  if (result.command === "brought-back") panels.pictures();
  last.result(result, lookedUp);
  sounds.result(result);
}

/** What one code is for people: a command's words, or the code itself. */
function whatIs([code, ...more]: string[]): string | undefined {
  const meaning = code && more.length === 0 ? meaningOf(code) : undefined;
  if (meaning?.kind === "command") return page.says[meaning.name];
  return meaning?.kind === "product" ? fill(page.words.code, { code: meaning.item }) : undefined;
}

/** No answer, or none yet: what is read is kept here, and said to be. */
function stays(why: Trouble): void {
  const other = why !== trouble;
  trouble = why;
  const waiting = queue.waiting().length;
  if (waiting > kept || (other && waiting > 0)) last.kept(waiting, why, touched);
  if (waiting > kept) sounds.play("kept");
  kept = waiting;
  pills.own(passing(why), waiting);
  stopped.show(why, page);
  shown.isIn(why);
}

function goesOn(): void {
  trouble = "";
  kept = queue.waiting().length;
  pills.own("", 0);
  stopped.show("", page);
  shown.isIn("");
}

function show(now: Session): void {
  session = now;
  standing.show(now, page.words);
  mode.show(now, page.words);
  // What is still on its way changes it once more.
  if (now.waiting || queue.waiting().length === 0) number.is(now.number);
  lanes.show(now);
  lines.show(now);
  correct.follow(now);
}

// What fingers do

function open(panel: string, from: HTMLElement | null = null): void {
  if (panels.openPanel() === panel) {
    back();
    return;
  }
  // What the keypad types is a new number, not more digits of the last one.
  if (panel === "keypad" || panels.openPanel() === "returned") number.clear();
  if (panel === "closing") closing.fillIn(session);
  panels.show(panel, from);
}

/** To the pictures. A number typed for used material is none for what is handed out next. */
function back(): void {
  if (panels.openPanel() === "returned") number.clear();
  panels.pictures();
}

document.addEventListener("click", (event: PointerEvent) => {
  const button = (event.target as Element).closest<HTMLElement>("button");
  if (!button) return;
  const { code, item, panel, family, sound, themeChoice } = button.dataset;
  if (code) {
    makeRoomFor(code);
    read([code], item);
  }
  // A finger needs no focus there, and the Enter of a garbled scan would press the button again.
  if ((item || button.closest("#keypad .keys")) && event.pointerType) button.blur();
  if (panel) open(panel, button);
  if (button.matches(".close-panel, #training-toggle")) back();
  if (button.matches(".measures button")) panels.pictures();
  if (family) find(`#family-${family} .picture`).scrollIntoView({ block: "start" });
  if (sound) sounds.silent = sound === "off";
  if (themeChoice) choose(themeChoice as Theme);
});

find("#hide").addEventListener("click", () => hide(true));
find("#show-again").addEventListener("click", () => hide(false));

// What keys do

function touch(selector: string): void {
  if (!isHidden()) document.querySelector<HTMLElement>(selector)?.click();
}

function leave(): void {
  if (correct.isOpen) {
    correct.close();
    return;
  }
  if (panels.openPanel() === "keypad") number.clear();
  back();
}

const shortcuts = new Shortcuts(
  {
    "?": () => touch(".open-panel[data-panel=help]"),
    F1: () => touch(".open-panel[data-panel=help]"),
    F2: () => touch(".next:not([hidden])"),
    F3: () => touch(".undo"),
    F4: () => touch("#lanes [aria-pressed=false]"),
    F6: () => touch(".open-panel[data-panel=returned]"),
    F7: () => touch("#other-number"),
    F9: () => hide(!isHidden()),
  },
  localStorage,
);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !isHidden()) leave();
});
find("#shortcuts").addEventListener("click", () => {
  shortcuts.on = !shortcuts.on;
  keysWork.show(shortcuts.on, page.words);
  keysWork.tell(shortcuts.on, page.words);
});
hold(
  () => pills.trouble !== "" || !navigator.onLine,
  () => last.note(page.words.pageStays[pills.trouble || "away"]),
);
arrows();
listen(
  (code) => {
    const digits = code.replace(/^\][A-Za-z]\d/, "");
    if (isBadge(digits)) void showBadge(digits);
    else scanned(code);
  },
  (strokes) => {
    if (!number.typed(strokes) && strokes.length === 1) shortcuts.act(strokes[0]?.key ?? "");
  },
  (strokes) => number.typing(strokes),
);

// What was left from before, and how things stand

async function start(): Promise<void> {
  live.start();
  await queue.run();
  try {
    const response = await fetch(page.session);
    if (response.ok) {
      const { session } = (await response.json()) as Omit<Answer, "results">;
      clock.heard(session.now);
      shown.told(session);
    }
  } catch {
    // The next answer brings the session along.
  }
  document.documentElement.dataset.script = "ready";
}

function tick(): void {
  const now = new Date();
  find("#clock").textContent = now.toTimeString().slice(0, 5);
  window.setTimeout(tick, 60_000 - (now.getTime() % 60_000));
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) live.stop();
  else void start();
});
panels.pictures();
choose(theme());
keysWork.show(shortcuts.on, page.words);
if (hiddenBefore()) hide(true);
tick();
void start();
