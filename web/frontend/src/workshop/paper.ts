// The labels that were asked for: on their way, stuck, or nobody knows, and then whoever is beside the printer is asked.

import { find } from "../dom";
import type { Status } from "../live";
import type { Result } from "../session";
import type { Panels } from "./panels";
import type { Paper, Told } from "./values";
import type { Voice } from "./voice";
import type { Words } from "./words";

export type Sign = "" | "coming" | "stuck" | "asks";

const PRINTS = ["ready", "near-end"];

/** What there is to say of a job; `station` is what its process told last, null before it was heard. */
export function signOf(paper: Paper | null, station: Status | null): Sign {
  if (paper === null) return "";
  if (paper.state === "unknown") return "asks";
  return paper.state === "failed" || !prints(station) ? "stuck" : "coming";
}

function prints(station: Status | null): boolean {
  if (station === null) return true;
  const { printer } = station;
  return station.station === "here" && (printer === null || PRINTS.includes(printer.state));
}

/** What is told of an answer to the question; null of every other read. */
export function toldOf({ command, status, already_recorded }: Result): Told | null {
  if (!command?.startsWith("did-print-") || already_recorded) return null;
  if (status !== "accepted") return { show: "note", tell: "not-here", params: {} };
  return { show: "ok", tell: "thanks", params: {} };
}

/** The question, by the name of its sentence. */
function asking({ lot }: Paper): string {
  return lot === null ? "did-paper" : "did-labels";
}

export class PaperSigns {
  sign: Sign = "";
  private paper: Paper | null = null;
  private asked: number | null = null;
  /** The question that somebody left for later. */
  private left: number | null = null;

  constructor(
    private readonly words: Words,
    private readonly voice: Voice,
    private readonly panels: Panels,
    private readonly changed: (sign: Sign, before: Sign) => void,
  ) {}

  show(paper: Paper | null, station: Status | null): void {
    const before = this.sign;
    this.sign = signOf(paper, station);
    this.paper = paper;
    find("#coming").hidden = this.sign !== "coming";
    find("#stuck").hidden = this.sign !== "stuck";
    find("#asks").hidden = this.sign !== "asks";
    if (paper !== null) {
      const word = find("#asks span");
      word.dataset.say = asking(paper);
      word.textContent = this.words.say(asking(paper));
    }
    if (this.sign !== "asks") {
      this.asked = null;
      this.left = null;
      if (this.panels.open === "question") this.panels.close();
    }
    this.ask();
    if (this.sign !== before) this.changed(this.sign, before);
  }

  /** By itself, but over nothing else; whoever leaves it finds it in the rail. */
  ask(): void {
    const { open } = this.panels;
    if (this.sign !== "asks" || this.paper?.id === this.left) return;
    if (open === "" || (open === "question" && this.asked !== this.paper?.id)) this.open();
  }

  open(): void {
    const { paper } = this;
    if (this.sign !== "asks" || paper === null) return;
    this.asked = paper.id;
    // It comes by itself: a key that was on its way to something else must not answer.
    this.panels.show("question", () => this.draw(paper), "h1");
  }

  later(): void {
    this.left = this.asked;
  }

  private draw(paper: Paper): void {
    const { lot, copies } = paper;
    const key = asking(paper);
    find("#question-title").textContent = this.words.say(key);
    find("#in-doubt").hidden = lot === null;
    find("#in-doubt-lot").textContent = lot ?? "";
    find("#in-doubt-copies").textContent = String(copies);
    this.voice.show(find("#question"), [key]);
  }
}
