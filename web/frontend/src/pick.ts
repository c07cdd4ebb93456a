// A pick list on screen follows the reads of both ends. Without this script the page has a button for it.
// A scan typed here is no read of a station: the page says so, and where to go.

import { listen } from "./keyboard";
import { Sounds } from "./sounds";

const EVERY_MS = 2000;

async function refresh(list: HTMLElement): Promise<void> {
  const answer = await fetch(list.dataset.address ?? location.href);
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById("pick");
  if (now && now.innerHTML !== list.innerHTML) list.replaceChildren(...now.childNodes);
}

const list = document.getElementById("pick");
if (list) {
  setInterval(() => {
    // A page nobody looks at asks for nothing; away from the network, the next try comes by itself.
    if (!document.hidden) refresh(list).catch(() => undefined);
  }, EVERY_MS);
}

const told = document.getElementById("no-scan");
if (told) {
  const sounds = new Sounds(localStorage);
  listen(() => {
    told.hidden = false;
    // Said again each time: the same words would be no change to who listens.
    told.replaceChildren();
    told.textContent = told.dataset.say ?? "";
    told.scrollIntoView({ block: "nearest" });
    sounds.play("refused");
  });
}
