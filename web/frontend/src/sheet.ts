// The tick sheet typed in: a number, Enter, the next one; no mouse, nothing lost, nothing sent twice.
import { all, find } from "./dom";
import { draftOf, forgetSheets } from "./drafts";

const form = find<HTMLFormElement>("#sheet");
const boxes = all<HTMLInputElement>("#sheet input[inputmode]");
const pieces = find<HTMLOutputElement>("#pieces");
const save = find<HTMLButtonElement>("#save");

const draft = draftOf(form.action);

function sum(): void {
  const counted = boxes.filter((box) => "pieces" in box.dataset && /^\d+$/.test(box.value));
  pieces.value = String(counted.reduce((total, box) => total + Number(box.value), 0));
}

function keep(): void {
  sessionStorage.setItem(draft, JSON.stringify(boxes.map((box) => box.value)));
}

/** Takes up what was typed before; of other sheets nothing stays. */
function takeUp(): void {
  forgetSheets(draft);
  const values: unknown = JSON.parse(sessionStorage.getItem(draft) ?? "[]");
  if (!Array.isArray(values) || values.length !== boxes.length) return;
  for (const [n, box] of boxes.entries()) box.value ||= String(values[n]);
}

/** The box above or below; below the last one comes saving. */
function move(from: EventTarget | null, by: number): void {
  const next = boxes.indexOf(from as HTMLInputElement) + by;
  const target = boxes[Math.max(next, 0)];
  if (target) {
    target.focus();
    target.select();
  } else {
    save.focus();
  }
}

form.addEventListener("keydown", (event) => {
  if (!(event.target instanceof HTMLInputElement)) {
    if (event.key === "ArrowUp") {
      event.preventDefault();
      boxes.at(-1)?.focus();
    }
    return;
  }
  const by = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  move(event.target, by);
});

/** What is no number stays as it was typed, and is marked at once: a letter taken out in silence makes 4 of 4O. */
function mark(box: HTMLInputElement): void {
  const wanted = "decimals" in box.dataset ? /^\d*([.,]\d+)?$/ : /^\d*$/;
  if (wanted.test(box.value.trim())) box.removeAttribute("aria-invalid");
  else box.setAttribute("aria-invalid", "true");
}

form.addEventListener("input", (event) => {
  if (event.target instanceof HTMLInputElement) mark(event.target);
  sum();
  keep();
});

form.addEventListener("submit", () => {
  // After the browser has taken the button along: the same id would be harmless, but the answer would be the second's.
  setTimeout(() => {
    save.disabled = true;
  });
});

// Gone back to without being loaded again.
addEventListener("pageshow", () => {
  save.disabled = false;
});

takeUp();
sum();
const first = form.querySelector<HTMLInputElement>("[aria-invalid]") ?? boxes[0];
first?.focus();
document.documentElement.dataset.script = "ready";
