// Counts the time at the board in this browser, and opens the reminder that its reader asked for.
(() => {
  const KEY = "dutchbook-time";
  const BREAK = "dutchbook-break";
  const BOARD = "dutchbook-board";
  const BEAT_MS = 5_000;
  const LONGEST_GAP_MS = 3 * BEAT_MS; // longer than that the page was hidden, or the machine asleep
  const DAY_MS = 86_400_000;
  const MINUTE_MS = 60_000;
  const none = { since: 0, used: 0, last: 0, told: 0, every: 0, limit: 0 };
  let said = 0; // how often this page has spoken

  const kept = () => {
    try {
      const read = JSON.parse(localStorage.getItem(KEY)) ?? {};
      return Object.fromEntries(Object.entries(none).map(([name, zero]) => [name, Number(read[name]) || zero]));
    } catch {
      return { ...none };
    }
  };
  const keep = (time) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(time));
    } catch {
      // A browser that keeps nothing is reminded of nothing.
    }
  };

  // The time so far: a day begins with the first look, and tabs count together.
  const counted = (now) => {
    const time = kept();
    if (now < time.since || now - time.since >= DAY_MS) return { ...none, since: now, last: now };
    const passed = now - time.last;
    return { ...time, used: time.used + (passed > 0 && passed <= LONGEST_GAP_MS ? passed : 0), last: now };
  };

  const speak = (dialog, time, reached) => {
    dialog.dataset.reached = reached ? "yes" : "";
    dialog.querySelector("[data-minutes]").textContent = `${Math.floor(time.used / MINUTE_MS)}`;
    if (dialog.open) return;
    if (dialog.dataset.firm) {
      dialog.showModal();
      dialog.querySelector("[data-reminder-close]").focus();
      return;
    }
    const before = document.activeElement; // whoever types goes on typing: it is read aloud instead
    dialog.show();
    document.activeElement?.blur();
    before?.focus({ preventScroll: true });
    const aloud = document.querySelector("[data-reminder-said]");
    const title = [...dialog.querySelectorAll("h2 span")].find((part) => part.offsetParent !== null);
    if (aloud) aloud.textContent = `${title?.textContent ?? ""} (${++said})`;
  };

  const beat = () => {
    if (document.querySelector("[data-board-shut]")) localStorage.removeItem(BOARD);
    const dialog = document.querySelector("[data-reminder]");
    if (!dialog || document.visibilityState !== "visible") return;
    const time = counted(Date.now());
    if (!dialog.dataset.known) {
      keep(time); // what was asked for has not arrived yet
      return;
    }
    const every = Number(dialog.dataset.remind) * MINUTE_MS;
    const daily = Number(dialog.dataset.daily) * MINUTE_MS;
    const due = every ? Math.floor(time.used / every) : 0;
    const reached = daily > 0 && time.used >= daily;
    if (time.every !== every) Object.assign(time, { every, told: due });
    if ((reached && time.limit !== daily) || due > time.told) speak(dialog, time, reached);
    keep({ ...time, told: due, limit: reached ? daily : 0 });
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-reminder-close]")) event.target.closest("dialog").close();
  });
  document.addEventListener("keydown", (event) => {
    const dialog = event.key === "Escape" && document.querySelector("[data-reminder][open]");
    if (dialog) dialog.close();
  });
  // A break that was taken in one tab is at once one in all of them.
  addEventListener("storage", (event) => {
    if (event.key === BREAK && document.querySelector("[data-reminder]")) location.reload();
  });
  addEventListener("load", () => {
    if (location.pathname.endsWith("/account/breaks") && location.hash === "#taken") {
      localStorage.removeItem(BOARD);
      localStorage.setItem(BREAK, `${Date.now()}`);
    }
    beat();
    setInterval(beat, BEAT_MS);
  });
})();
