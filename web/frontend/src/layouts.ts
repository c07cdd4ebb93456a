// What a key stands for under the two layouts a scanner may be set to, by KeyboardEvent.code: the key's position.
// Each value: plain, with Shift, with AltGr.

export type Layout = Readonly<Record<string, readonly [string, string, string?]>>;

const letters = (pairs: string): Record<string, readonly [string, string]> =>
  Object.fromEntries(
    pairs.split(" ").map((pair) => {
      const [position = "", letter = ""] = pair.split(":");
      return [`Key${position}`, [letter.toLowerCase(), letter]];
    }),
  );

const keypad: Layout = {
  ...Object.fromEntries([..."0123456789"].map((d) => [`Numpad${d}`, [d, d] as const])),
  NumpadDecimal: [".", "."],
  NumpadSubtract: ["-", "-"],
  NumpadAdd: ["+", "+"],
  NumpadDivide: ["/", "/"],
  NumpadMultiply: ["*", "*"],
  Space: [" ", " "],
};

export const US: Layout = {
  ...keypad,
  ...letters([..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((l) => `${l}:${l}`).join(" ")),
  Digit1: ["1", "!"],
  Digit2: ["2", "@"],
  Digit3: ["3", "#"],
  Digit4: ["4", "$"],
  Digit5: ["5", "%"],
  Digit6: ["6", "^"],
  Digit7: ["7", "&"],
  Digit8: ["8", "*"],
  Digit9: ["9", "("],
  Digit0: ["0", ")"],
  Minus: ["-", "_"],
  Equal: ["=", "+"],
  BracketLeft: ["[", "{"],
  BracketRight: ["]", "}"],
  Backslash: ["\\", "|"],
  Semicolon: [";", ":"],
  Quote: ["'", '"'],
  Backquote: ["`", "~"],
  Comma: [",", "<"],
  Period: [".", ">"],
  Slash: ["/", "?"],
};

export const BELGIAN: Layout = {
  ...keypad,
  ...letters("A:Q Q:A W:Z Z:W B:B C:C D:D E:E F:F G:G H:H I:I J:J K:K L:L N:N O:O P:P R:R"),
  ...letters("S:S T:T U:U V:V X:X Y:Y"),
  Digit1: ["&", "1", "|"],
  Digit2: ["é", "2", "@"],
  Digit3: ['"', "3", "#"],
  Digit4: ["'", "4"],
  Digit5: ["(", "5"],
  Digit6: ["§", "6", "^"],
  Digit7: ["è", "7"],
  Digit8: ["!", "8"],
  Digit9: ["ç", "9", "{"],
  Digit0: ["à", "0", "}"],
  Minus: [")", "°"],
  Equal: ["-", "_"],
  BracketLeft: ["^", "¨", "["],
  BracketRight: ["$", "*", "]"],
  Backslash: ["µ", "£", "`"],
  Semicolon: ["m", "M"],
  Quote: ["ù", "%", "´"],
  Backquote: ["²", "³"],
  IntlBackslash: ["<", ">", "\\"],
  KeyM: [",", "?"],
  Comma: [";", "."],
  Period: [":", "/"],
  Slash: ["=", "+", "~"],
};
