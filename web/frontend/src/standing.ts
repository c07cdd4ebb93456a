// How the station stands: training, adding afterwards, passages, and what the next code is for.

import { find, press } from "./dom";
import type { Words } from "./page";
import type { Session } from "./session";

export function show(session: Session, words: Words): void {
  document.body.classList.toggle("training", session.training);
  find("#training").hidden = !session.training;
  find("#afterwards").hidden = !session.afterwards;
  find("#passages").textContent = String(session.passages);
  find("#passages-word").textContent = session.passages === 1 ? words.passage : words.passages;
  press("#add-afterwards", session.afterwards);
  press("#street", session.street);
  press("#training-toggle", session.training);
  const expected = session.street ? words.street : words.expect[session.expect];
  find("#expecting").hidden = !expected;
  find("#expecting-what").textContent = expected ?? "";
  find("#paper").hidden = session.training || session.print?.state !== "unknown";
}
