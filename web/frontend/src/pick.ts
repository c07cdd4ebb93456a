// A pick list on screen follows the reads of both ends. Without this script the page has a button for it.
const EVERY_MS = 2000;

async function refresh(list: HTMLElement): Promise<void> {
  const answer = await fetch(list.dataset.address ?? location.href);
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById("pick");
  if (now && now.innerHTML !== list.innerHTML) list.replaceChildren(...now.childNodes);
}

const list = document.getElementById("pick");
if (list) {
  setInterval(() => {
    // A page nobody looks at asks for nothing; away from the network, the next try comes by itself.
    if (!document.hidden) refresh(list).catch(() => undefined);
  }, EVERY_MS);
}
