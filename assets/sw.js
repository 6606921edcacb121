// The service worker: the offline page and what it is made of, and nothing that is anybody's own.
//
// No page but /offline is ever kept, in both languages, and no answer that was made for a person: a
// page that is asked for comes from the network or, without one, is the offline page.
const SHELL = "dutchbook-shell";
const PAGES = { en: "/offline", es: "/es/offline" };
const FILES = [
  "/settings.js", "/theme.js", "/code.js", "/pwa.js", "/presence.js", "/manifest.webmanifest", "/favicon.svg",
  "/icons/icon-192.png", "/fonts/inter-latin.woff2",
];
const PARTS = /"(\/assets\/[\w.-]+\.(?:js|css))"|["'(](\/[\w-]+\.css)["')]/g;

// Files whose names change with their content, and the few others that the offline page needs.
const kept = (url) => url.origin === location.origin && !url.search && (url.pathname.startsWith("/assets/") || url.pathname.startsWith("/fonts/") || FILES.includes(url.pathname));

const partsOf = (text) => [...text.matchAll(PARTS)].map((found) => found[1] ?? found[2]);

// Fetch the offline pages anew with every part that they name, then forget parts of earlier builds.
const refresh = async () => {
  const pages = new Map();
  for (const address of Object.values(PAGES)) {
    const page = await fetch(address, { cache: "no-cache", credentials: "omit" });
    if (!page.ok || page.redirected) return;
    pages.set(address, page);
  }
  const parts = new Set(FILES);
  for (const page of pages.values()) partsOf(await page.clone().text()).forEach((part) => parts.add(part));
  const cache = await caches.open(SHELL);
  for (const part of parts) {
    if (await cache.match(part)) continue;
    const answer = await fetch(part, { credentials: "omit" });
    if (!answer.ok) return;
    if (part.endsWith(".css")) partsOf(await answer.clone().text()).forEach((more) => parts.add(more));
    await cache.put(part, answer);
  }
  for (const [address, page] of pages) await cache.put(address, page);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/assets/") && !parts.has(pathname)) await cache.delete(request);
  }
};

addEventListener("install", (event) => event.waitUntil(refresh().then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("message", (event) => event.data === "refresh" && event.waitUntil(refresh().catch(() => {})));

// The offline page keeps its own address, for the router reads it; it knows where to go back to.
const page = (request) => fetch(request).catch(async () => {
  const { pathname, search } = new URL(request.url);
  const offline = PAGES[/^\/es(?=\/|$)/.test(pathname) ? "es" : "en"];
  if (pathname === offline) return (await caches.match(offline)) ?? Response.error();
  return Response.redirect(`${offline}?to=${encodeURIComponent(pathname + search)}`);
});
const file = async (request) => {
  const known = await caches.match(request.url);
  const { pathname } = new URL(request.url);
  return known && pathname.startsWith("/assets/") ? known : fetch(request).catch(() => known ?? Response.error());
};

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (kept(new URL(request.url))) event.respondWith(file(request));
});
