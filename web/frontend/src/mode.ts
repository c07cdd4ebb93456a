// What reads mean here now. Where nothing is handed out, that stands where the two people stood, in amber.

import { all, fill, find } from "./dom";
import { page, type Words } from "./page";
import type { Session } from "./session";

export function show(session: Session, words: Words): void {
  // As the server has it: a page that guesses without a network stays.
  if (session.mode === "assemble" && page.workshop && !session.waiting) {
    location.assign(page.workshop);
    return;
  }
  const handsOut = session.mode === "hand-out";
  const mode = words.modes[session.mode];
  document.body.classList.toggle("no-hand-out", !handsOut);
  find("#mode").textContent = mode?.name ?? session.mode;
  find("#not-handing-out").hidden = handsOut;
  for (const part of all<HTMLElement>("#lanes, #next-article, #next")) part.hidden = !handsOut;
  for (const back of all<HTMLElement>("#back-to-hand-out")) back.hidden = handsOut;
  find("#lines-title").textContent = words.inHand[handsOut ? "person" : "load"];
  const place = session.other?.name;
  const title = place ? fill(mode?.titleWithPlace ?? "", { place }) : mode?.title;
  find("#mode-title").textContent = title ?? session.mode;
  find("#mode-means").textContent = mode?.means ?? "";
}
