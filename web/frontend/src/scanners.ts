// How the scanners of the station are, in words: for the bar, and once aloud when one is lost or back.

import { fill } from "./dom";
import type { Status } from "./live";
import type { Words } from "./page";

type Scanner = Status["scanners"][number];
/** Of a hub that is unplugged, nobody wants to hear them all. */
const MOST_NAMES = 3;

type Said = Pick<Words, "scanner" | "scannerNamed">;

export class Scanners {
  /** What was said aloud of those that are lost, by their names. */
  private readonly lost = new Map<string, string>();

  constructor(private readonly words: Said) {}

  /** Those that are lost are named where the station has several; empty where it has none. */
  bar(scanners: readonly Scanner[]): string {
    if (scanners.length === 0) return "";
    const lost = scanners.filter((scanner) => scanner.state === "lost");
    if (lost.length === 0) return this.words.scanner.ready ?? "";
    const [what = "", ...other] = new Set(lost.map((scanner) => this.wordOf(scanner)));
    const names = lost.map((scanner) => scanner.name);
    return this.named(other.length ? this.notReady : what, names, scanners.length);
  }

  /** What is to be said aloud now: nothing that was said before, nor of one that only begins. */
  news(scanners: readonly Scanner[]): string {
    const news = new Map<string, string[]>();
    const say = (what: string, name: string) => news.set(what, [...(news.get(what) ?? []), name]);
    for (const scanner of scanners) {
      const { name } = scanner;
      if (scanner.state === "ready") {
        if (this.lost.delete(name)) say(this.words.scanner.back ?? "", name);
      } else if (scanner.why && this.lost.get(name) !== this.wordOf(scanner)) {
        this.lost.set(name, this.wordOf(scanner));
        say(this.wordOf(scanner), name);
      }
    }
    const there = new Set(scanners.map((scanner) => scanner.name));
    for (const name of this.lost.keys()) if (!there.has(name)) this.lost.delete(name);
    const said = [...news].map(([what, names]) => this.named(what, names, scanners.length));
    return said.join(". ");
  }

  private wordOf(scanner: Scanner): string {
    return this.words.scanner[scanner.why ?? ""] ?? this.notReady;
  }

  private get notReady(): string {
    return this.words.scanner.lost ?? "";
  }

  /** One alone needs no name. */
  private named(what: string, names: readonly string[], several: number): string {
    if (several === 1) return what;
    const more = names.length - MOST_NAMES;
    const named = [...names.slice(0, MOST_NAMES), ...(more > 0 ? [`+${more}`] : [])];
    return fill(this.words.scannerNamed, { what, names: named.join(", ") });
  }
}
