// A page that keeps up with devices: what is marked live is looked at again and again, and forms marked so act without
// the page being loaded anew. Without this it is a plain page.

const EVERY_MS = 1500;
const TOLD_MS = 6000;

/** Take over what is marked live from a newer copy of this page; what has the focus keeps it. */
function take(html: string): void {
  const newer = new DOMParser().parseFromString(html, "text/html");
  for (const old of document.querySelectorAll<HTMLElement>("[data-live]")) {
    const fresh = newer.getElementById(old.id);
    if (fresh === null || fresh.innerHTML === old.dataset.seen) continue;
    const focused = place(old);
    const seen = fresh.innerHTML;
    old.replaceChildren(...fresh.childNodes);
    old.dataset.seen = seen;
    if (focused >= 0) old.querySelectorAll<HTMLElement>("button, summary")[focused]?.focus();
  }
}

/** Which of its buttons has the focus; -1: none. */
function place(part: HTMLElement): number {
  return [...part.querySelectorAll("button, summary")].indexOf(document.activeElement as Element);
}

async function fetchPage(request: string, init?: RequestInit): Promise<string | null> {
  try {
    const answer = await fetch(request, init);
    if (answer.ok) take(await answer.text());
    return new URL(answer.url).searchParams.get("told");
  } catch {
    return null; // The service is away for a moment: the next look shows how it is.
  }
}

/** Where this page is looked at again; what came back of a form that was refused says it, for its own is the form's. */
const address =
  document.querySelector<HTMLElement>("[data-follow]")?.dataset.follow ?? location.pathname;

let told: string | null = null;
let toldUntil = 0;

async function look(): Promise<void> {
  if (!document.hidden) {
    const still = told !== null && Date.now() < toldUntil ? `&told=${told}` : "";
    const query = new URLSearchParams(location.search);
    query.set("live", "1");
    query.delete("told");
    await fetchPage(`${address}?${query}${still}`);
  }
  setTimeout(() => void look(), EVERY_MS);
}

async function act(address: string, body: URLSearchParams): Promise<void> {
  told = await fetchPage(address, { method: "POST", body });
  toldUntil = Date.now() + TOLD_MS;
}

document.querySelector("main")?.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.closest("[data-stays]") === null) return;
  event.preventDefault();
  const body = new URLSearchParams(
    new FormData(form, event.submitter) as unknown as Record<string, string>,
  );
  form.querySelector<HTMLInputElement>("input[name=typed]")?.select();
  void act(form.action, body);
});

setTimeout(() => void look(), EVERY_MS);
