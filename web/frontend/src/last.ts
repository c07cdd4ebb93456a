// The last thing recorded, huge, with a sign, a word and a colour; and the same words for screen readers.

import { fill, find } from "./dom";
import { nameOf } from "./items";
import { counted, looksOf } from "./looks";
import type { Words } from "./page";
import type { Result } from "./session";
import type { Trouble } from "./trouble";

/** Smaller and smaller letters until all is seen: the box never grows, or all below would move under the finger. */
const SCALES = [1, 0.9, 0.8, 0.7, 0.6, 0.5];

/** "+120" is as long as a number gets in an evening; more is a slip, or a van that is loaded. */
const LONG_NUMBER = 4;

interface Shown {
  icon: string;
  look: string;
  title: string;
  message?: string;
  pieces?: string;
}

/** What was read here last, as far as the page knows without the server: its name, and how many if it is an article. */
export interface Touched {
  what: string | undefined;
  pieces: number | null;
  /** It came back unopened. */
  back: boolean;
}

export class Last {
  constructor(private readonly words: Words) {
    new ResizeObserver(shrink).observe(find("#last"));
  }

  /** At once after a touch or a scan, before any answer; not read aloud, the answer is. */
  sending(item: string | undefined): void {
    const title = item ? nameOf(item) : this.words.sending;
    this.show({ icon: "scan", look: "idle", title, message: item ? this.words.sending : "" });
  }

  /** What was only looked up bears no sign of something recorded. */
  result(result: Result, lookedUp = false): void {
    const [icon, look, pieces] = looksOf(result, lookedUp);
    const name = result.item && nameOf(result.item);
    const title = name || result.message;
    const message = name ? result.message : "";
    this.show({ icon, look, title, message, pieces });
    const urgent = look === "bad" || result.on_hold;
    this.say(urgent ? "#alert" : "#said", [title, pieces, message]);
  }

  /** One read more stays here, and why; what it was where that is known. */
  kept(kept: number, why: Trouble, read?: Touched): void {
    const item = read?.what ?? "";
    const title = item || fill(this.words.kept, { count: kept });
    const { keptHere, keptLong, keptError, keptShut } = this.words;
    const away = item ? keptHere : keptLong;
    const said = why === "away" ? away : why === "error" ? keptError : keptShut;
    const message = fill(said, { count: kept });
    const pieces = item && read ? counted(read.pieces, read.back) : "";
    this.show({ icon: read?.back ? "unopened" : "warn", look: "warn", title, message, pieces });
    this.say("#said", [item, pieces, message]);
  }

  /** Something to know, and nothing was recorded. */
  note(message: string): void {
    this.show({ icon: "info", look: "warn", title: message });
    this.say("#alert", [message]);
  }

  bad(message: string): void {
    this.show({ icon: "bad", look: "bad", title: message });
    this.say("#alert", [message]);
  }

  private show(shown: Shown): void {
    find("#last").className = `last ${shown.look}`;
    find("#last-icon").setAttribute("href", `#p-${shown.icon}`);
    find("#last-title").textContent = shown.title;
    find("#last-message").textContent = shown.message ?? "";
    const { pieces = "" } = shown;
    find("#last-pieces").textContent = pieces;
    find("#last-pieces").classList.toggle("long", pieces.length > LONG_NUMBER);
    shrink();
  }

  private say(region: string, parts: string[]): void {
    for (const selector of ["#said", "#alert"]) {
      find(selector).textContent = selector === region ? parts.filter(Boolean).join(", ") : "";
    }
  }
}

/** The largest letters in which name and status are whole. */
function shrink(): void {
  const box = find("#last");
  const words = find("#last > div");
  for (const scale of SCALES) {
    box.style.setProperty("--fit", String(scale));
    const narrow = words.scrollWidth <= words.clientWidth;
    if (narrow && box.scrollHeight <= box.clientHeight) return;
  }
}
