// Light, dark or as the device has it, remembered in this browser; static/first.js sets it before anything is drawn.

import { press } from "./dom";

export type Theme = "light" | "dark" | "auto";
const THEME = "theme";

export function theme(): Theme {
  const chosen = localStorage.getItem(THEME);
  return chosen === "light" || chosen === "dark" ? chosen : "auto";
}

export function choose(chosen: Theme): void {
  if (chosen === "auto") localStorage.removeItem(THEME);
  else localStorage.setItem(THEME, chosen);
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  for (const name of ["light", "dark", "auto"])
    press(`[data-theme-choice=${name}]`, name === chosen);
}
