// What a key stands for under the layouts a scanner may be set to, by KeyboardEvent.code: the key's position.
// The tables of devices/keymaps.py: tests/cases/layouts.json holds both to the same.

/** Plain, with Shift, with AltGr; empty where there is nothing. */
export type Levels = readonly [string, string, string];
export type Layout = Readonly<Record<string, Levels>>;

const ROWS = [
  "Backquote Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal",
  "KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight",
  "KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote Backslash",
  "IntlBackslash KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash",
];
const KEYS = ROWS.join(" ").split(" ");

// The decimal key is left out: it is a point on one layout and a comma on the next.
const KEYPAD: Record<string, string> = {
  ...Object.fromEntries([..."0123456789"].map((digit) => [`Numpad${digit}`, digit])),
  NumpadSubtract: "-",
  NumpadAdd: "+",
  NumpadDivide: "/",
  NumpadMultiply: "*",
  Space: " ",
};

/** A layout from its rows of keys, with blanks between; a blank within a row is "\0". */
function layout(plain: string, shifted: string, altGr: Record<string, string> = {}): Layout {
  const characters = [...plain.replaceAll(" ", "")];
  const capitals = [...shifted.replaceAll(" ", "")];
  const sign = (character = "\0"): string => (character === "\0" ? "" : character);
  return {
    ...Object.fromEntries(Object.entries(KEYPAD).map(([code, c]) => [code, [c, c, c] as const])),
    ...Object.fromEntries(
      KEYS.map((code, i) => [
        code,
        [sign(characters[i]), sign(capitals[i]), altGr[code] ?? ""] as const,
      ]),
    ),
  };
}

export const US = layout(
  "`1234567890-= qwertyuiop[] asdfghjkl;'\\ \0zxcvbnm,./",
  '~!@#$%^&*()_+ QWERTYUIOP{} ASDFGHJKL:"| \0ZXCVBNM<>?',
);

export const BELGIAN = layout(
  "²&é\"'(§è!çà)- azertyuiop^$ qsdfghjklmùµ <wxcvbn,;:=",
  "³1234567890°_ AZERTYUIOP¨* QSDFGHJKLM%£ >WXCVBN?./+",
  {
    Digit1: "|",
    Digit2: "@",
    Digit3: "#",
    Digit6: "^",
    Digit9: "{",
    Digit0: "}",
    KeyE: "€",
    BracketLeft: "[",
    BracketRight: "]",
    Quote: "´",
    Backslash: "`",
    IntlBackslash: "\\",
    Slash: "~",
  },
);

export const FRENCH = layout(
  "²&é\"'(-è_çà)= azertyuiop^$ qsdfghjklmù* <wxcvbn,;:!",
  "\x001234567890°+ AZERTYUIOP¨£ QSDFGHJKLM%µ >WXCVBN?./§",
  {
    Digit2: "~",
    Digit3: "#",
    Digit4: "{",
    Digit5: "[",
    Digit6: "|",
    Digit7: "`",
    Digit8: "\\",
    Digit9: "^",
    Digit0: "@",
    Minus: "]",
    Equal: "}",
    KeyE: "€",
    BracketRight: "¤",
  },
);

export const LAYOUTS: readonly Layout[] = [US, BELGIAN, FRENCH];
