// Which rows are shown and in which order: pure functions of rows, a view and an instant.
import { bare } from "./view.js";

// What a filter looks at; undefined where a row does not say.
const figures = {
  sport: ({ row }) => [row.sport_key],
  league: ({ row }) => [row.league_key],
  market: ({ row }) => row.market_kinds ?? [],
  book: ({ row }) => row.legs.map((leg) => leg.book_key),
  kind: ({ row }) => [kindOf(row)],
  roi: ({ row }) => row.roi * 100,
  age: (one, now) => (oldest(one.row) === null ? undefined : (now - oldest(one.row)) / 1000),
  start: ({ row }, now) => (row.starts_ms == null ? undefined : (row.starts_ms - now) / 3_600_000),
  stake: ({ row }) => row.stake_limit,
  play: ({ row }) => row.in_play,
  verified: ({ row }) => row.verified_ms != null,
};

const SLACK = 1e-9; // of a percentage that was a share before
const tests = {
  choice: (found, wanted) => found.some((each) => wanted.includes(each)),
  every: (found, wanted) => found.every((each) => wanted.includes(each)),
  least: (found, wanted) => found >= wanted - SLACK,
  most: (found, wanted) => found <= wanted + SLACK,
  either: (found, wanted) => found === (wanted === "yes"),
  flag: (found) => found,
};

export const kindOf = (row) => row.kind ?? "arbitrage";
export const eventOf = (row) => [row.sport_key, row.home, row.away, row.starts_ms].join("|");

// When the price of the leg that has stood longest last changed; null if one does not say.
export const oldest = (row) => row.legs.reduce((least, { changed_ms: ms }) => (ms === null || least === null ? null : Math.min(least, ms)), Infinity);

export const figure = (filter, one, now) => figures[filter.of](one, now);
export const dependsOnTime = (filters, view) => filters.some(({ key, of }) => (of === "age" || of === "start") && view.filters[key] !== undefined);

// Whether a row is one of a view. What a row does not say passes only where the filter lets it.
export const matcher = (filters, view, now) => {
  const set = filters.filter(({ key }) => view.filters[key] !== undefined);
  const said = view.q.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return (one) =>
    said.every((word) => one.words.includes(word)) &&
    set.every((filter) => {
      const found = figure(filter, one, now);
      return found === undefined ? filter.unknown : tests[filter.kind](found, view.filters[filter.key]);
    });
};

// Whether a row has been put away by its reader: it, its event or one of its books.
export const hider = (hidden) => {
  const of = (what) => new Set(hidden.filter((each) => each.what === what).map((each) => each.key));
  const [rows, events, books] = [of("row"), of("event"), of("book")];
  return ({ row }) => rows.has(row.key) || (events.size > 0 && events.has(eventOf(row))) || (books.size > 0 && row.legs.some((leg) => books.has(leg.book_key)));
};

const collator = new Intl.Collator();
const byText = (text) => (a, b) => collator.compare(text(a.row), text(b.row));
const up = (value) => (a, b) => {
  const [one, other] = [value(a.row) ?? Infinity, value(b.row) ?? Infinity];
  return one === other ? 0 : one - other;
};

const orders = {
  roi: up((row) => -row.roi),
  expected: (a, b) => up((row) => (row.expected == null ? null : -row.expected))(a, b) || b.row.roi - a.row.roi,
  newest: up((row) => -row.first_seen_ms),
  start: up((row) => row.starts_ms),
  age: up((row) => (oldest(row) === null ? null : -oldest(row))),
  stake: up((row) => (row.stake_limit === undefined ? null : -row.stake_limit)),
  event: byText((row) => `${row.home} ${row.away}`),
  market: byText((row) => row.market),
  sport: byText((row) => row.sport),
  league: byText((row) => row.league),
};

// Pinned rows first, then by each order in turn; "-" before its name turns it around.
export const ordering = (sort, pinned) => {
  const turns = sort.map((name) => {
    const compare = orders[bare(name)] ?? orders.roi;
    return name.startsWith("-") ? (a, b) => compare(b, a) : compare;
  });
  return (a, b) => {
    const first = pinned.size > 0 ? pinned.has(b.row.key) - pinned.has(a.row.key) : 0;
    if (first) return first;
    for (const compare of turns) {
      const found = compare(a, b);
      if (found) return found;
    }
    return a.row.id < b.row.id ? -1 : 1;
  };
};

// The next list of orders once a reader asked for one: alone, or besides those that are there.
export const sorted = (sort, key, besides) => {
  const at = sort.findIndex((name) => bare(name) === key);
  const turned = at >= 0 && !sort[at].startsWith("-") ? `-${key}` : key;
  if (!besides) return [at === 0 ? turned : key];
  return at >= 0 ? sort.with(at, turned) : [...sort, key];
};
