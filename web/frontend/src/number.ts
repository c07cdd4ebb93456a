// The number for what comes next: "× 5", or any other from the keypad, by finger or by the keys of a keyboard.

import { bare, commandsFor, digitsOf, numberAfter, type Stroke } from "./digits";
import { all, find, written } from "./dom";
import * as panels from "./panels";

/** The keypad is for pieces; what came back may be measured, in parts of a kilogram or a litre. */
const KEYPADS = ["keypad", "returned"];
const MEASURES = "returned";

export class NextNumber {
  /** As it will be once everything read here is answered. */
  private number = "";

  /** `send` makes reads of command codes, by their names. */
  constructor(private readonly send: (commands: string[]) => void) {
    document.addEventListener("keydown", (event) => this.key(event));
  }

  get isSet(): boolean {
    return this.number !== "";
  }

  /** How many pieces of the next thing; not a number where it is none. */
  get pieces(): number {
    return Number(bare(this.number) || 1);
  }

  /** What the server says, once nothing waits to be sent. */
  is(number: string): void {
    this.number = number;
    this.show();
  }

  /** At once after reads, before any answer. */
  after(commands: readonly (string | undefined)[]): void {
    this.is(numberAfter(this.number, commands));
  }

  clear(): void {
    if (this.isSet) this.send(["times-1"]);
  }

  /** Keys that may yet be a scan: shown, not sent. */
  typing(strokes: readonly Stroke[]): void {
    const digits = this.digits(strokes) ?? "";
    this.write(bare(numberAfter(this.number, commandsFor(digits))));
  }

  /** Keys of a person: whether they were a number. */
  typed(strokes: readonly Stroke[]): boolean {
    const digits = this.digits(strokes);
    if (!digits) return false;
    // The next Enter is OK, not once more the digit that has the focus.
    if (document.activeElement?.closest(".keys")) panels.focusTitle();
    this.send(commandsFor(digits));
    return true;
  }

  private digits(strokes: readonly Stroke[]): string | null {
    const digits = this.takesKeys ? digitsOf(strokes) : null;
    return panels.openPanel() === MEASURES ? digits : (digits?.replaceAll(".", "") ?? null);
  }

  private get takesKeys(): boolean {
    return KEYPADS.includes(panels.openPanel());
  }

  private key(event: KeyboardEvent): void {
    const field = event.target instanceof HTMLInputElement;
    if (!this.takesKeys || field || event.defaultPrevented) return;
    if (event.key === "Backspace" && this.isSet) {
      this.send(["times-1", ...commandsFor(bare(this.number).slice(0, -1))]);
    }
    const control = (event.target as Element).closest("a, button");
    if (event.key !== "Enter" || control || panels.openPanel() !== "keypad") return;
    // Or it presses what has the focus next.
    event.preventDefault();
    panels.pictures();
  }

  private show(): void {
    const number = bare(this.number);
    let listed = false;
    for (const button of all<HTMLElement>(".quantity[data-number]")) {
      const chosen = button.dataset.number === number;
      listed ||= chosen;
      button.setAttribute("aria-pressed", String(chosen));
    }
    find("#number").textContent = listed ? "" : `× ${pointed(number)}`;
    find("#other-number").classList.toggle("chosen", !listed);
    this.write(number);
  }

  private write(number: string): void {
    for (const output of all(".typed-number")) output.textContent = pointed(number) || "1";
  }
}

/** A number while it is typed, with the reader's own decimal mark. */
function pointed(number: string): string {
  return number.replace(".", written(0.5).charAt(1));
}
