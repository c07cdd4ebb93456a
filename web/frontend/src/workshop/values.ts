// What the server says of a batch of kits: see docs/api.md.

import type { Answer, Result } from "../session";

export type Phase = "choose" | "lots" | "making" | "counting";

/** An item as a picture; `code` is what a touch of it reads. */
export interface Picture {
  item: string;
  code: string;
  names: Record<string, string>;
  symbol: string;
  photo: string | null;
}

export interface Kit extends Picture {
  can_be_made: boolean;
  under_way: boolean;
}

export interface Lot {
  lot: string;
  expires: string | null;
}

export interface Component extends Picture {
  pieces: number;
  /** What a touch of it reads once it is checked: it is not, after all. */
  uncheck: string;
  confirmed: boolean;
  stopped: boolean;
  /** The key of the sentence that says why nothing is proposed; null where something is, or was confirmed. */
  lacks: string | null;
  lots: Lot[];
  /** What a touch of the picture confirms; null where the books have nothing usable here. */
  proposed: Lot | null;
}

/** A job of this station's printer, "unknown" where somebody has to say whether it came out; no lot: no labels. */
export interface Paper {
  id: number;
  state: "queued" | "sending" | "unknown" | "failed";
  lot: string | null;
  copies: number;
}

export interface Batch {
  mode: string;
  phase: Phase;
  /** Whether this table has a printer. */
  prints: boolean;
  kits: Kit[];
  kit: Picture | null;
  components: Component[];
  lot: string | null;
  /** The digits on the kit's own label. */
  label: string | null;
  expires: string | null;
  ready: number;
  labels: number;
  counted: number | null;
  /** A count that was asked for once more. */
  doubted: number | null;
  /** Whether another table counts these kits. */
  counted_elsewhere: boolean;
  /** What is asked about at this station, or its labels that are not there yet. */
  paper: Paper | null;
}

export type Params = Record<string, string | number>;

/** How something looks, and the key of its sentence. */
export interface Told {
  show: "ok" | "note" | "stop" | "help";
  tell: string;
  params: Params;
}

export interface WorkshopResult extends Result {
  workshop?: Told;
}

export interface WorkshopAnswer extends Answer {
  results: WorkshopResult[];
  batch?: Batch;
}

export interface Language {
  code: string;
  name: string;
  direction: "ltr" | "rtl";
  font: string;
  words: Record<string, string>;
  /** Recorded voices: their addresses by the key of what they say. */
  voices: Record<string, string>;
}
