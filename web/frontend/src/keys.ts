// The keyboard alone: arrows within a grid of buttons, and shortcuts that no scanner sends.

const GRIDS =
  ".shelves, .families, .quantities, .keys, .measures, .said, .containers, .row, .below, #lines";

interface Box {
  x: number;
  y: number;
}

/** The button an arrow leads to: the next one in the row, or the nearest of the row above or below. */
export function neighbour(boxes: readonly Box[], from: number, key: string): number {
  if (key === "ArrowRight") return Math.min(from + 1, boxes.length - 1);
  if (key === "ArrowLeft") return Math.max(from - 1, 0);
  const here = boxes[from];
  if (!here || (key !== "ArrowDown" && key !== "ArrowUp")) return from;
  const way = key === "ArrowDown" ? 1 : -1;
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  boxes.forEach((box, index) => {
    const down = (box.y - here.y) * way;
    // Rows first, then columns: a row is always nearer than the one behind it.
    const distance = down * 100 + Math.abs(box.x - here.x);
    if (down > 1 && distance < least) [best, least] = [index, distance];
  });
  return best;
}

const MIRRORED: Record<string, string> = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" };

function rtl(element: Element): boolean {
  return getComputedStyle(element).direction === "rtl";
}

export function arrows(): void {
  document.addEventListener("keydown", (event) => {
    if (!event.key.startsWith("Arrow") || event.target instanceof HTMLInputElement) return;
    const button = (event.target as Element).closest<HTMLElement>("button");
    const grid = button?.closest(GRIDS);
    if (!button || !grid) return;
    // Where one reads from right to left, the next one is on the left.
    const key = rtl(grid) ? (MIRRORED[event.key] ?? event.key) : event.key;
    const buttons = [...grid.querySelectorAll<HTMLElement>("button")];
    const boxes = buttons.map((it) => it.getBoundingClientRect());
    event.preventDefault();
    buttons[neighbour(boxes, buttons.indexOf(button), key)]?.focus();
  });
}

const OFF = "shortcuts";

/** Keys that people may turn off; a character alone acts only when no scan follows it. */
export class Shortcuts {
  constructor(
    private readonly acts: Record<string, () => void>,
    private readonly store: Storage,
  ) {
    document.addEventListener("keydown", (event) => {
      if (event.key.length > 1 && this.act(event.key)) event.preventDefault();
    });
  }

  get on(): boolean {
    return this.store.getItem(OFF) !== "off";
  }

  set on(on: boolean) {
    this.store.setItem(OFF, on ? "on" : "off");
  }

  /** Whether something was bound to the key. */
  act(key: string): boolean {
    const act = this.on ? this.acts[key] : undefined;
    act?.();
    return act !== undefined;
  }
}
