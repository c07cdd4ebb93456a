// Whether the shortcut keys work: on their switch, in the bar while they do not, and aloud when it changes.

import { find } from "./dom";
import type { Words } from "./page";

export function show(on: boolean, words: Words): void {
  find("#shortcuts").setAttribute("aria-checked", String(on));
  find("#shortcuts-state").textContent = words.shortcuts[on ? "on" : "off"];
  find("#shortcuts-off").hidden = on;
  document.body.classList.toggle("no-shortcuts", !on);
}

export function tell(on: boolean, words: Words): void {
  find("#said").textContent = words.shortcuts[on ? "nowOn" : "nowOff"];
}
