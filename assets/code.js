// The code of a letter stands behind # in its link, which browsers send to nobody: it goes into the
// form, and out of the address. It is kept for this tab, in case the form comes back.
(() => {
  const KEY = "dutchbook-code";
  const CODE = /^#([A-Za-z0-9_-]{43})$/;
  const found = CODE.exec(location.hash);
  let code = "";
  try {
    if (found) sessionStorage.setItem(KEY, found[1]);
    code = sessionStorage.getItem(KEY) ?? "";
  } catch {
    code = found ? found[1] : "";
  }
  if (found) history.replaceState(history.state, "", location.pathname + location.search);
  if (!code) return;
  const fill = () => {
    const field = document.querySelector("input[data-code]");
    if (field && !field.value) field.value = code;
    return field !== null;
  };
  const watch = new MutationObserver(() => fill() && watch.disconnect());
  addEventListener("DOMContentLoaded", () => fill() || watch.observe(document.body, { childList: true, subtree: true }));
})();
