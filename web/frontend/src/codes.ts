// What makes a string of characters a plausible code. The server is the judge; this only chooses between readings
// of the same keystrokes.

export const GS = "\x1d";
/** An AIM identifier that announces a GS1 element string. */
export const ANNOUNCED = /^\][CdQeJ]\d/;

/** Two check digits of an in-house code (ISO/IEC 7064 MOD 97-10). */
export function isHouseCode(text: string): boolean {
  if (!/^\d{10}$/.test(text)) return false;
  const check = 98 - ((Number(text.slice(0, 8)) * 100) % 97);
  return text.slice(8) === String(check).padStart(2, "0");
}

/** The code of a badge: never stored, so it is sent at once or not at all. */
export function isBadge(text: string): boolean {
  return text.startsWith("15") && isHouseCode(text);
}

/** The code of a command, which may be a part of what is being said. */
export function isCommand(text: string): boolean {
  return text.startsWith("14") && isHouseCode(text);
}

/** GTIN-8, -12, -13 or -14: the weights 3 and 1 alternate from the right. */
export function isGtin(text: string): boolean {
  if (!/^(\d{8}|\d{12,14})$/.test(text)) return false;
  let sum = 0;
  for (let i = 1; i <= text.length; i++) {
    const digit = Number(text[text.length - i]);
    sum += i % 2 === 0 ? digit * 3 : digit;
  }
  return sum % 10 === 0;
}

/** A text without what separates its fields: GS, or the brackets of the form that is printed below a code. */
export function unseparated(text: string): string {
  const data = text.replaceAll(GS, "");
  return data.startsWith("(") ? data.replace(/\((\d{2,4})\)/g, "$1") : data;
}

/** A GS1 element string: perhaps an AIM identifier, then (01) and a right GTIN; or a date, a lot or a count first. */
export function isElementString(text: string): boolean {
  const data = unseparated(text.replace(ANNOUNCED, ""));
  if (!/^[!"%-?A-Z_a-z]+$/.test(data)) return false;
  if (data.startsWith("01") && data.length >= 16) return isGtin(data.slice(2, 16));
  return /^(17|11|15)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])/.test(data) || /^(10|30)./.test(data);
}

/** How much a text looks like a code that is printed on something: 2 checked, 1 possible, 0 not. */
export function plausibility(text: string): number {
  const bare = unseparated(text.replace(/^\][A-Za-z]\d/, ""));
  if (isHouseCode(bare) || isGtin(bare)) return 2;
  if (isElementString(text)) return bare.startsWith("01") ? 2 : 1;
  return 0;
}
