// The number for what comes next: "× 5", or any other from the keypad.

import { all, find } from "./dom";

export function show(number: string): void {
  let listed = false;
  for (const button of all<HTMLElement>(".quantity[data-number]")) {
    const chosen = button.dataset.number === number;
    listed ||= chosen;
    button.setAttribute("aria-pressed", String(chosen));
  }
  find("#number").textContent = listed ? "" : `× ${number}`;
  find("#other-number").classList.toggle("chosen", !listed);
  for (const output of all(".typed-number")) output.textContent = number || "1";
  document.body.classList.toggle("has-number", number !== "");
}
