// The bar says how things stand: scanner, printer, network, and how many reads wait; each a dot and a word.

import { fill, find } from "./dom";
import type { Status } from "./live";
import type { Words } from "./page";
import { Scanners } from "./scanners";
import type { Passing } from "./trouble";

type Look = "ok" | "warn" | "bad";

const ASK_EVERY_MS = 1000;

export class Pills {
  private status: Status | null = null;
  private events: Passing = "";
  private reads: Passing = "";
  private mine = 0;
  private stations = 0;
  private asking = 0;
  private readonly scanners: Scanners;

  /** `hear` is told the station's counts whenever they come, and whether the server is away. */
  constructor(
    private readonly words: Words,
    private readonly hear: (now: Omit<Status, "station">, away: boolean) => void,
  ) {
    this.scanners = new Scanners(words);
  }

  /** The state of the station's own scanner and printer. */
  devices(status: Status): void {
    this.status = status;
    this.stations = status.kept;
    if (status.station !== "none") this.hear(status, false);
    this.show();
  }

  /** Whether events come, or questions are answered. */
  live(trouble: Passing): void {
    this.events = trouble;
    this.show();
  }

  /** Whether this page's own reads get through, and how many wait here. */
  own(trouble: Passing, kept: number): void {
    this.reads = trouble;
    this.mine = kept;
    this.show();
  }

  /** Why nothing can be sent or loaded, if so; what became of the reads says most. */
  get trouble(): Passing {
    return this.reads || this.events;
  }

  /** Whether a scanner of the station is being set up, and what it scans is not counted. */
  get tested(): boolean {
    return this.status?.scanners.some((scanner) => scanner.why === "tested") ?? false;
  }

  private show(): void {
    const network = this.trouble || "ok";
    pill("#network", this.words.network[network], network === "ok" ? "ok" : "warn");
    const kept = this.mine + this.stations;
    pill("#kept", kept ? fill(this.words.kept, { count: kept }) : "", "warn");
    this.scanner();
    const printer = this.status?.printer?.state;
    const look = printer === "ready" ? "ok" : "warn";
    pill("#printer", printer ? (this.words.printer[printer] ?? printer) : "", look);
    advise(printer ? (this.words.printerAdvice[printer] ?? "") : "");
    reachable();
    this.askTheStation();
  }

  private scanner(): void {
    const { station, scanners = [] } = this.status ?? {};
    if (station === "away") {
      pill("#scanner", this.words.station, "bad");
      return;
    }
    const lost = scanners.some((scanner) => scanner.state === "lost");
    pill("#scanner", this.scanners.bar(scanners), lost ? "bad" : "ok");
    const news = this.scanners.news(scanners);
    if (news) find("#scanner-said").textContent = news;
  }

  /** While the server is away, the station process on this machine says how many reads it keeps. */
  private askTheStation(): void {
    const port = this.status?.port;
    if (this.trouble === "" || !port || this.asking) return;
    this.asking = window.setTimeout(() => void this.ask(port), ASK_EVERY_MS);
  }

  private async ask(port: number): Promise<void> {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/status`);
      const status = (await response.json()) as Omit<Status, "station">;
      if (this.trouble !== "") this.status = { ...status, station: "here" };
      this.stations = status.kept;
      this.hear(status, this.trouble !== "");
    } catch {
      // This page is on another machine, or the station is away too: what it said last stands.
    }
    this.asking = 0;
    this.show();
  }
}

/** What somebody can do about the printer. */
function advise(sentence: string): void {
  find("#printer-advice").hidden = sentence === "";
  const text = find("#printer-advice span");
  if (text.textContent !== sentence) text.textContent = sentence;
}

/** On a phone the row is swiped; then the keyboard reaches it too. */
function reachable(): void {
  const row = find(".states");
  if (row.scrollWidth > row.clientWidth) row.tabIndex = 0;
  else row.removeAttribute("tabindex");
}

function pill(selector: string, word: string, look: Look): void {
  const element = find(selector);
  element.hidden = word === "";
  element.dataset.look = look;
  const text = find(`${selector} span`);
  if (text.textContent !== word) text.textContent = word;
}
