// A batch of reads to the server: its answer, or the HTTP status that came instead (0: none came).

import { page } from "./page";
import type { Read } from "./queue";
import type { Answer } from "./session";

const ANSWER_WITHIN_MS = 10_000;
/** Whoever hears nothing for so long scans again. */
const SLOW_MS = 2000;

/** `slow` is called where the answer takes too long for somebody at a counter; it may come yet. */
export async function send(reads: Read[], slow: () => void = () => {}): Promise<Answer | number> {
  const timer = window.setTimeout(slow, SLOW_MS);
  try {
    const response = await fetch(page.reads, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": page.csrf },
      body: JSON.stringify({ sent: new Date().toISOString(), reads }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return response.ok ? ((await response.json()) as Answer) : response.status;
  } catch {
    return 0;
  } finally {
    window.clearTimeout(timer);
  }
}
