// What happens at the station besides this page: its own scanner's reads, other pages, the state of its devices.
// A stream while the server has one to give; beyond that, a question a second.

import type { Result, Session } from "./session";
import { type Passing, passing, troubleOf } from "./trouble";

export interface Status {
  station: "here" | "away" | "none";
  /** `why` is only there where one is lost and its station knows. */
  scanners: { name: string; state: "ready" | "lost"; why?: string }[];
  printer: { state: string } | null;
  kept: number;
  dropped: number;
  port: number | null;
}

export interface Heard {
  session(session: Session): void;
  read(result: Result): void;
  status(status: Status): void;
  /** Whether events come or questions are answered, and if not, why. */
  connected(trouble: Passing): void;
  signedOut(): void;
}

/** The answer to the question asked once a second; `n` rises with every read of the station. */
interface Now {
  session: Session;
  status?: Status;
  last?: (Result & { n: number }) | null;
}

export interface Addresses {
  live: string;
  session: string;
}

/** An answer that is none, by its HTTP status. */
export class Refused extends Error {
  constructor(readonly status: number) {
    super(String(status));
  }
}

/** The browser's own, except in tests. */
export interface Tools {
  stream(address: string): EventSource | null;
  ask(address: string): Promise<unknown>;
  later(work: () => void, delayMs: number): void;
}

const ASK_EVERY_MS = 1000;
/** So many questions before a stream is tried again. */
const ASK_TIMES = 30;
const MOST_REMEMBERED = 500;

export class Live {
  private source: EventSource | null = null;
  private readonly mine = new Set<string>();
  private asked = 0;
  private asking = false;
  private known: number | null = null;
  private wanted = false;

  constructor(
    private readonly addresses: Addresses,
    private readonly heard: Heard,
    private readonly tools: Tools = browser,
  ) {}

  /** Reads this page made itself: their answers are shown already. */
  own(ids: readonly string[]): void {
    for (const id of ids) this.mine.add(id);
    for (const id of this.mine) {
      if (this.mine.size <= MOST_REMEMBERED) break;
      this.mine.delete(id);
    }
  }

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.listen();
  }

  stop(): void {
    this.wanted = false;
    this.close();
  }

  /** The stream is no longer for this browser: ask, until it is let in again. */
  shut(): void {
    if (!this.source) return;
    this.close();
    this.heard.signedOut();
    this.askOften();
  }

  private close(): void {
    this.source?.close();
    this.source = null;
  }

  private listen(): void {
    if (!this.wanted || this.source) return;
    const source = this.tools.stream(this.addresses.live);
    this.source = source;
    if (source) this.follow(source);
    else this.askOften();
  }

  private follow(source: EventSource): void {
    source.addEventListener("open", () => this.heard.connected(""));
    source.addEventListener("session", (event) => {
      this.heard.session((JSON.parse(event.data) as { session: Session }).session);
    });
    source.addEventListener("read", (event) => {
      const { result, session } = JSON.parse(event.data) as { result: Result; session?: Session };
      this.read(result);
      if (session) this.heard.session(session);
    });
    source.addEventListener("status", (event) => {
      this.heard.status(JSON.parse(event.data) as Status);
    });
    source.addEventListener("shut", () => this.shut());
    source.addEventListener("error", () => {
      // The browser tries again by itself, except where something answered that was no stream.
      if (source.readyState !== CLOSED) this.heard.connected("away");
      else {
        this.source = null;
        this.askOften();
      }
    });
  }

  private askOften(): void {
    this.asked = 0;
    this.known = null;
    if (!this.asking) void this.ask();
  }

  private async ask(): Promise<void> {
    this.asking = this.wanted && this.source === null;
    if (!this.asking) return;
    try {
      this.now((await this.tools.ask(this.addresses.session)) as Now);
      this.heard.connected("");
    } catch (problem) {
      const why = troubleOf(problem instanceof Refused ? problem.status : 0);
      if (why === "signed-out") this.heard.signedOut();
      else this.heard.connected(passing(why) || "error");
    }
    this.asked += 1;
    this.tools.later(() => {
      this.asking = false;
      if (this.asked < ASK_TIMES) void this.ask();
      else this.listen();
    }, ASK_EVERY_MS);
  }

  private now(now: Now): void {
    const last = now.last;
    if (last && this.known !== null && last.n > this.known) this.read(last);
    this.known = last?.n ?? this.known ?? 0;
    this.heard.session(now.session);
    if (now.status) this.heard.status(now.status);
  }

  private read(result: Result): void {
    if (result.id === null || !this.mine.has(result.id.toLowerCase())) this.heard.read(result);
  }
}

/** EventSource.CLOSED, also where there is no EventSource. */
const CLOSED = 2;
const ANSWER_WITHIN_MS = 5000;

const browser: Tools = {
  stream: (address) => ("EventSource" in window ? new EventSource(address) : null),
  ask: async (address) => {
    const response = await fetch(address, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    if (!response.ok) throw new Refused(response.status);
    return response.json();
  },
  later: (work, delayMs) => {
    window.setTimeout(work, delayMs);
  },
};
