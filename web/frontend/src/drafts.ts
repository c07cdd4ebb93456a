// What was typed of a sheet, kept for this tab until it is recorded: a lost connection or an ended sign-in loses nothing.
const SHEET = "sheet ";

export function draftOf(address: string): string {
  return SHEET + address;
}

export function forgetSheets(except?: string): void {
  for (const key of Object.keys(sessionStorage))
    if (key.startsWith(SHEET) && key !== except) sessionStorage.removeItem(key);
}
