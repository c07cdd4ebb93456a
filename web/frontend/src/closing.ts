// Closing the shift by touch: how many passages, filled in, and then the tally.

import { fill, find } from "./dom";
import { codeOf, type Words } from "./page";
import * as panels from "./panels";
import type { Result, Session } from "./session";

export class Closing {
  private readonly field = find<HTMLInputElement>("#passages-counted");
  private session: Session | null = null;
  /** The read that closes the shift: its answer leads to the tally. */
  private id: string | undefined;

  constructor(
    private readonly send: (codes: string[]) => string | undefined,
    private readonly tally: string,
    private readonly words: Words,
  ) {
    find("#closing").addEventListener("click", (event) => {
      const step = (event.target as Element).closest<HTMLElement>("[data-step]")?.dataset.step;
      if (step) this.stepBy(Number(step));
    });
    find("#closing").addEventListener("submit", (event) => {
      event.preventDefault();
      this.close();
    });
  }

  fillIn(session: Session | null): void {
    this.session = session;
    // Whoever stands there now comes by too: closing counts them.
    const current = session?.lines.length && !session.afterwards && !session.training ? 1 : 0;
    const counted = session?.passages_at_closing ?? (session?.passages ?? 0) + current;
    this.field.value = String(counted);
    this.tellWhoIsStillHere(session, counted);
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

  private stepBy(change: number): void {
    const counted = Number.parseInt(this.field.value, 10) || 0;
    this.field.value = String(Math.max(0, counted + change));
  }

  private close(): void {
    const counted = this.field.value.trim();
    if (!/^\d{1,6}$/.test(counted)) {
      this.field.setAttribute("aria-invalid", "true");
      this.field.focus();
      return;
    }
    this.field.removeAttribute("aria-invalid");
    const digits = [...counted].map((digit) => codeOf(`digit-${digit}`));
    const clear = this.session?.number ? [codeOf("clear")] : [];
    const id = this.send([...clear, ...digits, codeOf("close-shift")]);
    if (!this.session?.training) this.id = id;
    panels.pictures();
  }
}
