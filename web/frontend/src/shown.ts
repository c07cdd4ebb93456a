// What the page shows of its station: what the server says, and while it does not answer, the reads kept since on top.

import * as clock from "./clock";
import { isElementString, isHouseCode, plausibility } from "./codes";
import { itemOf } from "./items";
import { commandOf } from "./page";
import { type KeptRead, type Meaning, project } from "./projection";
import type { Read } from "./queue";
import type { Session } from "./session";
import type { Trouble } from "./trouble";

export class Shown {
  /** What the server said before any of the reads that wait: nothing of them is in it, however they fared. */
  private base: Session | null = null;
  private trouble: Trouble = "";

  constructor(
    private readonly waiting: () => Read[],
    private readonly mode: string,
    private readonly show: (session: Session) => void,
  ) {}

  /** The server's session; `answers` when it came with the answer to reads of this page. */
  told(now: Session, answers = false): void {
    if (answers || this.waiting().length === 0) this.base = now;
    if (this.trouble === "") this.show(now);
    else this.again();
  }

  /** Whether reads stay here, and why. */
  isIn(trouble: Trouble): void {
    this.trouble = trouble;
    if (trouble !== "") this.again();
  }

  /** One more may be kept. */
  again(): void {
    this.show(project(this.base, this.waiting().map(keptRead), this.mode));
  }
}

function keptRead({ code, at }: Read): KeptRead {
  return { meaning: meaningOf(code), atS: clock.secondOf(at) };
}

/** What a code stands for, as far as this page knows without the server. */
export function meaningOf(code: string): Meaning {
  const bare = code.replace(/^\][A-Za-z]\d/, "");
  const name = commandOf(bare);
  if (name) return { kind: "command", name };
  const item = itemOf(bare);
  if (item) return { kind: "product", item, pieces: 1 };
  if (isHouseCode(bare)) {
    if (bare.startsWith("13")) return { kind: "place" };
    if (!/^1[0-2]/.test(bare)) return { kind: "nothing" };
  }
  // The half of a pair that says lot and expiry alone names nothing; what is no code is refused.
  const gtin = isElementString(code) ? /^01(\d{14})/.exec(bare)?.[1] : bare;
  if (!gtin || plausibility(code) === 0) return { kind: "nothing" };
  return { kind: "product", item: gtin.replace(/^0(?=\d{13}$)/, ""), pieces: 1, code: true };
}
