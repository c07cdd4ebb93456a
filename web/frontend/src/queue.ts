// Reads on their way to the server. A read is stored before it is sent, sent under the same id until it is answered,
// and then forgotten: nothing is lost when the network or the page goes away, nothing is counted twice.

import type { Answer } from "./session";
import { passing, type Trouble, troubleOf } from "./trouble";

export interface Read {
  id: string;
  code: string;
  at: string;
}

/** What happens to a batch: its answer, or the HTTP status that came instead (0: none came). */
export type Send = (reads: Read[]) => Promise<Answer | number>;

export interface Store {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const MOST_IN_A_BATCH = 100;
const RETRY_MS = [500, 1000, 2000, 5000];

export class Queue {
  private running = false;
  private failures = 0;
  private retrying = false;
  private trouble: Trouble = "";
  /** One key per read, and a part of it per page: two tabs at one station never overwrite each other's. */
  private readonly mine = uuid4();
  private readonly prefix: string;

  constructor(
    station: string,
    private readonly store: Store,
    private readonly send: Send,
    private readonly tell: (answer: Answer | null, kept: number, trouble: Trouble) => void,
    private readonly later: (work: () => void, delayMs: number) => void = (work, delayMs) => {
      setTimeout(work, delayMs);
    },
  ) {
    this.prefix = `read/${station}/`;
  }

  /** Reads not yet answered, in the order they were made. */
  waiting(): [string, Read][] {
    const keys: string[] = [];
    for (let i = 0; i < this.store.length; i++) {
      const key = this.store.key(i);
      if (key?.startsWith(this.prefix)) keys.push(key);
    }
    return keys.sort().map((key) => [key, JSON.parse(this.store.getItem(key) ?? "null") as Read]);
  }

  /** Record codes that belong together: durable when this returns the ids of their reads. */
  add(codes: readonly string[], now = new Date()): string[] {
    const at = now.toISOString();
    const reads = codes.map((code) => ({ id: uuid4(), code, at }));
    // Browsers keep the names of erased keys for a while: they hold a place in a short row, no time and no id.
    const last = this.waiting().at(-1)?.[0].slice(this.prefix.length) ?? "";
    let place = last ? Number.parseInt(last, 10) + 1 : 0;
    for (const read of reads) {
      const key = `${this.prefix}${String(place).padStart(9, "0")}/${this.mine}`;
      this.store.setItem(key, JSON.stringify(read));
      place += 1;
    }
    void this.run();
    return reads.map((read) => read.id);
  }

  /** Send what waits, one batch after the other, until nothing waits or something is in the way. */
  async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      let batch = this.waiting().slice(0, MOST_IN_A_BATCH);
      // Another page of this station has sent them meanwhile.
      if (batch.length === 0) this.over();
      while (batch.length > 0) {
        const reply = await this.send(batch.map(([, read]) => read));
        if (typeof reply === "number") {
          this.wait(reply);
          return;
        }
        for (const [key] of batch) this.store.removeItem(key);
        this.failures = 0;
        this.trouble = "";
        batch = this.waiting().slice(0, MOST_IN_A_BATCH);
        this.tell(reply, batch.length, "");
      }
    } finally {
      this.running = false;
    }
  }

  private over(): void {
    if (this.trouble !== "") this.tell(null, 0, "");
    this.trouble = "";
  }

  private wait(status: number): void {
    const kept = this.waiting().length;
    this.trouble = troubleOf(status);
    this.tell(null, kept, this.trouble);
    if (passing(this.trouble) === "") return;
    const delayMs = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] ?? 5000;
    this.failures += 1;
    if (this.retrying) return;
    this.retrying = true;
    this.later(() => {
      this.retrying = false;
      void this.run();
    }, delayMs);
  }
}

/** A UUID of version 4; `crypto.randomUUID` exists only on https and localhost. */
export function uuid4(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
