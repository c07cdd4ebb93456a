// One touch makes the screen black. What is read meanwhile is recorded and not shown; a reload stays black.

import { all, find } from "./dom";

const HIDDEN = "hidden";
let back: HTMLElement | null = null;

export function isHidden(): boolean {
  return !find("#dark").hidden;
}

export function hide(hidden: boolean): void {
  if (hidden && !isHidden()) back = document.activeElement as HTMLElement | null;
  find("#dark").hidden = !hidden;
  // Neither keys nor screen readers reach what is under it.
  for (const part of all<HTMLElement>("body > header, body > main, #training")) part.inert = hidden;
  if (hidden) sessionStorage.setItem(HIDDEN, "yes");
  else sessionStorage.removeItem(HIDDEN);
  document.documentElement.toggleAttribute("data-hidden", hidden);
  if (hidden) find("#show-again").focus();
  else back?.focus({ preventScroll: true });
}

export function hiddenBefore(): boolean {
  return sessionStorage.getItem(HIDDEN) === "yes";
}
