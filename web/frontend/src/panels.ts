// What opens in place of the pictures. Nothing is ever in front of the page: a scan works in every panel.

import { all, find } from "./dom";

const PICTURES = "pictures";
let opener: HTMLElement | null = null;
/** How far a phone's page was scrolled: it goes back there. */
let scrolled = 0;

export function openPanel(): string {
  return document.body.dataset.open ?? PICTURES;
}

/** One panel in place of the pictures, or the pictures again. */
export function show(name: string, from: HTMLElement | null = null): void {
  const before = openPanel();
  for (const panel of all(".choose > .panel")) panel.hidden = panel.id !== name;
  for (const button of all(".open-panel")) {
    button.setAttribute("aria-expanded", String(button.dataset.panel === name));
  }
  document.body.dataset.open = name;
  if (name === before) return;
  if (name === PICTURES) {
    focusAgain();
    window.scrollTo({ top: scrolled, behavior: "instant" });
    return;
  }
  if (before === PICTURES) scrolled = window.scrollY;
  // Out of a panel: that one's own button is the way back.
  if (!from?.closest(".panel") || !opener) {
    opener = from ?? document.querySelector<HTMLElement>(`.open-panel[data-panel="${name}"]`);
  }
  focusTitle();
  find(`#${name}`).scrollTop = 0;
  // Only a phone's page scrolls: what was opened may be below its edge.
  find(`#${name}`).scrollIntoView({ block: "start", behavior: "instant" });
}

export function focusTitle(): void {
  find(`#${openPanel()} h2`).focus({ preventScroll: true });
}

export function pictures(): void {
  show(PICTURES);
}

function focusAgain(): void {
  // The panel that had the focus is gone: the keyboard goes on where it was opened, or at the pictures.
  const at = document.activeElement;
  if (at && at !== document.body && !at.closest(".panel[hidden]")) return;
  const back = opener?.closest("[hidden]") ? null : opener;
  (back ?? find(`#${PICTURES} h2`)).focus({ preventScroll: true });
  opener = null;
}
