// The scanner that types, on a page: any focus, before any field or button sees the keys.

import { LONGEST_GAP_MS, Wedge } from "./wedge";

type Field = HTMLInputElement | HTMLTextAreaElement;

function fieldOf(event: KeyboardEvent): Field | null {
  const target = event.target;
  const field = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  return field ? target : null;
}

/** Call `read` with every code scanned on this page, and take its text out of the field it was typed into. */
export function listen(read: (code: string) => void): void {
  const wedge = new Wedge();
  let field: Field | null = null;
  let before = "";
  let silence = 0;

  const scanned = (code: string | null): boolean => {
    window.clearTimeout(silence);
    if (code === null) return false;
    if (field) field.value = before;
    read(code);
    return true;
  };

  window.addEventListener(
    "keydown",
    (event) => {
      if (event.repeat || event.isComposing) return;
      const key = {
        code: event.code,
        shift: event.shiftKey,
        altGr: event.getModifierState("AltGraph") || (event.altKey && event.ctrlKey),
        ctrl: event.ctrlKey,
        timeMs: event.timeStamp,
      };
      const code = wedge.press(key);
      if (wedge.begins) {
        field = fieldOf(event);
        before = field?.value ?? "";
      }
      // Too fast for a person: no button is pressed and no shortcut taken by what a label says.
      if (scanned(code) || wedge.fast) stop(event);
      window.clearTimeout(silence);
      silence = window.setTimeout(() => scanned(wedge.finish()), LONGEST_GAP_MS);
    },
    { capture: true },
  );
}

function stop(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}
