// Finding and making things on the page.

export function find<E extends Element = HTMLElement>(selector: string): E {
  const element = document.querySelector<E>(selector);
  if (!element) throw new Error(`${selector} is not on the page`);
  return element;
}

export function all<E extends Element = HTMLElement>(selector: string): E[] {
  return [...document.querySelectorAll<E>(selector)];
}

/** An element with words in it, or other elements. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  ...content: (string | Node)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.append(...content);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** One of the symbols of pictograms.svg. */
export function icon(symbol: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#p-${symbol}`);
  svg.append(use);
  return svg;
}

export function press(selector: string, on: boolean): void {
  for (const button of all(selector)) button.setAttribute("aria-pressed", String(on));
}

/** Fill in `%(count)s` and the like. */
export function fill(sentence: string, values: Record<string, string | number>): string {
  return sentence.replace(/%\((\w+)\)s/g, (whole, name: string) => String(values[name] ?? whole));
}

/** "1 ml" stays on one line. */
export function together(text: string): string {
  return text.replace(/(\d) (?=(?:[cm]?l|[kmµ]?g|[cm]?m)\b)/g, "$1\u00a0");
}

/** A number as it is written in the page's language: "2.5" is "2,5" in French. */
export function written(number: string | number): string {
  const language = document.documentElement.lang;
  return Number(number).toLocaleString(language, { maximumFractionDigits: 3 });
}
