// The scanner that types, on a page: any focus, before any field or button sees the keys.

import type { Stroke } from "./digits";
import { LONGEST_GAP_MS, SURELY_OVER_MS, Wedge } from "./wedge";

type Field = HTMLInputElement | HTMLTextAreaElement;
type Typed = (strokes: readonly Stroke[]) => void;

function fieldOf(event: KeyboardEvent): Field | null {
  const target = event.target;
  const field = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  return field ? target : null;
}

/**
 * Call `read` with every code scanned on this page, and take its text out of the field it was typed into.
 * Call `typed` with what a person typed outside any field, once it is sure that it is no scan; and `typing` with what
 * may yet be one, key by key.
 */
export function listen(
  read: (code: string) => void,
  typed: Typed = () => {},
  typing: Typed = () => {},
): void {
  const wedge = new Wedge();
  /** Those not told yet, of the keys that the wedge holds; and how many were told. */
  let strokes: Stroke[] = [];
  let told = 0;
  let field: Field | null = null;
  /** What stood in the field before each key that the wedge holds. */
  let before: string[] = [];
  let silence = 0;

  const accept = (code: string): void => {
    if (field) field.value = before[wedge.before] ?? "";
    person(strokes.slice(0, Math.max(0, wedge.before - told)));
    read(code);
  };

  const quiet = (): void => {
    if (wedge.whole) silent();
    else if (wedge.fast) silence = window.setTimeout(silent, SURELY_OVER_MS - LONGEST_GAP_MS);
    else person(strokes);
  };

  const silent = (): void => {
    const code = wedge.finish();
    if (code !== null) accept(code);
    else person([]);
  };

  /** Those that type something, on the page itself. */
  const ofPages = (own: readonly Stroke[]): Stroke[] =>
    field ? [] : own.filter((stroke) => stroke.character);

  // The wedge keeps its keys: the rest of a scan may be late, and its time stamps tell.
  const person = (own: readonly Stroke[]): void => {
    const characters = ofPages(own);
    told += strokes.length;
    strokes = [];
    typing([]);
    if (characters.length > 0) typed(characters);
  };

  const keep = (event: KeyboardEvent): void => {
    const stroke = { key: event.key, code: event.code, character: isCharacter(event) };
    strokes.push(stroke);
    before.push(field?.value ?? "");
    // Or the browser takes the first keys of a scan for its own, such as "'" to find in the page.
    if (stroke.character && !field) event.preventDefault();
    typing(wedge.fast ? [] : ofPages(strokes));
  };

  window.addEventListener(
    "keydown",
    (event) => {
      if (event.repeat || event.isComposing) return;
      const fast = wedge.fast;
      const altGr = event.getModifierState("AltGraph") || (event.altKey && event.ctrlKey);
      const code = wedge.press({
        code: event.code,
        shift: event.shiftKey,
        altGr,
        ctrl: event.ctrlKey,
        alt: event.altKey && !altGr,
        caps: event.getModifierState("CapsLock"),
        timeMs: event.timeStamp,
      });
      if (wedge.begins) {
        // What came so long before is no part of this, however late the page learns of it.
        person(fast ? [] : strokes);
        field = fieldOf(event);
        before = [];
        told = 0;
      }
      if (wedge.holds > told + strokes.length) keep(event);
      if (code !== null) accept(code);
      else if (wedge.holds === 0) person(fast ? [] : strokes);
      // Too fast for a person: no button is pressed and no shortcut taken by what a label says.
      if (code !== null || wedge.fast || wedge.spoilt) stop(event);
      window.clearTimeout(silence);
      silence = window.setTimeout(quiet, LONGEST_GAP_MS);
    },
    { capture: true },
  );
  // A finger on a picture, sooner than the silence: the number typed for it goes first.
  window.addEventListener("pointerdown", () => wedge.fast || person(strokes), { capture: true });
}

function isCharacter(event: KeyboardEvent): boolean {
  const modified = event.ctrlKey || event.altKey || event.metaKey;
  return event.key.length === 1 && event.key !== " " && !modified;
}

function stop(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}
