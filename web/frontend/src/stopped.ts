// What only a person can mend, across the page until they have: what happened, that nothing is lost, and the way out.

import { find, make } from "./dom";
import type { Page } from "./page";
import type { Trouble } from "./trouble";

export function show(trouble: Trouble, page: Page): void {
  const stopped = trouble === "signed-out" || trouble === "old-page";
  const shown = find("#stopped").dataset.trouble ?? "";
  if (shown === (stopped ? trouble : "")) return;
  find("#stopped").dataset.trouble = stopped ? trouble : "";
  find("#stopped").hidden = !stopped;
  find("#stopped-why").replaceChildren();
  if (!stopped) return;
  const { what, then, way } = page.words.stopped[trouble];
  find("#stopped-why").append(make("strong", what), " ", then);
  const link = find<HTMLAnchorElement>("#stopped-way");
  link.textContent = way;
  // To this page again: who may see it, and what is asked first, is decided there.
  link.href = page.signIn;
}

/** A badge opens the station that this browser stands at; else it is shown again where one signs in. Kept nowhere. */
export function badge(
  code: string,
  { opening, signIn, csrf }: Pick<Page, "opening" | "signIn" | "csrf">,
): void {
  if (opening === null) {
    location.assign(signIn);
    return;
  }
  const form = make("form", hidden("csrf", csrf), hidden("badge", code));
  form.method = "post";
  form.action = opening;
  document.body.append(form);
  form.submit();
  form.remove();
}

function hidden(name: string, value: string): HTMLInputElement {
  const field = make("input");
  field.type = "hidden";
  field.name = name;
  field.value = value;
  return field;
}
