// The counter page.
document.documentElement.dataset.script = "ready";
