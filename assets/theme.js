// The reader's choice of light or dark: applied before the first paint, changed by the toggle.
(() => {
  const KEY = "dutchbook-theme";
  const root = document.documentElement;
  const known = (value) => (value === "light" || value === "dark" ? value : null);
  const chosen = () => {
    try {
      return known(localStorage.getItem(KEY));
    } catch {
      return null;
    }
  };
  const shown = () =>
    known(root.dataset.theme) ??
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const show = (theme) => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  show(chosen());
  addEventListener("storage", (event) => event.key === KEY && show(known(event.newValue)));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const next = shown() === "dark" ? "light" : "dark";
    show(next);
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // A browser that keeps nothing still switches for this page.
    }
  });
})();
