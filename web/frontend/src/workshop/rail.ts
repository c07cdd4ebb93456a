// What stays in its place beside everything: languages, the kit, how many are ready.

import { find, icon, make } from "../dom";
import { pictureOf } from "./tiles";
import type { Batch, Language } from "./values";
import type { Words } from "./words";

/** More than these have a page of their own, and the way to it. */
const MOST_IN_THE_RAIL = 4;

export class Rail {
  private drawn = "";

  constructor(private readonly words: Words) {}

  show(batch: Batch): void {
    const { kit, phase, ready } = batch;
    const making = phase === "making";
    find("#kit").hidden = kit === null;
    find("#ready").hidden = !making;
    const number = find("#ready-number");
    if (making && number.textContent !== String(ready)) number.textContent = String(ready);
    const now = JSON.stringify([kit, this.words.current.code]);
    if (now === this.drawn) return;
    this.drawn = now;
    this.languages();
    if (kit === null) return;
    find("#kit-picture").replaceChildren(pictureOf(kit));
    find("#kit-name").replaceChildren(this.words.name(kit));
  }

  private languages(): void {
    const { languages } = this.words;
    const few = languages.length <= MOST_IN_THE_RAIL;
    const here = languages.slice(0, few ? MOST_IN_THE_RAIL : MOST_IN_THE_RAIL - 1);
    const focused = (document.activeElement as HTMLElement | null)?.dataset.language;
    find("#languages").replaceChildren(
      ...here.map((one) => this.button(one)),
      ...(few ? [] : [this.others()]),
    );
    find("#all-languages .choices").replaceChildren(...languages.map((one) => this.button(one)));
    if (focused) find(`#languages [data-language="${focused}"]`).focus();
  }

  private button(language: Language): HTMLElement {
    const button = make("button", language.name);
    button.type = "button";
    button.lang = language.code;
    button.dir = language.direction;
    button.dataset.language = language.code;
    button.setAttribute("aria-pressed", String(language === this.words.current));
    return button;
  }

  private others(): HTMLElement {
    const button = make("button", icon("globe"));
    button.type = "button";
    button.dataset.panel = "all-languages";
    button.setAttribute("aria-label", this.words.say("languages"));
    return button;
  }
}
