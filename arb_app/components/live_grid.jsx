// The live board on the page: rows, their order, and what stands there when there are none.
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Link } from "react-router";
import { board, forget, restore, take, tick, useBoard, useSince } from "./live_store.js";

const STALE_AFTER_S = 10;
const MANY = 100;
const SNAPSHOT_EVERY_MS = 1_000;
const HOLD_MS = 3_000;

let seen = null; // the last message taken in: a page opened again is handed it once more

const age = (s) => {
  if (s < 120) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
};

const start = (ms) =>
  new Date(ms).toLocaleString("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

const Age = ({ ms, unknown, old = Infinity }) => {
  const seconds = useSince(ms);
  return <span className="board-age" data-old={seconds === null || seconds > old || undefined}>{seconds === null ? unknown : age(seconds)}</span>;
};

const Verified = ({ ms, words }) => {
  const seconds = useSince(ms);
  return <span className="board-verified" data-testid="verified" title={words.verified_text}>{words.verified.replace("{age}", age(seconds ?? 0))}</span>;
};

const Event = ({ row, words }) => (
  <span className="board-event-line">
    <span className="muted">{row.sport} · {row.league} · </span>
    {row.in_play ? <span className="chip chip-warn">{words.in_play}</span> : row.starts_ms === null ? words.start_unknown : (
      <time dateTime={new Date(row.starts_ms).toISOString()}>{start(row.starts_ms)}</time>
    )}
  </span>
);

const cells = {
  roi: ({ row, trend, version }, words) => (
    <>
      <strong key={version} className="board-roi" data-trend={trend || undefined}>{row.roi_text}</strong>
      {row.best_text !== row.roi_text && <span className="board-best">{words.best} {row.best_text}</span>}
    </>
  ),
  event: ({ row }, words) => (
    <>
      <Link className="board-event" to={`/board/${row.id}`}>{row.home} <span className="muted">v</span> {row.away}</Link>
      <Event row={row} words={words} />
    </>
  ),
  text: ({ row }, _, key) => row[key],
  legs: ({ row }, words) => (
    <ul className="board-legs">
      {row.legs.map((leg) => (
        <li key={`${leg.book} ${leg.outcome}`} className="board-leg">
          <span className="board-leg-odds">{leg.odds}</span>
          <span className="board-leg-what">{leg.outcome}</span>
          <span className="board-leg-book">{leg.book}</span>
          <Age ms={leg.changed_ms} unknown={words.age_unknown} old={words.old_s} />
        </li>
      ))}
    </ul>
  ),
  since: ({ row }, words, key) => (
    <>
      <Age ms={row[key]} unknown={words.age_unknown} />
      {row.verified_ms != null && <Verified ms={row.verified_ms} words={words} />}
    </>
  ),
};

const Row = memo(({ shown, columns, words }) => (
  <div
    role="row" className="board-grid-row" aria-label={`${shown.row.home} v ${shown.row.away}, ${shown.row.market}, ${shown.row.roi_text}`}
    data-testid={shown.gone ? undefined : "opportunity-row"} data-key={shown.row.key} data-roi={shown.row.roi}
    data-fresh={shown.fresh || undefined} data-gone={shown.gone || undefined}
  >
    {columns.map(({ key, kind, label }) => (
      <div key={key} role="cell" className={`board-cell board-cell-${key}`} data-label={label}>{cells[kind](shown, words, key)}</div>
    ))}
  </div>
));

const orders = {
  roi: (a, b) => b.row.roi - a.row.roi,
  newest: (a, b) => b.row.first_seen_ms - a.row.first_seen_ms,
  start: (a, b) => (a.row.starts_ms ?? Infinity) - (b.row.starts_ms ?? Infinity),
};

// The rows in order. While the pointer is busy among them they keep their places.
const useOrdered = (version, query, sort, held) => {
  const places = useRef(new Map());
  return useMemo(() => {
    const wanted = query.trim().toLowerCase().split(/\s+/);
    const found = [...board.entries.values()].filter((one) => wanted.every((word) => one.words.includes(word)));
    const place = (one) => (held && places.current.has(one.row.id) ? places.current.get(one.row.id) : Infinity);
    found.sort((a, b) => {
      const [mine, other] = [place(a), place(b)];
      if (mine !== other) return mine - other;
      return orders[sort](a, b) || (a.row.id < b.row.id ? -1 : 1);
    });
    places.current = new Map(found.map((one, index) => [one.row.id, index]));
    return found;
  }, [version, query, sort, held]);
};

const useHeld = () => {
  const [held, hold] = useState(false);
  const timer = useRef();
  const release = () => (clearTimeout(timer.current), hold(false));
  const touch = () => (clearTimeout(timer.current), hold(true), (timer.current = setTimeout(release, HOLD_MS)));
  useEffect(() => () => clearTimeout(timer.current), []);
  return [held, { onPointerMove: touch, onPointerLeave: release }];
};

// One clock for every age on the page, and the messages that the page is handed.
const useChannel = (message, onGap, onLeave) => {
  const asked = useRef(0);
  useLayoutEffect(() => {
    if (!message?.kind || message === seen) return;
    seen = message;
    if (take(message) || Date.now() - asked.current < SNAPSHOT_EVERY_MS) return;
    asked.current = Date.now();
    onGap();
  }, [message]);
  useEffect(() => {
    const clock = setInterval(tick, 1_000);
    return () => (clearInterval(clock), forget(), onLeave());
  }, []);
};

const Reasons = ({ by, words }) => (
  <ul className="board-reasons">
    {by.map(({ code, label, text, count }) => (
      <li key={code} className="board-reason" data-testid="refusal-reason" data-code={code} title={text}>
        <strong>{count}</strong> <span>{label}</span> <small>{text}</small>
      </li>
    ))}
  </ul>
);

const Legs = ({ legs, words }) => (
  <ul className="board-legs board-miss-legs">
    {legs.map((leg) => (
      <li key={`${leg.book} ${leg.outcome}`} className="board-leg">
        <span className="board-leg-odds">{leg.odds}</span>
        <span className="board-leg-what">{leg.outcome}</span>
        <span className="board-leg-book">{leg.book}</span>
        <Age ms={leg.changed_ms} unknown={words.age_unknown} old={words.old_s} />
      </li>
    ))}
  </ul>
);

const Objections = ({ reasons }) => (
  <ul className="board-miss-reasons">
    {reasons.map(({ code, label, text, detail }) => (
      <li key={code} data-code={code}><strong>{label}.</strong> {text} <span className="board-miss-detail">{detail}</span></li>
    ))}
  </ul>
);

const Miss = ({ row, words }) => (
  <li className="board-miss" data-testid="refused-row">
    <details>
      <summary className="board-miss-line">
        <strong className="board-miss-roi">{row.roi_text}</strong>
        <span className="board-miss-event">{row.home} <span className="muted">v</span> {row.away}</span>
        <span className="board-miss-where muted">{row.market} · {row.books}</span>
        <span className="board-miss-why">
          {row.reasons.map(({ code, label }) => <span key={code} className="chip chip-warn">{label}</span>)}
        </span>
      </summary>
      <div className="board-miss-open">
        <Legs legs={row.legs} words={words} />
        <p className="label">{words.limit}</p>
        <Objections reasons={row.reasons} />
      </div>
    </details>
  </li>
);

const NearMisses = ({ rows, words }) => (
  <ol className="board-misses">
    {rows.map((row) => <Miss key={row.key} row={row} words={words} />)}
  </ol>
);

// What the figures say to who asks why there is nothing to see.
const Why = ({ words }) => {
  useBoard();
  const { why, refusals } = board;
  const seconds = useSince(why?.last?.at_ms ?? null);
  if (!why) return null;
  return (
    <section className="board-why card card-pad" aria-labelledby="why-title" data-testid="why">
      <h2 id="why-title" className="section-title">{words.why_title}</h2>
      <ul>
        {[...why.told, refusals.summed].filter(Boolean).map((line) => <li key={line}>{line}</li>)}
        <li>
          {why.last ? <>{why.last.text} <Link to={`/board/${why.last.id}`}>{why.last.label}</Link>{seconds === null ? "" : `, ${age(seconds)} ${words.ago}`}</> : words.why_last_none}
        </li>
      </ul>
    </section>
  );
};

const Refused = ({ words }) => {
  useBoard();
  return (
    <section className="board-refused" aria-labelledby="refused-title">
      <h2 id="refused-title" className="section-title">{words.refused} <span className="board-count">{board.refused}</span></h2>
      <p className="lede">{board.refused ? words.refused_text : words.refused_none}</p>
      <Reasons by={board.refusedBy} words={words} />
      {board.refusals.rows.length > 0 && <h3 className="board-misses-title">{words.near}</h3>}
      {board.refusals.listed && <p className="small muted board-listed">{board.refusals.listed}</p>}
      <NearMisses rows={board.refusals.rows} words={words} />
    </section>
  );
};

const Feeding = () =>
  board.feeding.map(({ origin, text, label }) => (
    <p key={origin} className="board-origin" role="note" data-origin={origin}>
      {text} <span className="board-origin-label">{label}</span>
    </p>
  ));

const Summary = ({ condition, count, words }) => {
  const seconds = useSince(board.publishedMs);
  return (
    <p className="board-summary">
      <span className="board-condition" data-condition={condition}>{words[condition]}</span>
      <span><strong className="board-count-large" data-testid="board-count">{count}</strong> {count === 1 ? words.one : words.many}</span>
      <span className="muted">{words.checked} <span data-testid="board-age">{seconds ?? "–"}</span> {words.seconds_ago}</span>
    </p>
  );
};

const Tools = ({ query, setQuery, sort, setSort, sorts, words }) => (
  <div className="board-tools" role="search">
    <input className="board-search" type="search" value={query} placeholder={words.filter} aria-label={words.filter} onChange={(event) => setQuery(event.target.value)} />
    <div className="board-sorts" role="group" aria-label={words.sort}>
      {sorts.map(({ key, label }) => (
        <button key={key} type="button" aria-pressed={sort === key} onClick={() => setSort(key)}>{label}</button>
      ))}
    </div>
  </div>
);

// How the board stands; one that was never heard of is late, too, once the wait has been as long.
const useCondition = (connected) => {
  const [openedMs] = useState(Date.now);
  const seconds = useSince(board.publishedMs ?? openedMs);
  if (!connected) return "lost";
  if (seconds > STALE_AFTER_S) return "stale";
  return board.epoch === null ? "waiting" : "live";
};

// In large letters how old a board is that is read without a network.
const KeptAge = ({ words }) => {
  const seconds = useSince(board.publishedMs);
  return (
    <p className="board-kept" data-testid="board-kept">
      {seconds === null ? words.kept_none : <>{words.kept} <strong>{age(seconds)}</strong></>}
    </p>
  );
};

export function LiveGrid({ message, connected, kept, columns, sorts, words, waiting, stale, lost, empty, onGap, onLeave }) {
  useChannel(message, onGap, onLeave);
  useEffect(() => void (kept && board.epoch === null && restore()), []);
  const version = useBoard();
  const condition = useCondition(connected);
  const [query, setQuery] = useState("");
  const [sort, setSort] = useState(sorts[0].key);
  const [held, holding] = useHeld();
  const rows = useOrdered(version, query, sort, held);
  const count = useMemo(() => [...board.entries.values()].filter((one) => !one.gone).length, [version]);
  const known = board.epoch !== null;
  return (
    <div className="board" data-condition={condition} data-seq={board.seq}>
      <Feeding />
      {kept && <KeptAge words={words} />}
      {!kept && condition === "lost" && lost}
      {!kept && condition === "stale" && stale}
      <Summary condition={condition} count={count} words={words} />
      <Tools {...{ query, setQuery, sort, setSort, sorts, words }} />
      {!known && !kept && waiting}
      {known && count === 0 && rows.length === 0 && <>{empty}<Why words={words} /></>}
      {known && count > 0 && rows.length === 0 && <p className="card board-no-match">{words.no_match}</p>}
      {rows.length > 0 && (
        <div className="board-grid card" role="table" aria-label={words.table} aria-rowcount={rows.length + 1} data-many={rows.length > MANY || undefined} {...holding}>
          <div role="row" className="board-grid-head">
            {columns.map(({ key, label }) => <div key={key} role="columnheader" className={`board-cell-${key}`}>{label}</div>)}
          </div>
          {rows.map((shown) => <Row key={shown.row.id} {...{ shown, columns, words }} />)}
        </div>
      )}
      {known && <Refused words={words} />}
    </div>
  );
}
