// What the page knows of an item: its name, its code and its picture. From the pictures it shows, and a list of the rest.

import { all, icon, together } from "./dom";
import { page } from "./page";

interface Item {
  code: string;
  name: string;
  symbol: string;
  photo: string | null;
}

const items = new Map<string, Item>(
  page.unseen.map(({ item, ...rest }) => [item, { ...rest, name: together(rest.name) }]),
);
for (const picture of all<HTMLElement>("[data-item]")) {
  const name = picture.querySelector(".name");
  if (name) name.textContent = together(name.textContent?.trim() ?? "");
  items.set(picture.dataset.item ?? "", {
    code: picture.dataset.code ?? "",
    name: name?.textContent ?? "",
    symbol: picture.dataset.symbol ?? "box",
    photo: picture.querySelector("img")?.getAttribute("src") ?? null,
  });
}

export function nameOf(item: string): string {
  return items.get(item)?.name ?? item;
}

export function codeOfItem(item: string): string | undefined {
  return items.get(item)?.code;
}

/** The item that a code of ours stands for. */
export function itemOf(code: string): string | undefined {
  return [...items].find(([, known]) => known.code === code)?.[0];
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
