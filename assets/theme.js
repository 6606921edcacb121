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
  const keep = (theme) => {
    show(theme);
    try {
      if (theme) localStorage.setItem(KEY, theme);
      else localStorage.removeItem(KEY);
    } catch {
      // A browser that keeps nothing still switches for this page.
    }
  };
  show(chosen());
  globalThis.dutchbook = { ...globalThis.dutchbook, theme: () => chosen() ?? "" };
  addEventListener("storage", (event) => event.key === KEY && show(known(event.newValue)));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    keep(shown() === "dark" ? "light" : "dark");
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-theme-choice]")) keep(known(event.target.value));
  });
})();
