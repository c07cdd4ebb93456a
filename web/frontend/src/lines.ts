// What the person at the counter has in hand: the lines of the current lane, and what came back.

import { all, fill, find, icon, make, written } from "./dom";
import { nameOf, pictureOf } from "./items";
import type { Words } from "./page";
import { type Line, type Returned, type Session, totals, type Waiting } from "./session";

export class Lines {
  private shown = "";
  /** Lines are corrected where things are handed out. */
  private corrects = true;

  constructor(private readonly words: Words) {}

  show(session: Session): void {
    const { lane, lanes, lines, returned = [], brought_back: unopened = [], waiting } = session;
    const now = JSON.stringify([session.mode, lane, lanes, lines, returned, unopened, waiting]);
    // The same lines again keep the focus of whoever is at them.
    if (now === this.shown) return;
    this.shown = now;
    this.corrects = session.mode === "hand-out";
    const kept = waiting ? this.kept(waiting) : [];
    this.rows(lines);
    const back = [...returned.map((it) => this.cameBack(it)), ...this.unopened(unopened), ...kept];
    const more = back.length > find("#came-back").childElementCount;
    find("#came-back").replaceChildren(...back);
    if (more) reveal(back.at(-1));
    find("#no-lines").hidden = lines.length + back.length > 0;
    badges(totals(lines.filter((line) => !line.code)));
  }

  private rows(lines: readonly Line[]): void {
    const list = find("#lines");
    const focused = (document.activeElement as HTMLElement | null)?.dataset.line;
    const before = new Map(
      all<HTMLElement>("#lines [data-line]").map((row) => [row.dataset.line, row.dataset.pieces]),
    );
    const waiting = new Set(lines.filter((line) => line.waiting).map(({ item }) => item));
    const codes = new Set(lines.filter((line) => line.code).map(({ item }) => item));
    const rows = [...totals(lines)].map(([item, count]) => {
      const row = codes.has(item) ? this.code(item, count) : this.row(item, count);
      return waiting.has(item) ? this.waits(row) : row;
    });
    list.replaceChildren(...rows);
    for (const row of all<HTMLElement>("#lines [data-line]")) {
      if (before.get(row.dataset.line) !== row.dataset.pieces) {
        reveal(row);
      }
      if (row.dataset.line === focused) row.focus({ preventScroll: true });
    }
    const gone = focused !== undefined && !list.contains(document.activeElement);
    if (gone) find("#lanes [aria-pressed=true]").focus({ preventScroll: true });
  }

  private row(item: string, count: number): HTMLElement {
    const name = make("span", nameOf(item));
    name.className = "name";
    if (!this.corrects) {
      const row = make("div", pictureOf(item), name, make("b", String(count)));
      row.dataset.line = item;
      row.dataset.pieces = String(count);
      return make("li", row);
    }
    const hint = make("small", this.words.touchToCorrect);
    hint.ariaHidden = "true";
    // The pen stands on every line, the words on the first: each can be touched.
    const number = make("span", icon("edit"), make("b", String(count)));
    number.className = "number";
    const button = make("button", pictureOf(item), make("span", name, hint), number);
    button.setAttribute("aria-describedby", "line-hint");
    button.type = "button";
    button.dataset.line = item;
    button.dataset.pieces = String(count);
    return make("li", button);
  }

  /** Only the server knows what it is; it may be a pack of many. */
  private code(code: string, count: number): HTMLElement {
    const name = make("span", fill(this.words.code, { code }));
    name.className = "name";
    const row = make("div", icon("scan"), make("span", name), make("b", `× ${count}`));
    return make("li", row);
  }

  /** Marked in words and by a sign: it is not recorded yet. */
  private waits(row: HTMLElement): HTMLElement {
    row.className = "kept";
    row.querySelector("small")?.remove();
    const word = make("em", icon("waiting"), this.words.waiting);
    row.querySelector("span")?.append(word);
    return row;
  }

  private cameBack(returned: Returned): HTMLElement {
    const row = make("li", icon("returned"), make("span", sentence(returned, this.words)));
    return returned.waiting ? this.waits(row) : row;
  }

  /** Handed out all the same, and to be looked at before anybody else gets it. */
  private unopened(lines: readonly Line[]): HTMLElement[] {
    return [...totals(lines)].map(([item, count]) => {
      const [first, ...more] = lines.filter((line) => line.item === item);
      const article = first?.code ? fill(this.words.code, { code: item }) : nameOf(item);
      const words = fill(this.words.unopened, { count, article }).replace(" × ", "\u00a0×\u00a0");
      const row = make("li", icon("unopened"), make("span", words));
      return [first, ...more].some((line) => line?.waiting) ? this.waits(row) : row;
    });
  }

  /** What is kept here and cannot be shown as what it will be. */
  private kept({ undos, beyond }: Waiting): HTMLElement[] {
    const rows = [];
    if (undos) rows.push(make("li", icon("undo"), make("span", this.words.undoWaits)));
    const more = fill(this.words.more[beyond === 1 ? "one" : "more"], { count: beyond });
    if (beyond) rows.push(make("li", icon("waiting"), make("span", more)));
    for (const row of rows) row.className = "kept";
    return rows;
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
function reveal(row: HTMLElement | undefined): void {
  if (!row) return;
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
