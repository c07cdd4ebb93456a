// The pictures: kits to choose, and what goes into each bag with its number.

import { all, find, icon, make } from "../dom";
import { settle } from "./settle";
import type { Batch, Component, Kit, Lot, Picture } from "./values";
import type { Words } from "./words";

/** A photograph where there is one, else the pictogram. */
export function pictureOf(picture: Picture): Element {
  if (!picture.photo) return icon(picture.symbol);
  const image = make("img");
  image.src = picture.photo;
  image.alt = "";
  return image;
}

export class Tiles {
  private drawn = "";
  /** What a touch of each picture reads, and since when. */
  private touches = new Map<string, { code: string; since: number }>();

  constructor(private readonly words: Words) {}

  show(batch: Batch): void {
    const { phase, kits, components } = batch;
    const now = JSON.stringify([this.words.current.code, phase, kits, components]);
    // The same again keeps the focus of whoever is at them.
    if (now === this.drawn) return;
    this.drawn = now;
    const focused = (document.activeElement as HTMLElement | null)?.dataset;
    const parts = find("#parts");
    find("#choose").replaceChildren(...kits.map((kit) => this.kit(kit)));
    parts.replaceChildren(...components.map((one) => this.part(one, phase)));
    parts.style.setProperty("--columns", String(columns(components.length)));
    this.settle();
    if (focused?.item) keepFocus(focused.code ?? "");
  }

  /** A second touch that was meant for what it was before must do nothing. */
  private settle(): void {
    const before = this.touches;
    this.touches = new Map();
    for (const tile of all("#choose button, #parts button")) {
      const { item = "", code = "" } = tile.dataset;
      const known = before.get(item);
      const since = known?.code === code ? known.since : performance.now();
      this.touches.set(item, { code, since });
      settle(tile, since);
    }
  }

  private kit(kit: Kit): HTMLElement {
    const tile = make("button", pictureOf(kit), this.words.name(kit));
    tile.type = "button";
    tile.dataset.code = kit.code;
    if (kit.under_way) tile.append(this.sign("busy", "under-way"));
    else if (!kit.can_be_made) tile.append(this.sign("empty", "not-enough"));
    return item(tile, kit, kit.can_be_made || kit.under_way ? "" : "later");
  }

  private part(part: Component, phase: Batch["phase"]): HTMLElement {
    const checking = phase === "lots";
    const touchable = checking || isNewBox(part);
    const tile = make(touchable ? "button" : "div");
    if (tile instanceof HTMLButtonElement) tile.type = "button";
    if (touchable) tile.dataset.code = checking && part.confirmed ? part.uncheck : part.code;
    if (checking) tile.setAttribute("aria-pressed", String(part.confirmed));
    const count = make("b", String(part.pieces));
    tile.append(pictureOf(part), count, this.words.name(part));
    const lot = touchable ? (part.lots.at(-1) ?? part.proposed) : null;
    if (lot && !part.confirmed) tile.append(this.lot(lot));
    if (part.stopped) tile.append(this.sign("warn", "is-stopped"));
    else if (part.lacks && !part.confirmed) tile.append(this.sign("empty", part.lacks));
    else if (part.confirmed && (checking || !touchable)) tile.append(this.sign("tick", "is-right"));
    return item(tile, part, look(part));
  }

  /** As it is printed on the box. */
  private lot({ lot, expires }: Lot): HTMLElement {
    const written = make("small", make("bdi", lot));
    if (expires) written.append(make("bdi", this.words.date(expires)));
    return written;
  }

  private sign(symbol: string, say: string): HTMLElement {
    const word = make("span", this.words.say(say));
    const sign = make("span", icon(symbol), word);
    sign.className = `sign ${symbol}`;
    return sign;
  }
}

function item(tile: HTMLElement, picture: Picture, look: string): HTMLElement {
  tile.dataset.item = picture.item;
  tile.className = `tile ${look}`.trim();
  return make("li", tile);
}

function look({ stopped, confirmed, lacks }: Component): string {
  if (stopped) return "stopped";
  if (confirmed) return "confirmed";
  return lacks ? "later" : "";
}

/** Whether the books have another box in mind than the one confirmed: it is used up. A stopped part takes none: what
 * was made is to be counted first. */
function isNewBox({ proposed, lots, stopped }: Component): boolean {
  return proposed !== null && !stopped && !lots.some(({ lot }) => lot === proposed.lot);
}

/** Two rows at most, as far as twelve. */
function columns(parts: number): number {
  return parts <= 4 ? Math.max(parts, 1) : Math.min(Math.ceil(parts / 2), 6);
}

/** What had it, if it still means the same, or what is to be touched next. */
function keepFocus(code: string): void {
  const same = document.querySelector<HTMLElement>(`#work button[data-code="${CSS.escape(code)}"]`);
  const next = document.querySelector<HTMLElement>(
    "#parts button:not(.confirmed), #choose button, #parts button",
  );
  (same ?? next ?? find("#one")).focus({ preventScroll: true });
}
