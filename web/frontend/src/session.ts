// What the server says of a read and of a station's session: see docs/api.md.

export interface Result {
  id: string | null;
  status: "accepted" | "ignored" | "unknown" | "refused" | "conflict";
  item: string | null;
  pieces: number | null;
  message: string;
  already_recorded?: boolean;
  /** The lot is on hold: recorded all the same, and to be put aside. */
  on_hold?: boolean;
  /** The pieces came back unopened. */
  brought_back?: boolean;
  /** The name of the command that was read, such as "hide". */
  command?: string | null;
}

export interface Line {
  item: string;
  pieces: number;
  /** Read while nobody answered: not recorded yet. */
  waiting?: boolean;
  /** `item` is the code itself: only the server knows what it stands for. */
  code?: true;
}

export const LANES = ["a", "b"] as const;
export type Lane = (typeof LANES)[number];

/** Used material that came back: `measured` in `unit`, which is a container's name where a picture was touched. */
export interface Returned {
  method: string;
  unit: string;
  measured: string;
  container: string | null;
  waiting?: boolean;
}

/** What is on the page and not recorded yet: passages more or fewer; what the page cannot show of the reads it keeps. */
export interface Waiting {
  passages: number;
  undos: number;
  beyond: number;
}

export interface Session {
  mode: string;
  /** The place a load goes to or comes from, once its code was read. */
  other?: { code: string; name: string } | null;
  number: string;
  expect: string;
  street: boolean;
  afterwards: boolean;
  training: boolean;
  open: boolean;
  passages: number;
  /** The passages if the shift closes now, whoever stands there included; null where only the server knows. */
  passages_at_closing: number | null;
  /** What the server's clock shows, in seconds since 1970; in answers alone. */
  now?: number;
  lane?: Lane;
  lanes?: Record<Lane, Line[]>;
  /** What waits in the other lane; null where nobody was served there yet. */
  aside?: Pick<Session, "mode" | "number" | "expect" | "street" | "afterwards"> | null;
  /** From which second on what comes next in a lane is for the next person; null where it is anyway. */
  quiet_at?: Record<Lane, number | null>;
  /** The lines of the current lane. */
  lines: Line[];
  returned?: Returned[];
  /** Unopened material that the current person brought back. */
  brought_back?: Line[];
  /** Only while reads are kept here. */
  waiting?: Waiting;
  print?: Paper | null;
}

/** A print job that is not done; "unknown" asks whether the paper came out. The times are those on it, if any. */
export interface Paper {
  id: number;
  state: "queued" | "sending" | "unknown";
  copy: boolean;
  day: string;
  began: string | null;
  ended: string | null;
  /** Of labels, the lot of their kits; null for a tally. */
  lot: string | null;
  copies: number;
  /** Of the printer, to see what it can do. */
  trial: boolean;
}

/** Whether the next product read is looked at and nothing more. */
export function onlyLooksUp(session: Session): boolean {
  return session.expect === "look-up" || ["look-up", "assemble", "count"].includes(session.mode);
}

export interface Answer {
  results: Result[];
  session: Session;
}

/** Pieces by item, in the order in which the items first came. */
export function totals(lines: readonly Line[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of lines) found.set(line.item, (found.get(line.item) ?? 0) + line.pieces);
  return found;
}

export function pieces(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.pieces, 0);
}
