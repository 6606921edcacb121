// One row of the board: what each kind of cell shows.
import { memo } from "react";
import { Link } from "react-router";
import { kindOf, oldest } from "./order.js";
import { useSince } from "./store.js";
import { age, best, count, fill, here, odds, percent, returned, start, startInFull } from "./text.js";

const FRESH_MS = 1_700;

export const Age = ({ ms, unknown, old = Infinity }) => {
  const seconds = useSince(ms);
  return <span className="board-age" data-old={seconds === null || seconds > old || undefined}>{seconds === null ? unknown : age(seconds)}</span>;
};

const Verified = ({ ms, words }) => {
  const seconds = useSince(ms);
  return <span className="board-verified" data-testid="verified" title={words.verified_text}>{fill(words.verified, { age: age(seconds ?? 0) })}</span>;
};

const Start = ({ row, words }) =>
  row.starts_ms === null ? words.start_unknown : <time dateTime={new Date(row.starts_ms).toISOString()} title={startInFull(row.starts_ms)}>{start(row.starts_ms)}</time>;

const Event = ({ row, words }) => (
  <span className="board-event-line">
    <span className="muted">{row.sport} · {row.league} · </span>
    {row.in_play ? <span className="chip chip-warn">{words.in_play}</span> : <Start row={row} words={words} />}
  </span>
);

export const Legs = ({ legs, words, className = "" }) => (
  <ul className={`board-legs ${className}`}>
    {legs.map((leg, place) => (
      <li key={place} className="board-leg">
        <span className="board-leg-odds">{odds(leg)}</span>
        <span className="board-leg-what">{leg.outcome}</span>
        <span className="board-leg-book">{leg.book}</span>
        <Age ms={leg.changed_ms} unknown={words.age_unknown} old={words.old_s} />
      </li>
    ))}
  </ul>
);

// What is no arbitrage has no page of its own: all there is to say of it stands in its row.
export const opens = (row) => kindOf(row) === "arbitrage";

const Names = ({ row }) => <>{row.home} <span className="muted">v</span> {row.away}</>;

const Figures = ({ row }) => (
  <>
    <span className="board-figures-market">{row.market}</span>
    <dl className="board-figures">
      {(row.figures ?? []).map(({ label: name, text, odds: price }) => (
        <div key={name}><dt>{name}</dt><dd>{price === undefined ? text : odds({ price })}</dd></div>
      ))}
    </dl>
  </>
);

const recent = (shown) => Date.now() - shown.atMs < FRESH_MS;

const cells = {
  roi: (shown, words) => {
    const [now, most] = [returned(shown.row), best(shown.row)];
    return (
      <>
        <strong key={shown.version} className="board-roi" data-trend={(recent(shown) && shown.trend) || undefined}>{now}</strong>
        {most !== now && <span className="board-best">{words.best} {most}</span>}
      </>
    );
  },
  event: ({ row }, words, _, isPinned) => (
    <>
      {opens(row) ? <Link className="board-event" to={here(`/board/${row.id}`)}><Names row={row} /></Link> : <span className="board-event"><Names row={row} /></span>}
      {isPinned && <span className="chip chip-accent board-pinned">{words.pinned}</span>}
      <Event row={row} words={words} />
    </>
  ),
  figures: ({ row }) => <Figures row={row} />,
  text: ({ row }, _, key) => row[key],
  legs: ({ row }, words) => <Legs legs={row.legs} words={words} />,
  since: ({ row }, words, key) => (
    <>
      <Age ms={row[key]} unknown={words.age_unknown} />
      {row.verified_ms != null && <Verified ms={row.verified_ms} words={words} />}
    </>
  ),
  start: ({ row }, words) => <Start row={row} words={words} />,
  oldest: ({ row }, words) => <Age ms={oldest(row)} unknown={words.age_unknown} old={words.old_s} />,
  percent: ({ row }, words, key) => (row[key] == null ? words.none : percent(row[key])),
  number: ({ row }, words, key) => (row[key] == null ? words.none : count(row[key])),
};

export const label = (row, words, isPinned) => [`${row.home} v ${row.away}`, row.market, returned(row), isPinned && words.pinned].filter(Boolean).join(", ");

export const Row = memo(function Row({ shown, columns, words, index, top, isPinned, measure, onMenu }) {
  const { row, gone } = shown;
  return (
    <div
      role="row" aria-rowindex={index + 2} className="board-grid-row" style={{ transform: `translateY(${top}px)` }} ref={measure} data-index={index} data-id={row.id}
      aria-label={label(row, words, isPinned)} data-testid={gone ? undefined : "opportunity-row"} data-key={row.key} data-roi={row.roi} data-kind={kindOf(row)}
      data-fresh={(shown.fresh && shown.version === 1 && recent(shown)) || undefined} data-gone={gone || undefined} data-pinned={isPinned || undefined}
    >
      {columns.map(({ key, kind, label: name }) => (
        <div key={key} role="cell" className={`board-cell board-cell-${kind} board-cell-${key}`} data-label={name}>{cells[kind](shown, words, key, isPinned)}</div>
      ))}
      <div role="cell" className="board-cell board-cell-more">
        <button type="button" className="board-more" aria-haspopup="true" aria-label={fill(words["menu.of"], { event: `${row.home} v ${row.away}` })} onClick={(event) => onMenu(row, event.currentTarget)}>⋯</button>
      </div>
    </div>
  );
});
