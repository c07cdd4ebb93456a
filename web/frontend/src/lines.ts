// What the person at the counter has in hand: the lines of the current lane, and what came back.

import { all, fill, find, icon, make, written } from "./dom";
import { nameOf, pictureOf } from "./items";
import type { Words } from "./page";
import { type Returned, type Session, totals } from "./session";

export class Lines {
  private shown = "";

  constructor(private readonly words: Words) {}

  show(session: Session): void {
    const now = JSON.stringify([session.lane, session.lanes, session.lines, session.returned]);
    // The same lines again keep the focus of whoever is at them.
    if (now === this.shown) return;
    this.shown = now;
    const mine = totals(session.lines);
    const returned = session.returned ?? [];
    this.rows(mine);
    find("#came-back").replaceChildren(...returned.map((it) => this.cameBack(it)));
    find("#no-lines").hidden = mine.size > 0 || returned.length > 0;
    badges(mine);
  }

  private rows(mine: Map<string, number>): void {
    const list = find("#lines");
    const focused = (document.activeElement as HTMLElement | null)?.dataset.line;
    const before = new Map(
      all<HTMLElement>("#lines [data-line]").map((row) => [row.dataset.line, row.dataset.pieces]),
    );
    list.replaceChildren(...[...mine].map(([item, count]) => this.row(item, count)));
    for (const row of all<HTMLElement>("#lines [data-line]")) {
      if (before.get(row.dataset.line) !== row.dataset.pieces) {
        reveal(row);
      }
      if (row.dataset.line === focused) row.focus({ preventScroll: true });
    }
  }

  private row(item: string, count: number): HTMLElement {
    const name = make("span", nameOf(item));
    name.className = "name";
    const hint = make("small", this.words.touchToCorrect);
    const button = make("button", pictureOf(item), make("span", name, hint));
    button.append(make("b", String(count)));
    button.type = "button";
    button.dataset.line = item;
    button.dataset.pieces = String(count);
    return make("li", button);
  }

  private cameBack(returned: Returned): HTMLElement {
    return make("li", icon("returned"), make("span", sentence(returned, this.words)));
  }
}

/** "The person says: 20 came back", "Bottle 1.5 l came back", "2.5 kg came back". */
export function sentence(returned: Returned, words: Words): string {
  const number = written(returned.measured);
  const container = words.containers[returned.unit] ?? returned.container;
  if (container) {
    return fill(words.returned.container ?? "", {
      container: number === "1" ? container : `${number} × ${container}`,
    });
  }
  const unit = words.units[returned.unit] ?? "";
  const measure = unit ? `${number}\u00a0${unit}` : number;
  return fill(words.returned[returned.method] ?? words.returned.estimated ?? "", { measure });
}

/** Within the list only: on a phone the page stays where it is. */
function reveal(row: HTMLElement): void {
  const list = find(".scroll");
  const [seen, here] = [list.getBoundingClientRect(), row.getBoundingClientRect()];
  if (here.bottom > seen.bottom) list.scrollTop += here.bottom - seen.bottom;
  if (here.top < seen.top) list.scrollTop -= seen.top - here.top;
  if (here.right > seen.right) list.scrollLeft += here.right - seen.right;
  if (here.left < seen.left) list.scrollLeft -= seen.left - here.left;
}

/** On each picture, what the current person has of it. */
function badges(mine: Map<string, number>): void {
  for (const picture of all<HTMLElement>(".picture")) {
    const badge = picture.querySelector<HTMLElement>(".badge");
    const count = mine.get(picture.dataset.item ?? "") ?? 0;
    if (!badge) continue;
    badge.hidden = count === 0;
    badge.textContent = String(count);
  }
}
