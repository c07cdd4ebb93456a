// The sentences of the screen in the language chosen in this browser: one touch, and nothing else knows of it.

import { all, together } from "../dom";
import type { Language, Params, Picture } from "./values";

const CHOSEN = "workshop-language";
const OWN_FONTS = '"Atkinson Hyperlegible", "Noto Sans Arabic", system-ui, sans-serif';
/** In what language an item is named where it has no name in the chosen one. */
const NAMED_IN = "fr";

export class Words {
  current: Language;

  constructor(
    readonly languages: readonly Language[],
    suggested: string,
    private readonly store: Storage,
  ) {
    const [first] = languages;
    if (!first) throw new Error("the workshop has no language");
    const chosen = store.getItem(CHOSEN) ?? suggested;
    this.current = languages.find(({ code }) => code === chosen) ?? first;
  }

  choose(code: string): void {
    this.current = this.languages.find((one) => one.code === code) ?? this.current;
    this.store.setItem(CHOSEN, this.current.code);
    this.apply();
  }

  /** A sentence, its numbers kept from being turned round where one reads from right to left. */
  say(key: string, params: Params = {}): string {
    const sentence = this.current.words[key] ?? "";
    return sentence.replace(/\{(\w+)\}/g, (_, name: string) => `\u2068${params[name] ?? ""}\u2069`);
  }

  /** An item's name, in its own direction whatever the screen's. */
  name(picture: Picture): HTMLElement {
    const name = document.createElement("bdi");
    const { code } = this.current;
    name.lang = code in picture.names ? code : NAMED_IN;
    name.textContent = together(picture.names[name.lang] ?? picture.item);
    return name;
  }

  /** "2027-02-28" as 28/02/2027: figures that labels bear too. */
  date(iso: string): string {
    return iso.split("-").reverse().join("/");
  }

  /** Into everything on the page that names a sentence. */
  apply(): void {
    const { code, direction, font } = this.current;
    document.documentElement.lang = code;
    document.documentElement.dir = direction;
    document.body.style.fontFamily = font ? `"${font}", ${OWN_FONTS}` : OWN_FONTS;
    for (const element of all("[data-say]"))
      element.textContent = this.say(element.dataset.say ?? "");
    for (const element of all("[data-name]")) {
      element.setAttribute("aria-label", this.say(element.dataset.name ?? ""));
    }
  }
}
