// The scanner that types, on a page: any focus, before any field or button sees the keys.

import { LONGEST_GAP_MS, SURELY_OVER_MS, Wedge } from "./wedge";

type Field = HTMLInputElement | HTMLTextAreaElement;

function fieldOf(event: KeyboardEvent): Field | null {
  const target = event.target;
  const field = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  return field ? target : null;
}

/**
 * Call `read` with every code scanned on this page, and take its text out of the field it was typed into.
 * Call `typed` with a character typed alone and outside any field, once it is sure that no scan follows.
 */
export function listen(
  read: (code: string) => void,
  typed: (character: string) => void = () => {},
): void {
  const wedge = new Wedge();
  let characters: string[] = [];
  let field: Field | null = null;
  let before = "";
  let silence = 0;

  const accept = (code: string): void => {
    characters = [];
    if (field) field.value = before;
    read(code);
  };

  const quiet = (): void => {
    if (wedge.whole) silent();
    else if (wedge.fast) silence = window.setTimeout(silent, SURELY_OVER_MS - LONGEST_GAP_MS);
    else person();
  };

  const silent = (): void => {
    const code = wedge.finish();
    characters = [];
    if (code !== null) accept(code);
  };

  // The wedge keeps its keys: the rest of a scan may be late, and its time stamps tell.
  const person = (): void => {
    const [alone, ...more] = field ? [] : characters;
    characters = [];
    if (alone !== undefined && more.length === 0) typed(alone);
  };

  window.addEventListener(
    "keydown",
    (event) => {
      if (event.repeat || event.isComposing) return;
      const code = wedge.press({
        code: event.code,
        shift: event.shiftKey,
        altGr: event.getModifierState("AltGraph") || (event.altKey && event.ctrlKey),
        ctrl: event.ctrlKey,
        timeMs: event.timeStamp,
      });
      if (wedge.begins) {
        field = fieldOf(event);
        before = field?.value ?? "";
        characters = [];
      }
      if (isCharacter(event)) {
        characters.push(event.key);
        // Or the browser takes the first keys of a scan for its own, such as "'" to find in the page.
        if (!field) event.preventDefault();
      }
      if (code !== null) accept(code);
      // Too fast for a person: no button is pressed and no shortcut taken by what a label says.
      if (code !== null || wedge.fast) stop(event);
      window.clearTimeout(silence);
      silence = window.setTimeout(quiet, LONGEST_GAP_MS);
    },
    { capture: true },
  );
}

function isCharacter(event: KeyboardEvent): boolean {
  const modified = event.ctrlKey || event.altKey || event.metaKey;
  return event.key.length === 1 && event.key !== " " && !modified;
}

function stop(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}
