// A hand that shakes touches twice: what has only just come under the finger takes no touch. Keys and scans are not held.

const SETTLES_MS = 700;
const timers = new WeakMap<Element, number>();

/** Something else is there, or means something else, since that moment. */
export function settle(element: Element, since = performance.now()): void {
  const rest = since + SETTLES_MS - performance.now();
  if (rest <= 0) return;
  element.classList.add("settling");
  window.clearTimeout(timers.get(element));
  timers.set(
    element,
    window.setTimeout(() => element.classList.remove("settling"), rest),
  );
}

export function settles(element: Element): boolean {
  return element.classList.contains("settling");
}
