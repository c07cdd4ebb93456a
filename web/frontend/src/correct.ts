// A touch on a line: a keypad in its place, which says the item and its number. Nothing is sent before OK.

import { fill, find } from "./dom";
import { codeOfItem, nameOf, pictureOf } from "./items";
import { codeOf, page } from "./page";
import { type Session, totals } from "./session";

const MOST_DIGITS = 4;

export class Correct {
  private item = "";
  /** Who stands there: a lane, and how many were there before. */
  private who = "";
  private readonly field = find<HTMLInputElement>("#correct-number");

  constructor(private readonly send: (codes: string[], item: string) => void) {
    find("#correct").addEventListener("click", (event) => {
      const digit = (event.target as Element).closest<HTMLElement>("[data-digit]")?.dataset.digit;
      if (digit === undefined) return;
      this.type(digit);
      // After a finger, Enter is OK and not that digit again.
      if (event.detail > 0) this.field.focus({ preventScroll: true });
    });
    find("#correct").addEventListener("submit", (event) => {
      event.preventDefault();
      this.done();
    });
    find("#correct-leave").addEventListener("click", () => this.close());
    find("#lines").addEventListener("click", (event) => {
      const line = (event.target as Element).closest<HTMLElement>("button[data-line]");
      if (line) this.open(line.dataset.line ?? "", line.dataset.pieces ?? "");
    });
  }

  get isOpen(): boolean {
    return !find("#correct").hidden;
  }

  open(item: string, pieces: string): void {
    this.item = item;
    find("#correct-picture").replaceChildren(pictureOf(item));
    find("#correct-name").textContent = nameOf(item);
    this.stands(pieces);
    this.field.value = "";
    this.field.removeAttribute("aria-invalid");
    this.show(true);
    this.field.focus({ preventScroll: true });
  }

  close(): void {
    if (!this.isOpen) return;
    this.show(false);
    this.toTheLine();
  }

  /** The keyboard goes on where it was. */
  private toTheLine(): void {
    const line = `#lines [data-line="${CSS.escape(this.item)}"]`;
    document.querySelector<HTMLElement>(line)?.focus({ preventScroll: true });
  }

  /** The lines changed under the keypad: the number may be another, and whoever's line it was may be gone. */
  follow(session: Session): void {
    const before = this.who;
    this.who = `${session.lane} ${session.passages}`;
    if (!this.isOpen) return;
    const pieces = totals(session.lines).get(this.item);
    if (pieces !== undefined && this.who === before) {
      this.stands(String(pieces));
      return;
    }
    const here = find("#correct").contains(document.activeElement);
    this.show(false);
    if (here) find("#lanes [aria-pressed=true]").focus({ preventScroll: true });
  }

  private stands(pieces: string): void {
    find("#correct-now").textContent = fill(page.words.howMany, { count: pieces });
    this.field.placeholder = pieces;
  }

  private type(digit: string): void {
    this.field.value = digit === "" ? "" : (this.field.value + digit).slice(0, MOST_DIGITS);
    this.field.removeAttribute("aria-invalid");
  }

  private done(): void {
    const number = this.field.value.trim();
    const code = codeOfItem(this.item);
    if (!/^\d{1,4}$/.test(number) || !code) {
      this.field.setAttribute("aria-invalid", "true");
      this.field.focus();
      return;
    }
    const digits = [...String(Number(number))].map((digit) => codeOf(`digit-${digit}`));
    this.send([...digits, codeOf("correct-line"), code], this.item);
    this.show(false);
    this.toTheLine();
  }

  private show(open: boolean): void {
    find("#correct").hidden = !open;
    find("#what-is-in-hand").hidden = open;
  }
}
