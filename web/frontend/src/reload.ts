// The keys that load a page again would leave nothing of it while no server answers: no page to scan on.

/** Keep this page while it is `alone`, and have it `told`. With a network the keys do what they always do. */
export function hold(alone: () => boolean, told: () => void): void {
  document.addEventListener("keydown", (event) => {
    if (!loadsAgain(event) || !alone()) return;
    event.preventDefault();
    if (!event.repeat) told();
  });
}

function loadsAgain({ key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return key === "F5" || key === "BrowserRefresh" || ((ctrlKey || metaKey) && /^r$/i.test(key));
}
