// The tick sheet typed in: a number, Enter, the next one; no mouse, nothing lost, nothing sent twice.
import { all, find } from "./dom";

const form = find<HTMLFormElement>("#sheet");
const boxes = all<HTMLInputElement>("#sheet input[inputmode]");
const pieces = find<HTMLOutputElement>("#pieces");
const save = find<HTMLButtonElement>("#save");

// Kept for this tab until the sheet is saved: a lost connection or an ended sign-in loses nothing.
const draft = `sheet ${form.action}`;

function sum(): void {
  const counted = boxes.filter((box) => "pieces" in box.dataset && /^\d+$/.test(box.value));
  pieces.value = String(counted.reduce((total, box) => total + Number(box.value), 0));
}

function keep(): void {
  sessionStorage.setItem(draft, JSON.stringify(boxes.map((box) => box.value)));
}

/** Takes up what was typed before; of other sheets nothing stays. */
function takeUp(): void {
  for (const key of Object.keys(sessionStorage))
    if (key.startsWith("sheet ") && key !== draft) sessionStorage.removeItem(key);
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

// Letters never get in; what is pasted is checked by the server, which says what is wrong with it.
form.addEventListener("beforeinput", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || event.inputType !== "insertText") return;
  const wanted = "decimals" in box.dataset ? /^[0-9.,]*$/ : /^[0-9]*$/;
  if (!wanted.test(event.data ?? "")) event.preventDefault();
});

form.addEventListener("input", () => {
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
