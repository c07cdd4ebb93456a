// The moments of a session are by the server's clock; the one of this device may be slow or fast.

let aheadMs = 0;

/** What the server's clock shows, just now, in seconds since 1970. */
export function heard(nowS: number | undefined): void {
  if (nowS !== undefined) aheadMs = nowS * 1000 - Date.now();
}

export function nowMs(): number {
  return Date.now() + aheadMs;
}

/** A moment that this device noted, by the server's clock: in whole seconds since 1970. */
export function secondOf(at: string): number {
  return Math.floor((Date.parse(at) + aheadMs) / 1000);
}
