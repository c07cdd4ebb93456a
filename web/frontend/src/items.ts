// What the page knows of an item: its name and its picture, from the pictures it shows.

import { all, icon } from "./dom";

interface Item {
  name: string;
  symbol: string;
  photo: string | null;
}

const items = new Map<string, Item>(
  all<HTMLElement>("[data-item]").map((picture) => [
    picture.dataset.item ?? "",
    {
      name: picture.querySelector(".name")?.textContent?.trim() ?? "",
      symbol: picture.dataset.symbol ?? "box",
      photo: picture.querySelector("img")?.getAttribute("src") ?? null,
    },
  ]),
);

export function nameOf(item: string): string {
  return items.get(item)?.name ?? item;
}

/** The item whose picture reads this code. */
export function itemOf(code: string): string | undefined {
  return all<HTMLElement>("[data-item]").find((it) => it.dataset.code === code)?.dataset.item;
}

export function codeOfItem(item: string): string | undefined {
  return all<HTMLElement>("[data-item]").find((it) => it.dataset.item === item)?.dataset.code;
}

/** A photograph where there is one, else the pictogram. */
export function pictureOf(item: string): Element {
  const known = items.get(item);
  if (!known?.photo) return icon(known?.symbol ?? "box");
  const image = document.createElement("img");
  image.src = known.photo;
  image.alt = "";
  return image;
}
