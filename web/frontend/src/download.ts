// A form whose answer is a file: it is saved, then the page says what has changed. Without this script the file comes all
// the same.
import { all } from "./dom";

async function download(form: HTMLFormElement, then: string): Promise<void> {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
  if (!answer.ok || answer.headers.get("Content-Type") !== "application/pdf") {
    // Nothing was made: the same request, as a page, says why.
    form.submit();
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  const name = answer.headers.get("Content-Disposition") ?? "";
  link.download = /filename="?([^";]+)/.exec(name)?.[1] ?? "";
  link.click();
  location.assign(then);
}

for (const form of all<HTMLFormElement>("form[data-then]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button?.setAttribute("disabled", "");
    download(form, form.dataset.then ?? location.href).catch(() => {
      button?.removeAttribute("disabled");
    });
  });
}
