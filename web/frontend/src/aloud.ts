// What happens at the station's own scanner and gets no answer of the server is said through this page.

import type { Status } from "./live";

type Counts = Pick<Status, "kept" | "dropped">;

export interface Voice {
  dropped(): void;
  kept(count: number): void;
}

export class Aloud {
  private before: Counts | null = null;

  constructor(private readonly voice: Voice) {}

  /** The station's counts, as the server has them or, while the server is away, as the station itself says. */
  hear(now: Counts, away: boolean): void {
    const before = this.before ?? now;
    this.before = now;
    if (now.dropped > before.dropped) this.voice.dropped();
    else if (away && now.kept > before.kept) this.voice.kept(now.kept);
  }
}
