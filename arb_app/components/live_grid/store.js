// The live board as the browser knows it: a store outside React, filled by messages in order.
import { useSyncExternalStore } from "react";

const FADE_MS = 1_000;
const KEEP = "dutchbook-board";
const KEEP_EVERY_MS = 5_000;
const MOST_KEPT = 200;
const MOST_MEASURES = 400;

const signal = () => {
  const listeners = new Set();
  let version = 0;
  return {
    subscribe: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
    version: () => version,
    emit: () => (version++, listeners.forEach((listener) => listener())),
  };
};

const changed = signal();
const ticked = signal();
const none = { total: 0, by: [], rows: [], summed: "", listed: "" };
const blank = () => ({
  entries: new Map(), epoch: null, seq: -1, publishedMs: null, feeding: [], refused: 0, refusedBy: [], refusals: none, why: null,
});

export let board = blank();
export const forget = () => (board = blank());
let skewMs = null; // the server's clock minus ours; messages arrive late, never early, so the largest
let now = 0; // the server's clock, as of the last tick or message

const tell = () => (now = Date.now() + (skewMs ?? 0));
export const tick = () => (tell(), ticked.emit());

const entry = (row, before, fresh) => ({
  row,
  fresh: before ? before.fresh : fresh,
  trend: before && !before.gone ? Math.sign(row.roi - before.row.roi) : 0,
  version: (before?.version ?? 0) + 1,
  atMs: Date.now(),
  gone: false,
  words: [row.home, row.away, row.league, row.sport, row.market, ...row.legs.map((leg) => leg.book)].join(" ").toLowerCase(),
});

const drop = (id) => {
  const leaving = board.entries.get(id);
  if (!leaving || leaving.gone) return;
  board.entries.set(id, { ...leaving, gone: true, atMs: Date.now() });
  setTimeout(sweep, FADE_MS + 5);
};

// Rows that are gone stay a moment to be seen; while the reader's hand is on the board they keep
// their place, so that nothing moves beneath it.
let held = false;
const sweep = () => {
  if (held) return;
  const late = Date.now() - FADE_MS;
  let swept = 0;
  for (const [id, one] of board.entries) if (one.gone && one.atMs <= late) swept += board.entries.delete(id);
  if (swept) changed.emit();
};
export const hold = (still) => ((held = still), sweep());

const put = (rows, fresh) => {
  for (const row of rows) board.entries.set(row.id, entry(row, board.entries.get(row.id), fresh));
};

// Take in a message; return false when one before it was missed, so that a snapshot is needed.
export const take = (message) => {
  if (message.kind === "refusals") {
    board.refusals = message;
    changed.emit();
    return true;
  }
  if (message.kind === "why") {
    board.why = message;
    changed.emit();
    return true;
  }
  takenMs = performance.now();
  const whole = message.kind === "snapshot";
  if (!whole && (message.epoch !== board.epoch || message.seq > board.seq + 1)) return false;
  if (message.epoch === board.epoch && message.seq < board.seq + (whole ? 0 : 1)) return true;
  const first = board.epoch === null;
  if (whole) {
    const kept = new Set(message.rows.map((row) => row.id));
    for (const id of board.entries.keys()) if (!kept.has(id)) drop(id);
  }
  put(message.rows, !first);
  message.gone.forEach(drop);
  skewMs = Math.max(skewMs ?? -Infinity, message.sent_ms - Date.now());
  Object.assign(board, {
    epoch: message.epoch, seq: message.seq, publishedMs: message.published_ms, feeding: message.feeding,
    refused: message.refused, refusedBy: message.refused_by,
  });
  tell();
  changed.emit();
  keep();
  return true;
};

// How long a message takes: until React has put it on the page, and until it has been painted.
let takenMs = null;
let measures = 0;
export const committed = () => {
  if (takenMs === null) return;
  const start = takenMs;
  takenMs = null;
  measure("board-patch", start);
  if (document.hidden) return;
  requestAnimationFrame(() => {
    const painted = new MessageChannel();
    painted.port1.onmessage = () => (painted.port1.close(), measure("board-paint", start));
    painted.port2.postMessage(null);
  });
};
const measure = (name, start) => {
  if (++measures % MOST_MEASURES === 0) ["board-patch", "board-paint"].forEach((each) => performance.clearMeasures(each));
  performance.measure(name, { start });
};

// The last board, kept in the browser for reading without a network.
let keptMs = 0;
const keep = () => {
  if (Date.now() - keptMs < KEEP_EVERY_MS) return;
  keptMs = Date.now();
  whenIdle(write);
};
const whenIdle = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 100));
const write = () => {
  if (board.epoch === null) return;
  const rows = [...board.entries.values()].filter((one) => !one.gone).slice(0, MOST_KEPT).map((one) => one.row);
  const { publishedMs, feeding, refused, refusedBy } = board;
  try {
    localStorage.setItem(KEEP, JSON.stringify({ rows, publishedMs, feeding, refused, refusedBy, skewMs }));
  } catch {
    // A browser that keeps nothing has no board offline.
  }
};

export const restore = () => {
  try {
    const { rows, skewMs: skew, ...rest } = JSON.parse(localStorage.getItem(KEEP));
    put(rows, false);
    skewMs = skew;
    Object.assign(board, rest);
  } catch {
    return; // there is none, or it is not of ours
  }
  tell();
  changed.emit();
};

export const useBoard = () => useSyncExternalStore(changed.subscribe, changed.version, () => 0);

// Whole seconds since an instant, counting up.
const since = (ms) => (ms === null || now === 0 ? null : Math.max(0, Math.floor((now - ms) / 1000)));
export const instant = () => now;
export const useTick = (wanted) => useSyncExternalStore(wanted ? ticked.subscribe : never, wanted ? ticked.version : () => 0, () => 0);
const never = () => () => {};
export const useSince = (ms) => useSyncExternalStore(ticked.subscribe, () => since(ms), () => null);
