// Before anything is drawn: the theme chosen in this browser, and black where the screen was hidden.
(() => {
  const root = document.documentElement;
  const theme = localStorage.getItem("theme");
  if (theme) root.dataset.theme = theme;
  root.toggleAttribute("data-hidden", sessionStorage.getItem("hidden") === "yes");
})();
