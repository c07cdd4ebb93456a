// What the server tells this page about itself.

import { find } from "../dom";
import type { Language, Picture } from "./values";

export interface WorkshopPage {
  station: string;
  session: string;
  live: string;
  batch: string;
  /** Where a station that makes no kits is served. */
  counter: string;
  csrf: string;
  signIn: string;
  opening: string | null;
  /** Command codes by name. */
  codes: Record<string, string>;
  /** The language of the rest of the service in this browser. */
  language: string;
  languages: Language[];
  /** Every article by its code. */
  pictures: Record<string, Picture>;
}

export const page = JSON.parse(find("#page").textContent ?? "") as WorkshopPage;
