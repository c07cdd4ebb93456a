// What covers the work for a moment: a call for somebody, a result, a choice. No scan is ever lost behind it.

import { all, fill, find, icon, make } from "../dom";
import type { Trouble } from "../trouble";
import { settle } from "./settle";
import { pictureOf } from "./tiles";
import type { Batch, Params, Picture, Told } from "./values";
import type { Voice } from "./voice";
import type { Words } from "./words";

/** These cover everything, the rail too. */
const WHOLE = ["stop", "help", "result", "closed", "still-open"];
/** So many kits are drawn one by one. */
const MOST_DRAWN = 10;

export class Panels {
  /** What is drawn in the open one, to be said again in another language. */
  private again: (() => void) | null = null;
  /** What waits until nothing covers the work. */
  whenClosed: () => void = () => {};
  /** How far a phone's page was scrolled: it goes back there. */
  private scrolled = 0;

  constructor(
    private readonly words: Words,
    private readonly voice: Voice,
    private readonly pictures: Record<string, Picture>,
  ) {}

  get open(): string {
    return find("main").dataset.panel ?? "";
  }

  /** `focus`: what has it then. */
  show(name: string, draw: () => void = () => {}, focus = ".choices button, .out, a.button"): void {
    if (this.open === "") this.scrolled = window.scrollY;
    this.again = draw;
    draw();
    find("main").dataset.panel = name;
    for (const panel of all(".panel")) panel.hidden = panel.id !== name;
    find("#work").inert = true;
    find(".rail").inert = WHOLE.includes(name);
    document.body.dataset.panel = name;
    settle(find(`#${name}`));
    find(`#${name}`).querySelector<HTMLElement>(focus)?.focus({ preventScroll: true });
    window.scrollTo({ top: 0, behavior: "instant" });
  }

  /** What is open, or only this one. */
  close(panel = this.open): void {
    if (panel === "" || panel !== this.open) return;
    this.again = null;
    for (const panel of all(".panel")) panel.hidden = true;
    for (const beneath of ["#work", ".rail"].map((part) => find(part))) {
      beneath.inert = false;
      settle(beneath);
    }
    delete find("main").dataset.panel;
    delete document.body.dataset.panel;
    find("#sentence").focus({ preventScroll: true });
    window.scrollTo({ top: this.scrolled, behavior: "instant" });
    this.whenClosed();
  }

  redraw(): void {
    this.again?.();
  }

  /** What it is about stands beside the sentence. */
  stop(told: Told): void {
    this.show("stop", () => {
      const part = this.pictures[told.params.item ?? ""];
      find("#stop-picture").replaceChildren(
        ...(part ? [pictureOf(part), this.words.name(part)] : []),
      );
      find("#stop-sentence").textContent = this.words.say(told.tell, told.params);
      this.voice.show(find("#stop"), ["stop", told.tell]);
    });
  }

  help(): void {
    this.show("help", () => this.voice.show(find("#help"), ["help"]));
  }

  stillOpen(): void {
    this.show("still-open", () => this.voice.show(find("#still-open"), ["closed-here"]));
  }

  /** Why reads stay here, where somebody has to do something. */
  closed(trouble: Trouble): void {
    const key = trouble === "old-page" ? "old-page" : "station-closed";
    this.show("closed", () => {
      find("#closed-title").textContent = this.words.say(key);
      this.voice.show(find("#closed"), [key]);
    });
  }

  labels({ lot, expires }: Batch): void {
    this.show("labels", () => {
      find("#label-lot").textContent = lot ?? "";
      find("#label-expires").textContent = expires ? this.words.date(expires) : "";
    });
  }

  /** What was counted beside what was noted, and what lies between them, in boxes. */
  result({ tell, params }: Told, kit: Batch["kit"]): void {
    const counted = Number(params.counted ?? 0);
    const noted = Number(params.ready ?? 0);
    this.show("result", () => {
      find("#result-title span").textContent = this.words.say(tell, params);
      find("#compared .noted b").textContent = String(noted);
      find("#compared .counted b").textContent = String(counted);
      find("#difference").replaceChildren(...boxes(counted - noted, kit));
      this.voice.show(find("#result"), [tell]);
    });
  }
}

/** A kit more is whole, one fewer only its outline; a sign before them. */
function boxes(difference: number, kit: Batch["kit"]): HTMLElement[] {
  if (difference === 0) return [];
  const many = Math.abs(difference);
  const sign = make("b", fill(difference > 0 ? "+%(many)s" : "−%(many)s", { many } as Params));
  const drawn = Array.from({ length: Math.min(many, MOST_DRAWN) }, () => {
    const box = make("span", kit ? pictureOf(kit) : icon("box"));
    box.className = difference > 0 ? "more" : "fewer";
    return box;
  });
  return [sign, ...drawn];
}
