// Registers the service worker, leaves the offline page when the network is back, and offers to
// install where the browser can.
(() => {
  if (!("serviceWorker" in navigator)) return;
  addEventListener("load", async () => {
    try {
      const registration = await navigator.serviceWorker.register("/sw.js");
      registration.active?.postMessage("refresh");
    } catch {
      // Without it everything works, but not offline.
    }
  });
  addEventListener("online", () => {
    if (location.pathname !== "/offline") return;
    const to = new URLSearchParams(location.search).get("to") ?? "/board";
    const address = new URL(to, location.origin);
    if (address.origin === location.origin) location.replace(address.pathname + address.search);
  });
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
