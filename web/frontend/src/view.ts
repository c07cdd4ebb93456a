// What the counter page shows: the last thing recorded, the current person, numbers and panels.

import { all, fill, find } from "./dom";
import type { Line, Result, Session, Trouble } from "./queue";

export interface Words {
  sending: string;
  kept: string;
  keptLong: string;
  signIn: string;
  reload: string;
  passage: string;
  passages: string;
}

/** How long somebody's lines are theirs: after this silence the next read is for the next person. */
const QUIET_MS = 60_000;

const LOOKS = {
  accepted: ["ok", "ok"],
  ignored: ["info", "idle"],
  unknown: ["warn", "warn"],
  refused: ["bad", "bad"],
  conflict: ["bad", "bad"],
} as const;

interface Shown {
  icon: string;
  look: string;
  title: string;
  message: string;
  pieces: number | null;
}

export class View {
  private quiet = 0;
  private readonly names = new Map<string, { name: string; symbol: string }>();

  constructor(private readonly words: Words) {
    for (const picture of all<HTMLElement>("[data-item]")) {
      const name = picture.querySelector(".name")?.textContent ?? "";
      this.names.set(picture.dataset.item ?? "", {
        name,
        symbol: picture.dataset.symbol ?? "box",
      });
    }
  }

  /** At once after a touch or a scan, before any answer. */
  sending(item: string | undefined): void {
    const title = item ? this.name(item) : this.words.sending;
    const message = item ? this.words.sending : "";
    this.last({ icon: "scan", look: "idle", title, message, pieces: null });
  }

  result(result: Result): void {
    const [icon, look] = LOOKS[result.status];
    const name = result.item && this.name(result.item);
    const title = name || result.message;
    const message = name ? result.message : "";
    this.last({ icon, look, title, message, pieces: result.pieces });
  }

  trouble(trouble: Trouble, kept: number, signIn: string): void {
    const pill = find("#kept");
    pill.hidden = trouble === "" && kept === 0;
    pill.replaceChildren(fill(this.words.kept, { count: kept }));
    if (trouble === "") return;
    if (trouble === "away") {
      const title = fill(this.words.kept, { count: kept });
      const message = fill(this.words.keptLong, { count: kept });
      this.last({ icon: "warn", look: "warn", title, message, pieces: null });
      return;
    }
    const link = document.createElement("a");
    link.href = trouble === "signed-out" ? signIn : location.href;
    link.textContent = trouble === "signed-out" ? this.words.signIn : this.words.reload;
    pill.hidden = false;
    pill.replaceChildren(link);
    this.last({ icon: "bad", look: "bad", title: link.textContent, message: "", pieces: null });
  }

  session(session: Session): void {
    document.body.classList.toggle("training", session.training);
    find("#training").hidden = !session.training;
    find("#afterwards").hidden = !session.afterwards;
    find("#passages").textContent = String(session.passages);
    find("#passages-word").textContent =
      session.passages === 1 ? this.words.passage : this.words.passages;
    this.number(session.number);
    pressed("#add-afterwards", session.afterwards);
    pressed("#street", session.street);
    pressed("#training-toggle", session.training);
    this.lines(session.lines);
  }

  /** One panel in place of the pictures, or the pictures again. */
  panel(name: string): void {
    for (const panel of all<HTMLElement>(".choose > .panel")) panel.hidden = panel.id !== name;
    for (const opener of all<HTMLElement>(".open-panel")) {
      opener.setAttribute("aria-expanded", String(opener.dataset.panel === name));
    }
    document.body.dataset.open = name;
  }

  private last(shown: Shown): void {
    const box = find("#last");
    box.className = `last ${shown.look}`;
    box.setAttribute("role", shown.look === "bad" ? "alert" : "status");
    find("#last-icon").setAttribute("href", `#p-${shown.icon}`);
    find("#last-title").textContent = shown.title;
    find("#last-message").textContent = shown.message;
    const pieces = shown.pieces ?? 0;
    find("#last-pieces").textContent = pieces ? `${pieces > 0 ? "+" : "−"}${Math.abs(pieces)}` : "";
  }

  private number(number: string): void {
    let listed = false;
    for (const button of all<HTMLElement>(".quantity[data-number]")) {
      const chosen = button.dataset.number === number;
      listed ||= chosen;
      button.setAttribute("aria-pressed", String(chosen));
    }
    find("#number").textContent = listed ? "" : `× ${number}`;
    find("#other-number").classList.toggle("chosen", !listed);
    for (const output of all(".typed-number")) output.textContent = number || "1";
    document.body.classList.toggle("has-number", number !== "");
  }

  private lines(lines: Line[]): void {
    const totals = new Map<string, number>();
    for (const line of lines) totals.set(line.item, (totals.get(line.item) ?? 0) + line.pieces);
    const rows = [...totals].map(([item, pieces]) => this.line(item, pieces));
    find("#lines").replaceChildren(...rows);
    find("#no-lines").hidden = rows.length > 0;
    for (const picture of all<HTMLElement>(".picture")) {
      const badge = picture.querySelector<HTMLElement>(".badge");
      const pieces = totals.get(picture.dataset.item ?? "") ?? 0;
      if (!badge) continue;
      badge.hidden = pieces === 0;
      badge.textContent = String(pieces);
    }
    window.clearTimeout(this.quiet);
    document.body.classList.remove("quiet");
    this.quiet = window.setTimeout(() => document.body.classList.add("quiet"), QUIET_MS);
  }

  private line(item: string, pieces: number): HTMLElement {
    const row = document.createElement("li");
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("class", "icon");
    icon.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `#p-${this.names.get(item)?.symbol ?? "box"}`);
    icon.append(use);
    const name = document.createElement("span");
    name.textContent = this.name(item);
    const count = document.createElement("b");
    count.textContent = String(pieces);
    row.append(icon, name, count);
    return row;
  }

  private name(item: string): string {
    return this.names.get(item)?.name ?? item;
  }
}

function pressed(selector: string, on: boolean): void {
  find(selector).setAttribute("aria-pressed", String(on));
}
