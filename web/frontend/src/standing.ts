// How the station stands: training, adding afterwards, passages, and what the next code is for.

import { all, fill, find, press } from "./dom";
import { signed } from "./looks";
import type { Words } from "./page";
import type { Paper, Session } from "./session";

export function show(session: Session, words: Words): void {
  document.body.classList.toggle("training", session.training);
  find("#training").hidden = !session.training;
  find("#afterwards").hidden = !session.afterwards;
  passages(session, words);
  adding(session.afterwards, words);
  press("#street", session.street);
  find("#training-toggle span").textContent = words.training[session.training ? "end" : "begin"];
  const expected = session.street ? words.street : words.expect[session.expect];
  find("#expecting").hidden = !expected;
  find("#expecting-what").textContent = expected ?? "";
  ask(session.training || session.print?.state !== "unknown" ? null : session.print, words);
}

/** Those that are not recorded yet stand apart. */
function passages(session: Session, words: Words): void {
  const waiting = session.waiting?.passages ?? 0;
  const all = session.passages;
  find("#passages").textContent = String(all - waiting);
  find("#passages-word").textContent = all === 1 ? words.passage : words.passages;
  find("#passages-waiting").hidden = waiting === 0;
  find("#passages-waiting b").textContent = signed(waiting);
  find("#passages-waiting span").textContent = words.waiting;
}

/** The button that begins adding afterwards ends it. */
function adding(afterwards: boolean, words: Words): void {
  const button = find("#add-afterwards");
  button.dataset.code = afterwards ? button.dataset.ends : button.dataset.begins;
  button.classList.toggle("main", afterwards);
  find("#add-afterwards span").textContent = afterwards ? words.adding.end : words.adding.begin;
}

/** Which paper the question on the page is about. */
let asked: number | null = null;

/** The second touch of a double one, meant for the paper before, must not answer for this one. */
const NO_ANSWER_WITHIN_MS = 700;

function ask(paper: Paper | null, words: Words): void {
  find("#paper").hidden = paper === null;
  if (paper !== null && paper.id !== asked) {
    const which = named(paper, words);
    find("#which-paper").textContent = paper.copy ? `${which} · ${words.paper.copy}` : which;
    if (asked !== null) {
      able(false);
      setTimeout(() => able(true), NO_ANSWER_WITHIN_MS);
    }
  }
  asked = paper?.id ?? null;
}

function named(paper: Paper, words: Words): string {
  const { began, ended, lot, copies, trial } = paper;
  if (trial) return words.paper.trial;
  if (lot !== null) return fill(words.paper.labels, { lot, copies });
  const { lang } = document.documentElement;
  const day = new Date(`${paper.day}T12:00`).toLocaleDateString(lang === "en" ? "en-GB" : lang, {
    weekday: "long",
    day: "numeric",
    month: "long",
  });
  return began && ended
    ? fill(words.paper.times, { day, began, ended })
    : fill(words.paper.day, { day });
}

function able(on: boolean): void {
  for (const button of all<HTMLButtonElement>("#paper button")) button.disabled = !on;
}
