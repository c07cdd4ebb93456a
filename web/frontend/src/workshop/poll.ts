// The batch, asked for once a second: other tables change it too. What did not change costs a line.

import type { Batch } from "./values";

const ASK_EVERY_MS = 1000;
const ANSWER_WITHIN_MS = 5000;

export interface Asking {
  /** Whether an answer would be of an earlier moment than what the page shows. */
  busy(): boolean;
  batch(batch: Batch): void;
  status(status: number): void;
}

export class Poll {
  private tag = "";
  private timer = 0;
  private wanted = false;
  /** Rises with everything that makes an answer under way an old one. */
  private turn = 0;

  constructor(
    private readonly address: string,
    private readonly asking: Asking,
  ) {}

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    void this.ask();
  }

  stop(): void {
    this.wanted = false;
    window.clearTimeout(this.timer);
  }

  /** What was asked before is of no use: something is known that came after it. */
  outdate(): void {
    this.turn += 1;
    this.tag = "";
  }

  private async ask(): Promise<void> {
    const turn = this.turn;
    try {
      const response = await fetch(this.address, {
        headers: this.tag ? { "If-None-Match": this.tag } : {},
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const batch = response.status === 200 ? ((await response.json()) as Batch) : null;
      if (turn === this.turn && !this.asking.busy()) this.answered(response, batch);
    } catch {
      this.asking.status(0);
    }
    if (this.wanted) this.timer = window.setTimeout(() => void this.ask(), ASK_EVERY_MS);
  }

  private answered(response: Response, batch: Batch | null): void {
    this.asking.status(response.status);
    if (batch === null) return;
    this.tag = response.headers.get("ETag") ?? "";
    this.asking.batch(batch);
  }
}
