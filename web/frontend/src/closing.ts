// Closing the shift by touch: how many passages, filled in, and then the tally.

import { all, fill, find } from "./dom";
import { codeOf, type Words } from "./page";
import * as panels from "./panels";
import type { Result, Session } from "./session";

const MOST_DIGITS = 6;

export class Closing {
  private readonly field = find<HTMLInputElement>("#passages-counted");
  private session: Session | null = null;
  /** Whether the number is known here; else the server counts, unless somebody types another. */
  private isKnown = true;
  /** Whether the next digit begins a number: what stands there was filled in. */
  private begins = true;
  /** The read that closes the shift: its answer leads to the tally. */
  private id: string | undefined;

  constructor(
    private readonly send: (codes: string[]) => string | undefined,
    private readonly tally: string,
    private readonly words: Words,
  ) {
    find("#closing").addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("button");
      const { step, digit } = button?.dataset ?? {};
      if (step) this.stepBy(Number(step));
      if (digit === undefined) return;
      this.type(digit);
      // After a finger, the Enter of a garbled scan must not press it again.
      if (event.detail > 0) button?.blur();
    });
    this.field.addEventListener("input", () => {
      this.begins = false;
    });
    find("#closing").addEventListener("submit", (event) => {
      event.preventDefault();
      this.close();
    });
  }

  fillIn(session: Session | null): void {
    this.session = session;
    const counted = session?.passages_at_closing ?? null;
    this.isKnown = counted !== null;
    this.begins = true;
    this.field.value = counted === null ? "" : String(counted);
    this.field.removeAttribute("aria-invalid");
    this.field.setAttribute("aria-describedby", this.isKnown ? "counted-here" : "not-known-here");
    find("#counted-here").hidden = !this.isKnown;
    find("#not-known-here").hidden = this.isKnown;
    // One more than a number that is not known is none.
    for (const step of all("#closing [data-step]")) step.hidden = !this.isKnown;
    this.tellWhoIsStillHere(session, counted ?? 0);
  }

  /** The header counts who is gone; closing counts who is still on the screen as well. */
  private tellWhoIsStillHere(session: Session | null, counted: number): void {
    const passages = session?.passages ?? 0;
    const here = session?.training ? 0 : counted - passages;
    find("#still-here").hidden = here <= 0;
    const sentence = here === 1 ? this.words.stillHere.one : this.words.stillHere.more;
    find("#still-here").textContent = fill(sentence, { passages, here });
  }

  heard(result: Result): void {
    if (result.id === this.id && result.status === "accepted") location.assign(this.tally);
  }

  private type(digit: string): void {
    const before = this.begins ? "" : this.field.value;
    this.field.value = digit === "" ? "" : (before + digit).slice(0, MOST_DIGITS);
    this.field.removeAttribute("aria-invalid");
    this.begins = false;
  }

  private stepBy(change: number): void {
    this.begins = true;
    const counted = Number.parseInt(this.field.value, 10) || 0;
    this.field.value = String(Math.max(0, counted + change));
  }

  private close(): void {
    const counted = this.field.value.trim();
    const leftEmpty = counted === "" && !this.isKnown;
    if (!leftEmpty && !/^\d{1,6}$/.test(counted)) {
      this.field.setAttribute("aria-invalid", "true");
      this.field.focus();
      return;
    }
    this.field.removeAttribute("aria-invalid");
    const digits = [...counted].map((digit) => codeOf(`digit-${digit}`));
    // Where the page does not know how things stand, a number may wait there too.
    const clear = this.session?.number || !this.isKnown ? [codeOf("clear")] : [];
    const id = this.send([...clear, ...digits, codeOf("close-shift")]);
    if (!this.session?.training) this.id = id;
    panels.pictures();
  }
}
