// The reader's choices, kept in one cookie: known before the first paint, changed by any control
// that carries `data-setting`, and the way to the same page in the reader's language.
(() => {
  const SECURE = location.protocol === "https:";
  const NAME = `${SECURE ? "__Host-" : ""}dutchbook_settings`;
  const YEAR_S = 31_536_000;
  const USUAL = { language: "en", odds: "decimal", zone: "", currency: "USD", numbers: "point" };
  const root = document.documentElement;
  const { pathname, search, hash } = location;
  const spoken = (path) => (/^\/es(?=\/|$)/.test(path) ? "es" : "en");
  const plain = (path) => (spoken(path) === "es" ? path.slice(3) || "/" : path);
  const same = (path, language) => (language === "es" ? `/es${plain(path)}`.replace(/\/$/, "") : plain(path));

  const kept = () => {
    const found = document.cookie.split("; ").find((one) => one.startsWith(`${NAME}=`));
    return Object.fromEntries(new URLSearchParams(found?.slice(NAME.length + 1) ?? ""));
  };
  const keep = (chosen) => {
    const text = new URLSearchParams(Object.entries(chosen).filter(([name, value]) => name in USUAL && (value || name === "language")));
    document.cookie = `${NAME}=${text}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax${SECURE ? "; Secure" : ""}`;
    show();
  };

  // Whoever has chosen nothing reads the first language of their browser that there is.
  const wanted = () => kept().language ?? navigator.languages.map((one) => one.slice(0, 2).toLowerCase()).find((one) => one === "en" || one === "es");

  const settings = {};
  const show = () => Object.assign(settings, USUAL, kept(), { language: spoken(location.pathname) });
  const zoned = (zone) => {
    try {
      return zone && new Intl.DateTimeFormat("en", { timeZone: zone }) ? zone : undefined;
    } catch {
      return undefined;
    }
  };

  // An instant as the reader's clock shows it, in the zone that they chose.
  const instant = (at) => {
    const told = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
    return new Date(at).toLocaleString(settings.language === "es" ? "es-ES" : "en-GB", { ...told, timeZone: zoned(settings.zone) });
  };

  show();
  const here = (path) => same(path, settings.language);
  globalThis.dutchbook = { ...globalThis.dutchbook, settings, instant, here };
  root.lang = settings.language;
  if ((wanted() === "es" || kept().language) && wanted() !== settings.language && (wanted() === "es" || wanted() === "en")) {
    location.replace(same(pathname, wanted()) + search + hash);
  }

  const change = (name, value) => {
    if (name === "zone" && value && !zoned(value)) return;
    keep({ ...kept(), [name]: value });
    if (name === "language" && value !== spoken(location.pathname)) {
      location.assign(same(location.pathname, value) + location.search + location.hash);
    }
  };
  document.addEventListener("click", (event) => {
    const way = event.target.closest("[data-language]");
    if (!way) return;
    event.preventDefault();
    change("language", way.dataset.language);
  });
  document.addEventListener("change", (event) => {
    const { setting } = event.target.dataset;
    if (setting in USUAL) change(setting, event.target.value);
  });
})();
