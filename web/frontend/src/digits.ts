// Numbers made of digits, and the command codes that make them.

/** A key pressed by a person. */
export interface Stroke {
  key: string;
  code: string;
  /** Whether it types something. */
  character: boolean;
}

/** Begins a number that a "× n" gave at once: a digit after it begins another. */
const TIMES = "×";
const MOST_DIGITS = 7;

/** The digits of some keys by their position, so that no layout and no Shift matters; null where something else is. */
export function digitsOf(strokes: readonly Stroke[]): string | null {
  const digits = strokes.map(({ key, code }) => {
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
    return digit ?? (code === "NumpadDecimal" || key === "." || key === "," ? "." : null);
  });
  return digits.includes(null) ? null : digits.join("");
}

/** The names of the commands that type a number. */
export function commandsFor(digits: string): string[] {
  return [...digits].map((digit) => (digit === "." ? "point" : `digit-${digit}`));
}

/** What the number for the next thing is after some reads; a read without a name is no command and uses it up. */
export function numberAfter(number: string, commands: readonly (string | undefined)[]): string {
  return commands.reduce<string>((before, name = "") => {
    const times = /^times-(\d+)$/.exec(name)?.[1];
    if (times) return times === "1" ? "" : TIMES + times;
    const digit = name === "point" ? "." : /^digit-(\d)$/.exec(name)?.[1];
    if (!digit) return "";
    const typed = (before.startsWith(TIMES) ? "" : before) + digit;
    // Refused there too.
    return typed.length > MOST_DIGITS || typed.split(".").length > 2 ? "" : typed;
  }, number);
}

/** A number as it is shown. */
export function bare(number: string): string {
  return number.replace(TIMES, "");
}
