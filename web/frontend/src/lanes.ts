// Two people at once: which of them the next article is for, in letters that are read from two metres away, and whether
// a minute of silence has made it the next person's.

import { nowMs } from "./clock";
import { fill, find, press } from "./dom";
import type { Words } from "./page";
import { LANES, type Lane, pieces, type Session } from "./session";

export type Who = "same" | "next" | "new";

/** Whom the next article of a lane is for. */
export function nextIn(session: Session, lane: Lane, atMs: number): Who {
  const quiet = session.quiet_at?.[lane];
  if (quiet === null || quiet === undefined) return "new";
  return atMs < quiet * 1000 ? "same" : "next";
}

/** The next moment at which a silence is long enough, in ms; infinity where none will be. */
export function nextSilence(session: Session, atMs: number): number {
  const moments = LANES.map((lane) => (session.quiet_at?.[lane] ?? 0) * 1000);
  return Math.min(...moments.filter((moment) => moment > atMs));
}

export class Lanes {
  private timer = 0;

  constructor(private readonly words: Words) {}

  show(session: Session): void {
    const now = nowMs();
    for (const lane of LANES) this.tab(session, lane, now);
    const mine = session.lane ?? "a";
    const who = nextIn(session, mine, now);
    document.body.classList.toggle("quiet", who === "next");
    find("#next-article").dataset.who = who;
    find("#next-letter").textContent = mine.toUpperCase();
    find("#next-who").textContent = this.words.nextArticle[who];
    find("#next-lane").textContent = mine.toUpperCase();
    this.lookAgain(session, nextSilence(session, now) - now);
  }

  private tab(session: Session, lane: Lane, now: number): void {
    press(`#lane-${lane}`, session.lane === lane);
    const count = pieces(session.lanes?.[lane] ?? []);
    const elsewhere = count > 0 && session.lane !== lane;
    const waiting = find(`#lane-${lane} .waiting`);
    waiting.textContent = elsewhere ? String(count) : "";
    const quiet = nextIn(session, lane, now) === "next";
    find(`#lane-${lane}`).classList.toggle("gone", elsewhere && quiet);
    const name = fill(this.words.lane, { lane: lane.toUpperCase() });
    const there = fill(count === 1 ? this.words.piece : this.words.pieces, { count });
    const says = elsewhere ? `${name}, ${there}` : name;
    find(`#lane-${lane}`).setAttribute("aria-label", says);
  }

  private lookAgain(session: Session, inMs: number): void {
    window.clearTimeout(this.timer);
    if (Number.isFinite(inMs)) this.timer = window.setTimeout(() => this.show(session), inMs);
  }
}
