// Badges on pages that ask for one: scanned in any focus, sent at once, kept nowhere. And the page of a station that is
// not open waits until a badge is read at the station's own scanner.

import { isBadge } from "./codes";
import { all, find } from "./dom";
import { listen } from "./keyboard";

const LOOK_AGAIN_MS = 1000;

const form = find<HTMLFormElement>("#badge-form");
const field = find<HTMLInputElement>("#badge");

listen(
  (code) => {
    const digits = code.replace(/^\][A-Za-z]\d/, "");
    // What is left of a badge goes too: the answer says that it was not read whole.
    if (!isBadge(digits) && !/^\d{5,}$/.test(digits)) return;
    field.value = digits;
    form.submit();
  },
  () => undefined,
);

// What a browser brings back on "back" must not be somebody's badge.
window.addEventListener("pageshow", () => {
  field.value = "";
});

const opening = document.querySelector<HTMLElement>("#opening");
const { state, open } = opening?.dataset ?? {};
if (state && open) void wait(state, open);

interface Now {
  open: boolean;
  paper: number | null;
}

function typing(): boolean {
  return all<HTMLInputElement>("input:not([type=hidden])").some((input) => input.value !== "");
}

async function wait(state: string, open: string): Promise<void> {
  try {
    const response = await fetch(state);
    const now = response.ok ? ((await response.json()) as Now) : null;
    // A browser that stands here no more is asked to sign in.
    if (now?.open || response.status === 401) {
      location.assign(open);
      return;
    }
    // A question about paper has come or gone; what somebody is typing stays.
    if (now && String(now.paper ?? "") !== opening?.dataset.paper && !typing()) {
      location.reload();
      return;
    }
  } catch {
    // No connection: the next look may find one.
  }
  setTimeout(() => void wait(state, open), LOOK_AGAIN_MS);
}
