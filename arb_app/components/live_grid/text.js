// Numbers, odds and times as the reader has chosen to see them.
import { fixed, written } from "./odds.js";

const chosen = () => globalThis.dutchbook?.settings ?? {};

// The address of a page of ours in the language of this one.
export const here = (path) => globalThis.dutchbook?.here?.(path) ?? path;

const pointed = (text) => (chosen().numbers === "comma" ? text.replace(/[.,](?=\d)/g, (mark) => (mark === "." ? "," : ".")) : text);
const grouped = (text) => text.replace(/\B(?=(\d{3})+(?!\d))/g, ",");

export const odds = (leg) => (leg.price === undefined ? leg.odds : pointed(written(leg.price, chosen().odds)));

export const percent = (share, signed = true) => {
  const [whole, part] = fixed(Math.abs(share) * 100, 2).split(".");
  const zero = Number(whole) === 0 && Number(part) === 0;
  const sign = zero ? "" : share < 0 ? "\u2212" : signed ? "+" : "";
  return `${sign}${pointed(`${grouped(whole)}.${part}`)} %`;
};

// A return that the reader's plan does not tell to the last digit has only words.
export const returned = (row) => (row.best_roi === undefined ? row.roi_text : percent(row.roi));
export const best = (row) => (row.best_roi === undefined ? row.best_text : percent(row.best_roi));
export const missed = (row) => (row.roi === undefined ? row.roi_text : percent(row.roi));

export const count = (number) => {
  const [whole, part] = String(number).split(".");
  return pointed(part ? `${grouped(whole)}.${part}` : grouped(whole));
};

export const age = (s) => {
  if (s < 120) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  const [large, unit, small, part] = s < 86400 ? [s / 3600, "h", (s % 3600) / 60, "min"] : [s / 86400, "d", (s % 86400) / 3600, "h"];
  return Math.floor(small) ? `${Math.floor(large)} ${unit} ${Math.floor(small)} ${part}` : `${Math.floor(large)} ${unit}`;
};

const dates = new Map();
const dated = (parts) => {
  const { language = "en", zone = "" } = chosen();
  const key = `${language} ${zone} ${Object.keys(parts)}`;
  if (!dates.has(key)) dates.set(key, formatter(language === "en" ? "en-GB" : language, zone, parts));
  return dates.get(key);
};
const formatter = (language, zone, parts) => {
  try {
    return new Intl.DateTimeFormat(language, { ...parts, timeZone: zone || undefined });
  } catch {
    return new Intl.DateTimeFormat("en-GB", parts); // a zone or a language that this browser does not know
  }
};

const SHORT = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
export const start = (ms) => dated(SHORT).format(ms);
export const startInFull = (ms) => dated({ ...SHORT, year: "numeric", timeZoneName: "short" }).format(ms);

export const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
