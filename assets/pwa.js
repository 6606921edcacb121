// Registers the service worker, leaves the offline page when the network is back, and offers to
// install where the browser can.
(() => {
  if (!("serviceWorker" in navigator)) return;
  const LOOK_EVERY_MS = 2_000;
  // It fetches two pages and all their parts: the board's first rows go first.
  const KEEPS_AFTER_MS = 3_000;
  const keep = async () => {
    try {
      const registration = await navigator.serviceWorker.register("/sw.js");
      registration.active?.postMessage("refresh");
    } catch {
      // Without it everything works, but not offline.
    }
  };
  addEventListener("load", () => setTimeout(keep, KEEPS_AFTER_MS));
  // The network may be said to be back before it is: whoever was led here is led on once it answers.
  const leave = async () => {
    const [, language, offline] = location.pathname.match(/^(\/es)?(\/offline)$/) ?? [];
    const to = new URLSearchParams(location.search).get("to");
    if (!offline || !navigator.onLine) return;
    const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
    const address = new URL(to ?? `${language ?? ""}/board`, location.origin);
    if (answer?.ok && address.origin === location.origin) location.replace(address.pathname + address.search);
  };
  addEventListener("online", leave);
  if (new URLSearchParams(location.search).has("to")) setInterval(leave, LOOK_EVERY_MS);
  let offer = null;
  const show = () => (document.documentElement.dataset.install = offer ? "offered" : "");
  addEventListener("beforeinstallprompt", (event) => (event.preventDefault(), (offer = event), show()));
  addEventListener("appinstalled", () => ((offer = null), show()));
  document.addEventListener("click", async (event) => {
    if (!offer || !event.target.closest("[data-install-button]")) return;
    const asked = offer;
    offer = null;
    await asked.prompt();
    show();
  });
})();
