// What a reader has arranged: the view of each page, saved views, pins and what is put away. All of
// it stays in this browser; a view is also in the address, so that it can be kept or passed on.
import { useSyncExternalStore } from "react";
import { asked, plain, query, viewOf } from "./view.js";

const KEEP = "dutchbook-views";
const MOST = 300;
const ADDRESS_AFTER_MS = 150; // browsers bound how often the address may change
const FORGET_MS = 30 * 86_400_000;
const CHOICES = { sound: false, badge: false, keys: true };

const blank = () => ({ pages: {}, hidden: [], pins: [], options: CHOICES });

let desk = { ...blank(), page: "", view: plain(), undo: null };
const listeners = new Set();
export const now = () => desk;
const subscribe = (listener) => (listeners.add(listener), () => listeners.delete(listener));
export const useDesk = () => useSyncExternalStore(subscribe, now, now);

const change = (changes) => {
  desk = { ...desk, ...changes };
  listeners.forEach((listener) => listener());
};

const read = () => {
  try {
    const kept = JSON.parse(localStorage.getItem(KEEP)) ?? {};
    const list = (each) => (Array.isArray(each) ? each.filter(({ key, label }) => typeof key === "string" && typeof label === "string") : []);
    const late = Date.now() - FORGET_MS;
    return {
      pages: Object(kept.pages),
      hidden: list(kept.hidden).filter(({ what, at }) => what === "book" || at > late),
      pins: list(kept.pins).filter(({ at }) => at > late),
      options: { ...CHOICES, ...kept.options },
    };
  } catch {
    return blank(); // nothing is kept, or it is not of ours
  }
};

const keep = () => {
  const { pages, hidden, pins, options } = desk;
  try {
    localStorage.setItem(KEEP, JSON.stringify({ pages, hidden: hidden.slice(-MOST), pins: pins.slice(-MOST), options }));
  } catch {
    // A browser that keeps nothing forgets the arrangement with the page.
  }
};

const changeAndKeep = (changes) => (change(changes), keep());
const own = () => desk.pages[desk.page] ?? {};
const put = (changes) => ({ pages: { ...desk.pages, [desk.page]: { ...own(), ...changes } } });
export const saved = () => (Array.isArray(own().saved) ? own().saved.filter(({ name }) => typeof name === "string") : []);

// Sit down at a page: with the view of its address, else with the one that was left there.
export const open = (page, setup) => {
  change({ ...read(), page });
  change({ view: asked(location.search, setup) ?? viewOf(own().view, setup), undo: null });
  const other = ({ key }) => key === KEEP && change(read());
  addEventListener("storage", other);
  return () => removeEventListener("storage", other);
};

// The router is not told: to it every change of the address is a page to load.
const address = (path) => {
  const said = query(desk.view);
  if (location.pathname === path) history.replaceState(history.state, "", path + (said ? `?${said}` : "") + location.hash);
};
let waiting = null;

export const look = (changes) => {
  change({ view: { ...desk.view, ...changes } });
  changeAndKeep(put({ view: desk.view }));
  clearTimeout(waiting);
  waiting = setTimeout(address, ADDRESS_AFTER_MS, location.pathname);
};

export const filterBy = (key, value) => {
  const { [key]: _, ...others } = desk.view.filters;
  look({ filters: value === undefined || value.length === 0 ? others : { ...others, [key]: value } });
};

export const clear = () => look({ q: "", filters: {} });
export const choose = (name, value) => changeAndKeep({ options: { ...desk.options, [name]: value } });

export const save = (name) => changeAndKeep(put({ saved: [...saved().filter((each) => each.name !== name), { name, view: desk.view }] }));
export const rename = (from, to) => changeAndKeep(put({ saved: saved().filter(({ name }) => name !== to || name === from).map((each) => (each.name === from ? { ...each, name: to } : each)) }));
export const drop = (name) => changeAndKeep(put({ saved: saved().filter((each) => each.name !== name) }));

// Pins and what is put away can be taken back, the last one at once.
const undoable = (said, changes) => {
  const { hidden, pins } = desk;
  changeAndKeep({ ...changes, undo: { said, hidden, pins } });
};

export const pinned = (key) => desk.pins.some((each) => each.key === key);
export const pin = (key, label, said) => undoable(said, { pins: pinned(key) ? desk.pins.filter((each) => each.key !== key) : [...desk.pins, { key, label, at: Date.now() }] });
export const hide = (what, key, label, said) => undoable(said, { hidden: [...desk.hidden.filter((each) => each.what !== what || each.key !== key), { what, key, label, at: Date.now() }] });
export const giveBack = (what, key) => changeAndKeep({ hidden: desk.hidden.filter((each) => each.what !== what || each.key !== key), undo: null });
export const giveAllBack = () => changeAndKeep({ hidden: [], undo: null });
export const tell = (said) => change({ undo: { said } });
export const undo = () => desk.undo?.hidden && changeAndKeep({ hidden: desk.undo.hidden, pins: desk.undo.pins, undo: null });
export const dismiss = () => change({ undo: null });
